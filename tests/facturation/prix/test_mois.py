"""From what happened to lines: each unit, each base, ranks, siblings, what an estimate guesses, what is amiss."""

from datetime import date, time
from decimal import Decimal

import pytest

from facturation.prix.mois import Ennui, Horaire, facturer, habitudes_of
from facturation.prix.tarifs import LigneGrille
from tests.facturation.bareme import (
    AUTRE,
    FOYER,
    LEA,
    LUNDI,
    MARDI,
    MATIN,
    MIDI,
    SOIR,
    TOM,
    at,
    contexte,
    fait,
    lignes_of,
    matin_tranche,
    midi,
    montants,
    rangs_of,
    soir_tranche,
    tarif,
)


def test_registered_child_owes_its_seance():
    facturation = facturer([fait(LEA, MIDI)], contexte(midi(80)))

    assert facturation.anomalies == []
    assert lignes_of(facturation) == [(LEA, "seance", 1, 80, 80)]


# --- Bases --------------------------------------------------------------------------------------------------------

COME = {"arrivee": at(LUNDI, 11, 35)}


@pytest.mark.parametrize(
    ("base", "fields", "dus"),
    [
        ("inscription", {}, [80]),  # registered, did not come
        ("inscription", COME, [80]),
        ("inscription", {"close": False}, [80]),
        ("inscription", {"inscrit": False, **COME}, []),
        ("inscription", {"excusee": True}, [0]),
        ("inscription", {"excusee": True, **COME}, [80]),  # came all the same
        ("presence", {}, []),
        ("presence", COME, [80]),
        ("presence", {"close": False, **COME}, []),
        ("presence", {"inscrit": False, **COME}, [80]),
        ("presence", {"excusee": True}, []),
        ("presence", {"close": False, "prevue": True}, [80]),
        ("les_deux", {}, [80]),
        ("les_deux", {"inscrit": False, **COME}, [80]),
        ("les_deux", {"inscrit": False, "close": False, **COME}, []),
        ("les_deux", {"excusee": True}, [0]),
        ("les_deux", {"close": False, "prevue": True, "excusee": True}, [0]),
    ],
)
def test_base_says_what_is_due(base, fields, dus):
    assert montants(facturer([fait(LEA, MIDI, **fields)], contexte(midi(80, base=base)))) == dus


def test_excused_absence_is_a_line_that_says_so_at_its_price():
    faits = {"reponse": {"reponse": "excusee", "motif": "certificat reçu"}}
    (charge,) = facturer([fait(LEA, MIDI, excusee=True, faits=faits)], contexte(midi(80))).charges

    assert (charge.quantite, charge.prix, charge.entier, charge.montant, charge.rang) == (0, 80, 0, 0, 1)
    assert charge.faits == faits


# --- Tranches -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("depart", "tranches"),
    [
        (at(LUNDI, 16, 30), 0),
        (at(LUNDI, 16, 31), 1),
        (at(LUNDI, 17, 0), 1),
        (at(LUNDI, 17, 0, 59), 1),  # shown as 17 h 00
        (at(LUNDI, 17, 1), 2),
        (at(LUNDI, 17, 42), 3),
        (at(LUNDI, 18, 30), 4),
        (at(LUNDI, 18, 41), 4),  # stops at the créneau's end
        (None, 4),
    ],
)
def test_evening_counts_from_its_beginning_to_the_departure(depart, tranches):
    faits = [fait(LEA, SOIR, arrivee=at(LUNDI, 16, 40), depart=depart)]

    (charge,) = facturer(faits, contexte(soir_tranche(65))).charges

    assert (charge.quantite, charge.montant, charge.sans_depart) == (tranches, 65 * tranches, depart is None)


@pytest.mark.parametrize(
    ("arrivee", "tranches"),
    [((7, 10), 2), ((7, 30), 2), ((7, 59), 2), ((8, 0), 1), ((8, 29), 1), ((8, 30), 0), ((8, 45), 0)],
)
def test_morning_counts_from_the_arrival_to_its_end(arrivee, tranches):
    faits = [fait(LEA, MATIN, arrivee=at(LUNDI, *arrivee), depart=at(LUNDI, 8, 5) if arrivee < (8, 0) else None)]

    (charge,) = facturer(faits, contexte(matin_tranche(60))).charges

    assert (charge.quantite, charge.sans_depart) == (tranches, False)


@pytest.mark.parametrize(("jour", "minutes"), [(date(2026, 3, 29), 60), (date(2026, 10, 25), 180), (LUNDI, 120)])
def test_minutes_are_real_on_a_day_of_23_or_25_hours(jour, minutes):
    nuit = {SOIR: Horaire("soir", time(1, 30), time(3, 30))}
    faits = [fait(LEA, SOIR, jour, arrivee=at(jour, 1, 30))]

    (charge,) = facturer(faits, contexte(soir_tranche(65, debut=date(2026, 1, 1)), creneaux=nuit)).charges

    assert (charge.minutes, charge.quantite) == (minutes, minutes // 30)


def test_day_long_creneau_counts_from_the_arrival_to_the_departure():
    journee = {SOIR: Horaire("journee", time(8), time(18))}
    faits = [fait(LEA, SOIR, arrivee=at(LUNDI, 9), depart=at(LUNDI, 11, 30))]

    (charge,) = facturer(faits, contexte(soir_tranche(100, minutes=60), creneaux=journee)).charges

    assert (charge.minutes, charge.quantite) == (150, 3)


@pytest.mark.parametrize(("tranches_absent", "quantite"), [(1, 1), (4, 4), (0, 0)])
def test_registered_child_who_did_not_come_owes_the_tranches_that_the_tariff_says(tranches_absent, quantite):
    (charge,) = facturer([fait(LEA, SOIR)], contexte(soir_tranche(65, tranches_absent=tranches_absent))).charges

    assert (charge.quantite, charge.estimee, charge.minutes) == (quantite, False, None)


def test_lunch_is_never_priced_by_the_tranche():
    facturation = facturer([fait(LEA, MIDI)], contexte(tarif(MIDI, unite="tranche", minutes=30)))

    assert [anomalie.ennui for anomalie in facturation.anomalies] == [Ennui.SANS_TARIF]


# --- What is still to come ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("habitudes", "quantite"), [({}, 4), ({(LEA, SOIR): 2}, 2), ({(LEA, SOIR): 0}, 0)])
def test_planned_evening_is_estimated_at_the_childs_habit(habitudes, quantite):
    faits = [fait(LEA, SOIR, close=False, prevue=True)]

    (charge,) = facturer(faits, contexte(soir_tranche(65), habitudes=habitudes)).charges

    assert (charge.quantite, charge.estimee, charge.prevue) == (quantite, True, True)


def test_habit_is_the_commonest_number_of_those_who_came_the_greater_on_a_tie():
    jours = [date(2026, 11, n) for n in (2, 3, 5, 6, 9, 10)]
    departs = [(16, 45), (16, 50), (17, 20), (17, 25), None, (18, 10)]
    faits = [
        fait(LEA, SOIR, jour, arrivee=at(jour, 16, 30) if h else None, depart=at(jour, *h) if h else None)
        for jour, h in zip(jours, departs, strict=True)
    ]

    assert habitudes_of(faits, contexte(soir_tranche(65))) == {(LEA, SOIR): 2}


def test_sheet_left_open_is_counted_from_its_taps_and_called_a_guess():
    faits = [fait(LEA, SOIR, close=False, arrivee=at(LUNDI, 16, 30), depart=at(LUNDI, 16, 50))]

    facturation = facturer(faits, contexte(soir_tranche(65)))

    assert [(c.quantite, c.estimee) for c in facturation.charges] == [(1, True)]
    assert [anomalie.ennui for anomalie in facturation.bloquantes] == [Ennui.FEUILLE]


# --- One a day, one a month ---------------------------------------------------------------------------------------


def test_one_price_a_day_takes_all_its_creneaux():
    jour = tarif(MATIN, creneaux=frozenset({MATIN, SOIR}), prix=260, par_jour=True)
    faits = [fait(LEA, SOIR), fait(LEA, MATIN), fait(LEA, SOIR, MARDI)]

    charges = facturer(faits, contexte(jour)).charges

    assert [(c.jour, c.creneau, c.quantite, c.montant, c.motif) for c in charges] == [
        (LUNDI, MATIN, 1, 260, ""),
        (LUNDI, SOIR, 0, 0, "compris dans le prix de la journée"),
        (MARDI, SOIR, 1, 260, ""),
    ]


def test_excused_morning_leaves_the_days_price_to_the_evening():
    jour = tarif(MATIN, creneaux=frozenset({MATIN, SOIR}), prix=260, par_jour=True)

    assert montants(facturer([fait(LEA, MATIN, excusee=True), fait(LEA, SOIR)], contexte(jour))) == [0, 260]


def test_month_is_owed_once_by_the_foyer_of_its_first_billable_seance():
    mensuel = tarif(MIDI, unite="mois", prix=3000)
    faits = [
        fait(LEA, MIDI, date(2026, 11, 9), foyer=FOYER),
        fait(LEA, MIDI, MARDI, foyer=AUTRE),
        fait(LEA, MIDI, LUNDI, foyer=FOYER, excusee=True),
    ]

    charges = facturer(faits, contexte(mensuel)).charges

    assert [(c.foyer, c.jour, c.nature, c.quantite, c.montant, c.motif) for c in charges] == [
        (FOYER, LUNDI, "seance", 0, 0, ""),
        (AUTRE, MARDI, "forfait", 1, 3000, ""),
        (FOYER, date(2026, 11, 9), "seance", 0, 0, "compris dans le prix du mois"),
    ]


def test_price_of_the_month_is_that_of_its_first_day():
    before = tarif(MIDI, cle=1, unite="mois", prix=3000)
    after = tarif(MIDI, cle=2, unite="mois", prix=3500, debut=date(2026, 11, 16))

    assert montants(facturer([fait(LEA, MIDI, date(2026, 11, 20))], contexte(before, after))) == [3000]


def test_price_of_the_month_begun_meanwhile_waits_for_the_next():
    before = midi(80, cle=1)
    after = tarif(MIDI, cle=2, unite="mois", prix=3500, debut=date(2026, 11, 16))

    assert montants(facturer([fait(LEA, MIDI, date(2026, 11, 20))], contexte(before, after))) == [80]


# --- Which tariff, which line -------------------------------------------------------------------------------------


def test_tariff_of_the_day_is_the_one_used():
    before, after = midi(80, cle=1), midi(90, cle=2, debut=MARDI)

    assert montants(facturer([fait(LEA, MIDI), fait(LEA, MIDI, MARDI)], contexte(before, after))) == [80, 90]


def test_residence_to_be_said_is_priced_as_the_commune_and_said():
    facturation = facturer([fait(LEA, MIDI)], contexte(midi(80), residences={}))

    assert montants(facturation) == [80]
    assert [(a.ennui, a.foyer, a.ennui.bloque) for a in facturation.anomalies] == [(Ennui.SANS_RESIDENCE, FOYER, False)]


def test_unknown_quotient_has_its_own_line_and_is_said():
    facturation = facturer([fait(LEA, MIDI)], contexte(midi(80, inconnu=110), quotients={}))

    assert montants(facturation) == [110]
    assert [(a.ennui, a.foyer, a.ennui.bloque) for a in facturation.anomalies] == [(Ennui.SANS_QUOTIENT, FOYER, False)]


def test_quotient_of_0_is_not_an_unknown_one():
    facturation = facturer([fait(LEA, MIDI)], contexte(midi(80, inconnu=110), quotients={FOYER: 0, AUTRE: 0}))

    assert (montants(facturation), facturation.anomalies) == ([80], [])


def test_line_says_what_its_price_was_made_of():
    ligne = LigneGrille("commune", 600, 859, 1, prix=65, cle=7)
    vote = {"deliberation": "2026-41", "votee_le": date(2026, 6, 25), "lignes": (ligne,)}

    (charge,) = facturer([fait(LEA, SOIR)], contexte(soir_tranche(65, cle=5, nom="Soir", **vote))).charges

    assert (charge.quotient, charge.residence, charge.rang, charge.tarif, charge.ligne) == (742, "commune", 1, 5, 7)
    assert charge.prix_dit == {
        "deliberation": "2026-41",
        "votee_le": "2026-06-25",
        "debut": "2026-09-01",
        "tarif": "Soir",
        "unite": "tranche",
        "minutes": 30,
        "tranche": [600, 859],
    }


# --- Ranks and siblings -------------------------------------------------------------------------------------------


def test_rank_is_among_the_foyers_children_with_something_to_bill_the_oldest_first():
    grille = midi(0, lignes=rangs_of(100, 90, 80))
    faits = [fait(TOM, MIDI), fait(LEA, MIDI), fait(99, MIDI), fait(98, MIDI)]
    born = {LEA: date(2018, 5, 4), TOM: date(2020, 2, 1), 99: date(2020, 2, 1), 98: date(2022, 1, 1)}

    charges = facturer(faits, contexte(grille, naissances=born)).charges

    assert {c.enfant: (c.rang, c.montant) for c in charges} == {LEA: (1, 100), TOM: (2, 90), 99: (3, 80), 98: (4, 80)}


def test_child_with_nothing_to_bill_takes_no_rank():
    faits = [fait(LEA, MIDI, excusee=True), fait(TOM, MIDI)]

    charges = facturer(faits, contexte(midi(0, lignes=rangs_of(100, 90)))).charges

    assert [(c.enfant, c.rang, c.montant) for c in charges] == [(LEA, 1, 0), (TOM, 1, 100)]


def test_child_fetched_as_the_evening_begins_takes_no_rank():
    """No half-hour has begun: 0,00 € is nothing to bill."""
    faits = [fait(LEA, SOIR, arrivee=at(LUNDI, 16, 29), depart=at(LUNDI, 16, 30)), fait(TOM, MIDI)]

    charges = facturer(faits, contexte(soir_tranche(65), midi(0, lignes=rangs_of(100, 90)))).charges

    assert [(c.enfant, c.quantite, c.rang, c.montant) for c in charges] == [(LEA, 0, 1, 0), (TOM, 1, 1, 100)]


def test_siblings_share_the_price_of_their_seance():
    fratrie = midi(0, fratrie=True, lignes=rangs_of(280, 465, 670))
    faits = [fait(TOM, MIDI), fait(LEA, MIDI), fait(TOM, MIDI, MARDI), fait(LEA, MIDI, MARDI, excusee=True)]

    charges = facturer(faits, contexte(fratrie)).charges

    assert [(c.enfant, c.jour, c.montant, c.rang) for c in charges] == [
        (LEA, LUNDI, 233, 1),
        (LEA, MARDI, 0, 1),
        (TOM, LUNDI, 232, 2),
        (TOM, MARDI, 280, 1),
    ]
    assert charges[0].prix_dit["fratrie"] == 2


# --- What is amiss ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "ennui"),
    [
        ({"base": "inscription"}, Ennui.FEUILLE_OUVERTE),
        ({"base": "presence"}, Ennui.FEUILLE),
        ({"base": "les_deux"}, Ennui.FEUILLE),
        ({"unite": "tranche", "minutes": 30}, Ennui.FEUILLE),
    ],
)
def test_open_sheet_blocks_only_where_presence_is_billed(fields, ennui):
    faits = [fait(LEA, SOIR, close=False), fait(TOM, SOIR, close=False)]

    facturation = facturer(faits, contexte(tarif(SOIR, **fields)))

    assert [(a.ennui, a.jour, a.creneau, a.enfant) for a in facturation.anomalies] == [(ennui, LUNDI, SOIR, None)]
    assert (facturation.bloquantes == []) == (ennui == Ennui.FEUILLE_OUVERTE)


def test_presence_without_payer_is_never_guessed():
    faits = [fait(LEA, MIDI, inscrit=False, foyer=None, arrivee=at(LUNDI, 11, 35))]

    facturation = facturer(faits, contexte(midi(80, base="presence")))

    assert facturation.charges == []
    assert [(a.ennui, a.jour, a.creneau, a.enfant) for a in facturation.bloquantes] == [
        (Ennui.SANS_PAYEUR, LUNDI, MIDI, LEA)
    ]


def test_presence_without_payer_is_nothing_where_it_is_not_billed():
    faits = [fait(LEA, MIDI, inscrit=False, foyer=None, arrivee=at(LUNDI, 11, 35))]

    assert facturer(faits, contexte(midi(80))) == facturer([], contexte(midi(80)))


def test_creneau_without_tariff_is_said_once_a_child():
    faits = [fait(LEA, SOIR), fait(LEA, SOIR, MARDI), fait(TOM, SOIR)]

    facturation = facturer(faits, contexte(midi(80)))

    assert [(a.ennui, a.jour, a.creneau, a.enfant) for a in facturation.bloquantes] == [
        (Ennui.SANS_TARIF, LUNDI, SOIR, LEA),
        (Ennui.SANS_TARIF, LUNDI, SOIR, TOM),
    ]


def test_hole_of_the_grid_is_said_once_a_child():
    troue = midi(0, lignes=[LigneGrille("commune", 0, 599, 1, prix=60)])
    faits = [fait(LEA, MIDI), fait(LEA, MIDI, MARDI)]

    facturation = facturer(faits, contexte(troue))

    assert facturation.charges == []
    assert [(a.ennui, a.enfant, a.foyer, a.tarif) for a in facturation.bloquantes] == [
        (Ennui.SANS_PRIX, LEA, FOYER, MIDI)
    ]


def test_rate_is_of_the_quotient():
    taux = midi(0, lignes=[LigneGrille("commune", 0, None, 1, taux=Decimal("0.55"), maximum=319)])

    assert montants(facturer([fait(LEA, MIDI)], contexte(taux, quotients={FOYER: 150, AUTRE: 150}))) == [83]
