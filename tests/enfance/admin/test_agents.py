"""In which schools an agent works: said on their page, where there are several."""

from __future__ import annotations

import pytest
from django.contrib.admin.models import LogEntry

from enfance.models import Affectation, Ecole
from portail.groupes import CANTINE, EQUIPE, INFORMATIQUE, SECRETARIAT
from tests.accounts.test_admin_staff import AGENTS, client_in
from tests.clients import Client
from tests.enfance.test_ecoles import make_agent
from tests.factories import EcoleFactory

pytestmark = pytest.mark.django_db
TITRE = "Écoles où travaille cet agent"


@pytest.fixture
def hameau():
    return EcoleFactory()


@pytest.fixture
def animateur():
    return make_agent(EQUIPE, first_name="Inès", last_name="Brun", email="ines@mairie.example")


def page(agent):
    return f"{AGENTS}{agent.pk}/change/"


def send(client, agent, *rows):
    """The page with these rows of schools: (its row, its school, taken away)."""
    data = {"first_name": "Inès", "last_name": "Brun", "email": agent.email, "is_active": "on"}
    known = sum(row is not None for row, _, _ in rows)
    data |= {"affectations-TOTAL_FORMS": len(rows), "affectations-INITIAL_FORMS": known}
    for n, (row, ecole, gone) in enumerate(rows):
        data |= {f"affectations-{n}-agent": agent.pk, f"affectations-{n}-ecole": ecole.pk}
        data |= {f"affectations-{n}-id": row.pk if row else ""}
        data |= {f"affectations-{n}-DELETE": "on"} if gone else {}
    return client.post(page(agent), data)


def schools(agent):
    return [affectation.ecole.code for affectation in agent.affectations.order_by("ecole")]


def test_schools_of_an_agent_are_said_on_their_page(animateur, hameau):
    client = client_in(SECRETARIAT)
    assert TITRE in client.get(page(animateur)).text

    assert send(client, animateur, (None, hameau, False)).status_code == 302

    assert schools(animateur) == ["hameau"]
    entry = LogEntry.objects.get()
    assert "École du Hameau" in entry.get_change_message()


def test_it_service_reads_them(animateur, hameau):
    Affectation.objects.create(agent=animateur, ecole=hameau)
    html = client_in(INFORMATIQUE).get(page(animateur)).text
    assert ("École du Hameau" in html, "affectations-0-ecole" in html) == (True, False)


def test_town_of_one_school_asks_nothing(animateur):
    html = client_in(SECRETARIAT).get(page(animateur)).text
    assert TITRE not in html
    assert "affectations" not in html


def test_agent_who_sees_all_the_schools_is_asked_nothing(hameau):
    html = client_in(INFORMATIQUE).get(page(make_agent(SECRETARIAT))).text
    assert TITRE not in html


def test_agent_of_the_canteen_is_asked_as_well(hameau):
    assert TITRE in client_in(SECRETARIAT).get(page(make_agent(CANTINE))).text


def test_same_school_twice_is_refused_in_a_sentence(animateur, hameau):
    response = send(client_in(SECRETARIAT), animateur, (None, hameau, False), (None, hameau, False))
    assert response.status_code == 200
    assert schools(animateur) == []


@pytest.mark.parametrize("gone", [True, False], ids=["taken", "changed"])
def test_school_taken_from_an_agent_ends_their_sessions(animateur, hameau, journal, gone):
    """What their device kept of its sheets goes with the session."""
    bourg = Ecole.objects.exclude(pk=hameau.pk).get()
    row = Affectation.objects.create(agent=animateur, ecole=bourg)
    theirs = Client()
    theirs.force_login(animateur)

    send(client_in(SECRETARIAT), animateur, (row, bourg if gone else hameau, gone))

    assert schools(animateur) == ([] if gone else ["hameau"])
    assert theirs.get("/equipe/", follow=True).request["PATH_INFO"] == "/connexion/"
    assert "sessions_closed" in [line["event"] for line in journal.events]


def test_school_more_ends_no_session(animateur, hameau, journal):
    send(client_in(SECRETARIAT), animateur, (None, hameau, False))
    assert "sessions_closed" not in [line["event"] for line in journal.events]


def test_agent_gives_themself_no_school(animateur, hameau):
    client = Client()
    client.force_login(animateur)
    assert send(client, animateur, (None, hameau, False)).status_code == 403
    assert schools(animateur) == []
