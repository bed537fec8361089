"""The diagnosis of what is in the database: agents, tasks, backups."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import datetime, timedelta

import pyrage
import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.tasks import TaskResultStatus
from django.utils import timezone
from django_otp.plugins.otp_totp.models import TOTPDevice
from django_tasks_db.models import DBTaskResult

from accounts import groups
from accounts.tasks import purge
from conservation import dossier
from conservation.archives import write_archive
from conservation.noms import STAMP
from surveillance.diagnostic import comptes, sauvegardes, taches
from surveillance.etat import Etat
from tests.factories import StaffFactory
from tests.reading import plain
from tests.surveillance.constater import LIEU, lines, only, told

pytestmark = pytest.mark.django_db


# --- Agents ---------------------------------------------------------------------------------------------------------


def test_groups_that_are_not_those_of_this_version_are_told():
    assert only(comptes.check_groups(LIEU)).commande.endswith("manage.py sync_groups")
    groups.sync()
    assert only(comptes.check_groups(LIEU)).etat == "bon"
    Group.objects.get(name="Cantine").permissions.clear()
    assert told(only(comptes.check_groups(LIEU))) == (
        "mauvais",
        "leurs droits ne sont pas ceux de cette version : Cantine.",
    )


def test_first_agent_is_asked_for_then_a_phone():
    assert [constat.etat for constat in lines(comptes.check_agents(LIEU))] == ["mauvais"]

    groups.sync()
    agent = StaffFactory(is_superuser=False, email="")
    agent.groups.add(Group.objects.get(name="Équipe"))
    found = lines(comptes.check_agents(LIEU))
    assert [(constat.quoi, constat.etat) for constat in found] == [
        ("Agents", "attention"),
        ("Secrétariat", "attention"),
        ("Informatique", "attention"),
    ]
    assert agent.last_name not in f"{found}"

    for group in ("Secrétariat", "Informatique"):
        other = StaffFactory(is_superuser=False)
        other.groups.add(Group.objects.get(name=group))
    TOTPDevice.objects.create(user=other, name="téléphone", confirmed=True)
    assert plain(only(comptes.check_agents(LIEU)).phrase) == "3 comptes, dont 1 avec un téléphone inscrit."


# --- Tasks ----------------------------------------------------------------------------------------------------------


def at(now: datetime, **known: object) -> Etat:
    return Etat(at=now, disk="ok", disk_free=20_000, version="1", **known)


@pytest.mark.parametrize(
    ("state", "last", "etat", "says"),
    [
        ("ok", timedelta(0), "bon", "dernier passage"),
        ("late", timedelta(hours=2), "mauvais", "aucun signe de vie depuis le"),
        ("late", None, "mauvais", "jamais tourné"),
    ],
)
def test_worker_that_stopped_is_told(state, last, etat, says):
    now = timezone.now()
    last_pass = None if last is None else now - last

    constat = only(taches.check_worker(LIEU, at(now, worker=state, worker_last_pass=last_pass)))

    assert (constat.etat, says in constat.phrase) == (etat, True)


def test_tasks_that_wait_or_failed_are_told():
    now = timezone.now()
    assert only(taches.check_waiting(LIEU, at(now))).phrase == "aucune qui soit due."
    assert only(taches.check_waiting(LIEU, at(now, oldest_task=12, tasks="ok"))).etat == "bon"
    assert "attend depuis le" in only(taches.check_waiting(LIEU, at(now, oldest_task=7200, tasks="late"))).phrase

    assert only(taches.check_failures(LIEU)).etat == "bon"
    result = purge.enqueue()
    DBTaskResult.objects.filter(pk=result.id).update(status=TaskResultStatus.FAILED)
    assert told(only(taches.check_failures(LIEU))) == ("attention", "1 échouée.")


def test_mails_that_do_not_leave_are_told():
    now = timezone.now()
    assert lines(taches.check_mails(LIEU, at(now, mail="ok", mails_failed=0))) == []

    found = lines(taches.check_mails(LIEU, at(now, mail="failing", mail_failing_since=now, mails_failed=2)))

    assert [(constat.quoi, constat.etat) for constat in found] == [
        ("E-mails", "mauvais"),
        ("Courriels non remis", "attention"),
    ]
    assert plain(found[1].phrase) == "2 attendent que la mairie s’en occupe."


# --- Backups --------------------------------------------------------------------------------------------------------


@pytest.fixture
def folder(settings, tmp_path):
    settings.SAUVEGARDES = tmp_path / "sauvegardes"
    settings.SAUVEGARDES.mkdir(mode=0o700)
    return settings.SAUVEGARDES


def test_folder_of_backups_is_asked_for(settings, folder, monkeypatch):
    assert only(sauvegardes.check_folder(LIEU)).etat == "bon"
    folder.chmod(0o755)
    assert only(sauvegardes.check_folder(LIEU)).commande == f"sudo chmod 700 {folder}"
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    assert "ne peut pas être écrit" in only(sauvegardes.check_folder(LIEU)).phrase
    folder.rmdir()
    assert "n’est pas monté" in only(sauvegardes.check_folder(LIEU)).phrase
    settings.SAUVEGARDES = None
    assert only(sauvegardes.check_folder(LIEU)).etat == "attention"
    settings.PRODUCTION = True
    assert only(sauvegardes.check_folder(LIEU)).etat == "mauvais"


def test_age_of_the_last_backup_is_told(folder):
    now = timezone.now()
    assert only(sauvegardes.check_last(LIEU, now)).phrase == "aucune dans ce dossier."
    (folder / "portail-2026-11-27T033000Z.tar").write_bytes(b"")  # what is no archive does not count
    assert only(sauvegardes.check_last(LIEU, now)).etat == "mauvais"
    (folder / "portail-2026-11-27T033000Z.tar").unlink()

    made = folder / f"portail-{now:{STAMP}}.tar"
    made.write_bytes(A_TAR)
    assert only(sauvegardes.check_last(LIEU, now)).etat == "bon"
    old = only(sauvegardes.check_last(LIEU, now + timedelta(hours=40)))
    assert (old.etat, "il y a 40 heures" in old.phrase) == ("mauvais", True)
    assert old.commande.splitlines()[0].endswith("manage.py sauvegarder --garder")
    assert "il y a 3 jours" in only(sauvegardes.check_last(LIEU, now + timedelta(days=3))).phrase

    future = lines(sauvegardes.check_last(LIEU, now - timedelta(days=1)))
    assert [constat.etat for constat in future] == ["attention", "mauvais"]


def test_archive_that_cannot_be_read_is_named(folder, monkeypatch):
    now = timezone.now()
    closed = folder / f"portail-{now - timedelta(days=1):{STAMP}}.tar"
    for path in (closed, folder / f"portail-{now:{STAMP}}.tar"):
        path.write_bytes(A_TAR)
    monkeypatch.setattr(dossier, "why_unread", lambda path: "Permission refusée" if path == closed else "")

    unread, last = list(sauvegardes.check_last(LIEU, now))

    assert (unread.etat, last.etat) == ("mauvais", "bon")
    assert f"{closed} ne se lit pas (Permission refusée)" in plain(unread.phrase)
    assert unread.commande.startswith(f"sudo chown {LIEU.compte}: {closed}")


def test_settings_that_no_archive_holds_are_reminded(settings, folder, tmp_path):
    env = tmp_path / ".env"
    assert lines(sauvegardes.check_env_kept(replace(LIEU, env=env))) == []
    env.touch()
    assert "n’est dans aucune archive" in only(sauvegardes.check_env_kept(replace(LIEU, env=env))).phrase


A_TAR = b""


@pytest.fixture(scope="module", autouse=True)
def an_archive(tmp_path_factory, django_db_setup, django_db_blocker):
    """The first bytes of a real archive are what says that it is one."""
    global A_TAR
    folder = tmp_path_factory.mktemp("archive")
    with django_db_blocker.unblock():
        A_TAR = write_archive(folder, now=timezone.now()).read_bytes()
        connection.close()


def test_last_check_of_a_backup_is_told(settings, folder):
    now = timezone.now()
    assert only(sauvegardes.check_checked(LIEU, at(now))).commande.endswith(f"verifier_sauvegarde {folder}")
    assert only(sauvegardes.check_checked(LIEU, at(now, last_check=now - timedelta(days=7)))).etat == "bon"
    long_ago = at(now, last_check=now - timedelta(days=20))
    assert only(sauvegardes.check_checked(LIEU, long_ago)).etat == "attention"
    settings.SAUVEGARDES_CLE_PUBLIQUE = "age1…"
    assert "--cle" in only(sauvegardes.check_checked(LIEU, long_ago)).commande


def test_key_that_is_ill_copied_is_told(settings):
    assert only(sauvegardes.check_key(LIEU)).etat == "bon"
    key = str(pyrage.x25519.Identity.generate().to_public())
    settings.SAUVEGARDES_CLE_PUBLIQUE = key
    assert only(sauvegardes.check_key(LIEU)).etat == "bon"
    settings.SAUVEGARDES_CLE_PUBLIQUE = key[:-1] + ("q" if key[-1] != "q" else "p")
    assert "mal recopiée" in only(sauvegardes.check_key(LIEU)).phrase


def test_list_of_erasures_that_cannot_be_written_is_told(folder, monkeypatch):
    assert lines(sauvegardes.check_erasures(LIEU)) == []
    (folder / "effacements.jsonl").touch()
    monkeypatch.setattr(os, "access", lambda path, mode: path == folder)
    assert only(sauvegardes.check_erasures(LIEU)).commande == f"sudo chown {LIEU.compte}: {folder}/effacements.jsonl"


@pytest.mark.postgresql
def test_tools_of_postgresql_are_looked_for(monkeypatch):
    assert [constat.etat for constat in lines(sauvegardes.check_tools())] == ["bon", "bon"]
    monkeypatch.setenv("PATH", "/nulle/part")
    found = lines(sauvegardes.check_tools())
    assert [constat.etat for constat in found] == ["mauvais", "mauvais"]
    assert "apt install postgresql-client-" in found[0].commande
