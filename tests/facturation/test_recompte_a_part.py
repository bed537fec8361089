"""A town drawn at random, closed by the portal and counted again without it: the same lines, to the cent."""

from datetime import date
from random import Random

import pytest

from enfance.models import Foyer
from facturation.arrete.cloture import arreter
from facturation.arrete.contextes import load_contexte
from facturation.arrete.estimations import estimer
from facturation.arrete.lecture import load_faits
from facturation.models import Facture, Prestation
from facturation.prix.mois import facturer
from facturation.verification import verifier
from tests.facturation.ecole_tiree import NOVEMBRE, draw
from tests.facturation.recompte_a_part import recount
from tests.facturation.vecu import ENSUITE

pytestmark = pytest.mark.django_db
FIN = date(2026, 11, 30)


@pytest.fixture(autouse=True)
def no_threshold(settings):
    settings.FACTURE_MINIMUM = 0


def closed() -> dict:
    """The lines of the closed month that are not nothing, as `recount` gives them."""
    lignes = Prestation.objects.exclude(montant=0).values_list(
        "compte__foyer", "cle_enfant", "jour", "creneau", "nature", "plafond", "credit_impot", "montant"
    )
    return {
        (*cle, f"{nature} {plafond} {int(credit)}" if nature == "plafond" else nature): montant
        for *cle, nature, plafond, credit, montant in lignes
    }


def check(seed: int, familles: int, *, formes: bool = False) -> None:
    rnd = Random(seed)
    draw(rnd, familles, formes=formes)
    foyers = list(Foyer.objects.values_list("pk", flat=True))
    estimees = {foyer: estime.a_ce_jour for foyer, estime in estimer(foyers, NOVEMBRE, FIN).items()}

    arret = arreter(NOVEMBRE, None, ENSUITE)

    assert arret.refus == ()
    assert Prestation.objects.count() > 10 * familles
    ecrites, recomptees = closed(), recount()
    assert {cle: (ecrites.get(cle), recomptees.get(cle)) for cle, _ in ecrites.items() ^ recomptees.items()} == {}
    totaux = dict(Facture.objects.values_list("compte__foyer", "total"))
    assert {foyer: somme for foyer, somme in estimees.items() if somme} == totaux
    assert list(verifier()) == []


@pytest.mark.ci
@pytest.mark.parametrize("seed", range(6))
def test_closing_is_what_somebody_else_counts(seed):
    check(seed, 8)


@pytest.mark.ci
@pytest.mark.parametrize("seed", range(200, 208))
def test_closing_of_shapes_that_towns_vote_is_what_somebody_else_counts(seed):
    check(seed, 10, formes=True)


@pytest.mark.lent
@pytest.mark.parametrize("seed", range(300, 360))
def test_closing_of_many_shapes_is_what_somebody_else_counts(seed):
    check(seed, 25, formes=True)


@pytest.mark.lent
def test_closing_of_a_thousand_families_under_shapes_mixed_is_what_somebody_else_counts():
    check(2027, 1000, formes=True)


@pytest.mark.lent
@pytest.mark.parametrize("seed", range(100, 160))
def test_closing_of_many_towns_is_what_somebody_else_counts(seed):
    check(seed, 25)


@pytest.mark.lent
def test_closing_of_a_thousand_families_is_what_somebody_else_counts():
    check(2026, 1000)


@pytest.mark.parametrize("formes", [False, True])
@pytest.mark.parametrize("seed", range(3))
def test_order_in_which_things_come_changes_nothing(seed, formes):
    rnd = Random(seed)
    draw(rnd, 6, formes=formes)
    faits = load_faits(NOVEMBRE, FIN, today=ENSUITE.date())
    contexte = load_contexte(NOVEMBRE, today=ENSUITE.date())
    attendu = facturer(faits, contexte)

    for _ in range(5):
        rnd.shuffle(faits)
        assert facturer(faits, contexte) == attendu
