"""Which schools an agent sees, and when the portal says a word of schools."""

import io
from datetime import time
from importlib import import_module

import pytest
from django.apps import apps
from django.core.management import call_command
from django.core.management.base import CommandError

from accounts.models import User
from enfance.ecoles import ecoles_of, plusieurs
from enfance.models import Creneau, Ecole
from portail.groupes import CANTINE, EQUIPE, INFORMATIQUE, SECRETARIAT
from tests.enfance.agents import make_agent
from tests.factories import CreneauFactory, EcoleFactory
from tests.reading import plain

pytestmark = pytest.mark.django_db


def noms(agent):
    return [ecole.code for ecole in ecoles_of(agent)]


def test_one_school_is_nothing_to_speak_of():
    assert not plusieurs()
    EcoleFactory()
    assert plusieurs()


@pytest.mark.parametrize("groupe", [EQUIPE, CANTINE, SECRETARIAT, INFORMATIQUE])
def test_everybody_sees_the_only_school(groupe):
    assert noms(make_agent(groupe)) == ["ecole"]


@pytest.mark.parametrize("groupe", [EQUIPE, CANTINE])
def test_agent_sees_the_schools_where_they_work_alone(groupe):
    hameau, centre = EcoleFactory(), EcoleFactory(code="centre", nom="École du Centre", ordre=1)

    assert noms(make_agent(groupe, ecoles=[hameau])) == ["hameau"]
    assert noms(make_agent(groupe, ecoles=[hameau, centre])) == ["centre", "hameau"]


@pytest.mark.parametrize("groupe", [EQUIPE, CANTINE])
def test_agent_who_is_placed_nowhere_sees_none_of_several(groupe):
    EcoleFactory()
    assert noms(make_agent(groupe)) == []


@pytest.mark.parametrize("groupes", [[SECRETARIAT], [INFORMATIQUE], [SECRETARIAT, EQUIPE]])
def test_town_hall_sees_all_of_them(groupes):
    EcoleFactory()
    assert noms(make_agent(*groupes)) == ["ecole", "hameau"]


def test_superuser_sees_all_of_them_and_who_has_no_group_none():
    hameau = EcoleFactory()
    assert noms(make_agent(is_superuser=True)) == ["ecole", "hameau"]
    assert noms(make_agent()) == []
    assert noms(make_agent(ecoles=[hameau])) == ["hameau"]


def test_schools_of_an_agent_are_one_query(django_assert_num_queries):
    Ecole.objects.create(code="hameau", nom="Hameau")
    agent = make_agent(EQUIPE)
    with django_assert_num_queries(1):
        list(ecoles_of(agent))


# --- An agent's schools, as their account opens -----------------------------------------------------------------------


def create_staff(*arguments):
    out = io.StringIO()
    call_command("create_staff", "5550011", "--temporaire", *arguments, stdout=out)
    return plain(out.getvalue().partition("Mot de passe")[0]).splitlines()


def test_account_opens_with_its_schools():
    EcoleFactory()
    lines = create_staff("--groupe", EQUIPE, "--ecole", "hameau", "--ecole", "ecole", "--ecole", "hameau")
    assert lines == ["Compte 5550011 ouvert dans le groupe Équipe.", "Travaille à : École du Hameau, École."]
    assert noms(User.objects.get()) == ["ecole", "hameau"]


def test_account_without_a_school_is_said_where_there_are_several():
    assert create_staff("--groupe", EQUIPE) == ["Compte 5550011 ouvert dans le groupe Équipe."]
    User.objects.all().delete()
    EcoleFactory()
    assert create_staff("--groupe", CANTINE)[1:] == [
        "Sans école, cet agent ne voit rien : dites-la sur sa page. Codes pour --ecole : ecole, hameau."
    ]
    User.objects.all().delete()
    assert create_staff("--groupe", SECRETARIAT) == ["Compte 5550011 ouvert dans le groupe Secrétariat."]


@pytest.mark.parametrize(
    ("groupe", "code", "phrase"),
    [
        (EQUIPE, "nuit", "Aucune école n’a le code « nuit ». Codes connus : ecole, hameau."),
        (SECRETARIAT, "hameau", "Une école ne se dit que d’un agent des groupes Équipe, Cantine et École."),
    ],
)
def test_account_is_not_opened_with_a_school_that_is_none(groupe, code, phrase):
    EcoleFactory()
    with pytest.raises(CommandError) as refusal:
        create_staff("--groupe", groupe, "--ecole", code)
    assert plain(refusal.value) == phrase
    assert not User.objects.exists()


# --- How a créneau is drawn -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "moment", "icone"),
    [
        ("soir", "soir", "soir"),
        ("soir-hameau", "soir", "soir"),
        ("hameau-soir", "soir", "soir"),
        ("mercredi", "journee", "horloge"),
        ("etude", "soir", "horloge"),
        ("midi-2", "midi", "midi"),
    ],
)
def test_creneau_of_a_school_is_drawn_as_its_moment(code, moment, icone):
    assert Creneau(code=code, moment=moment).icone == icone


def test_migration_names_the_moments_of_the_codes_that_every_town_has():
    for code in ("matin", "midi", "soir", "soir-2", "midi-2", "etude"):
        CreneauFactory(code=code, moment="journee")

    import_module("enfance.migrations.0035_several_schools").name_moments(apps, None)

    moments = dict(Creneau.objects.values_list("code", "moment"))
    assert moments == {"matin": "matin", "midi": "midi", "soir": "soir"} | dict.fromkeys(
        ["soir-2", "midi-2", "etude"], "journee"
    )


@pytest.mark.parametrize(
    ("moment", "debut", "soir"),
    [
        ("soir", time(14, 45), True),
        ("soir", time(16, 30), True),
        ("journee", time(8), False),
        ("journee", time(15), True),
    ],
)
def test_hand_over_of_the_friday_comes_before_the_evening(moment, debut, soir):
    assert Creneau(moment=moment, debut=debut).is_soir is soir
