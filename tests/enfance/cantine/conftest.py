"""What the tests of the association's list share: the créneaux of a year, a parent, a child."""

from datetime import time

import pytest
from django.conf import settings as portail_settings

from enfance.models import ReglageCantine
from tests.enfance.cantine.matin import CANTINE, at
from tests.factories import AnneeFactory, ResponsableFactory, StaffFactory, make_creneaux, make_enfant


@pytest.fixture
def creneaux():
    return make_creneaux()


@pytest.fixture
def camille():
    return ResponsableFactory()


@pytest.fixture
def tom(camille):
    return make_enfant(camille, prenom="Tom")


# The mail of a school morning.


@pytest.fixture
def clock(time_machine, settings):
    settings.CANTINE_COURRIEL = CANTINE
    plan = "enfance.cantine.tasks.plan_cantine"
    settings.DAILY_TASKS = {plan: portail_settings.DAILY_TASKS[plan]}
    time_machine.move_to(at(4), tick=False)
    AnneeFactory()
    make_creneaux()
    return time_machine


@pytest.fixture
def agent(clock):
    return StaffFactory(first_name="Lou", email="lou@courriel.example")


@pytest.fixture
def huit_heures(clock, agent):
    ReglageCantine.objects.create(pk=1, heure_courriel=time(8), choisie_par=agent)
