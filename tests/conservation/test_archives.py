"""An archive holds the database as it was, and is whole or not there (REL-01)."""

from __future__ import annotations

import errno
import os
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from conservation.archives import open_archive, write_archive
from conservation.copies import open_sqlite
from conservation.manifeste import ArchiveError
from conservation.noms import made_at
from conservation.verification import verify
from tests.conservation.conftest import NOW
from tests.factories import EnfantFactory
from tests.reading import plain


@pytest.mark.django_db(transaction=True)
def test_archive_says_when_what_and_how_many(dossier):
    EnfantFactory.create_batch(3)

    path = write_archive(dossier, now=NOW)

    assert path.name == "portail-2026-11-27T031200Z.tar"
    assert made_at(path) == NOW
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with open_archive(path) as archive:
        manifeste = archive.manifeste
        assert (manifeste.fait_le, manifeste.moteur) == (NOW, connection.vendor)
        assert manifeste.lignes["enfance_enfant"] == 3
        assert set(manifeste.migrations) == set(MigrationRecorder(connection).applied_migrations())
        assert set(manifeste.lignes) == set(connection.introspection.table_names())
    verify(path)


@pytest.mark.django_db
@pytest.mark.skipif(connection.vendor != "sqlite", reason="d’une base SQLite")
def test_archive_of_sqlite_opens_as_a_file(archive):
    with open_archive(archive) as held, open_sqlite(held.base) as session:
        names = [name for (name,) in session.execute("SELECT name FROM django_migrations WHERE app = 'conservation'")]

    assert "0001_effacement" in names


@pytest.mark.django_db
def test_guides_of_the_town_are_in_the_archive(dossier, var):
    (var / "guides" / "captures").mkdir(parents=True)
    (var / "guides" / "mairie.md").write_text("# Chez nous", encoding="utf-8")
    (var / "guides" / "captures" / "vue.png").write_bytes(b"\x89PNG")

    with open_archive(write_archive(dossier, now=NOW)) as archive:
        held = {path.relative_to(archive.guides).as_posix(): path.read_bytes() for path in archive.guides.rglob("*.*")}

    assert held == {"mairie.md": b"# Chez nous", "captures/vue.png": b"\x89PNG"}


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["a\nb.md", "caf\udce9.md", "a\\b.md"])
def test_guide_that_could_not_be_read_back_is_said(dossier, var, name):
    (var / "guides").mkdir()
    (var / "guides" / name).touch()

    with pytest.raises(ArchiveError, match="ne s’archive pas\u00a0: renommez-le"):
        write_archive(dossier, now=NOW)
    assert [path.name for path in dossier.iterdir()] == [".portail.verrou"]


@pytest.mark.django_db
def test_guides_that_cannot_be_read_are_said_and_not_left_out(dossier, var, monkeypatch):
    (var / "guides" / "captures").mkdir(parents=True)
    scandir = os.scandir

    def refuse(folder):
        if str(folder).endswith("captures"):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(folder))
        return scandir(folder)

    monkeypatch.setattr(os, "scandir", refuse)

    with pytest.raises(ArchiveError, match="guides/captures ne se lit pas"):
        write_archive(dossier, now=NOW)
    monkeypatch.undo()
    assert [path.name for path in dossier.iterdir()] == [".portail.verrou"]


@pytest.mark.django_db
def test_nothing_is_left_where_it_was_made_and_where_it_was_read(dossier, var):
    path = write_archive(dossier, now=NOW)
    with open_archive(path):
        assert [stat.S_IMODE(work.stat().st_mode) for work in var.iterdir()] == [0o700]

    assert sorted(left.name for left in dossier.iterdir()) == [".portail.verrou", path.name]
    assert list(var.iterdir()) == []


@pytest.mark.django_db
def test_two_of_one_second_are_two_archives(archive, dossier):
    second = write_archive(dossier, now=NOW)

    assert made_at(second) == made_at(archive) + timedelta(seconds=1)


def test_folder_that_is_not_there_is_a_sentence(dossier):
    with pytest.raises(ArchiveError, match="n’existe pas, ou n’est pas un dossier"):
        write_archive(dossier / "absent", now=NOW)


@pytest.mark.parametrize(
    "name",
    ["portail-2026-11-27T031200Z.tar.partiel", "portail-2026-13-27T031200Z.tar", "base.tar", "effacements.jsonl"],
)
def test_other_names_are_no_archive(dossier, name):
    assert made_at(dossier / name) is None


def test_encrypted_name_tells_the_same_hour(dossier):
    assert made_at(dossier / "portail-2026-11-27T031200Z.tar.age") == datetime(2026, 11, 27, 3, 12, tzinfo=UTC)


def test_archive_that_is_not_there_is_asked_for_with_its_whole_path(tmp_path, settings):
    settings.VAR_DIR, settings.SAUVEGARDES = tmp_path, tmp_path / "sauvegardes"
    with pytest.raises(ArchiveError) as refusal, open_archive(Path("portail-2026-11-27T031200Z.tar")):
        pass
    assert plain(str(refusal.value)) == (
        "L’archive portail-2026-11-27T031200Z.tar n’existe pas : donnez son chemin entier. "
        f"Celles du portail sont dans {tmp_path}/sauvegardes."
    )
