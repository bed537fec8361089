"""The tariff as the council voted it: a grid a price, its ranks, its rates, its rules, and the supplements."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from enfance.models import Creneau
from facturation.famille.tarifs_votes import load_tarifs_votes
from facturation.models import LigneTarif, Supplement, Tarif
from tests.facturation.grille import make_deliberation, make_tarif
from tests.facturation.vecu import NOVEMBRE, make_commune
from tests.reading import plain, plain_all

pytestmark = pytest.mark.django_db
VOTE = "délibération n° 2026-41 du 25 juin 2026"


def votes():
    """By its name."""
    return {vote.nom: vote for vote in load_tarifs_votes(NOVEMBRE)[0]}


def rows(vote):
    """By place and tranche, the price of each rank."""
    return {(lieu, rangee.nom): plain_all(rangee.prix) for lieu, rangees in vote.lieux for rangee in rangees}


def make_own(*lignes, **fields) -> None:
    """The price of the morning: one line or several, whatever the quotient unless told."""
    known = {"nom": "Matin", "unite": "seance", "debut": date(2026, 9, 1)}
    tarif = Tarif.objects.create(deliberation=make_deliberation(), **(known | fields))
    tarif.creneaux.set(Creneau.objects.filter(code="matin"))
    for ligne in lignes:
        LigneTarif.objects.create(**({"tarif": tarif, "residence": "commune", "qf_min": 0, "rang": 1} | ligne))


@pytest.fixture(autouse=True)
def commune():
    make_commune()


@pytest.fixture
def bare():
    """A town that has not voted the price of the morning."""
    Tarif.objects.filter(nom="Matin").delete()


def test_grid_is_said_by_place_tranche_and_rank():
    matin = votes()["Matin"]

    assert (matin.unite, plain(matin.vote), matin.rangs) == (
        "le moment",
        VOTE,
        ["1er enfant", "2e enfant", "3e et suivants"],
    )
    said = rows(matin)
    assert list(said) == [
        (lieu, tranche)
        for lieu in ("Commune", "Hors commune")
        for tranche in ("De 0 à 599", "De 600 à 859", "À partir de 860", "Quotient inconnu")
    ]
    assert said["Commune", "De 600 à 859"] == ["1,20 €", "1,05 €", "0,95 €"]
    assert said["Hors commune", "Quotient inconnu"] == ["3,40 €", "3,00 €", "2,60 €"]


def test_price_of_the_time_says_what_is_begun_and_what_who_did_not_come_owes():
    soir = votes()["Soir"]

    assert soir.unite == "la demi-heure commencée"
    assert plain_all(soir.notes) == [
        "Une inscription qui n’est pas annulée à temps est due, que l’enfant vienne ou non.",
        "Un enfant inscrit qui n’est pas venu doit 1 demi-heure.",
    ]


@pytest.mark.parametrize(
    ("bornes", "said"),
    [
        ({}, "0,12 % du quotient"),
        ({"minimum": 50}, "0,12 % du quotient, au moins 0,50 €"),
        ({"maximum": 200}, "0,12 % du quotient, au plus 2,00 €"),
        ({"minimum": 50, "maximum": 200}, "0,12 % du quotient, au moins 0,50 €, au plus 2,00 €"),
    ],
)
def test_rate_is_said_with_its_bounds(bare, bornes, said):
    make_own({"taux": Decimal("0.1200"), **bornes}, {"inconnu": True, "qf_min": None, "prix": 180})

    matin = votes()["Matin"]

    assert (matin.rangs, rows(matin)) == (
        ["Chaque enfant"],
        {("Commune", "À partir de 0"): [said], ("Commune", "Quotient inconnu"): ["1,80 €"]},
    )


def test_rank_without_a_price_is_left_empty(bare):
    make_own({"prix": 100}, {"prix": 90, "rang": 2}, {"inconnu": True, "qf_min": None, "prix": 180})

    matin = votes()["Matin"]

    assert (matin.rangs, rows(matin)["Commune", "Quotient inconnu"]) == (
        ["1er enfant", "2e et suivants"],
        ["1,80 €", ""],
    )


@pytest.mark.parametrize(
    ("fields", "notes"),
    [
        ({"base": "presence"}, ["Seules les présences sont dues."]),
        ({"base": "presence", "unite": "tranche", "minutes": 30}, ["Seules les présences sont dues."]),
        (
            {"base": "les_deux", "unite": "tranche", "minutes": 15, "tranches_absent": 2},
            [
                "Une inscription qui n’est pas annulée à temps est due ; une présence sans inscription aussi.",
                "Un enfant inscrit qui n’est pas venu doit 2 quarts d’heure.",
            ],
        ),
        (
            {"par_jour": True, "base": "presence"},
            ["Seules les présences sont dues.", "Un seul prix par jour, quel que soit le nombre de moments."],
        ),
        (
            {"fratrie": True, "base": "presence"},
            [
                "Seules les présences sont dues.",
                "Le prix d’une colonne est celui de tous les enfants présents, partagé entre eux.",
            ],
        ),
    ],
)
def test_rules_of_a_price_are_said(bare, fields, notes):
    make_own({"prix": 100}, **fields)

    assert plain_all(votes()["Matin"].notes) == notes


def test_price_of_two_moments_is_one_grid():
    tarif = make_tarif("midi", debut=date(2026, 10, 1))
    tarif.creneaux.set(Creneau.objects.filter(code__in=["matin", "midi"]))

    assert list(votes()) == ["Matin et midi", "Soir"]


def test_supplements_are_said_by_kind_and_the_latest_begun_of_each():
    vote = make_deliberation()
    Supplement.objects.create(genre="absence", deliberation=vote, debut=date(2026, 9, 1), pourcentage=50)
    Supplement.objects.create(genre="absence", deliberation=vote, debut=date(2026, 12, 1), pourcentage=80)  # to come
    Supplement.objects.filter(genre="sans_inscription").update(fin=date(2026, 10, 31))  # over

    assert plain_all(load_tarifs_votes(NOVEMBRE)[1]) == [
        f"Retard, par départ, au-delà de 5 minutes : 5,00 €. {VOTE[:1].upper()}{VOTE[1:]}, article 4.",
        f"Absence non excusée : 50 % du moment. {VOTE[:1].upper()}{VOTE[1:]}.",
    ]
