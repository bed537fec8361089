"""In which schools an agent works: said on their page, where there are several."""

from __future__ import annotations

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from enfance.admin.agents import ecoles_dites
from enfance.models import Affectation, Ecole
from portail.groupes import CANTINE, EQUIPE, INFORMATIQUE, SECRETARIAT
from tests.accounts.agents import AGENTS, client_in
from tests.clients import Client
from tests.enfance.agents import make_agent
from tests.factories import EcoleFactory

pytestmark = [pytest.mark.django_db, pytest.mark.ci]
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
    assert "La même école est choisie deux fois." in response.text
    assert "en double" not in response.text
    assert schools(animateur) == []


def test_agents_without_a_school_wait_on_the_home_page_and_in_their_list(animateur, hameau):
    client, maud = client_in(SECRETARIAT), make_agent(CANTINE, last_name="Cantine", ecoles=[hameau])
    make_agent(EQUIPE, is_active=False)
    make_agent(EQUIPE, SECRETARIAT)
    home = client.get("/admin/").text
    assert "agent dont l’école est à dire" in home
    assert f"{AGENTS}?ecole=sans" in home

    assert [agent.pk for agent in client.get(f"{AGENTS}?ecole=sans").context["cl"].result_list] == [animateur.pk]
    assert [agent.pk for agent in client.get(f"{AGENTS}?ecole=hameau").context["cl"].result_list] == [maud.pk]


def test_list_of_agents_says_where_each_works(animateur, hameau, django_assert_num_queries):
    client, maud = client_in(SECRETARIAT), make_agent(CANTINE, last_name="Cantine", ecoles=[hameau])
    ancien = make_agent(EQUIPE, is_active=False)

    client.get(AGENTS)
    with CaptureQueriesContext(connection) as deux:
        page = client.get(AGENTS)
    dites = {agent.pk: ecoles_dites(agent) for agent in page.context["cl"].result_list}

    assert {pk: dites[pk] for pk in (animateur.pk, maud.pk, ancien.pk)} == {
        animateur.pk: "à dire",
        maud.pk: "École du Hameau",
        ancien.pk: "aucune",
    }
    assert page.text.count('<td class="field-ecoles_dites">') == len(dites)
    assert '<td class="field-ecoles_dites">à dire</td>' in page.text
    make_agent(CANTINE, ecoles=[hameau])
    with django_assert_num_queries(len(deux)):
        client.get(AGENTS)


def test_town_of_one_school_has_no_agent_to_place(animateur):
    client = client_in(SECRETARIAT)
    assert "école" not in client.get(AGENTS).text.replace("École", "").lower()  # but the group
    assert "field-ecoles_dites" not in client.get(AGENTS).text
    assert "l’école est à dire" not in client.get("/admin/").text


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


# --- As the account opens ---------------------------------------------------------------------------------------------

NOUVEAU = {"first_name": "Lucie", "last_name": "Brun", "email": "", "group": EQUIPE}
QUESTION = "Écoles où travaille l’agent"


def open_account(client, **data):
    return client.post(f"{AGENTS}add/", NOUVEAU | data, follow=True)


@pytest.mark.parametrize("group", [EQUIPE, CANTINE])
def test_new_agent_is_given_schools(hameau, group):
    client = client_in(SECRETARIAT)
    assert QUESTION in client.get(f"{AGENTS}add/").text

    response = open_account(client, group=group, ecole=["hameau", "ecole"])

    agent = User.objects.get(first_name="Lucie")
    assert schools(agent) == ["ecole", "hameau"]
    assert "Travaille à\u00a0: École du Hameau, École." in response.text
    assert LogEntry.objects.get().get_change_message().endswith("Travaille à\u00a0: École du Hameau, École.")


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({}, "Choisissez au moins une école\u00a0: sans cela, cet agent ne verrait aucun enfant."),
        ({"ecole": ["lune"]}, "Sélectionnez un choix valide. lune n’en fait pas partie."),
        (
            {"group": SECRETARIAT, "ecole": ["hameau"]},
            "Une école ne se dit que d’un agent des groupes Équipe, Cantine et École.",
        ),
    ],
)
def test_new_agent_of_the_wrong_schools_is_refused_and_nothing_typed_is_lost(hameau, data, sentence):
    response = open_account(client_in(INFORMATIQUE), **data)
    assert sentence in response.text
    assert 'value="Lucie"' in response.text
    assert response.context["form"]["ecole"].value() == data.get("ecole", [])
    assert not User.objects.filter(first_name="Lucie").exists()


def test_new_agent_who_sees_all_the_schools_is_given_none(hameau):
    open_account(client_in(INFORMATIQUE), group=SECRETARIAT)
    assert schools(User.objects.get(first_name="Lucie")) == []


def test_new_agent_of_a_town_of_one_school_is_asked_nothing():
    client = client_in(SECRETARIAT)
    assert "cole" not in client.get(f"{AGENTS}add/").text.split("<main")[1].replace(
        "L’année et les écoles", ""
    ).replace("École", "")

    assert "Travaille à" not in open_account(client, ecole=["ecole"]).text

    assert schools(User.objects.get(first_name="Lucie")) == []
