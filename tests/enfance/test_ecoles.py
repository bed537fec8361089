"""Which schools an agent sees, and when the portal says a word of schools."""

import pytest
from django.contrib.auth.models import Group

from accounts import groups
from enfance.ecoles import ecoles_of, plusieurs
from enfance.models import Affectation, Ecole
from portail.groupes import CANTINE, EQUIPE, INFORMATIQUE, SECRETARIAT
from tests.factories import EcoleFactory, StaffFactory

pytestmark = pytest.mark.django_db


def make_agent(*noms, ecoles=(), **champs):
    groups.sync()
    agent = StaffFactory(**{"is_superuser": False} | champs)
    agent.groups.set(Group.objects.filter(name__in=noms))
    for ecole in ecoles:
        Affectation.objects.create(agent=agent, ecole=ecole)
    return agent


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
