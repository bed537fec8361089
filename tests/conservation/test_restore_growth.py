"""An archive of SQLite restored where DATABASE_URL names a PostgreSQL: the town has grown."""

from __future__ import annotations

import json
import shutil
import sqlite3
from contextlib import closing
from datetime import timedelta
from io import StringIO
from uuid import uuid4

import pytest
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from accounts import tasks, temporary
from accounts.models import HeldMail, TemporaryPassword, User
from accounts.worker import Worker
from conservation.archives import write_archive
from conservation.bases import on_database, sqlite_file
from enfance.models import Enfant
from tests.clients import Client
from tests.conservation.conftest import NOW
from tests.factories import PASSWORD, EnfantFactory, ResponsableFactory, UserFactory
from tests.smtp import MailServer

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgresql]
IDENTIFIANT, LATER = "3816238", NOW + timedelta(days=1)


@pytest.fixture
def grown(empty, tmp_path):
    """The SQLite of a town, with a family, its session and a mail on its way."""
    path = shutil.copy(empty, tmp_path / "portail.sqlite3")
    with on_database(sqlite_file(path)):
        parent = ResponsableFactory(user=UserFactory(identifiant=IDENTIFIANT)).user
        EnfantFactory.create_batch(3, prenom="Léa")
        Client().force_login(parent)
        temporary.issue(parent, now=timezone.now() - timedelta(hours=1))
        tasks.send_temporary_password.enqueue(IDENTIFIANT)
    with closing(sqlite3.connect(path)) as file, file:
        file.executescript("CREATE TABLE ancienne (a); INSERT INTO ancienne VALUES (1), (2)")
    return path


def back_up(path, dossier):
    with on_database(sqlite_file(path)):
        return write_archive(dossier, now=NOW)


def restaurer(archive, **options):
    said = StringIO()
    call_command("restaurer", str(archive), stdout=said, **options)
    return said.getvalue()


def erased(cle):
    """A line of the list of erasures."""
    return json.dumps({"id": str(uuid4()), "le": LATER.isoformat(), "table": "enfance.Enfant", "cle": cle}) + "\n"


def test_an_empty_postgresql_takes_it_all(grown, places, dossier, settings):
    archive = back_up(grown, dossier)
    (dossier / "effacements.jsonl").write_text(erased(3) + erased(9), "utf-8")  # 9 came after the archive
    settings.DAILY_TASKS = {}
    with MailServer() as server, on_database(places.empty()):
        settings.MAILERS = server.mailers(timeout=5)

        said = restaurer(archive)
        Worker(batch=True).run()

        assert "Le portail est passé de SQLite à PostgreSQL." in said
        assert "N’ont pas suivi, inconnues de ce logiciel\u00a0: ancienne (2\u00a0lignes)." in said
        assert "Il n’y avait pas de base avant" in said
        assert "1\u00a0e-mail retenu" in said
        assert (server.seen, HeldMail.objects.count(), Session.objects.count()) == (0, 1, 0)
        assert [password.reason for password in TemporaryPassword.objects.all()] == ["closed"]
        assert list(Enfant.objects.order_by("pk").values_list("pk", "prenom")) == [(1, "Léa"), (2, "Léa")]
        client = Client()
        client.post("/connexion/", {"identifiant": IDENTIFIANT, "password": PASSWORD})
        assert client.get("/compte/").status_code == 200
        call_command("migrate", "--check", verbosity=0)
        assert EnfantFactory().pk == 10  # the key of an erased child is not given again


@pytest.mark.lent
def test_a_portal_that_was_there_is_kept_aside(grown, places, dossier):
    archive = back_up(grown, dossier)
    with on_database(places.migrated()):
        UserFactory(identifiant="999999")

        said = restaurer(archive, copie=dossier)

        assert list(User.objects.values_list("identifiant", flat=True)) == [IDENTIFIANT]
        [copy] = [path for path in dossier.glob("*.tar") if path != archive]
        assert f"La base d’avant est gardée\u00a0: {copy}." in said
        restaurer(copy, sans_copie=True)
        assert list(User.objects.values_list("identifiant", flat=True)) == ["999999"]


@pytest.mark.parametrize("simuler", [True, False])
def test_what_postgresql_would_refuse_is_listed_and_nothing_changes(grown, places, dossier, simuler):
    with closing(sqlite3.connect(grown)) as file, file:
        file.execute("UPDATE enfance_enfant SET nom = printf('%.*c', 101, 'é') WHERE id > 1")
    archive = back_up(grown, dossier)
    with on_database(places.migrated()):
        UserFactory(identifiant="999999")

        with pytest.raises(CommandError) as refusal:
            restaurer(archive, simuler=simuler, copie=None if simuler else dossier)

        assert str(refusal.value) == (
            "PostgreSQL refuserait 2\u00a0valeurs de cette archive, et rien n’a changé\u00a0:\n"
            "- enfance.Enfant, clé 2, nom\u00a0: 101 signes, 100 au plus\n"
            "- enfance.Enfant, clé 3, nom\u00a0: 101 signes, 100 au plus\n"
            "Corrigez-les dans le portail sous SQLite, faites une autre sauvegarde, puis recommencez."
        )
        assert list(User.objects.values_list("identifiant", flat=True)) == ["999999"]
        assert list(dossier.glob("*.tar")) == [archive]


def test_a_rehearsal_changes_nothing(grown, places, dossier):
    archive = back_up(grown, dossier)
    with on_database(places.empty()):
        said = restaurer(archive, simuler=True)

        assert "peut être restaurée" in said
        assert connection.introspection.table_names() == []
