"""A year of invoices, for its figures."""

from __future__ import annotations

from datetime import date

from enfance.models import AnneeScolaire, Creneau
from facturation.models import LigneTarif
from facturation.payeurs.comptes import compte_of
from tests.factories import AnneeFactory, ResponsableFactory, make_creneaux, make_enfant
from tests.facturation.grille import make_tarifs
from tests.facturation.papiers import ligne, make_facture, make_mois, make_recu

OCTOBRE, NOVEMBRE = date(2026, 10, 1), date(2026, 11, 1)


def case(quotient: int | None) -> LigneTarif:
    lignes = LigneTarif.objects.filter(tarif__nom="Soir", residence="commune", rang=1)
    return lignes.get(inconnu=True) if quotient is None else lignes.get(qf_min=quotient)


def make_annee() -> AnneeScolaire:
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
