"""An agent of the Régie at the counter, and a payer."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group

from accounts import groups
from facturation.models import Compte
from tests.clients import Client
from tests.factories import AnneeFactory, ResponsableFactory, StaffFactory, make_enfant
from tests.facturation.caisse import JEUDI, make_compte, make_facture, make_mois


@pytest.fixture
def regie(time_machine) -> Client:
    """Hélène Garnier, of the Régie, on Thursday 3 December 2026."""
    time_machine.move_to(JEUDI, tick=False)
    groups.sync()
    agent = StaffFactory(is_superuser=False, first_name="Hélène", last_name="Garnier")
    agent.groups.add(Group.objects.get(name="Régie"))
    client = Client()
    client.force_login(agent)
    return client


@pytest.fixture
def berthet() -> Compte:
    """Berthet, whose Adam is in CE1, and who owes 50,65 € for November."""
    AnneeFactory()
    adulte = ResponsableFactory(user__last_name="Berthet", user__identifiant="3816238")
    make_enfant(adulte, prenom="Adam", nom="Berthet")
    compte = make_compte("Berthet-Roux", foyer=adulte.foyer)
    make_facture(compte, 5065, mois=make_mois())
    return compte
