"""Shapes that towns vote, each by a case that can be counted by hand: caps, subscriptions, first durations…"""

from datetime import date, timedelta

import pytest

from facturation.prix.fixes import PrixFixe, PrixFixes
from facturation.prix.mois import Ennui, PartPayeur, facturer
from facturation.prix.tarifs import GenreSupplement, LigneGrille, PlafondVote, SupplementVote, rang_dit, tranches_of
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
    midi,
    montants,
    rangs_of,
    soir_tranche,
    tarif,
)

RENTREE = date(2026, 9, 1)
SEMAINE = [LUNDI + timedelta(days=n) for n in range(5)]
TROIS = (midi(150), tarif(MATIN, prix=100), tarif(SOIR, prix=300))  # 5,50 € a day


def plafond(montant, periode="jour", **champs):
    return PlafondVote(**{"cle": 1, "montant": montant, "periode": periode, "debut": RENTREE, **champs})


def journee(enfant=LEA, jour=LUNDI, **champs):
    return [fait(enfant, creneau, jour, **champs) for creneau in (MATIN, MIDI, SOIR)]


def coupes(facturation):
    return [(c.jour, c.creneau, c.montant) for c in facturation.charges if c.nature == "plafond"]


# --- Caps ------------------------------------------------------------------------------------------------------------


def test_cap_of_the_day_takes_off_each_line_what_it_owes_of_the_excess():
    """150 of 550, by largest remainder: 27,27 and 40,90 and 81,81."""
    facturation = facturer(journee(), contexte(*TROIS, plafonds=[plafond(400)]))

    assert coupes(facturation) == [(LUNDI, MATIN, -27), (LUNDI, MIDI, -41), (LUNDI, SOIR, -82)]
    assert sum(montants(facturation)) == 400
    une = facturation.charges[1]
    assert (une.entier, une.prix, une.quantite, une.part, une.plafond, une.faits) == (
        -27,
        -27,
        1,
        100,
        1,
        {"somme": 550},
    )
    assert une.prix_dit["plafond"] == 400


def test_day_under_the_cap_has_no_line_of_it():
    assert coupes(facturer(journee(), contexte(*TROIS, plafonds=[plafond(550)]))) == []


def test_cap_of_a_child_is_not_that_of_a_payer():
    jour = [*journee(LEA), *journee(TOM)]
    par_enfant = facturer(jour, contexte(*TROIS, plafonds=[plafond(400)]))
    par_payeur = facturer(jour, contexte(*TROIS, plafonds=[plafond(400, porteur="payeur")]))

    assert sum(montants(par_enfant)) == 800
    assert sum(montants(par_payeur)) == 400


def test_cap_of_a_payer_counts_each_payer_alone():
    deux = [*journee(LEA), *journee(TOM, foyer=AUTRE)]

    assert sum(montants(facturer(deux, contexte(*TROIS, plafonds=[plafond(400, porteur="payeur")])))) == 800


def test_month_is_capped_after_its_days():
    """Five days at 4,00 € are 20,00 €, of which 5,00 € are too much."""
    faits = [un for jour in SEMAINE for un in journee(jour=jour)]
    plafonds = [plafond(1500, "mois", cle=2), plafond(400)]
    facturation = facturer(faits, contexte(*TROIS, plafonds=plafonds))

    assert sum(montants(facturation)) == 1500
    par_plafond = {cle: sum(c.montant for c in facturation.charges if c.plafond == cle) for cle in (1, 2)}
    assert par_plafond == {1: -750, 2: -500}
    assert {c.faits["somme"] for c in facturation.charges if c.plafond == 2} == {2000}


@pytest.mark.parametrize(
    ("champs", "total"),
    [
        ({"creneaux": frozenset({MATIN, MIDI})}, 450),
        ({"moment": "soir"}, 400),
        ({"debut": MARDI}, 550),
        ({"fin": LUNDI - timedelta(days=1)}, 550),
    ],
)
def test_cap_counts_what_it_names_while_it_holds(champs, total):
    assert sum(montants(facturer(journee(), contexte(*TROIS, plafonds=[plafond(150, **champs)])))) == total


def test_of_two_caps_of_the_same_extent_the_latest_begun_holds():
    plafonds = [plafond(100), plafond(400, cle=2, debut=LUNDI)]

    assert sum(montants(facturer(journee(), contexte(*TROIS, plafonds=plafonds)))) == 400


def test_cap_that_came_in_the_month_waits_for_the_next():
    plafonds = [plafond(100, "mois", debut=date(2026, 12, 1))]

    assert sum(montants(facturer(journee(), contexte(*TROIS, plafonds=plafonds)))) == 550


def late(**champs):
    retard = SupplementVote(cle=9, genre=GenreSupplement.RETARD, debut=RENTREE, moment="soir", prix=500)
    soir = fait(LEA, SOIR, arrivee=at(LUNDI, 16, 30), depart=at(LUNDI, 18, 45))
    return facturer([soir], contexte(tarif(SOIR, prix=300), supplements=[retard], plafonds=[plafond(400, **champs)]))


def test_supplement_is_out_of_a_cap_unless_it_says_so():
    assert montants(late()) == [300, 500]


def test_capped_supplement_is_a_line_apart_that_gives_no_tax_credit():
    facturation = late(supplements=True)

    lignes = [(c.nature, c.montant, c.credit_impot) for c in facturation.charges]
    assert lignes == [
        ("seance", 300, True),
        ("retard", 500, False),
        ("plafond", -150, True),
        ("plafond", -250, False),
    ]


def test_payers_of_a_share_share_what_is_left():
    """4,01 € capped at 4,00 €: 2,00 € each, not 2,01 € less a half of a cent."""
    moitie = [PartPayeur(FOYER, 50), PartPayeur(AUTRE, 50)]
    facturation = facturer([fait(LEA, MIDI)], contexte(midi(401), partages={LEA: moitie}, plafonds=[plafond(400)]))

    assert [(c.foyer, c.nature, c.montant) for c in facturation.charges] == [
        (FOYER, "seance", 201),
        (AUTRE, "seance", 200),
        (FOYER, "plafond", -1),
        (AUTRE, "plafond", 0),
    ]
    assert facturation.charges[3].faits == {}  # what another home comes to is not told
    assert facturation.charges[3].prix_dit["propre"] is False


# --- Subscriptions ---------------------------------------------------------------------------------------------------


def abonnement(jours=2, prix=3000, seance=700, **champs):
    lignes = [LigneGrille("commune", 0, None, 1, prix=prix, seance=seance)]
    return tarif(SOIR, unite="forfait", jours=jours, lignes=lignes, **champs)


def test_subscription_is_due_whole_and_a_day_beyond_at_its_price():
    facturation = facturer([fait(LEA, SOIR, jour) for jour in SEMAINE[:4]], contexte(abonnement()))

    assert lignes_of(facturation) == [
        (LEA, "forfait", 1, 3000, 3000),
        (LEA, "seance", 0, 3000, 0),
        (LEA, "seance", 1, 700, 700),
        (LEA, "seance", 1, 700, 700),
    ]
    assert facturation.charges[1].motif == "compris dans l’abonnement du mois"


def test_days_of_another_week_are_counted_again():
    jours = [*SEMAINE[:2], *(jour + timedelta(weeks=1) for jour in SEMAINE[:2])]

    assert sum(montants(facturer([fait(LEA, SOIR, jour) for jour in jours], contexte(abonnement())))) == 3000


def test_two_moments_of_a_day_are_one_day():
    deux = abonnement(jours=1, creneaux=frozenset({MATIN, SOIR}))
    faits = [fait(LEA, creneau, jour) for jour in SEMAINE[:2] for creneau in (MATIN, SOIR)]
    facturation = facturer(faits, contexte(deux))

    assert montants(facturation) == [3000, 0, 700, 0]
    assert facturation.charges[3].motif == "compris dans le prix de la journée"


def test_nothing_booked_owes_nothing():
    assert facturer([fait(LEA, SOIR, excusee=True)], contexte(abonnement())).charges[0].montant == 0


def test_month_that_a_closure_cuts_is_due_by_its_days_where_the_grid_says_so():
    ouvertures = {SOIR: (12, 18)}
    cut = facturer([fait(LEA, SOIR)], contexte(abonnement(prorata=True), ouvertures=ouvertures))
    whole = facturer([fait(LEA, SOIR)], contexte(abonnement(), ouvertures=ouvertures))

    assert (montants(cut), montants(whole)) == ([2000], [3000])
    assert cut.charges[0].prix_dit["ouverts"] == [12, 18]


def test_subscription_without_a_price_of_a_day_beyond_is_a_hole():
    facturation = facturer([fait(LEA, SOIR, jour) for jour in SEMAINE[:3]], contexte(abonnement(seance=None)))

    assert [a.ennui for a in facturation.bloquantes] == [Ennui.SANS_PRIX]


def test_cap_of_the_day_leaves_the_subscription_alone():
    facturation = facturer([fait(LEA, SOIR)], contexte(abonnement(), plafonds=[plafond(400)]))

    assert montants(facturation) == [3000]


# --- Time ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("minutes", "tranches"), [(0, 0), (1, 1), (5, 1), (30, 1), (35, 1), (36, 2), (60, 2), (65, 2), (66, 3)]
)
def test_tolerance_begins_no_other_duration_but_the_first(minutes, tranches):
    assert tranches_of(minutes, 30, 5) == tranches


def soir(depart, **champs):
    faits = [fait(LEA, SOIR, arrivee=at(LUNDI, 16, 31), depart=at(LUNDI, *depart))]
    return facturer(faits, contexte(soir_tranche(65, **champs)))


def test_departure_within_the_tolerance():
    facturation = soir((17, 33), tolerance=5)

    assert lignes_of(facturation) == [(LEA, "seance", 2, 65, 130)]
    assert facturation.charges[0].prix_dit["tolerance"] == 5


@pytest.mark.parametrize(("depart", "somme"), [((16, 40), 150), ((17, 10), 215), ((18, 20), 345)])
def test_first_duration_has_its_own_price(depart, somme):
    lignes = [LigneGrille("commune", 0, None, 1, prix=65, premiere=150)]
    facturation = soir(depart, lignes=lignes)

    assert montants(facturation) == [somme]
    assert facturation.charges[0].prix_dit["premiere"] == 150


# --- Who --------------------------------------------------------------------------------------------------------------


def test_rank_goes_as_far_as_the_grid_and_the_last_is_and_more():
    naissances = {enfant: date(2010 + enfant, 1, 1) for enfant in range(1, 7)}
    grille = tarif(MIDI, lignes=rangs_of(100, 90, 80, 70, 60))
    facturation = facturer([fait(enfant, MIDI) for enfant in naissances], contexte(grille, naissances=naissances))

    assert montants(facturation) == [100, 90, 80, 70, 60, 60]
    assert (rang_dit(1, 5), rang_dit(5, 5)) == ("1er enfant", "5e enfant et plus")


def test_price_by_number_of_children_is_the_same_for_all_of_them():
    grille = tarif(MIDI, axe="enfants", lignes=rangs_of(100, 90, 80))
    facturation = facturer([fait(LEA, MIDI), fait(TOM, MIDI)], contexte(grille, nombres={FOYER: 5}))

    assert montants(facturation) == [80, 80]
    assert {(c.rang, c.prix_dit["enfants"]) for c in facturation.charges} == {(None, 5)}


def test_number_that_nobody_said_is_priced_as_one_child_and_listed():
    grille = tarif(MIDI, axe="enfants", lignes=rangs_of(100, 90, 80))
    facturation = facturer([fait(LEA, MIDI), fait(TOM, MIDI)], contexte(grille))

    assert montants(facturation) == [100, 100]
    assert [(a.ennui, a.foyer, a.ennui.bloque) for a in facturation.anomalies] == [(Ennui.SANS_NOMBRE, FOYER, False)]


def test_residence_of_the_town_and_default():
    lignes = [LigneGrille(lieu, 0, None, 1, prix=prix) for lieu, prix in (("commune", 100), ("agents", 50))]
    regles = {"lieu_defaut": "agents", "lieux": {"agents": "Agents"}}
    une = contexte(tarif(MIDI, lignes=lignes), residences={FOYER: "", AUTRE: "commune"}, **regles)
    facturation = facturer([fait(LEA, MIDI), fait(TOM, MIDI, foyer=AUTRE)], une)

    assert montants(facturation) == [50, 100]
    assert [c.prix_dit.get("lieu") for c in facturation.charges] == ["Agents", None]


# --- A box before it is ticked ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "regles",
    [
        {"plafonds": [plafond(400)]},
        {"tarifs": [abonnement(creneaux=frozenset({MIDI}))]},
    ],
)
def test_no_price_is_said_where_another_tick_changes_it(regles):
    voulu = contexte(*regles.pop("tarifs", [midi(80)]), **regles)

    assert PrixFixes(voulu, FOYER, [LEA, TOM]).of(LEA, LUNDI, MIDI) is None


def test_first_duration_says_no_price_and_a_number_of_children_says_one():
    lignes = [LigneGrille("commune", 0, None, 1, prix=65, premiere=150)]
    nombre = tarif(MIDI, axe="enfants", lignes=rangs_of(100, 90, 80))
    prix = PrixFixes(contexte(soir_tranche(65, lignes=lignes), nombre, nombres={FOYER: 3}), FOYER, [LEA, TOM])

    assert prix.of(LEA, LUNDI, SOIR) is None
    assert prix.of(TOM, LUNDI, MIDI) == PrixFixe(80)
