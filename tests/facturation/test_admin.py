"""The lists of the admin where money is found again: read only, found by number or by name, at a fixed cost."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group

from accounts import groups
from facturation.models import Encaissement, Facture, Versement
from tests.clients import Client
from tests.factories import FoyerFactory, ResponsableFactory, StaffFactory, make_enfant
from tests.facturation.registres.argent import make_argent
from tests.facturation.vecu import make_commune

pytestmark = pytest.mark.django_db
LISTES = [("facture", Facture), ("encaissement", Encaissement), ("versement", Versement)]


@pytest.fixture
def regie() -> Client:
    groups.sync()
    agent = StaffFactory(is_superuser=False, first_name="Agathe", last_name="Sorbier")
    agent.groups.add(Group.objects.get(name="Régie"))
    client = Client()
    client.force_login(agent)
    return client


def famille(nom: str) -> None:
    adulte = ResponsableFactory(user__last_name=nom, foyer=FoyerFactory(adresse=f"1 rue {nom}"))
    make_argent(adulte.foyer, make_enfant(adulte, prenom="Léa"), adulte.user)


@pytest.mark.parametrize(("name", "model"), LISTES)
def test_list_costs_the_same_for_one_and_three(regie, name, model, django_assert_max_num_queries):
    make_commune()
    famille("Morel")
    regie.get(f"/admin/facturation/{name}/")  # what is asked once a process
    couts = []
    for autres in ((), ("Rivière", "Berger")):
        for autre in autres:
            famille(autre)
        with django_assert_max_num_queries(30) as vues:
            assert regie.get(f"/admin/facturation/{name}/").status_code == 200
        couts.append(len(vues))
    assert couts[0] == couts[1]


@pytest.mark.parametrize(
    ("cherche", "trouve"), [("F-2026-0002", "Rivière"), ("riviere", "Rivière"), ("morel", "Morel")]
)
def test_invoice_is_found_by_its_number_or_its_payer(regie, cherche, trouve):
    make_commune()
    famille("Morel"), famille("Rivière")

    page = regie.post("/admin/facturation/facture/", {"q": cherche}, follow=True).text

    autre = {"Morel": "Rivière", "Rivière": "Morel"}[trouve]
    assert (f"Camille {trouve}" in page, f"Camille {autre}" in page) == (True, False)


def test_régie_reads_neither_the_child_nor_the_quotient_of_an_invoice(regie):  # RGP-15
    make_commune()
    famille("Morel")
    facture = Facture.objects.get(genre="F")
    Facture._base_manager.filter(pk=facture.pk).update(entete=facture.entete | {"quotient": 98765})

    page = regie.get(f"/admin/facturation/facture/{facture.pk}/change/", follow=True).text

    assert [mot for mot in ("Camille Morel", "F-2026-0001", "2,00\u202f€", "0,20\u202f€") if mot not in page] == []
    assert [mot for mot in ("Léa", "98765", "Enregistrer") if mot in page] == []
