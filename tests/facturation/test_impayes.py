"""Nothing that is owed ever keeps a child from the garderie (Défenseur des droits, 2019)."""

from datetime import date, datetime

import pytest

from enfance.inscriptions import Changement, enregistrer
from enfance.models import Inscription
from enfance.regles import Acteur, Cle
from facturation.payeurs.comptes import compte_of, soldes
from portail.dates import PARIS
from tests.factories import ResponsableFactory, make_enfant
from tests.facturation.caisse import make_facture
from tests.facturation.vecu import make_commune

pytestmark = pytest.mark.django_db
NOW = datetime(2027, 3, 3, 20, 41, tzinfo=PARIS)


def test_family_that_owes_for_months_registers_as_any_other():  # LEG-07
    make_commune()
    camille = ResponsableFactory()
    lea, compte = make_enfant(camille), compte_of(camille.foyer)
    facture = make_facture(compte, 50_000, emise_le=datetime(2026, 10, 1, tzinfo=PARIS), echeance=date(2026, 10, 20))
    for genre in ("premier", "deuxieme", "tresorerie"):
        facture.relances.create(genre=genre)

    resultat = enregistrer(
        [Changement(Cle(lea.pk, date(2027, 3, 9), "soir"), Inscription.Etat.INSCRIT)], Acteur.parent(camille), now=NOW
    )

    assert (list(resultat.refus), lea.inscriptions.get().etat, soldes([compte])) == ([], "inscrit", {compte.pk: 50_000})
