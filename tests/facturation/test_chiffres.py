"""Money in figures: by month and moment, paid and owed, by tranche of quotient."""

from datetime import date

import pytest

from enfance.models import Enfant
from facturation.chiffres import load_chiffres
from facturation.models import Facture, Imputation
from tests.facturation.chiffres import NOVEMBRE, make_annee
from tests.facturation.papiers import ligne, make_facture, make_mois, make_recu

pytestmark = pytest.mark.django_db
TODAY = date(2026, 12, 21)


@pytest.fixture
def annee(db):
    return make_annee()


def test_what_is_billed_is_told_by_month_and_moment(annee):
    chiffres = load_chiffres(annee, today=TODAY)

    assert chiffres.titres == ["Matin", "Soir", "Suppléments", "Corrections"]
    assert chiffres.lignes == [("Octobre 2026", [120, 195, 0, -20], 295), ("Novembre 2026", [0, 90, 500, 0], 590)]
    assert (chiffres.totaux, chiffres.total) == ([120, 285, 500, -20], 885)


def test_what_is_paid_owed_and_late_is_told_by_month_of_the_invoices(annee):
    chiffres = load_chiffres(annee, today=TODAY)

    assert [(mois.facture, mois.paye, mois.reste, mois.en_retard) for mois in chiffres.mois] == [
        (315, 315, 0, 0),
        (570, 200, 370, 370),
    ]
    assert load_chiffres(annee, today=date(2026, 12, 3)).en_retard == 0


@pytest.mark.parametrize("paye_avant", [False, True])
def test_what_an_avoir_took_back_is_neither_asked_nor_paid(annee, paye_avant):
    """November asks 570 and 200 are paid: the rest is taken back, or all of it once it was paid, for a later month."""
    [novembre] = Facture.objects.filter(mois__premier=NOVEMBRE)
    compte, lea = novembre.compte, Enfant.objects.get()
    rendu = 370
    if paye_avant:
        make_recu(compte, 370, recu=date(2026, 12, 12), sur=[(novembre, 370)])
    avoir = make_facture(
        compte,
        [ligne(lea, date(2026, 11, 3), -rendu, None, nature="correction", motif="erreur")],
        emise=date(2026, 12, 15),
        origine=novembre,
    )
    decembre = make_facture(
        compte,
        [ligne(lea, date(2026, 12, 3), 1000, None, nature="forfait")],
        emise=date(2027, 1, 4),
        mois=make_mois(date(2026, 12, 1)),
    )
    pour = decembre if paye_avant else novembre
    Imputation.objects.create(avoir=avoir, facture=pour, montant=rendu, faite_le=decembre.emise_le)

    chiffres = load_chiffres(annee, today=TODAY)

    _, deux, trois = [(mois.facture, mois.paye, mois.reste, mois.en_retard) for mois in chiffres.mois]
    assert deux == (200, 200, 0, 0)
    assert trois == ((1000, 370, 630, 0) if paye_avant else (1000, 0, 1000, 0))


def test_tranches_are_told_in_their_order_the_unknown_last(annee):
    chiffres = load_chiffres(annee, today=TODAY)

    assert [(t.titre, t.enfants, t.seances, t.montant) for t in chiffres.tranches] == [
        ("De 600 à 859", 1, 1, 195),
        ("Quotient inconnu", 1, 1, 90),
    ]


def test_queries_are_as_many_whatever_the_lines(annee, django_assert_num_queries):
    with django_assert_num_queries(6):
        load_chiffres(annee, today=TODAY)
