"""A town that has grown reads the same pages as before, and goes on."""

from __future__ import annotations

import re
import shutil
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine

from conservation.bases import on_database, sqlite_file
from conservation.restoring.transfert import refusals, transfer
from enfance.ecoles import make_first_school
from enfance.inscriptions import Changement, enregistrer
from enfance.models import Enregistrement
from enfance.regles import Acteur, Cle
from tests.clients import Client
from tests.conservation.famille_entiere import JEUDI, LUNDI, MARDI, NOW, RENTREE, make_famille, reserver
from tests.factories import PASSWORD, AnneeFactory, ResponsableFactory, make_creneaux, make_enfant

pytestmark = [pytest.mark.django_db, pytest.mark.postgresql]
OF_A_REQUEST = re.compile(r'name="csrfmiddlewaretoken" value="\w+"')


def read(client, addresses):
    pages = {}
    for address in addresses:
        response = client.get(address)
        assert response.status_code == 200, address
        pages[address] = OF_A_REQUEST.sub("", response.text)
    return pages


def pages_of(scene):
    """What a mother, a father who lives elsewhere and the town hall read."""
    enfants = [scene.enfant(prenom).pk for prenom in ("Thymoline", "Oriandre")]
    of_a_parent = ["/", "/historique/", "/planning/2026-12/", "/semaine-type/", "/compte/", f"/enfants/{enfants[1]}/"]
    of_the_town_hall = [
        "/admin/",
        "/admin/accounts/user/",
        "/admin/enfance/importonde/",
        f"/admin/enfance/foyer/{scene.foyer.pk}/famille/",
        f"/admin/enfance/enfant/{enfants[0]}/change/",
        f"/guichet/{scene.foyer.pk}/planning/2026-12/",
        f"/equipe/{JEUDI}/?creneau=soir",
    ]
    return [
        read(scene.clients["Ysolde"], [*of_a_parent, f"/enfants/{enfants[0]}/"]),
        read(scene.clients["Maxence"], of_a_parent),
        read(scene.mairie, of_the_town_hall),
    ]


@pytest.fixture
def source(empty, tmp_path):
    """A file of SQLite with the school that every town has, for a test to fill."""
    path = Path(shutil.copy(empty, tmp_path / "portail.sqlite3"))
    with on_database(sqlite_file(path)):
        make_first_school(using="default")
    return path


def log_in(parent):
    client = Client()
    identifiants = {"identifiant": parent.user.identifiant, "password": PASSWORD}
    assert client.post("/connexion/", identifiants).status_code == 302
    return client


def save(parent, enfant, *jours, etat="inscrit", now=NOW):
    changements = [Changement(Cle(enfant.pk, jour, "soir"), etat) for jour in jours]
    return enregistrer(changements, Acteur.parent(parent), now=now).enregistrement


def test_a_parent_logs_in_reads_the_same_and_goes_on(source):
    with time_machine.travel(NOW, tick=False):
        with on_database(sqlite_file(source)):
            annee, _ = AnneeFactory(), make_creneaux()
            parent = ResponsableFactory()
            enfant = make_enfant(parent, annee=annee)
            save(parent, enfant, LUNDI, MARDI, now=NOW - timedelta(days=30))
            save(parent, enfant, MARDI, etat="annulee")
            client = log_in(parent)
            pages = ["/", "/historique/", "/planning/2026-12/", f"/enfants/{enfant.pk}/"]
            before = read(client, pages)
        assert before["/historique/"].count("Léa") >= 2

        transfer(source)

        assert read(log_in(parent), pages) == before
        known = set(Enregistrement.objects.values_list("pk", flat=True))
        assert len(known) == 2
        assert save(parent, enfant, MARDI).pk > max(known)


@pytest.mark.lent
def test_the_pages_of_a_whole_family_read_the_same(source):
    with time_machine.travel(RENTREE, tick=False) as clock:
        with on_database(sqlite_file(source)):
            scene = make_famille(clock)
            before, saves = pages_of(scene), Enregistrement.objects.count()
        assert refusals(source) == []

        transfer(source)

        assert "Thymoline" in before[0]["/historique/"]
        assert pages_of(scene) == before
        reserver(scene, "Ysolde", "Thymoline", JEUDI + timedelta(days=7))
        assert Enregistrement.objects.count() == saves + 1
