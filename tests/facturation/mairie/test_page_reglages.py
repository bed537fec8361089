"""The settings of money: one row, refused in words, its IBAN checked figure by figure."""

from __future__ import annotations

import pytest
from django.contrib.admin.models import LogEntry

from facturation.iban import read_iban
from facturation.models import ReglageFacturation
from tests.facturation.mairie.reglages import BON
from tests.reading import html_of

PAGE = "/admin/facturation/reglages/"


def test_settings_are_one_row_written_as_papers_say_it(mairie):
    response = mairie.post(PAGE, BON, follow=True)
    mairie.post(PAGE, {**BON, "rappel_1": "10"})

    assert "Les réglages sont enregistrés." in html_of(response)
    [reglage] = ReglageFacturation.objects.all()
    assert (reglage.rappel_1, reglage.ccas_telephone) == (10, "04 65 71 00 99")
    assert reglage.iban == "FR14 2004 1010 0505 0001 3M02 606"
    assert LogEntry.objects.count() == 2


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"jour_echeance": "31"}, "Un jour du mois, de 1 à 28."),
        ({"rappel_2": "5"}, "Le deuxième rappel suit le premier"),
        ({"rappel_minimum": "-5"}, "Écrivez une somme, ou laissez vide."),
        ({"rappel_minimum": "peu"}, "Écrivez une somme en euros, par exemple 12,40."),
        ({"tresorerie": "10"}, "la trésorerie vient après"),
        ({"iban": "FR14 2004 1010 0505 0001 3M02 607"}, "Cet IBAN n’est pas juste"),
        ({"iban": "FR14 2004"}, "Un IBAN commence par deux lettres"),
        ({"iban": "FR14 2004 1010 0505 0001 3M02 60"}, "Cet IBAN a 26 signes : il en faut 27."),
        ({"regisseur": "Nadia\u200bRoux"}, "signe invisible"),
    ],
)
def test_what_cannot_be_is_said_and_kept(mairie, wrong, said):
    response = mairie.post(PAGE, {**BON, **wrong})

    assert said in html_of(response)
    assert 'value="Régie de garderie de Saint-Sauveur"' in html_of(response)
    assert not ReglageFacturation.objects.exists()


@pytest.mark.parametrize(("typed", "kept"), [("20", 2000), ("7,5 €", 750), ("0", 0), ("", 0)])
def test_sum_under_which_nobody_is_reminded_is_typed_in_euros(mairie, typed, kept):
    mairie.post(PAGE, BON)

    assert 'value="15,00"' in mairie.get(PAGE).text
    mairie.post(PAGE, {**BON, "rappel_minimum": typed})

    assert ReglageFacturation.objects.get().rappel_minimum == kept
    dit = LogEntry.objects.latest("pk").change_message
    assert "15,00\\u202f" in dit
    assert f"{kept // 100},{kept % 100:02d}\\u202f" in dit


def test_iban_is_written_by_four():
    assert read_iban("DE89-3704 0044 0532 0130 00") == "DE89 3704 0044 0532 0130 00"


def test_page_says_what_the_day_to_pay_would_be(mairie):
    assert "à payer avant le dimanche 20 décembre" in html_of(mairie.get(PAGE))
