"""The copy of a year's tariffs and supplements: one tariff a créneau, refused in words, nothing of it half done."""

from __future__ import annotations

from datetime import date

import pytest
from django.contrib.admin.models import LogEntry

from facturation.models import Deliberation, LigneTarif, Mois, Supplement, Tarif
from tests.factories import make_creneaux
from tests.facturation.grille import make_deliberation, make_tarif, make_tarifs
from tests.reading import html_of

PAGE = "/admin/facturation/tarif/recopier/"
JANVIER, RENTREE = date(2027, 1, 4), date(2027, 9, 1)


@pytest.fixture
def vote(db) -> Deliberation:
    return make_deliberation(numero="2026-58", votee_le=date(2026, 11, 19), applicable_le=date(2027, 1, 1))


@pytest.fixture
def tarifs(db) -> dict[str, Tarif]:
    make_creneaux()
    return make_tarifs()


def copy(mairie, vote, *tarifs, debut="2027-09-01", supplements=()):
    cles = {"tarifs": [tarif.pk for tarif in tarifs], "supplements": [s.pk for s in supplements]}
    return html_of(mairie.post(PAGE, {**cles, "deliberation": vote.pk, "debut": debut}, follow=True))


def test_years_tariffs_are_copied_then_corrected(mairie, vote, tarifs):
    assert html_of(mairie.get(PAGE)).count('type="checkbox"') == 3

    said = copy(mairie, vote, *tarifs.values())

    assert "3 tarifs recopiés, à partir du mercredi 1er septembre 2027." in said
    copies = Tarif.objects.filter(debut=RENTREE)
    assert [(c.nom, c.deliberation, c.lignes.count(), c.creneaux.count()) for c in copies.order_by("pk")] == [
        ("Matin", vote, 24, 1),
        ("Midi", vote, 24, 1),
        ("Soir", vote, 24, 1),
    ]
    assert LigneTarif.objects.count() == 2 * 3 * 24
    assert list(LogEntry.objects.values_list("change_message", flat=True)) == ["Recopié d’un autre tarif."] * 3


def test_day_that_is_taken_is_said_once(mairie, vote, tarifs):
    copy(mairie, vote, *tarifs.values())

    said = copy(mairie, vote, *tarifs.values())

    assert said.count("« Matin », « Midi » et « Soir » commencent déjà ce jour-là.") == 2  # on top, and at the field
    assert said.count("commencent déjà") == 2
    assert Tarif.objects.count() == 6


def test_last_tariff_of_a_créneau_alone_is_proposed(mairie, vote, tarifs):
    neuf = make_tarif("soir", debut=JANVIER, nom="Soir 2027")

    html = html_of(mairie.get(PAGE))

    assert f'name="tarifs" value="{neuf.pk}"' in html
    assert f'name="tarifs" value="{tarifs["soir"].pk}"' not in html


def test_tariff_that_another_replaced_before_that_day_is_refused_and_the_right_one_proposed(mairie, vote, tarifs):
    neuf = make_tarif("soir", debut=JANVIER, nom="Soir 2027")

    said = copy(mairie, vote, tarifs["midi"], tarifs["soir"], neuf)

    assert "« Soir » est remplacé avant ce jour-là. La liste est maintenant celle des tarifs de la veille" in said
    assert f'name="tarifs" value="{tarifs["soir"].pk}"' not in said
    assert Tarif.objects.count() == 4
    assert "« Soir 2027 » ne commence que le lundi 4 janvier 2027." in copy(mairie, vote, neuf, debut="2027-01-04")
    assert "2 tarifs recopiés" in copy(mairie, vote, tarifs["midi"], neuf)


def test_two_tariffs_of_one_créneau_are_refused_in_words(mairie, vote):
    creneaux = make_creneaux()
    large = make_tarif("soir", nom="Garderie")
    large.creneaux.add(creneaux["matin"])
    etroit = make_tarif("soir", nom="Soir seul", debut=JANVIER)

    said = copy(mairie, vote, large, etroit)

    assert "« Soir seul » et « Garderie » sont deux tarifs du même créneau : choisissez l’un des deux." in said
    assert Tarif.objects.count() == 2
    assert "1 tarif recopié" in copy(mairie, vote, etroit)


@pytest.mark.parametrize(
    ("debut", "dit"),
    [
        ("2026-12-31", "Cette délibération s’applique dès le vendredi 1er janvier 2027."),
        ("2027-02-15", "Le mois de février 2027 est arrêté"),
        ("bientôt", "À partir du :"),
        ("", "À partir du :"),
    ],
)
def test_day_that_does_not_hold_is_refused_in_words(mairie, vote, tarifs, debut, dit):
    Mois.objects.create(premier=date(2027, 2, 1), echeance=date(2027, 3, 20))

    assert dit in copy(mairie, vote, tarifs["midi"], debut=debut)
    assert Tarif.objects.count() == 3


def test_price_of_the_month_begins_on_its_first_day(mairie, vote):
    make_creneaux()
    mois = make_tarif("midi", unite="mois", minutes=None)

    assert "Un prix au mois commence le premier d’un mois." in copy(mairie, vote, mois, debut="2027-09-02")
    assert Tarif.objects.count() == 1


# --- The supplements that end ---------------------------------------------------------------------------------------


@pytest.fixture
def retard(tarifs) -> Supplement:
    Supplement.objects.filter(genre="retard").update(fin=date(2027, 7, 2))
    return Supplement.objects.get(genre="retard")


def test_supplement_that_ends_is_recalled_and_copied_without_an_end(mairie, vote, tarifs, retard):
    html = html_of(mairie.get(PAGE))
    assert "Retard, tous les soirs, finit le vendredi 2 juillet 2027" in html
    assert "sans inscription" not in html  # it goes on

    said = copy(mairie, vote, tarifs["soir"], supplements=[retard])

    assert "1 tarif recopié et 1 supplément recopié, à partir du mercredi 1er septembre 2027." in said
    copie = Supplement.objects.get(debut=RENTREE)
    assert (copie.genre, copie.prix, copie.tolerance, copie.moment, copie.fin, copie.deliberation) == (
        "retard",
        500,
        5,
        "soir",
        None,
        vote,
    )
    retard.refresh_from_db()
    assert retard.fin == date(2027, 7, 2)
    assert "finit le" not in html_of(mairie.get(PAGE))  # another follows it


def test_supplement_that_still_holds_is_not_copied_and_it_is_said(mairie, vote, tarifs, retard):
    said = copy(mairie, vote, tarifs["soir"], debut="2027-01-04", supplements=[retard])

    assert "1 tarif recopié, à partir du" in said
    assert (
        "tous les soirs : il court encore ce jour-là, jusqu’au vendredi 2 juillet 2027. Il n’est pas recopié." in said
    )
    assert Supplement.objects.count() == 2
