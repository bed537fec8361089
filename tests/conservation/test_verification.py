"""An archive is restored aside and counted again; what is wrong with a bad one is said in a sentence (REL-01)."""

from __future__ import annotations

import errno
import io
import json
import tarfile
from dataclasses import replace

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from conservation import annonces, chantier, copies, verification
from conservation.archives import open_archive
from conservation.manifeste import ArchiveError, Manifeste
from conservation.paquet import pack
from conservation.verification import verify
from tests.conservation.dossiers import refusal

pytestmark = pytest.mark.django_db


def told(path, **options):
    with pytest.raises(ArchiveError) as refused:
        verify(path, **options)
    return str(refused.value)


def resealed(path, change=lambda manifeste: manifeste, contents=None):
    """The same archive, sealed as ours are, but with another manifest or another database."""
    other = path.with_name(f"autre-{path.name}")
    with open_archive(path) as held:
        base = contents or held.donnees
        manifeste = change(replace(held.manifeste, empreinte=copies.digest_of(base)))
        said = manifeste.to_json() if isinstance(manifeste, Manifeste) else manifeste
        pack(other, [("manifeste.json", said), (held.manifeste.donnees, base)])
    return other


def databases():
    """Those of the whole server, which the other processes of the tests use too."""
    with copies.postgresql_session(connection.settings_dict) as session:
        return {name for (name,) in session.execute("SELECT datname FROM pg_database")}


# --- Good -------------------------------------------------------------------------------------------------------------


def test_good_archive_is_said_good_in_a_line(archive, capsys, journal):
    call_command("verifier_sauvegarde", str(archive))

    said = capsys.readouterr().out
    assert said.startswith(f"Bonne\u00a0: {archive.name}, du vendredi 27\u00a0novembre à 4\u00a0h\u00a012, version ")
    assert said.count("\n") == 1
    assert [(line["event"], line["result"]) for line in journal.events] == [("backup_verified", "ok")]


def test_folder_stands_for_its_newest_archive(archive, dossier, capsys):
    newest = archive.rename(dossier / "portail-2026-11-28T031200Z.tar")
    newest.with_name(archive.name).write_bytes(b"manifeste.json".ljust(512, b"\0"))

    call_command("verifier_sauvegarde", str(dossier))

    assert newest.name in capsys.readouterr().out


def test_older_archive_is_good_and_tells_what_a_restore_will_do(archive, monkeypatch, capsys):
    disk = dict(annonces.MigrationLoader(None).disk_migrations)
    disk["enfance", "9999_demain"] = disk["enfance", "0001_initial"]
    monkeypatch.setattr(annonces, "MigrationLoader", lambda _: type("Loader", (), {"disk_migrations": disk}))

    call_command("verifier_sauvegarde", str(archive))

    assert "Une restauration y passera 1\u00a0migration." in capsys.readouterr().out


@pytest.mark.postgresql
def test_throw_away_database_is_dropped(archive, monkeypatch):
    with copies.postgresql_session(connection.settings_dict) as session:
        prefix = verification.prefix_of(session)

    def thrown_away():
        return [name for name in databases() if name.startswith(prefix)]

    seen, load = [], verification.dumps.load
    monkeypatch.setattr(verification.dumps, "load", lambda *given: (seen.extend(thrown_away()), load(*given)))

    verify(archive)

    assert len(seen) == 1
    assert thrown_away() == []


# --- Bad --------------------------------------------------------------------------------------------------------------


def test_refusal_is_that_of_the_command(archive, tmp_path, journal):
    with pytest.raises(CommandError, match="n’existe pas"):
        call_command("verifier_sauvegarde", str(tmp_path / "absente.tar"))
    assert [line["result"] for line in journal.events] == ["refused"]


@pytest.mark.parametrize(
    ("command", "options"),
    [("verifier_sauvegarde", {}), ("restaurer", {}), ("restaurer", {"simuler": True})],
)
def test_var_that_cannot_be_written_is_a_sentence(archive, var, settings, monkeypatch, command, options):
    monkeypatch.setattr(chantier, "mkdtemp", unwritable)
    assert f"ne peut pas travailler dans {var} (Permission denied)" in refusal(command, archive, **options)

    settings.VAR_DIR = archive  # a file
    assert f"ne peut pas travailler dans {archive} (" in refusal(command, archive, **options)


def unwritable(**options):
    raise PermissionError(errno.EACCES, "Permission denied", str(options["dir"]))


def test_bits_that_turned_are_seen_wherever_they_are(archive):
    whole = archive.read_bytes()
    for place in range(0, len(whole), len(whole) // 40):
        turned = bytearray(whole)
        turned[place] ^= 1 << (place % 8)
        archive.write_bytes(turned)
        with pytest.raises(ArchiveError):
            verify(archive)
    archive.write_bytes(whole)
    verify(archive)


@pytest.mark.parametrize("left", [20, 511, 512, 513, 1024, 5000, 0.3, 0.5, 0.9, -1, -512, -1024, -9000, -10240])
def test_archive_cut_short_is_said_damaged(archive, left):
    whole = archive.read_bytes()
    archive.write_bytes(whole[: int(len(whole) * left) if isinstance(left, float) else left])

    assert told(archive).startswith(f"{archive.name} est abîmée ou incomplète\u00a0: ")


@pytest.mark.parametrize("left", [0, 1, 14])
def test_archive_of_which_nothing_is_left_is_none(archive, left):
    archive.write_bytes(archive.read_bytes()[:left])

    assert told(archive) == f"{archive.name} n’est pas une archive du portail."


def test_archive_with_something_behind_is_seen(archive):
    with archive.open("ab") as file:
        file.write(b"\0" * 10240)

    assert "abîmée ou incomplète" in told(archive)


@pytest.mark.parametrize(
    "contents",
    [b"", b"x" * 5000, b"%PDF-1.7\n" * 900, b"SQLite format 3\0" * 900, b"PK\x03\x04" * 900, b"manifeste.json\n" * 900],
)
def test_file_of_somebody_else_is_no_archive(tmp_path, var, contents):
    path = tmp_path / "autre"
    path.write_bytes(contents)

    assert told(path) == "autre n’est pas une archive du portail."


def test_archive_of_another_program_is_none_of_ours(tmp_path, var):
    path = tmp_path / "autre.tar"
    with tarfile.open(path, "w") as tar:
        tar.add(__file__, "test.py")

    assert told(path) == "autre.tar n’est pas une archive du portail."
    path.write_bytes(path.read_bytes()[:2000])
    assert told(path) == "autre.tar n’est pas une archive du portail."


def test_other_format_is_said(archive):
    other = resealed(archive, lambda manifeste: manifeste.to_json().replace(b'"format": 1', b'"format": 2'))

    assert "est du format «\u00a02\u00a0»" in told(other)


@pytest.mark.parametrize(
    "manifeste",
    [b"", b"[]", b"{}", b'{"format": 1}', b"[" * 100000, b"\xff", b'{"format": 1, "fait_le": "hier"}'],
)
def test_manifest_that_says_nothing_is_said(archive, manifeste):
    assert told(resealed(archive, lambda _: manifeste)).startswith("Le manifeste de cette archive ne se lit pas")


def test_archive_of_a_version_to_come_is_said(archive):
    def later(manifeste):
        return replace(manifeste, version="9.1", migrations=(*manifeste.migrations, ("enfance", "0999_plus_tard")))

    said = told(resealed(archive, later))

    assert "plus récente du portail\u00a0: elle vient de la 9.1" in said
    assert "1\u00a0migration (enfance.0999_plus_tard)" in said


def test_rows_that_lack_are_named(archive):
    def counted(manifeste):
        return replace(manifeste, lignes={**manifeste.lignes, "django_migrations": 4, "enfance_passee": 1})

    with open_archive(archive) as held:
        held_rows = held.manifeste.lignes["django_migrations"]
    assert told(resealed(archive, counted)) == (
        f"autre-{archive.name} ne rend pas ce que son manifeste annonce\u00a0: django_migrations, 4 annoncées, "
        f"{held_rows} rendues\u202f; enfance_passee, 1 annoncées, absente rendues."
    )


def test_database_that_is_none_is_said(archive, tmp_path):
    other = tmp_path / "autre"
    other.write_bytes(b"x" * 5000)

    assert ("ne se décompresse pas" if connection.vendor == "sqlite" else "pg_restore") in told(
        resealed(archive, contents=other)
    )


HOSTILE = {
    "../ailleurs": {},
    "/etc/ailleurs": {},
    "guides/../../ailleurs": {},
    "guides//ailleurs": {},
    "guides/": {},
    "ailleurs.txt": {},
    "guides/lien": {"type": tarfile.SYMTYPE, "linkname": "/etc/passwd"},
    "guides/dur": {"type": tarfile.LNKTYPE, "linkname": "manifeste.json"},
    "guides/nul": {"type": tarfile.CHRTYPE, "devmajor": 1, "devminor": 3},
    "guides/tube": {"type": tarfile.FIFOTYPE},
    "guides/dossier": {"type": tarfile.DIRTYPE},
    "guides/a\nb": {},
}


@pytest.mark.parametrize("name", HOSTILE)
def test_member_that_is_none_of_ours_is_refused(tmp_path, var, name):
    path = tmp_path / "hostile.tar"
    with tarfile.open(path, "w") as tar:
        tar.addfile(tarfile.TarInfo("manifeste.json"))
        member = tarfile.TarInfo("x")
        for key, value in HOSTILE[name].items():
            setattr(member, key, value)
        member.name = name
        tar.addfile(member, io.BytesIO())

    assert "rien n’en est pris" in told(path)
    assert sorted(left.name for left in tmp_path.iterdir()) == ["hostile.tar", "var"]
    assert list(var.iterdir()) == []


def test_member_that_comes_twice_is_refused(tmp_path, var):
    path = tmp_path / "double.tar"
    pack(path, [("manifeste.json", b"{}"), ("manifeste.json", b"{}")])

    assert "contient deux fois" in told(path)


# --- The other engine, and rights -------------------------------------------------------------------------------------


@pytest.mark.skipif(connection.vendor != "sqlite", reason="d’une base SQLite")
def test_dump_of_postgresql_asks_for_one(archive):
    with open_archive(archive) as held:
        said = json.loads(held.manifeste.to_json()) | {"moteur": "postgresql", "donnees": "base.dump"}
        pack(archive.with_name("pg.tar"), [("manifeste.json", json.dumps(said).encode()), ("base.dump", held.donnees)])

    assert "d’une base PostgreSQL\u00a0: il en faut une" in told(archive.with_name("pg.tar"))


@pytest.mark.postgresql
def test_role_that_cannot_make_a_database_is_told_how(archive):
    with copies.postgresql_session(connection.settings_dict, autocommit=True) as session:
        session.execute("CREATE ROLE sans_droit LOGIN PASSWORD 'essai' IN ROLE portail")
    usual = {name: connection.settings_dict[name] for name in ("USER", "PASSWORD")}
    connection.settings_dict.update(USER="sans_droit", PASSWORD="essai")
    try:
        said = told(archive)
    finally:
        connection.settings_dict.update(usual)
        with copies.postgresql_session(connection.settings_dict, autocommit=True) as session:
            session.execute("DROP ROLE sans_droit")
    assert 'ALTER ROLE "sans_droit" CREATEDB' in said


@pytest.mark.postgresql
def test_database_of_a_killed_verification_is_dropped_by_the_next(archive):
    with copies.postgresql_session(connection.settings_dict, autocommit=True) as session:
        ours, other = f"{verification.prefix_of(session)}ancienne", "portail_verification_0_ancienne"
        for name in (ours, other):
            session.execute(f"CREATE DATABASE {name}")

        verify(archive)

        left = databases()
        session.execute(f"DROP DATABASE {other}")
    assert other in left  # of another portal of the same server
    assert ours not in left


@pytest.mark.postgresql
def test_two_verifications_at_once_are_one(archive):
    with verification.thrown_away(connection.settings_dict):
        assert told(archive) == "Une autre vérification est en cours sur cette base."
