"""Who may change a child's file and lacks one right: refused, and nothing of the form is written."""

from __future__ import annotations

from datetime import date

import pytest

from enfance.models import AnneeScolaire, PersonneAutorisee, Scolarite
from tests.enfance.mairie.enfants.fiche import change, opened, page_of, sujet_of
from tests.factories import FoyerFactory, ResponsableFactory
from tests.writes import rows_written

ADULTES = ("view_enfant", "change_enfant", "view_responsabilite", "change_responsabilite")
VENIR = ("view_enfant", "change_enfant", "view_personneautorisee", "change_personneautorisee")


@pytest.fixture
def odile(lea):
    return PersonneAutorisee.objects.create(enfant=lea, nom="Odile Vidal")


def test_adult_is_not_taken_off_nor_the_other_suspended(agent_with, lea):
    autre = ResponsableFactory(foyer=FoyerFactory(adresse="3 rue du Lac"))
    lea.responsabilites.create(responsable=autre)
    premier, second = lea.responsabilites.order_by("pk")
    acces = {f"acces-{premier.pk}": "suspendu", f"acces-{second.pk}": "retire"}

    response = change(agent_with(*ADULTES), lea, "responsables", **acces)

    assert response.status_code == 403
    assert list(lea.responsabilites.order_by("pk").values_list("pk", "suspendue")) == [
        (premier.pk, False),
        (second.pk, False),
    ]
    change(agent_with(*ADULTES, "delete_responsabilite"), lea, "responsables", **acces)
    assert lea.responsabilites.values_list("pk", "suspendue").get() == (premier.pk, True)


def test_adult_is_not_added(agent_with, lea):
    autre = ResponsableFactory(user__identifiant="4444444", foyer=FoyerFactory(adresse="3 rue du Lac"))

    assert change(agent_with(*ADULTES), lea, "responsables", identifiant="4444444").status_code == 403
    assert not lea.responsabilites.filter(responsable=autre).exists()

    change(agent_with(*ADULTES, "add_responsabilite"), lea, "responsables", identifiant="4444444")
    assert lea.responsabilites.filter(responsable=autre).exists()


def test_person_is_neither_added_nor_taken_off(agent_with, lea, odile):
    client = agent_with(*VENIR)
    page = sujet_of(lea, "venir", personne=odile.pk)

    assert change(client, lea, "venir", nom="Paul Vidal").status_code == 403
    assert client.post(page, opened(client, page) | {"retirer": "1"}).status_code == 403

    assert lea.personnes_autorisees.get() == odile
    client = agent_with(*VENIR, "add_personneautorisee", "delete_personneautorisee")
    change(client, lea, "venir", nom="Paul Vidal")
    client.post(page, opened(client, page) | {"retirer": "1"})
    assert lea.personnes_autorisees.get().nom == "Paul Vidal"


def test_child_is_put_in_no_new_year(agent_with, lea):
    rights = ("view_enfant", "change_enfant", "view_scolarite", "change_scolarite")
    suivante = AnneeScolaire.objects.create(debut=date(2027, 9, 1), fin=date(2028, 7, 4))

    response = change(agent_with(*rights), lea, "classe", {"annee": suivante.pk}, niveau="CM1")

    assert response.status_code == 403
    assert not Scolarite.objects.filter(enfant=lea, annee=suivante).exists()


def test_who_reads_the_file_sends_nothing_to_it(agent_with, lea):
    client = agent_with("view_enfant")
    with rows_written() as written:
        answers = [
            client.post(page, {"prenom": "Léna"}).status_code for page in (page_of(lea), sujet_of(lea, "identite"))
        ]
    assert (client.get(page_of(lea)).status_code, answers, written) == (200, [403, 403], [])
