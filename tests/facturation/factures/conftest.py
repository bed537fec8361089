"""What the tests of invoices share: Léa and Tom, their November, whoever reads it."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group

from accounts import groups
from tests.clients import Client
from tests.factories import StaffFactory
from tests.facturation.famille.conftest import camille, clock, connected, facture, lea, sacha, tom

__all__ = ["camille", "clock", "connected", "facture", "lea", "sacha", "tom"]


def client_of(groupe: str) -> Client:
    """The browser of an agent of this group, with its rights and no other."""
    groups.sync()
    agent = StaffFactory(is_superuser=False, first_name="Nadia", last_name="Roux")
    agent.groups.add(Group.objects.get(name=groupe))
    client = Client()
    client.force_login(agent)
    return client


@pytest.fixture
def secretariat(facture) -> Client:
    return client_of("Secrétariat")
