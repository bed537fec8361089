"""The list for the treasury, drawn twice at the same instant, or while somebody pays."""

from functools import partial

import pytest

from facturation.models import Relance
from facturation.payeurs.comptes import restes
from facturation.regie.encaissements import encaisser
from facturation.titres.listes import remettre_titres
from tests.facturation.caisse import JEUDI, check_balance, make_compte, make_facture, make_mois
from tests.races import at_once

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.ci, pytest.mark.sqlite]


def test_list_drawn_by_several_while_families_pay_claims_nothing_twice():
    factures = [make_facture(make_compte(f"Famille {rang}"), 5000, mois=make_mois()) for rang in range(5)]
    remettre = partial(remettre_titres, ["2026-11"], None, JEUDI)
    paiements = [partial(encaisser, une.compte, "cheque", 2000, par=None, now=JEUDI) for une in factures]

    at_once(remettre, *paiements[:3], remettre, *paiements[3:], remettre)
    remettre()

    reclames = {une.pk: sum(une.relances.values_list("montant", flat=True)) for une in factures}
    assert reclames == restes(factures) == dict.fromkeys(reclames, 3000)
    assert Relance.objects.filter(montant=5000).count() == Relance.objects.filter(montant=-2000).count()
    check_balance()
