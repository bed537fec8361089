"""What was erased stays so when an archive of before comes back (RGP-08)."""

from __future__ import annotations

from pathlib import Path

import pytest
import time_machine
from django.core.management import CommandError
from django.db import connection
from django.utils import timezone

from conservation.archives import write_archive
from conservation.bases import on_database
from conservation.effacement import effacer
from conservation.effaces import FILE, read, write_pending
from conservation.models import Effacement
from enfance.famille.effacement import effacer_famille
from enfance.models import Enfant
from tests.conservation.conftest import NOW
from tests.conservation.dossiers import restaurer
from tests.conservation.famille_entiere import RENTREE, make_famille
from tests.conservation.traces import in_tables
from tests.factories import EnfantFactory

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.ci, pytest.mark.sqlite]


@pytest.fixture
def portal(places, settings, dossier):
    settings.SAUVEGARDES = dossier
    with on_database(places.migrated()):
        EnfantFactory.create_batch(2, prenom="Léa")
        yield


def test_restored_from_yesterday_it_is_still_erased(portal, places, dossier):  # RGP-08
    gone, stays = Enfant.objects.order_by("pk")
    yesterday = write_archive(dossier, now=NOW)
    effacer({"enfance.Enfant": {gone.pk}}, now=timezone.now())
    write_pending(dossier, now=timezone.now())

    with on_database(places.empty()):  # the machine is gone
        said = restaurer(yesterday)
        assert list(Enfant.objects.all()) == [stays]
        assert [(row.modele, row.cle) for row in Effacement.objects.all()] == [("enfance.Enfant", gone.pk)]
        assert "1\u00a0fiche effacée de nouveau, d’après effacements.jsonl (enfants, adultes, comptes, foyers)." in said
        assert "Rien n’avait été effacé depuis" in restaurer(write_archive(dossier, now=NOW))


@pytest.mark.lent
def test_a_whole_family_restored_from_yesterday_is_named_nowhere(places, settings, dossier):  # RGP-08
    settings.SAUVEGARDES = dossier
    with on_database(places.migrated()), time_machine.travel(RENTREE, tick=False) as clock:
        scene = make_famille(clock)
        words = scene.mots
        yesterday = write_archive(dossier, now=NOW)
        effacer_famille(scene.adulte("Ysolde").user_id, now=timezone.now())
        write_pending(dossier, now=timezone.now())

    nowhere = places.empty()
    with on_database(nowhere):
        restaurer(yesterday)
        assert in_tables(words) == {}
    if connection.vendor == "sqlite":
        held = Path(nowhere["NAME"]).read_bytes()
        assert [word for word in words if word.encode() in held] == []


def test_what_the_list_did_not_tell_yet_is_written_first(portal, dossier):
    gone, stays = Enfant.objects.order_by("pk")
    yesterday = write_archive(dossier, now=NOW)
    effacer({"enfance.Enfant": {gone.pk}}, now=timezone.now())
    (dossier / FILE).unlink(missing_ok=True)
    Effacement.objects.update(ecrit_le=None)

    restaurer(yesterday, sans_copie=True)

    assert list(Enfant.objects.all()) == [stays]
    assert [(line.table, line.cle) for line in read(dossier)] == [("enfance.Enfant", gone.pk)]


def test_a_key_that_was_erased_is_never_given_again(portal, places, dossier):
    yesterday = write_archive(dossier, now=NOW)
    since = EnfantFactory(prenom="Ali").pk
    effacer({"enfance.Enfant": {since}}, now=timezone.now())
    write_pending(dossier, now=timezone.now())

    with on_database(places.empty()):
        restaurer(yesterday)
        assert EnfantFactory(prenom="Zoé").pk > since


def test_without_a_list_it_warns(portal, dossier, places):
    archive = write_archive(dossier, now=NOW)
    with on_database(places.empty()):
        assert "Attention\u00a0: aucune liste des effacements" in restaurer(archive)


def test_a_list_that_cannot_be_read_stops_it(portal, dossier):
    archive = write_archive(dossier, now=NOW)
    (dossier / FILE).write_text("une note\n" * 2, encoding="utf-8")
    Enfant.objects.update(prenom="Zoé")

    with pytest.raises(CommandError, match="La ligne 1 de effacements.jsonl n’est pas lisible"):
        restaurer(archive)

    assert set(Enfant.objects.values_list("prenom", flat=True)) == {"Zoé"}


@pytest.mark.skipif(connection.vendor != "sqlite", reason="d’une base SQLite")
def test_no_page_of_the_file_keeps_what_was_erased_again(portal, places, dossier):
    gone = EnfantFactory(prenom="Thymoline-Effacee")
    yesterday = write_archive(dossier, now=NOW)
    effacer({"enfance.Enfant": {gone.pk}}, now=timezone.now())
    write_pending(dossier, now=timezone.now())

    database = places.empty()
    with on_database(database):
        restaurer(yesterday)
    with open(database["NAME"], "rb") as file:
        assert b"Thymoline-Effacee" not in file.read()
