"""What a booking after the limit costs: an amount, a per cent of that child's price, or a whole price."""

from datetime import date

import pytest

from facturation.prix.mois import Ennui, PartPayeur, facturer
from facturation.prix.tarifs import SupplementVote
from tests.facturation.bareme import (
    AUTRE,
    FOYER,
    LEA,
    MARDI,
    MIDI,
    SOIR,
    TOM,
    at,
    contexte,
    fait,
    midi,
    rangs_of,
    soir_tranche,
)

RENTREE = date(2026, 9, 1)


def voted(**fields) -> SupplementVote:
    return SupplementVote(cle=9, genre="tardive", debut=RENTREE, **fields)


def lines(faits, *tarifs, **fields):
    return [(c.nature, c.montant) for c in facturer(faits, contexte(*tarifs, **fields)).charges]


@pytest.mark.parametrize(
    ("vote", "montant"),
    [
        (voted(prix=200), 200),
        (voted(pourcentage=50), 51),  # half up, of 1,01 €
        (voted(prix=390, en_tout=True), 289),
        (voted(prix=90, en_tout=True), 0),  # the price is above already: nothing is given back
    ],
)
def test_late_booking_is_a_line_of_its_own(vote, montant):
    (seance, tardive) = facturer([fait(LEA, MIDI, hors_delai=True)], contexte(midi(101), supplements=[vote])).charges

    assert (seance.nature, seance.montant, seance.credit_impot) == ("seance", 101, True)
    assert (tardive.nature, tardive.montant, tardive.prix, tardive.quantite) == ("tardive", montant, montant, 1)
    assert (tardive.supplement, tardive.tarif, tardive.credit_impot) == (9, None, False)


def test_per_cent_is_of_the_childs_own_price():
    grille = midi(0, lignes=rangs_of(100, 60))
    faits = [fait(enfant, MIDI, hors_delai=True) for enfant in (LEA, TOM)]

    assert lines(faits, grille, supplements=[voted(pourcentage=50)], quotients={FOYER: 500}) == [
        ("seance", 100),
        ("tardive", 50),
        ("seance", 60),
        ("tardive", 30),
    ]


def test_whole_price_counts_every_tranche_of_the_evening():
    faits = [fait(LEA, SOIR, arrivee=at(MARDI, 16, 30), depart=at(MARDI, 17, 20), jour=MARDI, hors_delai=True)]

    assert lines(faits, soir_tranche(65), supplements=[voted(prix=390, en_tout=True)]) == [
        ("seance", 130),
        ("tardive", 260),
    ]


@pytest.mark.parametrize(
    ("fields", "natures"),
    [
        ({}, ["seance", "tardive"]),
        ({"prevue": True, "close": False}, ["seance", "tardive"]),  # the estimate says it too
        ({"close": False}, ["seance", "tardive"]),
        ({"excusee": True}, ["seance"]),  # shown at nothing
        ({"hors_delai": False}, ["seance"]),
    ],
)
def test_late_supplement_goes_with_its_seance(fields, natures):
    fields = {"hors_delai": True} | fields

    assert [n for n, _ in lines([fait(LEA, MIDI, **fields)], midi(100), supplements=[voted(prix=200)])] == natures


def test_who_did_not_come_where_presence_is_billed_owes_no_supplement():
    assert lines([fait(LEA, MIDI, hors_delai=True)], midi(100, base="presence"), supplements=[voted(prix=200)]) == []


def test_without_a_vote_a_late_booking_costs_nothing_more():
    assert lines([fait(LEA, MIDI, hors_delai=True)], midi(100), supplements=[]) == [("seance", 100)]


def test_price_of_the_month_says_no_per_cent():
    grille = midi(2000, unite="mois")
    facture = facturer([fait(LEA, MIDI, hors_delai=True)], contexte(grille, supplements=[voted(pourcentage=50)]))

    assert [anomalie.ennui for anomalie in facture.bloquantes] == [Ennui.SANS_PRIX]


def test_late_supplement_is_shared_as_the_seance():
    partages = {LEA: [PartPayeur(FOYER, 50), PartPayeur(AUTRE, 50)]}
    charges = facturer(
        [fait(LEA, MIDI, hors_delai=True)],
        contexte(midi(100), supplements=[voted(prix=201)], partages=partages),
    ).charges

    assert [(c.foyer, c.montant) for c in charges if c.nature == "tardive"] == [(FOYER, 101), (AUTRE, 100)]
