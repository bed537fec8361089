"""A prohibition of one child or of several, a near name: no page, mail nor file of a parent says any of it."""

from __future__ import annotations

import json

import pytest
from django.core import mail
from django.core.serializers.json import DjangoJSONEncoder

from enfance.famille.donnees import load_donnees
from enfance.models import PersonneAutorisee
from tests.clients import Client
from tests.enfance.mairie.enfants.fiche import change
from tests.enfance.views.conftest import NOW
from tests.enfance.views.fiche import run_tasks
from tests.factories import StaffFactory, make_enfant
from tests.reading import html_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def tom(camille, sacha):
    return make_enfant(camille, sacha, prenom="Tom")


@pytest.fixture
def mairie(clock):
    client = Client()
    client.force_login(StaffFactory())
    return client


def read_by(parents, enfants):
    """All that these parents read: their pages, their mails, their data."""
    pages = ["/", "/planning/", "/historique/", "/compte/", *(f"/enfants/{enfant.pk}/" for enfant in enfants)]
    lu = [message.subject + message.body for message in mail.outbox]
    for parent in parents:
        client = Client()
        client.force_login(parent.user)
        lu += [html_of(client.get(page)) for page in pages]
        lu.append(json.dumps(load_donnees(parent.user, now=NOW), cls=DjangoJSONEncoder, ensure_ascii=False))
    return "\n".join(lu)


@pytest.mark.parametrize("for_both", [True, False])
def test_person_forbidden_is_read_by_no_parent(mairie, camille, sacha, lea, tom, for_both):  # ACC-07
    ticked = [tom.pk] if for_both else []
    change(mairie, lea, "venir", {"interdire": 1}, nom="Claude Rivière", lien="son oncle", aussi=ticked)
    assert PersonneAutorisee.objects.filter(interdite=True).count() == 1 + for_both
    run_tasks()

    lu = read_by((camille, sacha), (lea, tom))

    assert [mot for mot in ("Rivière", "Claude", "son oncle", "nterdit", "nom proche") if mot in lu] == []
    assert mail.outbox == []


def test_sister_who_keeps_the_person_says_nothing_of_the_other(mairie, camille, sacha, lea, tom):  # ACC-07
    tom.personnes_autorisees.create(nom="Claude Rivière", ajoutee_par=camille.user)
    lea.personnes_autorisees.create(nom="Claude Rivere")  # a near name
    lea.personnes_autorisees.create(nom="Claude Rivière", interdite=True)

    lu = read_by((camille, sacha), (lea, tom))

    assert "Claude Rivière" in lu
    assert [mot for mot in ("nterdit", "nom proche", "sa sœur", "même foyer") if mot in lu] == []


def test_near_name_is_the_parent_s_to_add(connected, lea):  # ACC-07
    lea.personnes_autorisees.create(nom="Claude Rivière", interdite=True)
    fields = dict.fromkeys(["lien", "telephone", "debut", "fin"], "")
    connected.post(f"/enfants/{lea.pk}/", fields | {"ajouter": "1", "nom": "Claude Rivere"})
    assert [personne.nom for personne in lea.personnes_autorisees.autorisees(NOW.date())] == ["Claude Rivere"]
    assert not lea.demandes_autorisation.exists()
