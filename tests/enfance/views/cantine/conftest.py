"""What the tests of the association's pages share: its agent, a parent, a Thursday morning of school."""

import pytest
from django.contrib.auth.models import Group
from django.core.management import call_command

from tests.clients import Client
from tests.enfance.views.cantine.gestes import NOW
from tests.factories import AnneeFactory, ResponsableFactory, StaffFactory, make_creneaux


@pytest.fixture
def creneaux(time_machine):
    time_machine.move_to(NOW, tick=False)
    AnneeFactory()
    return make_creneaux()


@pytest.fixture
def agent(creneaux):
    """Somebody of the association."""
    call_command("sync_groups", verbosity=0)
    agent = StaffFactory(is_superuser=False, first_name="Lou", email="")
    agent.groups.add(Group.objects.get(name="Cantine"))
    return agent


@pytest.fixture
def cantine(agent):
    client = Client()
    client.force_login(agent)
    return client


@pytest.fixture
def parent(creneaux):
    return ResponsableFactory(telephone="06 39 98 00 12")
