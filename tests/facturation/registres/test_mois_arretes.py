"""What a merge or an erasure makes of a closed month: no false correction is proposed, and all still adds up."""

from __future__ import annotations

from datetime import date

import pytest

from enfance.famille.effacement import effacer_famille
from enfance.mairie.doubles.fusion_enfants import reunir_enfants
from enfance.mairie.doubles.fusions import reunir_foyers
from enfance.models import Creneau, Enfant, Responsable
from facturation.arrete.cloture import arreter
from facturation.arrete.regularisations import load_propositions
from facturation.models import Mois, Partage, Prestation
from facturation.payeurs.comptes import compte_of, soldes
from facturation.verification import verifier
from tests.factories import FoyerFactory, ResponsableFactory, StaffFactory, make_enfant
from tests.facturation.vecu import ENSUITE, LUNDI, NOVEMBRE, clore, dire_quotient, inscrire, make_commune

pytestmark = [pytest.mark.django_db, pytest.mark.ci]
MARDI = date(2026, 11, 3)


@pytest.fixture
def camille(time_machine) -> Responsable:
    time_machine.move_to(ENSUITE, tick=False)
    make_commune()
    camille = ResponsableFactory()
    dire_quotient(camille.foyer, 742)
    return camille


def close() -> Mois:
    clore(LUNDI, MARDI)
    arret = arreter(NOVEMBRE, None, ENSUITE)
    assert arret.mois, arret.refus
    return arret.mois


def dites(mois: Mois) -> list[tuple[str, int]]:
    return [(proposition.quoi, proposition.montant) for proposition in load_propositions(mois)]


@pytest.fixture
def doubles(camille) -> tuple[Enfant, Enfant]:
    """Léa, and the file that somebody typed again."""
    lea, double = make_enfant(camille, prenom="Léa"), make_enfant(camille, prenom="Léa")
    inscrire(lea, LUNDI)
    inscrire(double, MARDI)
    return lea, double


def unite(lea: Enfant, double: Enfant) -> None:
    assert reunir_enfants(lea.pk, double.pk, {}, StaffFactory().pk, now=ENSUITE).refus == ()


def test_children_made_one_change_nothing_of_a_closed_month_but_a_rank(doubles):
    """The double was billed as a second child, at 0,70 €: alone, it is the first one, at 0,80 €."""
    mois = close()
    unite(*doubles)
    assert (dites(mois), list(verifier())) == ([("Léa, mardi 3, midi", 10)], [])


def test_séance_billed_on_both_files_is_given_back_once(doubles):
    lea, double = doubles
    inscrire(double, LUNDI)
    mois = close()
    assert Prestation.objects.filter(jour=LUNDI).count() == 2
    unite(lea, double)
    assert list(verifier()) == []
    [du_lundi] = [p for p in load_propositions(mois) if LUNDI in {d.cle.jour for d in p.cotes[0].differences}]
    assert du_lundi.montant < 0


@pytest.fixture
def partages(camille) -> tuple[Responsable, Responsable]:
    """Léa's price is cut in two; each of her parents registered a day."""
    sacha = ResponsableFactory(user__first_name="Sacha", foyer=FoyerFactory(adresse="3 rue du Lac"))
    dire_quotient(sacha.foyer, 742)
    lea = make_enfant(camille, sacha, prenom="Léa")
    for adulte in (camille, sacha):
        Partage.objects.create(enfant=lea, compte=compte_of(adulte.foyer), part=50)
    inscrire(lea, LUNDI, foyer=camille.foyer)
    inscrire(lea, MARDI, foyer=sacha.foyer)
    return camille, sacha


def test_homes_made_one_change_nothing_of_a_closed_month(partages):
    """The two halves are one payer's by now; the invoices stay, the balance is carried."""
    camille, sacha = partages
    mois = close()
    vivant, autre = compte_of(camille.foyer), compte_of(sacha.foyer)
    assert soldes([vivant, autre]) == {vivant.pk: 80, autre.pk: 80}

    assert reunir_foyers(camille.foyer_id, sacha.foyer_id, {}).refus == ()

    assert (dites(mois), list(verifier())) == ([], [])
    assert soldes([vivant, autre]) == {vivant.pk: 160, autre.pk: 0}


@pytest.mark.parametrize("minimum", [0, 1500], ids=["issued", "waiting"])
def test_next_month_goes_to_the_payer_that_stays(partages, settings, minimum):
    settings.FACTURE_MINIMUM = minimum
    camille, sacha = partages
    close()
    reunir_foyers(camille.foyer_id, sacha.foyer_id, {})
    clore(date(2026, 12, 1))
    decembre = ENSUITE.replace(year=2027, month=1)

    arret = arreter(date(2026, 12, 1), None, decembre)

    assert arret.mois, arret.refus
    comptes = [compte_of(camille.foyer).pk, sacha.foyer_id]
    assert list(verifier()) == []
    assert soldes(comptes[:1]) == {comptes[0]: 160}
    assert not Prestation.objects.waiting().exclude(montant=0).exclude(compte__reuni_dans=None).count() % 2


def test_erased_family_proposes_nothing(camille):
    lea = make_enfant(camille, prenom="Léa")
    inscrire(lea, LUNDI)
    mois = close()
    effacer_famille(camille.user_id, now=ENSUITE)
    assert (dites(mois), list(verifier())) == ([], [])


def test_other_half_of_a_share_stays_right_once_one_family_is_erased(partages):
    camille, sacha = partages
    mois = close()
    effacer_famille(sacha.user_id, now=ENSUITE)
    assert (dites(mois), list(verifier())) == ([], [])
    assert Creneau.objects.count() == 3
