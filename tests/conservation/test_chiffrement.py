"""Archives that only the holder of the private key reads."""

from __future__ import annotations

import os
import stat

import pyrage
import pytest
from django.core.management import call_command

from conservation import archives, chantier
from conservation.archives import write_archive
from conservation.dossier import archives_of
from conservation.manifeste import ArchiveError
from conservation.verification import verify
from tests.conservation.conftest import NOW
from tests.conservation.dossiers import left_in, refusal

pytestmark = pytest.mark.django_db


def test_encrypted_archive_opens_with_the_private_key_alone(dossier, var, cle, capsys):
    call_command("sauvegarder", str(dossier))

    [made] = archives_of(dossier)
    assert made.name.endswith(".tar.age")
    assert stat.S_IMODE(made.stat().st_mode) == 0o600
    assert b"manifeste.json" not in made.read_bytes()
    call_command("verifier_sauvegarde", str(made), cle=cle)
    assert "Bonne\u00a0: " in capsys.readouterr().out
    assert list(var.iterdir()) == []
    assert refusal("verifier_sauvegarde", made).startswith(f"{made.name} est chiffrée\u00a0: donnez le fichier")


def test_nothing_lies_open_in_the_folder_of_encrypted_archives(dossier, cle, monkeypatch):
    seen = []
    monkeypatch.setattr(archives, "encrypt", lambda plain, encrypted: seen.append(left_in(dossier)) or 1 / 0)

    with pytest.raises(ZeroDivisionError):
        write_archive(dossier, now=NOW)

    assert seen == [[]]
    assert left_in(dossier) == []


def test_key_of_another_is_said(dossier, cle, tmp_path):
    made = write_archive(dossier, now=NOW)
    other = tmp_path / "autre.txt"
    other.write_text(str(pyrage.x25519.Identity.generate()), encoding="utf-8")

    assert refusal("verifier_sauvegarde", made, cle=other) == f"La clé de {other} n’est pas celle de {made.name}."


@pytest.mark.parametrize(
    "text", ["", "bonjour", "age1tzaky0k3rydl80r0xun5070y5d4fy3hjna4ptpsgg67tw78lpu2qdlj5nl", "\xff"]
)
def test_file_that_is_no_key_is_said(dossier, cle, tmp_path, text):
    made = write_archive(dossier, now=NOW)
    other = tmp_path / "autre.txt"
    other.write_bytes(text.encode("latin-1"))

    assert "n’est pas une clé privée age" in refusal("verifier_sauvegarde", made, cle=other)
    assert "ne se lit pas" in refusal("verifier_sauvegarde", made, cle=tmp_path / "absente")


def test_encrypted_archive_that_is_damaged_is_said(dossier, cle):
    made = write_archive(dossier, now=NOW)
    whole = made.read_bytes()
    for place in range(0, len(whole), len(whole) // 20):
        turned = bytearray(whole)
        turned[place] ^= 1 << (place % 8)
        made.write_bytes(turned)
        with pytest.raises(ArchiveError):
            verify(made, cle=cle)
    for left in (0, 30, 500, len(whole) // 2, len(whole) - 1):
        made.write_bytes(whole[:left])
        with pytest.raises(ArchiveError):
            verify(made, cle=cle)


def test_public_key_with_a_slip_is_said_and_nothing_is_left(dossier, cle, settings):
    settings.SAUVEGARDES_CLE_PUBLIQUE = settings.SAUVEGARDES_CLE_PUBLIQUE[:-1] + "b"  # b is no sign of theirs

    assert "n’est pas une clé publique age" in refusal("sauvegarder", dossier)
    assert left_in(dossier) == []


def test_encrypted_backup_names_the_folder_where_it_could_not_work(dossier, var, cle, monkeypatch):
    monkeypatch.setattr(chantier, "mkdtemp", lambda **options: os.mkdir(var))

    assert refusal("sauvegarder", dossier).startswith(f"Cette commande ne peut pas travailler dans {var} (File exists)")
    assert left_in(dossier) == []
