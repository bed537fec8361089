"""What money names is not deleted under it: a créneau that a tariff or a supplement names, a child that was billed."""

from __future__ import annotations

import pytest

from accounts import groups
from enfance.models import Creneau, Enfant
from facturation.models import Supplement
from tests.clients import Client
from tests.factories import ResponsableFactory, StaffFactory, make_enfant
from tests.facturation.registres.argent import make_argent
from tests.facturation.vecu import make_commune

pytestmark = pytest.mark.django_db


@pytest.fixture
def mairie() -> Client:
    groups.sync()
    client = Client()
    client.force_login(StaffFactory())
    return client


def test_créneau_that_a_price_names_is_kept(mairie):
    """Without it, a supplement that named it alone would be of all of them."""
    make_commune()
    nuit = Creneau.objects.get(code="soir")
    Supplement.objects.get(genre="retard").creneaux.add(nuit)
    address = f"/admin/enfance/creneau/{nuit.pk}/delete/"

    page = mairie.get(address).text
    mairie.post(address, {"post": "yes"})

    assert [mot for mot in ("Tarif\u00a0: Soir", "Supplément\u00a0: Supplément, retard") if mot not in page] == []
    assert Creneau.objects.filter(pk=nuit.pk).exists()


def test_child_that_was_billed_is_never_deleted(mairie):
    make_commune()
    camille = ResponsableFactory()
    lea = make_enfant(camille)
    make_argent(camille.foyer, lea, camille.user)

    assert mairie.post(f"/admin/enfance/enfant/{lea.pk}/delete/", {"post": "yes"}).status_code == 403
    assert Enfant.objects.filter(pk=lea.pk).exists()
