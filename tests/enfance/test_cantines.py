"""The canteen of each school: the town's words and address, or its own."""

from datetime import date

import pytest

from enfance.cantines import Adresse, Cantine, load_adresse, load_adresses, load_ecoles, mots_cantine
from enfance.models import Ecole, Scolarite
from tests.factories import AnneeFactory, EcoleFactory, EnfantFactory, ScolariteFactory

pytestmark = pytest.mark.django_db
TODAY = date(2026, 12, 3)
COMMUNE, HAMEAU = "cantine@courriel.example", "hameau@courriel.example"


@pytest.fixture(autouse=True)
def commune(settings):
    settings.CANTINE_NOM, settings.CANTINE_TELEPHONE = "l’association de la cantine", "04 65 71 00 37"
    settings.CANTINE_COURRIEL = COMMUNE


@pytest.fixture
def bourg():
    return Ecole.objects.get()


def lues():
    return [(adresse.courriel, [ecole.code for ecole in adresse.ecoles], adresse.cle) for adresse in load_adresses()]


def test_only_school_is_not_named(bourg):
    assert load_adresses() == [Adresse(COMMUNE)]
    Ecole.objects.update(cantine_courriel=HAMEAU)
    assert load_adresses() == [Adresse(HAMEAU)]


def test_schools_without_an_address_of_their_own_are_the_towns(bourg):
    EcoleFactory()
    assert lues() == [(COMMUNE, ["ecole", "hameau"], None)]


def test_schools_of_one_address_are_told_together(bourg):
    hameau = EcoleFactory(cantine_courriel=HAMEAU)
    EcoleFactory(code="centre", nom="École du Centre", ordre=3, cantine_courriel="Hameau@courriel.example")
    EcoleFactory(code="lac", nom="École du Lac", ordre=4, cantine_courriel=COMMUNE)
    assert lues() == [(COMMUNE, ["ecole", "lac"], None), (HAMEAU, ["hameau", "centre"], hameau.pk)]
    assert load_adresse(hameau.pk).courriel == HAMEAU
    assert load_adresse(None).courriel == COMMUNE


def test_town_without_address_leaves_the_schools_theirs(settings, bourg):
    settings.CANTINE_COURRIEL = ""
    hameau = EcoleFactory(cantine_courriel=HAMEAU)
    assert lues() == [("", ["ecole"], None), (HAMEAU, ["hameau"], hameau.pk)]


def test_address_that_is_nobodys_any_more_is_none(bourg):
    hameau = EcoleFactory(cantine_courriel=HAMEAU)
    Ecole.objects.update(cantine_courriel="")
    assert load_adresse(hameau.pk) is None


def test_words_of_a_school_win_over_the_towns(bourg):
    hameau = EcoleFactory(cantine_nom="la cantine du Hameau")
    assert mots_cantine([bourg]) == {}
    assert mots_cantine([hameau]) == {"cantine_nom": "la cantine du Hameau", "cantine_telephone": "04 65 71 00 37"}


def test_two_canteens_are_both_said(bourg):
    hameau = EcoleFactory(cantine_nom="la cantine du Hameau", cantine_telephone="04 65 71 00 40")
    assert mots_cantine([bourg, hameau]) == {
        "cantine_nom": "l’association de la cantine ou la cantine du Hameau",
        "cantine_telephone": "",
        "cantines": [
            Cantine("l’association de la cantine", "04 65 71 00 37"),
            Cantine("la cantine du Hameau", "04 65 71 00 40"),
        ],
    }


def test_school_of_a_child_is_the_one_of_today_or_the_next(bourg):
    hameau, lea, annee = EcoleFactory(), EnfantFactory(), AnneeFactory()
    assert load_ecoles([lea.pk], TODAY) == []
    ScolariteFactory(enfant=lea, ecole=hameau, annee=annee, classe=None, debut=date(2026, 12, 10))
    assert load_ecoles([lea.pk], TODAY) == [hameau]
    Scolarite.objects.create(enfant=lea, ecole=bourg, annee=annee, niveau="CP", depart=date(2026, 12, 10))
    assert load_ecoles([lea.pk], TODAY) == [bourg]
    assert load_ecoles([lea.pk], date(2026, 12, 10)) == [hameau]


def test_schools_of_several_children_come_in_their_own_order(bourg):
    """Whichever child is looked at first: a mail names their canteens always in the same order."""
    hameau, annee = EcoleFactory(), AnneeFactory()
    lac = EcoleFactory(code="lac", nom="École du Lac", ordre=3)
    enfants = [EnfantFactory() for _ in range(3)]
    for enfant, ecole in zip(enfants, [lac, hameau, bourg], strict=True):
        ScolariteFactory(enfant=enfant, ecole=ecole, annee=annee, classe=None)

    assert load_ecoles([enfant.pk for enfant in enfants], TODAY) == [bourg, hameau, lac]
