"""Who opens what from one school to the other: the table of docs/confiance.md, tried where the town has two (ACC-05).

TO ADD AN ADDRESS of the gate, of the canteen or of the school: one row in docs/confiance.md, « D’une école à l’autre ».
"""

from __future__ import annotations

from datetime import date, datetime

import pytest
from django.db import transaction

from accounts.models import User
from enfance import models
from enfance.models import Creneau, Enfant
from portail.dates import PARIS
from tests import matrice
from tests.acces.visiteurs import FIELDS, MATRIX, QUERIES, agent
from tests.clients import Client
from tests.ecole import concrete
from tests.factories import CreneauFactory, EcoleFactory
from tests.matrice import outcome

pytestmark = pytest.mark.django_db
GROUPES = {"/equipe/": "Équipe", "/cantine/": "Cantine", "/ecole/": "École"}  # who works under these addresses
TABLE = matrice.table_after("### D’une école à l’autre")
NAMING = {
    "/ecole/",
    "/equipe/fiches.json",
    "/equipe/<jour>/",
    "/equipe/<jour>/imprimer/",
    "/equipe/<jour>/presents/",
    "/equipe/<jour>/enfants/<pk>/",
    "/cantine/",
    "/cantine/<jour>/",
    "/cantine/<jour>.csv",
}
VISITEURS = ["même école", "autre école", "sans école"]
SIENS = ["Léa", "Aubrac", "Nadège"]  # of the child, and of her mother


def groupe_of(address: str) -> str | None:
    return next((groupe for start, groupe in GROUPES.items() if address.startswith(start)), None)


@pytest.fixture
def lea(ecole, time_machine) -> Enfant:
    """A pupil of the first of two schools, which holds all the créneaux but the evening of the other. It is the day on
    which she is expected.
    """
    time_machine.move_to(datetime(2026, 12, 8, 17, 0, tzinfo=PARIS), tick=False)
    autre = EcoleFactory()
    premiere = models.Ecole.objects.exclude(pk=autre.pk).get()
    for creneau in Creneau.objects.all():
        creneau.ecoles.set([premiere])
    models.ListeRepas.objects.latest("pk").ecoles.set([premiere])
    CreneauFactory(code="soir-hameau", moment="soir").ecoles.set([autre])
    la = {"present": True, "arrivee_recue": datetime(2026, 12, 8, 16, 35, tzinfo=PARIS)}
    soir = Creneau.objects.get(code="soir")
    models.Pointage.objects.update_or_create(enfant=ecole, jour=date(2026, 12, 8), creneau=soir, defaults=la)
    Enfant.objects.update(nom="Aubrac")
    User.objects.filter(responsable__in=ecole.responsables.all()).update(first_name="Nadège", last_name="Aubrac")
    return ecole


def visitor(groupe: str, kind: str, lea: Enfant) -> Client:
    autres = models.Ecole.objects.exclude(pk=lea.scolarites.get().ecole_id)
    for une in {"même école": [lea.scolarites.get().ecole], "autre école": autres}.get(kind, []):
        models.Affectation.objects.create(agent=agent(groupe), ecole=une)
    client = Client(raise_request_exception=False)
    client.force_login(agent(groupe))
    return client


def test_table_holds_every_address_of_those_who_work_in_a_school():  # ACC-05
    of_schools = {address for address in MATRIX if groupe_of(address)}
    assert {address.removeprefix("POST ") for address in TABLE} == of_schools
    assert {tuple(row) for row in TABLE.values()} == {tuple(VISITEURS)}


@pytest.mark.ci
@pytest.mark.parametrize("kind", VISITEURS)
def test_page_opens_to_the_team_of_the_school_alone(lea, kind):  # ACC-02, ACC-05
    wrong, named = {}, set()
    clients = {groupe: visitor(groupe, kind, lea) for groupe in GROUPES.values()}
    for written, row in TABLE.items():
        address = written.removeprefix("POST ")
        client, here = clients[groupe_of(address)], concrete(address, lea)
        posted = FIELDS | QUERIES.get(address, {})
        with transaction.atomic():
            answers = [client.post(here, posted)]
            transaction.set_rollback(True)
        if not written.startswith("POST "):
            answers.insert(0, client.get(here, QUERIES.get(address)))
        got = {outcome(answer) for answer in answers} - {"405"}
        if got != {row[kind]}:
            wrong[written] = f"said {row[kind]}, got {got}"
        if any(nom in answer.text for answer in answers for nom in SIENS):
            named.add(address)
    assert wrong == {}
    assert named == (NAMING if kind == "même école" else set())


@pytest.mark.ci
@pytest.mark.parametrize("kind", ["autre école", "sans école"])
def test_no_address_of_the_portal_names_a_child_of_another_school(lea, kind):  # ACC-02
    wrong = {}
    for groupe in GROUPES.values():
        client = visitor(groupe, kind, lea)
        for address in MATRIX.keys() - {"/agenda/<secret>.ics"}:  # whoever has the secret
            answer = client.get(concrete(address, lea), QUERIES.get(address))
            if any(nom in answer.content.decode("utf-8", "ignore") for nom in SIENS):
                wrong[groupe, address] = answer.status_code
    assert wrong == {}
