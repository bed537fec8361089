"""What the tests of the gate's pages share: a school on the evening of `NOW`, an animator, a secretary, a child."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.core.management import call_command

from enfance.equipe.pointages import terminer
from enfance.models import Appel, Enfant
from tests.clients import Client
from tests.enfance.gate import JEUDI, NOW, inscrire
from tests.factories import AnneeFactory, StaffFactory, make_creneaux, make_enfant

JOUR = "/equipe/2026-12-10/"
PAGE = f"{JOUR}?creneau=soir"


@pytest.fixture(autouse=True)
def school(db, time_machine):
    time_machine.move_to(NOW, tick=False)
    AnneeFactory()
    make_creneaux()
    call_command("sync_groups", verbosity=0)


def logged_in(group: str) -> Client:
    agent = StaffFactory(is_superuser=False, first_name="Alix", last_name="Durand")
    agent.groups.add(Group.objects.get(name=group))
    client = Client()
    client.force_login(agent)
    client.agent = agent
    return client


@pytest.fixture
def equipe() -> Client:
    """An animator."""
    return logged_in("Équipe")


@pytest.fixture
def mairie() -> Client:
    return logged_in("Secrétariat")


@pytest.fixture
def lea() -> Enfant:
    enfant = make_enfant()
    inscrire(enfant)
    return enfant


def send(client: Client, *, follow: bool = True, **data: object) -> str:
    """The form, as a browser without script sends it; the page that follows, without its markup."""
    response = client.post(PAGE, {"creneau": "soir", "avant": "", **data}, follow=follow)
    return re.sub("[ \n]+", " ", re.sub("<[^>]+>", " ", response.text))


def close() -> Appel:
    """The sheet of the evening, a minute ago."""
    return terminer(JEUDI, "soir", StaffFactory(first_name="Alix", last_name="Durand"), now=NOW - timedelta(minutes=1))
