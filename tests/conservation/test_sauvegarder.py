"""`sauvegarder` while the portal writes, when it is killed, when the disk is full (REL-01, REL-03)."""

from __future__ import annotations

import hashlib
import os
import random
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import closing, contextmanager
from datetime import timedelta
from urllib.parse import quote

import pytest
from django.conf import settings as django_settings
from django.core.management import call_command
from django.db import connection, connections, transaction
from django.utils import timezone

import conservation.dossier
from conservation import archives, chantier, copies
from conservation.archives import open_archive, write_archive
from conservation.dossier import archives_of
from conservation.manifeste import ArchiveError
from conservation.models import Effacement
from conservation.verification import restored
from tests.conservation.conftest import NOW
from tests.conservation.dossiers import left_in, refusal
from tests.faults import Usage, files_no_longer_than
from tests.reading import plain

pytestmark = pytest.mark.django_db


# --- The command ------------------------------------------------------------------------------------------------------


def test_command_says_what_it_made(dossier, capsys, journal):
    call_command("sauvegarder", str(dossier))

    [made] = archives_of(dossier)
    size = -(-made.stat().st_size // 1024)
    assert capsys.readouterr().out == f"Sauvegarde faite\u00a0: {made} ({size}\u00a0Kio).\n"
    assert [(line["event"], line["bytes"]) for line in journal.events] == [("backup", made.stat().st_size)]


def test_folder_of_the_settings_is_the_usual_one(dossier, settings, capsys):
    settings.SAUVEGARDES = dossier

    call_command("sauvegarder")

    assert len(archives_of(dossier)) == 1


def test_without_any_folder_one_is_asked_for(settings):
    settings.SAUVEGARDES = None

    assert refusal("sauvegarder") == "Dites dans quel dossier sauvegarder, ou donnez-le dans SAUVEGARDES (.env)."


def test_archives_too_many_go_and_are_named(dossier, archive, capsys, time_machine):
    time_machine.move_to(NOW + timedelta(minutes=1), tick=False)
    for days in range(1, 40):
        copy = dossier / f"portail-{NOW - timedelta(days=days):%Y-%m-%dT%H%M%SZ}.tar"
        copy.write_bytes(archive.read_bytes()[:1024])
    erasures = dossier / "effacements.jsonl"
    erasures.write_text("{}\n", encoding="utf-8")

    call_command("sauvegarder", str(dossier), garder=True)

    said = capsys.readouterr().out.splitlines()
    assert said[1] == f"{len(said) - 2}\u00a0archives de trop effacées du dossier\u00a0:"
    assert len(archives_of(dossier)) + len(said) - 2 == 41
    assert erasures.read_text(encoding="utf-8") == "{}\n"

    call_command("sauvegarder", str(dossier), garder=True)
    assert len(archives_of(dossier)) <= 7 + 4 + 12


def test_one_archive_too_many_is_said_in_the_singular(dossier, archive, capsys, time_machine):
    time_machine.move_to(NOW + timedelta(days=3), tick=False)
    earlier = dossier / f"portail-{NOW - timedelta(hours=1):%Y-%m-%dT%H%M%SZ}.tar"
    earlier.write_bytes(archive.read_bytes()[:1024])

    call_command("sauvegarder", str(dossier), garder=True)

    said = capsys.readouterr().out.splitlines()
    assert said[1:] == ["1\u00a0archive de trop effacée du dossier\u00a0:", f"  {earlier.name}"]


def test_archive_of_the_morning_survives_the_backups_of_an_incident(dossier, archive, capsys, time_machine):
    for hours in (5, 6, 30):
        time_machine.move_to(NOW + timedelta(hours=hours), tick=False)
        call_command("sauvegarder", str(dossier), garder=True)

    assert capsys.readouterr().out.count("Aucune archive n’est de trop.") == 3
    assert len(archives_of(dossier)) == 4


def test_archive_that_cannot_be_read_is_named_once_the_rest_is_done(
    dossier, archive, capsys, time_machine, monkeypatch
):
    time_machine.move_to(NOW + timedelta(days=3), tick=False)
    earlier = dossier / f"portail-{NOW - timedelta(hours=1):%Y-%m-%dT%H%M%SZ}.tar"
    earlier.write_bytes(archive.read_bytes()[:1024])
    monkeypatch.setattr(conservation.dossier, "why_unread", lambda path: "Refusé" if path == archive else "")

    told = plain(refusal("sauvegarder", dossier, garder=True))

    assert told.splitlines()[:2] == [
        f"La sauvegarde et la rotation sont faites, mais 1 archive ne se lit pas et reste dans {dossier} :",
        f"  {archive.name} (Refusé)",
    ]
    assert "chown" in told
    assert len(archives_of(dossier)) == 2  # that of now, and the earlier one, whose place no other takes
    assert "Sauvegarde faite" in capsys.readouterr().out


def test_second_backup_at_once_is_refused(dossier):
    with archives.alone(dossier):
        assert refusal("sauvegarder", dossier) == f"Une autre sauvegarde est en cours dans {dossier}."


def test_folder_that_cannot_be_written_is_a_sentence(dossier):
    (dossier / archives.LOCK).mkdir()  # as closed to root as to anybody

    assert refusal("sauvegarder", dossier).startswith(f"La sauvegarde n’a pas pu être écrite dans {dossier} (")


@pytest.mark.parametrize(
    ("free", "left"),
    [(0, "0\u00a0Kio"), (300 * 2**10, "300\u00a0Kio"), (2**20 - 1, "1023\u00a0Kio"), (4 * 2**20 - 1, "3\u00a0Mio")],
)
def test_disk_without_room_is_said_before_anything_is_written(dossier, monkeypatch, free, left):
    monkeypatch.setattr(archives.shutil, "disk_usage", lambda folder: Usage(free))

    said = refusal("sauvegarder", dossier)

    assert said.startswith(f"Il n’y a pas la place de sauvegarder dans {dossier}\u00a0: il faut ")
    assert said.endswith(f"Mio, il reste {left}.")
    assert left_in(dossier) == []


@pytest.mark.parametrize(
    ("size", "said"),
    [
        (1, "1\u00a0Kio"),
        (54_321, "54\u00a0Kio"),
        (2**20 - 1, "1\u00a0Mio"),
        (2**20, "1\u00a0Mio"),
        (2**20 + 1, "2\u00a0Mio"),
    ],
)
def test_size_is_said_large_enough(size, said):
    assert archives.size_text(size) == said


# --- While the portal writes ------------------------------------------------------------------------------------------


@contextmanager
def writers(number):
    """Each writes two rows a transaction, until the end."""
    stop, written = threading.Event(), []

    def write():
        try:
            while not stop.is_set():
                with transaction.atomic():
                    for _ in range(2):
                        Effacement.objects.create(le=timezone.now(), modele="essai.Essai", cle=len(written))
                written.append(1)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=write) for _ in range(number)]
    for thread in threads:
        thread.start()
    try:
        while len(written) < number:
            time.sleep(0.01)
        yield written
    finally:
        stop.set()
        for thread in threads:
            thread.join()


@pytest.mark.django_db(transaction=True)
def test_archive_is_of_one_instant_while_the_portal_writes(dossier):
    pairs = []
    with writers(3) as written:
        for _ in range(3):
            before = len(written)
            made = write_archive(dossier, now=NOW)
            with open_archive(made) as archive:
                lignes = archive.manifeste.lignes
                pairs.append(lignes["conservation_effacement"])
                if len(pairs) == 3:
                    assert restored(archive)[1] == lignes
            assert pairs[-1] >= 2 * before
            assert len(written) > before  # the writers were not held

    assert [count % 2 for count in pairs] == [0] * 3
    assert pairs == sorted(set(pairs))


# --- Killed -----------------------------------------------------------------------------------------------------------


def database_url():
    given = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{given['NAME']}"
    who = f"{quote(given['USER'])}:{quote(given['PASSWORD'])}@" if given["USER"] else ""
    return f"postgres://{who}{given['HOST']}:{given['PORT']}/{given['NAME']}"


@contextmanager
def backups(dossier, var):
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.conservation.en_boucle", dossier, var],
        cwd=django_settings.BASE_DIR,
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "tests.settings",
            "DATABASE_URL": database_url(),
            "SAUVEGARDES_CLE_PUBLIQUE": django_settings.SAUVEGARDES_CLE_PUBLIQUE,
        },
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        bufsize=1,
    )
    with process:
        yield process
        process.stdin.close()


def seconds_of_one(dossier):
    """How long the process took for its first archive: the next one is killed somewhere within as long."""
    begin = time.perf_counter()
    while len(archives_of(dossier)) < 2:
        time.sleep(0.01)
        assert time.perf_counter() - begin < 120, "no archive comes"
    return time.perf_counter() - begin


def an_hour_later(*parents):
    """A kill between the making of a folder of work and its lock leaves one that only an hour makes nobody's."""
    for parent in parents:
        for folder in parent.glob(f"{chantier.PREFIX}*{chantier.NEW}"):
            os.utime(folder, (0, 0))


@pytest.mark.ci
@pytest.mark.sqlite
@pytest.mark.parametrize("kills", [2, pytest.param(25, marks=pytest.mark.lent)])
@pytest.mark.parametrize("encrypted", [False, True])
def test_killed_at_any_moment_leaves_whole_archives_or_none(request, dossier, var, archive, kills, encrypted):
    key = request.getfixturevalue("cle") if encrypted else None
    old = hashlib.sha256(archive.read_bytes()).digest()
    whole = 0
    with backups(dossier, var) as process:
        for _ in range(kills):
            print(file=process.stdin, flush=True)
            number = int(process.stdout.readline())
            time.sleep(random.random() * seconds_of_one(dossier))
            os.kill(number, signal.SIGKILL)
            assert int(process.stdout.readline()) == -signal.SIGKILL
            for path in archives_of(dossier):
                if path != archive:
                    with open_archive(path, cle=key):
                        whole += 1
                    path.unlink()
            assert hashlib.sha256(archive.read_bytes()).digest() == old

    an_hour_later(dossier, var)
    made = write_archive(dossier, now=NOW)

    assert whole >= kills
    assert left_in(dossier) == sorted([archive.name, made.name])
    assert left_in(var) == []


# --- A database at fault ----------------------------------------------------------------------------------------------


@contextmanager
def held_alone():
    """Another program holds the whole database for itself."""
    if connection.vendor == "postgresql":
        with copies.postgresql_session(connection.settings_dict) as other:
            other.execute("LOCK TABLE enfance_enfant IN ACCESS EXCLUSIVE MODE")
            yield
        return
    with closing(sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None)) as other:
        other.execute("PRAGMA locking_mode = EXCLUSIVE")
        other.execute("BEGIN EXCLUSIVE")
        yield


@pytest.mark.ci
@pytest.mark.sqlite
def test_database_that_another_holds_is_a_sentence(dossier, monkeypatch, tmp_path):
    monkeypatch.setattr(copies, "WAIT", 1)
    monkeypatch.setattr(copies, "PATIENCE", 1)
    if connection.vendor == "sqlite":
        base = tmp_path / "base.sqlite3"
        with copies.open_sqlite(connection.settings_dict["NAME"]) as usual, closing(sqlite3.connect(base)) as copy:
            usual.backup(copy)
            copy.execute("PRAGMA journal_mode = DELETE")
        monkeypatch.setitem(connection.settings_dict, "NAME", str(base))

    with held_alone(), pytest.raises(ArchiveError, match=r"la garde pour lui seul|lock timeout"):
        write_archive(dossier, now=NOW)
    assert left_in(dossier) == []


# --- A disk at fault --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("portion", [0.1, 0.5, 0.99])
@pytest.mark.parametrize("encrypted", [False, True])
def test_disk_that_fills_is_a_sentence_and_leaves_nothing(request, dossier, var, archive, portion, encrypted):
    if encrypted:
        request.getfixturevalue("cle")
    with files_no_longer_than(int(archive.stat().st_size * portion)), pytest.raises(ArchiveError) as refused:
        write_archive(dossier, now=NOW)

    assert str(refused.value).endswith(").")
    assert left_in(dossier) == [archive.name]
    assert left_in(var) == []


@pytest.mark.skipif(connection.vendor != "sqlite", reason="d’une base SQLite")
def test_database_file_that_is_not_there_is_a_sentence(dossier, tmp_path):
    with pytest.raises(ArchiveError, match="n’a pas pu être copiée"):
        copies.copy_sqlite(tmp_path / "absente.sqlite3", dossier)
    assert not (tmp_path / "absente.sqlite3").exists()


@pytest.mark.skipif(connection.vendor != "sqlite", reason="d’une base SQLite")
def test_damaged_database_is_not_archived(dossier, tmp_path, archive):
    damaged = tmp_path / "base.sqlite3"
    with open_archive(archive) as held:
        contents = bytearray(held.base.read_bytes())
    contents[4096:40960] = b"\x55" * 36864
    damaged.write_bytes(contents)

    with pytest.raises(ArchiveError, match=r"abîmée|n’a pas pu être copiée"):
        copies.copy_sqlite(damaged, dossier)
