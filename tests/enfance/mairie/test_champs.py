"""The classes that forms of the town hall offer: those of the current year, first and alone."""

from __future__ import annotations

from datetime import date

import pytest

from enfance.mairie.envois.forms import LettresForm, MessageForm
from tests.factories import AnneeFactory, ClasseFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def deux_annees():
    for debut, nom in [(date(2026, 9, 1), "CM1 M. Frêne"), (date(2027, 9, 2), "CM1 Mme Orme")]:
        annee = AnneeFactory(debut=debut, fin=date(debut.year + 1, 7, 3), ouverture=date(2026, 6, 1), conges=None)
        ClasseFactory(annee=annee, nom=nom)


@pytest.mark.parametrize(
    ("today", "annee", "classe", "autres"),
    [
        (date(2026, 8, 20), "2026-2027", "CM1 M. Frêne", ["2027-2028"]),  # before it begins, though the next is open
        (date(2026, 12, 3), "2026-2027", "CM1 M. Frêne", ["2027-2028"]),
        (date(2027, 7, 3), "2026-2027", "CM1 M. Frêne", ["2027-2028"]),  # its last day
        (date(2027, 7, 4), "2027-2028", "CM1 Mme Orme", []),
        (date(2027, 8, 20), "2027-2028", "CM1 Mme Orme", []),
    ],
)
def test_current_year_is_the_first_that_is_not_over(today, annee, classe, autres):
    liste, boites = LettresForm(today=today)["classe"], MessageForm(today=today)["classes"]

    assert (liste.label, [nom for _, nom in liste.field.choices]) == (
        f"Classe de {annee}",
        ["Toutes les classes", classe],
    )
    assert [str(autre) for autre in liste.autres_annees] == autres
    assert [str(une) for une, *_ in boites.annees] == [annee, *autres]
    assert boites.label == f"Classes de {annee}"


@pytest.mark.parametrize(("asked", "annee"), [("2027", "2027-2028"), ("2031", "2026-2027"), ("x", "2026-2027")])
def test_list_of_another_year_is_asked(asked, annee):
    form = LettresForm(today=date(2026, 12, 3), annee=asked)

    assert form["classe"].label == f"Classe de {annee}"
    assert len(form["classe"].autres_annees) == 1


def test_class_of_another_year_is_refused_unless_it_was_asked():
    suivante = LettresForm(today=date(2026, 12, 3), annee="2027").fields["classe"].queryset.get()

    assert "classe" in LettresForm({"classe": suivante.pk}, today=date(2026, 12, 3)).errors
    assert LettresForm({"classe": suivante.pk}, today=date(2026, 12, 3), annee="2027").errors == {}


def test_without_a_year_to_come_there_is_no_class():
    form = MessageForm(today=date(2030, 1, 1))

    assert (form["classes"].label, form["classes"].annees) == ("Classes", [])


def test_ticked_class_of_next_year_stands_unfolded():
    suivante = LettresForm(today=date(2026, 12, 3), annee="2027").fields["classe"].queryset.get()

    annees = MessageForm({"classes": [suivante.pk]}, today=date(2026, 12, 3))["classes"].annees

    assert [cochee for *_, cochee in annees] == [False, True]
