"""A restore brings back what the archive holds, and nothing that was good in its day only (REL-01)."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from accounts import tasks, temporary
from accounts.models import EmailChange, HeldMail, RememberedDevice, TemporaryPassword, User
from accounts.worker import Worker
from conservation.archives import open_archive, write_archive
from conservation.bases import on_database, sqlite_file
from conservation.manifeste import Manifeste
from conservation.restoring import restore
from conservation.restoring import sqlite as restoring_sqlite
from conservation.restoring.sqlite import Live
from conservation.restoring.transfert import transfer
from enfance.models import Enfant
from portail import presence
from tests.clients import Client
from tests.conservation.conftest import NOW
from tests.conservation.dossiers import restaurer
from tests.conservation.places import checksums
from tests.factories import EnfantFactory, ResponsableFactory, UserFactory
from tests.faults import Usage, files_no_longer_than
from tests.reading import plain
from tests.smtp import MailServer

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.ci, pytest.mark.sqlite]
LITE = connection.vendor == "sqlite"


@pytest.fixture
def server(settings):
    settings.DAILY_TASKS = {}
    with MailServer() as server:
        settings.MAILERS = server.mailers(timeout=5)
        yield server


@pytest.fixture
def portal(places):
    """A portal with a few families; the default connection leads to it."""
    with on_database(places.migrated()):
        EnfantFactory.create_batch(3, prenom="Léa")
        camille = ResponsableFactory(user=UserFactory(identifiant="3816238", email="c@courriel.example"))
        camille.user.set_password("Marelle-du-4-matin")
        camille.user.save()
        yield camille.user


def open_by(user: User) -> None:
    """What was good in its day: a session, a device, a temporary password, a new address, mails on their way."""
    client = Client()
    client.force_login(user)
    now = timezone.now()
    RememberedDevice.objects.create(user=user, kind="known", digest="a" * 64, bound="b" * 64, since=now)
    EmailChange.objects.create(user=user, email="n@x.example", asked_at=now, expires_at=now + timedelta(days=1))
    temporary.issue(user, now=now)
    tasks.send_temporary_password.enqueue(user.identifiant)
    tasks.purge.enqueue()


def test_all_comes_back_as_it_was(portal, dossier, settings):  # REL-01
    settings.SAUVEGARDES = dossier
    archive = write_archive(dossier, now=NOW)
    before = checksums()
    Enfant.objects.update(prenom="Zoé")
    UserFactory.create_batch(2)

    said = restaurer(archive)

    assert checksums() == before
    assert "Restauré\u00a0: les données du vendredi 27\u00a0novembre 2026 à 4\u00a0h\u00a012" in said
    assert [path.name for path in dossier.glob("*.tar") if str(path) in said] != []
    call_command("migrate", "--check", verbosity=0)


def test_every_table_comes_back_row_for_row(full, places, dossier):  # REL-01
    """With the signs and the hours that a database may read otherwise."""
    database = places.migrated() if connection.vendor == "postgresql" else sqlite_file(full)
    with on_database(database):
        if connection.vendor == "postgresql":
            transfer(full)
        before = checksums()
        archive = write_archive(dossier, now=NOW)

    with on_database(places.empty()):
        restaurer(archive)
        after = checksums()

    completed = {"django_content_type", "auth_permission"}  # by migrate: each has one row here
    assert {name for name, rows in before.items() if rows.startswith("0 ")} == set()
    assert {name for name in before if after.get(name) != before[name]} == completed


def test_a_parent_logs_in_with_the_password_of_the_archive(portal, dossier):  # REL-01
    archive = write_archive(dossier, now=NOW)
    portal.set_password("Autre-Chose-9")
    portal.save()

    restaurer(archive, copie=dossier)

    client = Client()
    client.post("/connexion/", {"identifiant": "3816238", "password": "Autre-Chose-9"})
    assert client.get("/compte/").status_code == 302
    client.post("/connexion/", {"identifiant": "3816238", "password": "Marelle-du-4-matin"})
    assert client.get("/compte/").status_code == 200


def test_what_was_good_in_its_day_is_void_and_no_mail_leaves(portal, dossier, server):  # REL-01
    open_by(portal)
    archive = write_archive(dossier, now=NOW)
    DBTaskResult.objects.all().delete()

    said = restaurer(archive, sans_copie=True)
    Worker(batch=True).run()

    assert (Session.objects.count(), RememberedDevice.objects.count()) == (0, 0)
    assert [p.reason for p in TemporaryPassword.objects.all()] == ["closed"]
    assert [change.reason for change in EmailChange.objects.all()] == ["closed"]
    assert (server.seen, HeldMail.objects.count()) == (0, 1)
    assert (
        "Ne valent plus\u00a0: 1\u00a0session, 1\u00a0appareil reconnu, 1\u00a0mot de passe temporaire, "
        "1\u00a0adresse e-mail à confirmer." in said
    )
    assert "1\u00a0e-mail retenu\u00a0: la mairie les laisse partir ou non" in said
    assert "Rien n’est gardé de la base d’avant (--sans-copie)." in said


def test_the_machine_is_gone(portal, places, dossier, var):
    """Into a place where there is nothing."""
    (var / "guides").mkdir()
    (var / "guides" / "mairie.md").write_text("# Chez nous", encoding="utf-8")
    archive = write_archive(dossier, now=NOW)
    before = checksums()
    (var / "guides" / "mairie.md").unlink()

    with on_database(places.empty()):
        said = restaurer(archive)
        assert checksums() == before
        assert "Il n’y avait pas de base avant" in said
        assert (var / "guides" / "mairie.md").read_text(encoding="utf-8") == "# Chez nous"
        assert "Les guides de la commune sont revenus" in said
        with open_archive(archive) as opened:
            assert restore.take_guides(opened) is restore.Guides.KEPT
        assert {path.name for path in var.iterdir()} == {"guides", "portail.lock"}


def test_the_copy_of_before_restores_in_turn(portal, dossier):
    archive = write_archive(dossier, now=NOW)
    Enfant.objects.update(prenom="Zoé")
    later = checksums()

    restaurer(archive, copie=dossier)
    [copy] = [path for path in dossier.glob("*.tar") if path != archive]
    assert set(Enfant.objects.values_list("prenom", flat=True)) == {"Léa"}
    restaurer(copy, copie=dossier)

    assert checksums() == later


def test_what_comes_next_has_keys_of_its_own(portal, dossier):
    archive = write_archive(dossier, now=NOW)
    restaurer(archive, copie=dossier)

    assert EnfantFactory().pk > max(Enfant.objects.order_by("pk").values_list("pk", flat=True)[:3])


# --- Refused, and nothing changes -------------------------------------------------------------------------------------


@pytest.fixture
def refused(portal, dossier):
    """Restore, which must be refused: the sentence."""
    archive = write_archive(dossier, now=NOW)
    Enfant.objects.update(prenom="Zoé")
    before = checksums()

    def refuse(path=archive, **options) -> str:
        options = options or {"copie": dossier}
        with pytest.raises(CommandError) as refusal:
            restaurer(path, **options)
        assert checksums() == before
        assert list(dossier.glob("*.partiel")) == []
        return str(refusal.value)

    refuse.archive = archive
    return refuse


def test_a_running_portal_is_refused(refused):
    with presence.announced():
        assert "Le portail tourne" in refused()


def test_without_a_folder_for_the_copy_it_asks_for_one(refused):
    assert "--copie DOSSIER" in refused(cle=None)


def test_a_folder_that_cannot_take_the_copy_is_refused(refused, dossier):
    sentence = refused(copie=dossier / "absent")
    assert "n’a pas pu être copiée, et rien n’a changé" in sentence


def test_a_damaged_archive_is_refused(refused):
    contents = bytearray(refused.archive.read_bytes())
    contents[len(contents) // 2] ^= 0x20
    refused.archive.write_bytes(contents)

    refused()


def test_an_archive_cut_short_is_refused(refused):
    refused.archive.write_bytes(refused.archive.read_bytes()[:-5000])
    refused()


def test_another_file_is_refused(refused, dossier):
    (dossier / "notes.txt").write_text("Penser à acheter du pain.")
    assert "n’est pas une archive du portail" in refused(dossier / "notes.txt", copie=dossier)


def test_a_newer_version_is_refused(portal, dossier):
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO django_migrations (app, name, applied) VALUES ('enfance', '9999_tomorrow', %s)", [NOW]
        )
    archive = write_archive(dossier, now=NOW)

    with pytest.raises(CommandError, match="version plus récente du portail"):
        restaurer(archive, copie=dossier)


def test_another_program_is_refused(portal, dossier):
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'enfance'")
    archive = write_archive(dossier, now=NOW)

    with pytest.raises(CommandError, match="n’est pas celle d’un portail famille"):
        restaurer(archive, copie=dossier)


def test_rows_that_lack_are_refused(refused, monkeypatch):
    read = Manifeste._read
    monkeypatch.setattr(
        Manifeste,
        "_read",
        classmethod(lambda cls, said: read({**said, "lignes": {**said["lignes"], "enfance_enfant": 4}})),
    )
    assert "enfance_enfant, 4 annoncées, 3 rendues" in refused()


def test_simuler_changes_nothing(portal, dossier):
    archive = write_archive(dossier, now=NOW)
    before = checksums()

    said = restaurer(archive, "--simuler")

    assert "peut être restaurée\u00a0: les données du vendredi 27\u00a0novembre 2026" in said
    assert checksums() == before


# --- SQLite -----------------------------------------------------------------------------------------------------------


@pytest.mark.skipif(not LITE, reason="d’une base SQLite")
def test_a_log_that_lies_beside_a_copied_file_changes_nothing(portal, dossier, tmp_path):
    """Somebody put yesterday's file over today's, and left its log: integrity_check says ok, and the data are wrong."""
    base = Path(connection.settings_dict["NAME"])
    archive = write_archive(dossier, now=NOW)
    before = checksums()
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA journal_mode = WAL")
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    yesterday = base.read_bytes()
    Enfant.objects.update(prenom="Zoé")
    log = Path(f"{base}-wal").read_bytes()
    connection.close()
    base.write_bytes(yesterday)
    Path(f"{base}-wal").write_bytes(log)

    restaurer(archive, copie=dossier)

    assert checksums() == before
    connection.close()
    with closing(sqlite3.connect(base)) as session:
        assert session.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert session.execute("SELECT DISTINCT prenom FROM enfance_enfant").fetchall() == [("Léa",)]


@pytest.mark.skipif(not LITE, reason="d’une base SQLite")
def test_a_file_that_cannot_be_read_is_put_aside(portal, dossier):
    archive = write_archive(dossier, now=NOW)
    before = checksums()
    base = Path(connection.settings_dict["NAME"])
    connection.close()
    base.write_bytes(b"nothing that SQLite knows" * 1000)

    said = restaurer(archive)

    assert checksums() == before
    [aside] = base.parent.glob(f"{base.name}.illisible-*Z")
    assert aside.read_bytes().startswith(b"nothing that SQLite knows")
    assert str(aside) in said


@pytest.mark.skipif(not LITE, reason="d’une base SQLite")
def test_a_file_that_was_put_aside_comes_back_when_the_disk_fills(portal, dossier, monkeypatch):
    archive = write_archive(dossier, now=NOW)
    base = Path(connection.settings_dict["NAME"])
    connection.close()
    damaged = b"nothing that SQLite knows" * 1000
    base.write_bytes(damaged)
    replace = Live.replace

    def on_a_full_disk(there, source):
        with files_no_longer_than(source.stat().st_size // 2):
            replace(there, source)

    monkeypatch.setattr(Live, "replace", on_a_full_disk)
    with pytest.raises(CommandError, match="la base est restée comme elle était"):
        restaurer(archive)

    assert base.read_bytes() == damaged
    assert sorted(base.parent.glob(f"{base.name}*")) == [base]


@pytest.mark.skipif(not LITE, reason="d’une base SQLite")
@pytest.mark.parametrize("readable", [True, False])
def test_a_disk_too_small_is_said_before_anything_changes(portal, dossier, monkeypatch, readable):
    archive = write_archive(dossier, now=NOW)
    base = Path(connection.settings_dict["NAME"])
    connection.close()
    if not readable:
        base.write_bytes(b"nothing that SQLite knows" * 1000)
    before = base.read_bytes()
    monkeypatch.setattr(
        restoring_sqlite.shutil, "disk_usage", lambda folder: Usage(2**20 if folder == base.parent else 2**40)
    )

    with pytest.raises(CommandError) as refused:
        restaurer(archive, "--sans-copie")

    sentence = plain(str(refused.value))
    assert sentence.startswith(f"Il n’y a pas la place de restaurer dans {base.parent} : il faut ")
    assert sentence.endswith("il reste 1 Mio. Rien n’a changé.")
    assert base.read_bytes() == before
    assert list(base.parent.glob(f"{base.name}.illisible*")) == []


@pytest.mark.skipif(not LITE, reason="d’une base SQLite")
def test_a_command_that_writes_meanwhile_is_not_lost(refused, monkeypatch):
    prepare = restore.prepare_sqlite

    def and_somebody_writes(*args, now):
        done = prepare(*args, now=now)
        with closing(sqlite3.connect(connection.settings_dict["NAME"])) as session:
            session.execute("INSERT INTO django_session VALUES ('cle', 'x', '2026-11-27')")
            session.commit()
        return done

    monkeypatch.setattr(restore, "prepare_sqlite", and_somebody_writes)
    assert "Un autre programme écrit dans la base" in refused()


@pytest.mark.skipif(not LITE, reason="d’une base SQLite")
def test_pages_that_were_given_up_are_not_brought_back(portal, places, dossier):
    connection.close()
    with closing(sqlite3.connect(connection.settings_dict["NAME"])) as session:
        session.execute("PRAGMA secure_delete = OFF")  # Debian's SQLite has it on, others not
        session.execute("INSERT INTO django_session VALUES ('cle', 'Quignard-Parti', '2026-11-27')")
        session.execute("DELETE FROM django_session")
        session.commit()
    archive = write_archive(dossier, now=NOW)
    with open_archive(archive) as opened:
        assert b"Quignard-Parti" in opened.base.read_bytes()

    with on_database(places.empty()):
        restaurer(archive)
        connection.close()
        assert b"Quignard-Parti" not in Path(connection.settings_dict["NAME"]).read_bytes()


# --- PostgreSQL -------------------------------------------------------------------------------------------------------


@pytest.mark.postgresql
def test_somebody_connected_is_named(refused):
    usual = connection.settings_dict
    given = {"host": usual["HOST"], "port": usual["PORT"], "user": usual["USER"], "password": usual["PASSWORD"]}
    with psycopg.connect(**given, dbname=usual["NAME"], application_name="psql de Paul"):
        said = refused()
    assert "(portail, psql de Paul, " in said
    assert "arrêtez-le sur chaque machine qui le sert (sudo systemctl stop" in said


@pytest.mark.postgresql
def test_tables_of_others_are_left_alone(portal, dossier):
    archive = write_archive(dossier, now=NOW)
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE bibliotheque_livre (id int)")
        cursor.execute("INSERT INTO bibliotheque_livre VALUES (7)")

    restaurer(archive, copie=dossier)

    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM bibliotheque_livre")
        assert cursor.fetchall() == [(7,)]
