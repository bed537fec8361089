"""What only some towns vote, on the screens: more columns, a second price, caps, residences, numbers of children."""

from __future__ import annotations

from datetime import date

import pytest

from facturation.models import Compte, LieuResidence, NombreEnfants, Plafond, Tarif
from tests.facturation.grille import make_deliberation
from tests.facturation.mairie.tarifs import typed
from tests.reading import html_of

ADMIN = "/admin/facturation/"
AJOUTER = f"{ADMIN}tarif/add/"


@pytest.fixture(autouse=True)
def lieux(db):
    LieuResidence.objects.get_or_create(code="commune", defaults={"nom": "Commune", "defaut": True, "ordre": 1})
    LieuResidence.objects.get_or_create(code="hors", defaults={"nom": "Hors commune", "ordre": 2})


@pytest.fixture
def vote(db):
    return make_deliberation(numero="2026-58", votee_le=date(2026, 11, 19), applicable_le=date(2026, 12, 1))


@pytest.fixture
def soir(creneaux):
    return creneaux["soir"]


def reshape(mairie, vote, soir, geste, **fields):
    html = html_of(mairie.post(AJOUTER, typed(vote, soir, geste=geste, **fields)))
    assert Tarif.objects.count() == 0
    return html


def test_plain_page_shows_no_column_that_few_towns_vote(mairie, vote):
    html = html_of(mairie.get(AJOUTER))

    assert "3e et plus" in html
    assert "4e enfant" not in html
    assert ">4e<" not in html
    assert "Première" not in html
    assert "<details open" not in html


def test_fourth_column_is_added_with_nothing_lost(mairie, soir, vote):
    html = reshape(mairie, vote, soir, "colonne")

    assert 'name="colonnes" value="4"' in html
    assert 'name="commune-1-p4"' in html
    assert 'name="commune-1-p1" value="0,55"' in html
    assert "4e et plus" in html
    assert 'name="commune-1-p3"' in reshape(mairie, vote, soir, "colonne moins", colonnes="4")


def test_first_duration_has_its_own_column(mairie, soir, vote):
    html = reshape(mairie, vote, soir, "premiere")

    assert 'name="plus" value="premiere"' in html
    assert 'name="commune-1-x1"' in html
    assert "Première, 1er enfant" in html


def test_subscription_asks_for_the_price_of_a_day_beyond(mairie, soir, vote):
    html = reshape(mairie, vote, soir, "", unite="forfait", minutes="", jours="2", debut="2027-01-01")

    assert 'name="commune-1-x1"' in html
    assert "Jour de plus, 1er enfant" in html


@pytest.mark.parametrize(
    ("fields", "dit"),
    [
        ({"tolerance": "30"}, "est aussi longue que la durée"),
        (
            {"tolerance": "5", "unite": "seance", "minutes": ""},
            "Une tolérance ne va qu’avec un prix à la durée",
        ),
        ({"jours": "2"}, "Un nombre de jours par semaine ne va qu’avec un abonnement."),
        ({"axe": "enfants", "fratrie": "on", "unite": "seance", "minutes": ""}, "l’un des deux."),
    ],
)
def test_shape_that_says_two_things_is_refused_beside_its_field(mairie, soir, vote, fields, dit):
    html = html_of(mairie.post(AJOUTER, typed(vote, soir, **fields)))

    assert html.count(dit) >= 2  # in the summary, and at its field
    assert "<details open" in html
    assert Tarif.objects.count() == 0


def test_trial_says_the_first_duration_and_the_tolerance(mairie, soir, vote):
    data = typed(vote, soir, plus="premiere", tolerance="5", geste="essayer")
    for cle in (*data["rangee"], "commune-inconnu", "hors-inconnu"):
        data |= {f"{cle}-x1": "1,10", f"{cle}-x2": "", f"{cle}-x3": ""}

    html = html_of(mairie.post(AJOUTER, {**data, "essai-qf": "742", "essai-duree": "48"}))
    assert "1 × 1,10 € + 1 × 0,70 €" in html
    html = html_of(mairie.post(AJOUTER, {**data, "essai-qf": "742", "essai-duree": "33"}))
    assert "3 minutes de tolérance" in html


# --- Caps -------------------------------------------------------------------------------------------------------------


def cap(vote, **fields):
    return {
        "deliberation": vote.pk,
        "debut": "2027-01-01",
        "fin": "",
        "periode": "jour",
        "porteur": "enfant",
        "moment": "",
        "somme": "4,00",
        **fields,
    }


def test_cap_is_saved_listed_and_deleted(mairie, vote):
    html = html_of(mairie.post(f"{ADMIN}plafond/add/", cap(vote), follow=True))

    plafond = Plafond.objects.get()
    assert (plafond.montant, plafond.periode, plafond.porteur) == (400, "jour", "enfant")
    assert "4,00 € par jour, par enfant" in html
    page = f"{ADMIN}plafond/{plafond.pk}/change/"
    assert 'value="4,00"' in html_of(mairie.get(page))
    asked = html_of(mairie.post(page, {"geste": "supprimer"}))
    assert "Supprimer ce plafond" in asked


def test_cap_below_the_dearest_price_asks_whether_it_is_meant(mairie, soir, vote):
    mairie.post(AJOUTER, typed(vote, soir))
    refused = html_of(mairie.post(f"{ADMIN}plafond/add/", cap(vote, debut="2027-02-01", somme="1")))

    assert "est sous le prix le plus cher d’une seule fois" in refused
    assert Plafond.objects.count() == 0
    mairie.post(f"{ADMIN}plafond/add/", cap(vote, debut="2027-02-01", somme="1", voulu="on"))
    assert Plafond.objects.get().voulu


def test_cap_of_a_month_begins_on_a_first_and_is_alone(mairie, vote):
    dit = html_of(mairie.post(f"{ADMIN}plafond/add/", cap(vote, periode="mois", debut="2027-01-15")))
    assert "Un plafond par mois commence le premier d’un mois." in dit
    mairie.post(f"{ADMIN}plafond/add/", cap(vote))
    assert "commence déjà ce jour-là" in html_of(mairie.post(f"{ADMIN}plafond/add/", cap(vote, somme="5")))
    assert Plafond.objects.count() == 1


# --- Residences and numbers -------------------------------------------------------------------------------------------


def test_residences_are_reached_from_the_tariffs_when_nothing_waits(mairie):
    assert 'href="/admin/facturation/residences/"' in html_of(mairie.get("/admin/facturation/tarif/"))


def test_residence_is_added_proposed_by_its_commune_and_confirmed(mairie, familles):
    familles["munoz"].foyer.commune = "Valbrune"
    familles["munoz"].foyer.save()
    liste = f"{ADMIN}residences/liste/"
    html = html_of(mairie.post(f"{liste}ajouter/", {"nom": "Conventionnée", "communes": "VALBRUNE\n"}, follow=True))
    assert "« Conventionnée » est ajoutée." in html

    lieu = LieuResidence.objects.get(nom="Conventionnée")
    page = html_of(mairie.get(f"{ADMIN}residences/"))
    assert "Conventionnée, d’après l’adresse (1)" in page
    mairie.post(f"{ADMIN}residences/", {lieu.code: familles["munoz"].foyer.pk})
    assert Compte.objects.get(foyer=familles["munoz"].foyer).residence == "conventionnee"
    kept = html_of(mairie.post(f"{liste}{lieu.pk}/", {"geste": "supprimer"}, follow=True))
    assert "elle reste." in kept
    assert "Conventionnée" in html_of(mairie.get(AJOUTER))


def test_commune_is_tied_to_one_residence_and_one_is_the_default(mairie):
    liste = f"{ADMIN}residences/liste/"
    mairie.post(f"{liste}ajouter/", {"nom": "Agents", "communes": "Valbrune", "defaut": "on"})
    assert list(LieuResidence.objects.filter(defaut=True).values_list("nom", flat=True)) == ["Agents"]

    refused = html_of(mairie.post(f"{liste}ajouter/", {"nom": "Autres", "communes": "valbrune"}))
    assert "est déjà liée à « Agents »." in refused
    agents = LieuResidence.objects.get(nom="Agents")
    refused = html_of(mairie.post(f"{liste}{agents.pk}/", {"nom": "Agents", "communes": ""}))
    assert "Il en faut une par défaut" in refused


def test_number_of_children_is_noted_from_a_month(mairie, familles):
    foyer = familles["morel"].foyer
    autre = familles["munoz"].foyer
    page = f"{ADMIN}nombres/"
    data = {"debut": "2026-12-01", f"n{foyer.pk}": "3", f"n{autre.pk}": ""}

    html = html_of(mairie.post(page, data, follow=True))

    assert "1 nombre noté, à partir du 1er décembre 2026." in html
    assert NombreEnfants.objects.get().nombre == 3
    assert "Morel" not in html_of(mairie.get(page)).split("<tbody>")[-1]
    refused = html_of(mairie.post(f"{page}?tous=1", {**data, f"n{foyer.pk}": "40"}))
    assert "Un nombre d’enfants, de 1 à 20." in refused
