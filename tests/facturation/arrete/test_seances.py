"""A séance counts once: in the heading and the table of the month, in its bilan, in the figures, in their files."""

from datetime import date

import pytest

from enfance.models import AnneeScolaire, Creneau
from facturation.absences.ecriture import repondre
from facturation.arrete.cloture import arreter
from facturation.arrete.controles import controler
from facturation.arrete.totaux import totaux_arretes, totaux_of
from facturation.chiffres import load_chiffres
from facturation.models import Partage, Prestation
from facturation.payeurs.comptes import compte_of
from tests.factories import ResponsableFactory, StaffFactory, make_enfant
from tests.facturation.vecu import ENSUITE, NOVEMBRE, clore, inscrire, make_commune, pointer

pytestmark = pytest.mark.django_db
JOURS = [date(2026, 11, jour) for jour in (2, 3, 5, 6)]


@pytest.fixture
def novembre():
    """Léa, whom two payers share: four lunches, one of them excused; one evening, fetched late."""
    make_commune()
    camille, dominique = ResponsableFactory(), ResponsableFactory(user__first_name="Dominique")
    lea = make_enfant(camille, prenom="Léa")
    Partage.objects.create(enfant=lea, compte=compte_of(camille.foyer), part=60)
    Partage.objects.create(enfant=lea, compte=compte_of(dominique.foyer), part=40)
    inscrire(lea, *JOURS)
    inscrire(lea, JOURS[0], creneau="soir")
    pointer(lea, JOURS[0], depart="18:41")
    lea.absences.create(jour=JOURS[3], signalee_par=camille.user)
    midi = Creneau.objects.get(code="midi").pk
    repondre(lea.pk, {JOURS[3]: [midi]}, "excusee", "certificat reçu", par=StaffFactory().pk, now=ENSUITE)
    clore(*JOURS)


def rows(totaux):
    return [(ligne.titre, ligne.nombre) for ligne in (*totaux.lignes, totaux.total)]


def test_shared_is_one_and_excused_is_none_before_the_closing_and_after(novembre):
    preparation = controler(NOVEMBRE, ENSUITE).preparation
    ouvert = totaux_of(preparation)

    mois = arreter(NOVEMBRE, None, ENSUITE).mois

    assert Prestation.objects.count() == 12  # each séance and the supplement, once a payer
    assert rows(ouvert) == [("Midi", 3), ("Soir", 1), ("Suppléments", 1), ("Total", 4)]
    assert rows(totaux_arretes(mois)) == rows(ouvert)
    assert mois.bilan["seances"] == 4


def test_figures_count_as_the_month_does(novembre):
    arreter(NOVEMBRE, None, ENSUITE)

    chiffres = load_chiffres(AnneeScolaire.objects.get(), today=ENSUITE.date())

    assert [(tranche.enfants, tranche.seances) for tranche in chiffres.tranches] == [(1, 4)]
    assert [ligne[2] for ligne in chiffres.tableau_tranches()[1]] == [4]
