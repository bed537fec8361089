"""Whatever happens to the money of a closed month, it adds up: balances, numbers, lines paid, certificates."""

from collections import Counter
from random import Random

import pytest

from facturation.arrete.cloture import arreter
from facturation.attestations.emission import constater, emettre
from facturation.attestations.paye import load_parts
from facturation.models import Compte, Encaissement, Facture, Imputation, Prestation
from facturation.payeurs.comptes import soldes
from facturation.verification import verifier
from tests.facturation import argent_tire
from tests.facturation.ecole_tiree import NOVEMBRE, draw
from tests.facturation.lues import check_what_families_read
from tests.facturation.papiers import midi
from tests.facturation.vecu import ENSUITE

pytestmark = pytest.mark.django_db
ANNEES = range(2026, 2029)  # the clock of `argent_tire` ends in the second of them


def check(seed: int, familles: int, gestes: int) -> None:
    rnd = Random(seed)
    draw(rnd, familles)
    arreter(NOVEMBRE, None, ENSUITE)

    argent_tire.move(rnd, gestes, then=check_what_families_read)

    assert list(verifier()) == []
    comptes = list(Compte.objects.values_list("pk", flat=True))
    payees = Counter()
    for annee in ANNEES:
        for part in load_parts(annee, comptes):
            payees[part.ligne.pk] += part.montant
    lignes = dict(Prestation.objects.filter(facture__isnull=False).values_list("pk", "montant"))
    assert all(0 <= payee <= lignes[cle] or lignes[cle] <= payee <= 0 for cle, payee in payees.items())
    assert sum(payees.values()) == kept()
    for annee in ANNEES[:2]:
        emettre(annee, now=midi(ENSUITE.date().replace(year=annee + 1)))
        assert [constat.compte for constat in constater(annee) if constat.a_emettre] == []
    assert list(verifier()) == []


def kept() -> int:
    """What the town keeps of what was received: what paid an invoice, less what avoirs gave back; a debt that was
    carried to another payer is paid when that one pays it."""
    sur_factures = Imputation.objects.exclude(facture=None).select_related("encaissement__compte")
    paye = sum(une.montant for une in sur_factures if not is_carried(une.encaissement))
    dettes = Encaissement.objects.filter(moyen="report", montant__lt=0, compte__reuni_dans=None)
    paye += sum(paid_of(dette) for dette in dettes.order_by("pk"))
    avoirs = Imputation.objects.exclude(avoir=None).values_list("montant", flat=True)
    return paye - sum(avoirs)


def paid_of(dette: Encaissement) -> int:
    """Of a debt that was carried, what was paid of its invoices: not what was paid of money that had gone out."""
    recu = sum(dette.imputations_recues.values_list("montant", flat=True))
    paye = 0
    reprises = Imputation.objects.filter(encaissement__annee=dette.annee, encaissement__rang=dette.rang - 1)
    for une in reprises.order_by("faite_le", "pk"):
        pris = min(recu, une.montant)
        recu -= pris
        paye += pris if une.facture_id else 0
    return paye


def is_carried(encaissement: Encaissement | None) -> bool:
    return encaissement is not None and encaissement.moyen == "report" and bool(encaissement.compte.reuni_dans_id)


@pytest.mark.ci
@pytest.mark.parametrize("seed", range(4))
def test_money_adds_up_whatever_happens(seed):
    check(seed, 4, 60)


@pytest.mark.lent
@pytest.mark.parametrize("seed", range(100, 130))
def test_money_of_many_towns_adds_up(seed):
    check(seed, 8, 250)


def test_all_paid_all_balances_are_nothing():
    draw(Random(7), 5)
    arreter(NOVEMBRE, None, ENSUITE)
    for facture in Facture.objects.select_related("compte"):
        argent_tire.encaisser(facture.compte, "cheque", facture.total, par=None, now=argent_tire.DEBUT)

    assert set(soldes(Compte.objects.all()).values()) <= {0}
    payees = Counter()
    for part in load_parts(2026, list(Compte.objects.values_list("pk", flat=True))):
        payees[part.ligne.pk] += part.montant
    assert payees == {
        cle: montant for cle, montant in Prestation.objects.exclude(montant=0).values_list("pk", "montant")
    }
