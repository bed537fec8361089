"""Money in figures: by month and moment, paid and owed, by tranche of quotient."""

from datetime import date

import pytest

from enfance.models import AnneeScolaire, Creneau
from facturation.chiffres import load_chiffres
from facturation.models import LigneTarif
from facturation.payeurs.comptes import compte_of
from tests.factories import AnneeFactory, ResponsableFactory, make_creneaux, make_enfant
from tests.facturation.grille import make_tarifs
from tests.facturation.papiers import ligne, make_facture, make_mois, make_recu

pytestmark = pytest.mark.django_db
OCTOBRE, NOVEMBRE = date(2026, 10, 1), date(2026, 11, 1)
TODAY = date(2026, 12, 21)


def case(quotient: int | None) -> LigneTarif:
    lignes = LigneTarif.objects.filter(tarif__nom="Soir", residence="commune", rang=1)
    return lignes.get(inconnu=True) if quotient is None else lignes.get(qf_min=quotient)


@pytest.fixture
def annee() -> AnneeScolaire:
    """October, paid; November, half paid and late, with a supplement and a correction of October."""
    annee, _ = AnneeFactory(), make_creneaux()
    make_tarifs()
    matin, soir = Creneau.objects.get(code="matin"), Creneau.objects.get(code="soir")
    camille = ResponsableFactory()
    compte, lea = compte_of(camille.foyer), make_enfant(camille)
    octobre = make_facture(
        compte,
        [ligne(lea, date(2026, 10, 6), 120, matin), ligne(lea, date(2026, 10, 6), 195, soir, ligne=case(600))],
        emise=date(2026, 11, 3),
        mois=make_mois(OCTOBRE),
    )
    make_recu(compte, 315, recu=date(2026, 11, 10), sur=[(octobre, 315)])
    corrige = ligne(lea, date(2026, 10, 6), -20, matin, nature="correction", motif="excusée")
    retard = ligne(lea, date(2026, 11, 3), 500, soir, nature="retard", credit_impot=False)
    novembre = make_facture(
        compte,
        [ligne(lea, date(2026, 11, 3), 90, soir, ligne=case(None)), retard, corrige],
        emise=date(2026, 12, 3),
        mois=make_mois(NOVEMBRE),
    )
    make_recu(compte, 200, recu=date(2026, 12, 10), sur=[(novembre, 200)])
    return annee


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


def test_tranches_are_told_in_their_order_the_unknown_last(annee):
    chiffres = load_chiffres(annee, today=TODAY)

    assert [(t.titre, t.enfants, t.seances, t.montant) for t in chiffres.tranches] == [
        ("De 600 à 859", 1, 1, 195),
        ("Quotient inconnu", 1, 1, 90),
    ]


def test_queries_are_as_many_whatever_the_lines(annee, django_assert_num_queries):
    with django_assert_num_queries(4):
        load_chiffres(annee, today=TODAY)
