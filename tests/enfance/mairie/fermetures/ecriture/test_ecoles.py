"""A strike at one school touches that one: its pupils, its families, its créneaux; the others do not wait."""

import pytest
from django.db import transaction

from enfance.changement_ecole import changer_place
from enfance.courriels.fermeture import _ecoles
from enfance.mairie.fermetures.ecriture import rouvrir
from enfance.models import Creneau, Ecole, Evenement, Scolarite
from portail.francais import et
from tests.enfance.mairie.fermetures.ecriture.conftest import JEUDI_17, MARDI_15, NOW, close, etats, save
from tests.factories import CreneauFactory, EcoleFactory, make_enfant

pytestmark = pytest.mark.django_db


@pytest.fixture
def hameau():
    return EcoleFactory()


@pytest.fixture
def zoe(camille, hameau):
    """The sister of Léa, at the other school, which shares the evening of the first and has a morning of its own."""
    enfant = make_enfant(camille, prenom="Zoé")
    Scolarite.objects.filter(enfant=enfant).update(ecole=hameau, classe=None)
    bourg = Ecole.objects.exclude(pk=hameau.pk).get()
    for code, ecole in (("matin", bourg), ("matin-hameau", hameau)):
        CreneauFactory(code=code, moment="matin").ecoles.set([ecole])
    return enfant


def test_strike_at_one_school_touches_that_one(camille, lea, zoe, hameau):
    save(camille, lea, "matin", "soir")
    save(camille, zoe, "matin-hameau", "soir")

    bilan = close(ecoles=(hameau,))

    assert etats(enfant=lea) == {("Léa", 15, "matin"): "inscrit", ("Léa", 15, "soir"): "inscrit"}
    assert set(etats(enfant=zoe).values()) == {"annulee"}
    assert bilan.touches.inscriptions == 2
    assert list(bilan.fermeture.ecoles.all()) == [hameau]
    assert close(ecoles=(hameau,)).deja is True


def test_school_that_opens_again_has_its_places_back(camille, lea, zoe, hameau):
    save(camille, zoe, "matin-hameau", "soir")
    bilan = close(ecoles=(hameau,))

    rouvrir(bilan.fermeture.pk, now=NOW)

    assert set(etats(enfant=zoe).values()) == {"inscrit"}


def test_whole_town_is_another_closure(camille, lea, zoe, hameau):
    save(camille, lea, "soir")
    close(ecoles=(hameau,))

    assert close().deja is False
    assert etats(enfant=lea) == {("Léa", 15, "soir"): "annulee"}


@pytest.mark.parametrize("fermee", ["hameau", "creneau"])
def test_closure_covers_the_creneaux_concerned_alone(zoe, hameau, fermee):
    matin = Creneau.objects.get(code="matin-hameau")
    portee = {"ecoles": [hameau]} if fermee == "hameau" else {"creneaux": [matin]}

    covered = Creneau.objects.all().covered_by(**({"creneaux": [], "ecoles": [], "classes": []} | portee))

    attendus = {"hameau": {"matin-hameau", "midi", "soir"}, "creneau": {"matin-hameau"}}
    assert {creneau.code for creneau in covered} == attendus[fermee]
    with transaction.atomic():
        assert {creneau.code for creneau in covered.lock()} == attendus[fermee]


def test_preview_of_a_school_says_who_is_touched(camille, lea, zoe, hameau):
    save(camille, lea, "soir")
    save(camille, zoe, "soir")

    assert close(ecoles=(hameau,), simuler=True).touches.inscriptions == 1
    assert set(etats().values()) == {"inscrit"}


def test_mail_names_the_schools_where_the_children_are_on_those_days(camille, lea, zoe, hameau):
    bourg = Ecole.objects.exclude(pk=hameau.pk).get()
    changer_place(zoe.scolarites.get(), bourg, JEUDI_17)

    def dites(*cases):
        return _ecoles(Evenement(enfant_id=enfant.pk, jour=jour) for enfant, jour in cases)

    assert [dites((zoe, jour)) for jour in (MARDI_15, JEUDI_17)] == [str(hameau), str(bourg)]
    assert dites((lea, MARDI_15), (zoe, MARDI_15)) == et([str(ecole) for ecole in Ecole.objects.all()])
    assert dites((lea, MARDI_15), (zoe, JEUDI_17)) == str(bourg)
