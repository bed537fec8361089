"""« Essayer une règle »: closed months alone, the result is in the address; the command says the same."""

from __future__ import annotations

from datetime import date, time
from urllib.parse import urlencode

import pytest
from django.core.management import CommandError, call_command

from facturation.arrete.cloture import arreter
from facturation.models import LigneTarif, Tarif
from tests.factories import ResponsableFactory, make_enfant
from tests.facturation.vecu import ENSUITE, NOVEMBRE, a, clore, inscrire, make_commune
from tests.reading import html_of, plain

pytestmark = pytest.mark.django_db
PAGE = "/admin/facturation/essayer/"
LUNDI = date(2026, 11, 9)
REGLE = {
    "quoi": "tardive",
    "moment": "",
    "jours": "1",
    "compte": "jours_ouvres",
    "heure": "12:00",
    "gestes": "deux",
    "jours_derniers": "",
    "compte_derniers": "",
    "heure_derniere": "",
    "forme": "somme",
    "somme": "5,00",
    "pourcentage": "",
    "tolerance": "",
    "de": "2026-11",
    "a": "2026-11",
}


def adresse(**fields) -> str:
    return f"{PAGE}?{urlencode({**REGLE, **fields})}"


@pytest.fixture
def novembre(settings, db) -> None:
    """Nine families, seven of which booked a Monday of November on its morning; the month is closed."""
    settings.FACTURE_MINIMUM = 0
    make_commune()
    for rang in range(9):
        quand = a(LUNDI, "07:00") if rang < 7 else a(date(2026, 11, 2), "07:00")
        inscrire(make_enfant(ResponsableFactory()), LUNDI, quand=quand)
    clore(LUNDI)
    assert arreter(NOVEMBRE, None, ENSUITE).mois


def test_page_says_how_many_families_and_how_much(mairie, novembre):
    page = html_of(mairie.get(adresse()))

    assert "7 familles sur 9 auraient payé 35,00 € de plus." in plain(page)
    assert "À conduite inchangée" in page
    assert "Quotient inconnu" in page


def test_nothing_is_asked_of_a_town_that_has_closed_no_month(mairie):
    assert "Aucun mois n’est encore arrêté" in html_of(mairie.get(PAGE))


def test_last_three_closed_months_are_proposed(mairie, novembre):
    page = html_of(mairie.get(PAGE))

    assert '<option value="2026-11" selected>novembre 2026</option>' in page
    assert "Dites la règle" in page


@pytest.mark.parametrize(
    ("fields", "dit"),
    [
        ({"jours": ""}, "Dites combien de jours avant"),
        ({"somme": ""}, "Dites combien le supplément demande."),
        ({"somme": "-5"}, "Une somme va de 0 à 999,99"),
        ({"forme": "pour_cent"}, "Dites combien le supplément demande."),
        ({"quoi": "grille"}, "Choisissez une grille au moins."),
        ({"quoi": "autre"}, "Sélectionnez un choix valide"),
        ({"de": "2026-10"}, "Sélectionnez un choix valide"),
    ],
)
def test_what_is_missing_is_asked_beside_its_field(mairie, novembre, fields, dit):
    page = html_of(mairie.get(adresse(**fields)))

    assert dit in page
    assert "À conduite inchangée" not in page


@pytest.mark.parametrize(
    ("fields", "dit"),
    [
        ({"forme": "entier"}, "7,70"),  # seven whole prices of 1,10 €
        ({"forme": "pour_cent", "pourcentage": "50"}, "3,85"),
        ({"quoi": "limite"}, "7,70"),
        ({"quoi": "absence"}, "45,00"),
        ({"quoi": "sans_inscription"}, "aucune famille sur 9"),
        ({"quoi": "retard", "tolerance": "5"}, "aucune famille sur 9"),
    ],
)
def test_each_rule_is_tried(mairie, novembre, fields, dit):
    assert dit in plain(html_of(mairie.get(adresse(**fields))))


def test_grid_that_is_not_applied_yet_is_tried(mairie, novembre):
    autre = Tarif.objects.get(creneaux__code="midi")
    creneaux, autre.pk, autre.debut = list(autre.creneaux.all()), None, date(2027, 9, 1)
    autre.save()
    autre.creneaux.set(creneaux)
    for residence in ("commune", "hors"):
        LigneTarif.objects.create(tarif=autre, residence=residence, inconnu=True, rang=1, prix=160)
        LigneTarif.objects.create(tarif=autre, residence=residence, qf_min=0, rang=1, prix=160)

    page = html_of(mairie.get(adresse(quoi="grille", tarifs=str(autre.pk))))

    assert "9 familles sur 9 auraient payé 4,50" in plain(page)


def test_too_many_inscriptions_are_left_to_the_command(mairie, novembre, monkeypatch):
    monkeypatch.setattr("facturation.essai_regle.lecture.BEAUCOUP", 5)

    assert "Trop d’inscriptions pour une page" in html_of(mairie.get(adresse()))


def test_command_says_what_the_page_does(novembre, capsys):
    call_command("essayer_regle", "tardive", "--jours", "1", "--somme", "5")

    lignes = plain(capsys.readouterr().out).splitlines()
    assert lignes[0].endswith("en novembre 2026, 7 familles sur 9 auraient payé 35,00 € de plus.")
    assert lignes[1].startswith("À conduite inchangée : chacun aurait inscrit au même moment.")


def test_command_refuses_a_rule_that_is_not_whole(novembre):
    with pytest.raises(CommandError, match="Dites combien de jours avant"):
        call_command("essayer_regle", "limite")


def test_command_wants_a_closed_month(db):
    with pytest.raises(CommandError, match="Aucun mois"):
        call_command("essayer_regle", "tardive")


def test_hour_of_a_limit_is_noon_unless_said(mairie, novembre):
    assert time(12).strftime("%H:%M") in html_of(mairie.get(PAGE))
