"""What the tests of the town hall's pages share: agents who come in by the login page, a day of school ahead."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
import time_machine
from django.contrib.auth.models import Permission
from django_tasks_db.models import DBTaskResult

from accounts.models import User
from enfance.inscriptions import Changement, enregistrer
from enfance.models import Creneau, Enfant, Inscription, Responsable
from enfance.regles import Acteur, Cle
from portail.dates import PARIS
from tests.clients import Client
from tests.factories import FoyerFactory, ResponsableFactory, StaffFactory, make_creneaux, make_enfant

JEUDI_SOIR = datetime(2026, 12, 3, 20, 41, tzinfo=PARIS)
LUNDI, VENDREDI_11, LUNDI_14 = date(2026, 12, 7), date(2026, 12, 11), date(2026, 12, 14)


@pytest.fixture(autouse=True)
def clock(db):
    """A Thursday evening of school: tomorrow is past its limit, Monday is not."""
    with time_machine.travel(JEUDI_SOIR, tick=False):
        yield


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def agente(db) -> User:
    return StaffFactory(identifiant="5550011", first_name="Dominique", last_name="Sorbier")


@pytest.fixture
def mairie(agente) -> Client:
    """The browser of an agent with every right."""
    return client_of(agente)


@pytest.fixture
def agent_with(db) -> Callable[..., Client]:
    """The browser of an agent with these rights and no other."""

    def make(*rights: str) -> Client:
        user = StaffFactory(is_superuser=False)
        user.user_permissions.set(Permission.objects.filter(codename__in=rights))
        assert user.user_permissions.count() == len(rights)
        return client_of(user)

    return make


@pytest.fixture
def creneaux(db):
    return make_creneaux()


@pytest.fixture
def lea(db) -> Enfant:
    return make_enfant(ResponsableFactory(user__identifiant="3816238"))


@pytest.fixture
def inscription(lea, creneaux) -> Inscription:
    """Léa, lundi 7 décembre, soir: may still be changed."""
    return Inscription.objects.create(enfant=lea, jour=LUNDI, creneau=creneaux["soir"])


@pytest.fixture
def ailleurs(lea) -> Responsable:
    """The other home of Léa, where she is never yet."""
    ailleurs = ResponsableFactory(user__first_name="Dominique", foyer=FoyerFactory(adresse="3 rue du Lac"))
    lea.responsabilites.create(responsable=ailleurs)
    return ailleurs


@pytest.fixture
def semaines(lea, creneaux, ailleurs):
    """Léa is registered by her first home on two Mondays, a Friday at noon and in the evening."""
    responsable = lea.responsables.exclude(pk=ailleurs.pk).get()
    cles = [Cle(lea.pk, jour, "soir") for jour in (LUNDI, VENDREDI_11, LUNDI_14)]
    cles.append(Cle(lea.pk, VENDREDI_11, "midi"))
    enregistrer([Changement(cle, "inscrit") for cle in cles], Acteur.parent(responsable), now=JEUDI_SOIR)
    DBTaskResult.objects.all().delete()


@pytest.fixture
def familles(db):
    """Two families of the school, and one that shares a child with the first."""
    morel = ResponsableFactory(
        user__identifiant="3816238",
        user__email="camille.morel@courriel.example",
        telephone="06 39 98 00 12",
        telephone_domicile="04.65.71.00.38",
    )
    munoz = ResponsableFactory(
        user__identifiant="4512778",
        user__first_name="Inès",
        user__last_name="MUÑOZ-D’ANGELO",
        foyer=FoyerFactory(adresse="3 rue du Lac"),
    )
    return {
        "morel": morel,
        "munoz": munoz,
        "lea": make_enfant(morel, prenom="Léa"),
        "zoe": make_enfant(munoz, prenom="Zoë", nom="Muñoz", nom_usage="D’Angelo"),
    }


@pytest.fixture
def liste(creneaux):
    """One place in the evening, Léa's; Tom, Noé and Zoé wait."""
    Creneau.objects.filter(code="soir").update(places=1)
    for minutes, prenom in enumerate(("Léa", "Tom", "Noé", "Zoé")):
        responsable = ResponsableFactory()
        cle = Cle(make_enfant(responsable, prenom=prenom).pk, LUNDI, "soir")
        now = JEUDI_SOIR + timedelta(minutes=minutes)
        enregistrer([Changement(cle, "attente")], Acteur.parent(responsable), now=now)
    return creneaux["soir"]
