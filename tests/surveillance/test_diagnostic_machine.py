"""The diagnosis of the machine: who types, whose files, which disk, which hour, which static files."""

from __future__ import annotations

import json
import os
import time
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.core.management import call_command
from django.utils import timezone

from accounts.models import Passage
from surveillance.diagnostic import disque, droits, horloge, statiques
from surveillance.diagnostic.lieu import Lieu, lieu_of
from tests.reading import plain
from tests.surveillance.constater import LIEU, lines, only, told

GIB = 2**30
AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="root alone gives files away")


# --- Who types, and whose files ---------------------------------------------------------------------------------------


def test_account_that_serves_may_type(settings):
    assert only(droits.check_account(LIEU, LIEU.uid)).etat == "bon"


@pytest.mark.parametrize(("uid", "etat"), [(0, "attention"), (1, "mauvais")])
def test_another_account_is_told_how_to_type(uid, etat):
    of_the_portal = Lieu(Path("/srv/portail/portail"), 65534, Path("/srv/portail/portail/.env"))

    constat = only(droits.check_account(of_the_portal, uid))

    assert constat.etat == etat
    assert "et var/ est à « nobody »" in plain(constat.phrase)
    assert constat.commande.startswith("sudo -u nobody ")
    assert constat.commande.endswith("/srv/portail/portail/manage.py diagnostic")


def test_commands_are_short_in_the_folder_of_the_portal(tmp_path, monkeypatch):
    (tmp_path / ".venv/bin").mkdir(parents=True)
    (tmp_path / ".venv/bin/python").touch()
    lieu = Lieu(tmp_path, 65534, tmp_path / ".env")

    assert lieu.manage("migrate") == f"sudo -u nobody {tmp_path}/.venv/bin/python {tmp_path}/manage.py migrate"
    monkeypatch.chdir(tmp_path)
    assert lieu.manage("migrate") == "sudo -u nobody .venv/bin/python manage.py migrate"
    assert lieu_of(tmp_path, tmp_path / "var", tmp_path / ".env").uid == os.geteuid()
    assert Lieu(tmp_path, 54321, tmp_path / ".env").compte == "#54321"


def test_settings_that_others_read_are_told(tmp_path):
    env = tmp_path / ".env"
    env.write_text("SECRET_KEY=…")
    lieu = Lieu(tmp_path, os.geteuid(), env)
    env.chmod(0o600)
    assert only(droits.check_env(lieu)).etat == "bon"

    env.chmod(0o644)
    tmp_path.chmod(0o755)
    constat = only(droits.check_env(lieu))

    assert constat.etat == "mauvais"
    assert constat.commande == f"sudo chmod 600 {env}"


def test_trial_without_a_file_of_settings_is_told(settings, tmp_path):
    lieu = Lieu(tmp_path, os.geteuid(), tmp_path / ".env")

    assert "c’est un essai" in only(droits.check_env(lieu)).phrase
    settings.PRODUCTION = True
    assert only(droits.check_env(lieu)).etat == "bon"


@AS_ROOT
def test_file_that_a_command_of_root_left_is_told(settings, tmp_path):
    settings.VAR_DIR = tmp_path / "var"
    settings.VAR_DIR.mkdir(mode=0o700)
    os.chown(settings.VAR_DIR, 65534, 65534)
    (settings.VAR_DIR / "portail.sqlite3-wal").touch()
    lieu = Lieu(tmp_path, 65534, tmp_path / ".env")

    constat = only(droits.check_var(lieu))

    assert f"{settings.VAR_DIR}/portail.sqlite3-wal n’est pas à « nobody »" in plain(constat.phrase)
    assert constat.commande == f"sudo chown -R nobody: {settings.VAR_DIR}"
    os.chown(settings.VAR_DIR / "portail.sqlite3-wal", 65534, 65534)
    assert only(droits.check_var(lieu)).etat == "bon"


def test_var_that_is_open_missing_or_closed_is_told(settings, tmp_path, monkeypatch):
    settings.VAR_DIR = tmp_path / "var"
    assert "n’existe pas" in only(droits.check_var(LIEU)).phrase
    settings.VAR_DIR.mkdir(mode=0o755)
    assert only(droits.check_var(LIEU)).etat == "attention"
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    assert "ne peut pas écrire" in only(droits.check_var(LIEU)).phrase


# --- Disks ------------------------------------------------------------------------------------------------------------


def usage(free: int, *, flag: int = 0, inodes: int = 100_000) -> SimpleNamespace:
    return SimpleNamespace(f_bavail=free, f_frsize=1, f_flag=flag, f_files=200_000, f_favail=inodes)


@pytest.mark.parametrize(
    ("found", "etat", "says"),
    [
        (usage(20 * GIB), "bon", "il reste 20 Gio"),
        (usage(100 * 2**20), "mauvais", "il reste 100 Mio là où est"),
        (usage(20 * GIB, flag=os.ST_RDONLY), "mauvais", "est en lecture seule"),
        (usage(20 * GIB, inodes=12), "mauvais", "la place que de 12 fichiers"),
    ],
)
def test_disk_that_cannot_take_more_is_told(tmp_path, monkeypatch, found, etat, says):
    monkeypatch.setattr(os, "statvfs", lambda folder: found)

    constat = only(disque.check_disk("Disque", tmp_path, 500))

    assert (constat.etat, says in plain(constat.phrase)) == (etat, True)


def test_each_disk_is_one_line(db, settings, tmp_path):
    settings.VAR_DIR = settings.SAUVEGARDES = tmp_path

    assert len(lines(disque.check_disks())) <= len({path.stat().st_dev for _, path, _ in disque.folders(1)})


# --- The hour ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("said", "etat"), [("yes", "bon"), ("no", "attention"), ("", "bon")])
def test_clock_that_nothing_sets_is_told(monkeypatch, said, etat):
    monkeypatch.setattr(horloge.shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(horloge, "ask_systemd", lambda path: said)

    constat = only(horloge.check_synchronized(timezone.now()))

    assert (constat.etat, constat.commande) == (etat, horloge.SET_RIGHT if etat == "attention" else "")


def test_systemd_is_asked_as_it_answers(tmp_path):
    timedatectl = tmp_path / "timedatectl"
    timedatectl.write_text('#!/bin/sh\n[ "$*" = "show --property NTPSynchronized --value" ] && echo no\n')
    timedatectl.chmod(0o755)

    assert horloge.ask_systemd(str(timedatectl)) == "no"
    assert horloge.ask_systemd(str(tmp_path / "absent")) == ""


def test_passage_of_the_future_is_told(db):
    now = timezone.now()
    Passage.objects.create(job="battement", done_at=now + timedelta(seconds=30))
    assert only(horloge.check_past(now)).etat == "bon"

    constat = only(horloge.check_past(now - timedelta(hours=1)))

    assert constat.etat == "mauvais"
    assert "Cette machine retarde" in constat.remede


@pytest.mark.postgresql
def test_clock_of_postgresql_is_compared(db, monkeypatch):
    assert only(horloge.check_server(timezone.now())).etat == "bon"

    class Late(horloge.datetime):
        @classmethod
        def now(cls, tz=None):
            return super().now(tz) - timedelta(minutes=7, seconds=30)

    monkeypatch.setattr(horloge, "datetime", Late)
    assert "7 min d’écart" in plain(only(horloge.check_server(timezone.now())).phrase)


def test_zone_data_that_are_missing_are_told(settings):
    assert only(horloge.check_zones(timezone.now())).etat == "bon"
    settings.TIME_ZONE = "UTC"
    assert only(horloge.check_zones(timezone.now())).commande == "sudo apt install tzdata"


# --- Static files -----------------------------------------------------------------------------------------------------


@pytest.fixture
def collected(settings, tmp_path):
    """Two files of a version, collected as production does."""
    settings.STATICFILES_DIRS = [tmp_path / "source"]
    settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
    settings.STATIC_ROOT = tmp_path / "static"
    settings.STORAGES = {**settings.STORAGES, "staticfiles": {"BACKEND": statiques.OURS}}
    (tmp_path / "source").mkdir()
    for name in [*statiques.SERVED, "icone.svg"]:
        (tmp_path / "source" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "source" / name).write_text("/* */")
    statiques.finders.get_finder.cache_clear()
    call_command("collectstatic", "--noinput", verbosity=0)
    yield tmp_path
    statiques.finders.get_finder.cache_clear()


def test_collected_files_are_good(collected):
    assert told(only(statiques.check_collected(LIEU))) == ("bon", "les 6 de cette version sont là.")


def test_files_that_are_not_collected_are_told(collected):
    manifest = collected / "static" / "staticfiles.json"
    names = json.loads(manifest.read_text())["paths"]

    (collected / "source" / "icone.svg").write_text("<svg/>")
    later = time.time() + 60
    os.utime(collected / "source" / "icone.svg", (later, later))
    assert told(only(statiques.check_collected(LIEU)))[0] == "attention"
    (collected / "source" / "neuve.svg").write_text("<svg/>")
    assert "dont neuve.svg" in only(statiques.check_collected(LIEU)).phrase
    (collected / "source" / "neuve.svg").unlink()
    (collected / "static" / names["icone.svg"]).unlink()
    assert "dont icone.svg" in only(statiques.check_collected(LIEU)).phrase
    manifest.write_text("{")
    assert "ne se lit pas" in only(statiques.check_collected(LIEU)).phrase
    manifest.unlink()
    assert only(statiques.check_collected(LIEU)).commande.splitlines()[0].endswith("manage.py collectstatic --noinput")
