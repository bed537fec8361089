"""The price of one thing: grids of real towns, holes and overlaps in words, which tariff holds."""

import csv
import re
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facturation.prix.mois import PartPayeur, facturer
from facturation.prix.tarifs import (
    GrilleTarif,
    LigneGrille,
    SupplementVote,
    defauts_of,
    ligne_of,
    prix_of,
    quotients_texte,
    supplement_of,
    tarif_of,
    tranches_of,
)
from tests.facturation.bareme import (
    AUTRE,
    FOYER,
    MATIN,
    MIDI,
    SOIR,
    at,
    contexte,
    fait,
    midi,
    montants,
    soir_tranche,
    tarif,
)
from tests.reading import plain

# --- The grids of real communes -----------------------------------------------------------------------------------


def steps(residence: str, *tranches: tuple[int, int | None, int]) -> list[LigneGrille]:
    return [LigneGrille(residence, de, a, 1, prix=prix) for de, a, prix in tranches]


DEUX_C = [(0, 650, 30), (651, 1150, 48), (1151, None, 63)]
TARIFS = {
    "2C2R": [
        soir_tranche(
            0, lignes=steps("commune", *DEUX_C) + steps("hors", *((de, a, 2 * prix) for de, a, prix in DEUX_C))
        ),
        midi(192),
    ],
    "Civray-de-Touraine": [
        tarif(
            MATIN,
            creneaux=frozenset({MATIN, SOIR}),
            par_jour=True,
            lignes=[LigneGrille("commune", 0, None, rang, prix=prix) for rang, prix in ((1, 260), (2, 260), (3, 200))],
        )
    ],
    "Jauldes": [
        tarif(
            SOIR,
            fratrie=True,
            lignes=[LigneGrille("commune", 0, None, rang, prix=prix) for rang, prix in ((1, 280), (2, 465), (3, 670))],
        )
    ],
    "Les Pieux": [tarif(SOIR, lignes=[LigneGrille("commune", 0, None, 1, taux=Decimal("0.55"), maximum=319)])],
    "règle": [],
}
ENFANTS = {"un enfant": 1, "deux enfants": 2, "trois enfants": 3}
with Path(__file__).parent.with_name("tarifs-communes.csv").open(encoding="utf-8", newline="") as lignes:
    # A grid has semicolons of its own: what is read stands at both ends of a line.
    CAS = [(ligne[0].split(" (")[0], *ligne[-2:]) for ligne in csv.reader(lignes, delimiter=";")][1:]


def bill(source: str, cas: str) -> list[int]:
    """What this worked case gives, read from its words."""
    if source == "règle":
        euros, centimes, une, autre = (int(nombre) for nombre in re.findall(r"\d+", cas))
        shares = {1: [PartPayeur(FOYER, une), PartPayeur(AUTRE, autre)]}
        return montants(facturer([fait(1, MIDI)], contexte(midi(100 * euros + centimes), partages=shares)))
    enfants = next((n for mots, n in ENFANTS.items() if mots in cas), 1)
    minutes = int(lu[1]) if (lu := re.search(r"(\d+) min", cas)) else 120
    soirs = int(lu[1]) if (lu := re.search(r"(\d+) soirs", cas)) else 1
    pauses = int(lu[1]) if (lu := re.search(r"(\d+) pauses", cas)) else 0
    jours = [date(2026, 11, 2) + timedelta(days=n) for n in range(max(soirs, pauses))]
    faits = []
    for enfant in range(1, enfants + 1):
        for n, jour in enumerate(jours):
            depart = at(jour, 16, 30) + timedelta(minutes=minutes)
            faits += [fait(enfant, SOIR, jour, arrivee=at(jour, 16, 30), depart=depart)] * (n < soirs)
            faits += [fait(enfant, MIDI, jour)] * (n < pauses)
            faits += [fait(enfant, MATIN, jour)] * (source == "Civray-de-Touraine")
    quotient = int(lu[1]) if (lu := re.search(r"QF (\d+)", cas)) else 0
    where = {FOYER: "hors" if "hors territoire" in cas else "commune"}
    births = {enfant: date(2014 + enfant, 1, 1) for enfant in range(1, enfants + 1)}
    regles = contexte(*TARIFS[source], quotients={FOYER: quotient}, residences=where, naissances=births)
    facturation = facturer(faits, regles)
    assert facturation.bloquantes == []
    return montants(facturation)


@pytest.mark.parametrize(("source", "cas", "attendu"), CAS, ids=[f"{source}, {cas}" for source, cas, _ in CAS])
def test_price_is_that_of_the_commune(source, cas, attendu):
    attendus = [int(centimes) for centimes in attendu.split("+")]

    dus = bill(source, cas)

    assert (dus if len(attendus) > 1 else [sum(dus)]) == attendus


def test_every_case_is_run():
    assert len(CAS) == 17


# --- One price ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("quotient", "arrondi", "centimes"),
    [
        (150, 1, 83),
        (90, 1, 60),
        (0, 1, 60),
        (570, 1, 314),
        (580, 1, 319),
        (99_999, 1, 319),
        (150, 5, 85),
        (150, 10, 80),
    ],
)
def test_rate_is_bounded_then_rounded_half_up(quotient, arrondi, centimes):
    ligne = LigneGrille("commune", 0, None, 1, taux=Decimal("0.55"), minimum=60, maximum=319)

    assert prix_of(ligne, quotient, arrondi) == centimes


def test_rate_asks_for_a_quotient():
    with pytest.raises(ValueError, match="quotient"):
        prix_of(LigneGrille("commune", 0, None, 1, taux=Decimal("0.55")), None)


@given(st.integers(0, 99_999), st.integers(0, 99_999))
def test_half_centime_goes_up_whatever_the_quotient(quotient, dix_milliemes):
    ligne = LigneGrille("commune", 0, None, 1, taux=Decimal(dix_milliemes) / 10_000)

    centimes = prix_of(ligne, quotient)

    # In ten-thousandths of a centime, by integers alone.
    assert type(centimes) is int
    assert centimes == (quotient * dix_milliemes + 5_000) // 10_000


@pytest.mark.parametrize(
    ("minutes", "pas", "tranches"),
    [(0, 30, 0), (-5, 30, 0), (1, 30, 1), (30, 30, 1), (31, 30, 2), (65, 30, 3), (60, 60, 1)],
)
def test_tranche_begun_is_owed(minutes, pas, tranches):
    assert tranches_of(minutes, pas) == tranches


RANGS = [
    LigneGrille("commune", 0, 599, 1, prix=45),
    LigneGrille("commune", 0, 599, 3, prix=35),
    LigneGrille("commune", 600, None, 1, prix=65),
    LigneGrille("commune", None, None, 1, prix=90),
    LigneGrille("hors", 0, None, 1, prix=99),
]


@pytest.mark.parametrize(
    ("residence", "quotient", "rang", "prix"),
    [
        ("commune", 0, 1, 45),
        ("commune", 599, 1, 45),
        ("commune", 600, 1, 65),
        ("commune", 300, 2, 45),  # the line of the first holds until that of the third
        ("commune", 300, 5, 35),
        ("", 300, 1, 45),
        ("commune", None, 2, 90),
        ("hors", 300, 1, 99),
        ("hors", None, 1, None),
    ],
)
def test_line_is_that_of_the_child(residence, quotient, rang, prix):
    ligne = ligne_of(RANGS, residence, quotient, rang)

    assert (ligne and ligne.prix) == prix


# --- Which one holds ----------------------------------------------------------------------------------------------


def known(cle: int, debut: date = date(2026, 9, 1), **fields) -> GrilleTarif:
    return GrilleTarif(**{"cle": cle, "nom": "Tarif", "debut": debut, "unite": "seance", **fields})


@pytest.mark.parametrize(
    ("tarifs", "cle"),
    [
        ([known(1, moment="soir")], 1),
        ([known(1, moment="midi")], None),
        (
            [known(1, creneaux=frozenset({SOIR})), known(2, date(2026, 10, 1), moment="soir")],
            1,
        ),  # the one that names it
        ([known(1, moment="soir"), known(2, date(2026, 10, 1), moment="soir")], 2),
        ([known(1, moment="soir"), known(2, date(2026, 12, 1), moment="soir")], 1),
        ([known(1, date(2026, 12, 1), creneaux=frozenset({SOIR})), known(2, moment="soir")], 2),
        ([known(1, moment="soir"), known(2, moment="soir")], 2),
    ],
)
def test_tariff_that_names_the_creneau_wins_then_the_latest_begun(tarifs, cle):
    trouve = tarif_of(tarifs, SOIR, "soir", date(2026, 11, 2))

    assert (trouve and trouve.cle) == cle


def extra(cle: int, debut: date = date(2026, 9, 1), **fields) -> SupplementVote:
    return SupplementVote(**{"cle": cle, "genre": "absence", "debut": debut, "prix": 100, **fields})


@pytest.mark.parametrize(
    ("supplements", "cle"),
    [
        ([extra(1)], 1),
        ([extra(1, genre="retard")], None),
        ([extra(1), extra(2, moment="soir"), extra(3, creneaux=frozenset({SOIR}))], 3),
        ([extra(1), extra(2, moment="soir"), extra(3, creneaux=frozenset({MIDI}))], 2),
        ([extra(1), extra(2, date(2026, 10, 1))], 2),
        ([extra(1, fin=date(2026, 10, 31))], None),
        ([extra(1, fin=date(2026, 11, 2))], 1),
    ],
)
def test_supplement_is_chosen_as_a_tariff_is(supplements, cle):
    trouve = supplement_of(supplements, "absence", SOIR, "soir", date(2026, 11, 2))

    assert (trouve and trouve.cle) == cle


# --- Holes and overlaps -------------------------------------------------------------------------------------------

COMPLETE = [(0, 599), (600, 859), (860, None), (None, None)]


def whole(commune=COMPLETE, hors=COMPLETE, rangs=(1,)) -> GrilleTarif:
    lignes = [
        LigneGrille(residence, de, a, rang, prix=100)
        for residence, tranches in (("commune", commune), ("hors", hors))
        for de, a in tranches
        for rang in rangs
    ]
    return known(1, lignes=tuple(lignes))


@pytest.mark.parametrize(
    ("grille", "dits"),
    [
        (whole(), []),
        (whole(rangs=(1, 2, 3)), []),
        (whole(hors=[(0, 799), (860, None), (None, None)]), ["Hors commune, de 800 à 859 : aucun prix"]),
        (whole(commune=[(0, 1900), (1900, None), (None, None)]), ["Commune, QF 1900 : deux prix"]),
        (whole(commune=[(1, None), (None, None)]), ["Commune, QF 0 : aucun prix"]),
        (whole(commune=[(0, 599), (None, None)]), ["Commune, 600 et plus : aucun prix"]),
        (whole(commune=[(0, None), (600, None), (None, None)]), ["Commune, 600 et plus : deux prix"]),
        (whole(commune=[(0, None)]), ["Commune, quotient inconnu : aucun prix"]),
        (whole(hors=[(None, None)]), ["Hors commune, 0 et plus : aucun prix"]),
        (whole(hors=[]), ["Hors commune, 0 et plus : aucun prix", "Hors commune, quotient inconnu : aucun prix"]),
        (
            whole(commune=[(0, 9), (0, 9), (0, 4), (10, None), (None, None)]),
            ["Commune, de 0 à 4 : plusieurs prix", "Commune, de 5 à 9 : deux prix"],
        ),
        (
            whole(commune=[(0, 99), (200, 299), (250, None), (None, None)]),
            ["Commune, de 100 à 199 : aucun prix", "Commune, de 250 à 299 : deux prix"],
        ),
    ],
)
def test_grid_says_its_holes_and_overlaps_in_words(grille, dits):
    assert [plain(str(defaut)) for defaut in defauts_of(grille.lignes)] == dits


def test_hole_of_one_rank_names_it():
    lignes = [
        ligne for ligne in whole(rangs=(1, 2)).lignes if (ligne.residence, ligne.qf_min, ligne.rang) != ("hors", 0, 2)
    ]

    [defaut] = defauts_of(lignes)
    assert str(defaut) == "Hors commune, de 0 à 599, 2e enfant et plus\u00a0: aucun prix"


@given(st.lists(st.tuples(st.integers(0, 60), st.none() | st.integers(0, 60)), max_size=6))
def test_grid_without_a_word_prices_every_quotient_once(tranches):
    tranches = [(de, a if a is None else max(de, a)) for de, a in tranches]
    lignes = [LigneGrille("commune", de, a, 1, prix=n) for n, (de, a) in enumerate(tranches)]
    combien = [sum(ligne.holds(quotient) for ligne in lignes) for quotient in range(70)]

    defauts = defauts_of((*lignes, *whole().lignes[3:]))

    assert (defauts == []) == (set(combien) == {1})
    assert len(defauts) == sum(n != 1 for n, _ in runs(combien))


def runs(nombres: list[int]) -> list[tuple[int, int]]:
    """Runs of one number: the number and where it begins."""
    return [(nombres[0], 0)] + [(b, n) for n, (a, b) in enumerate(pairwise(nombres), 1) if a != b]


@pytest.mark.parametrize(
    ("de", "a", "mots"),
    [(0, 599, "de 0 à 599"), (5, 5, "QF 5"), (1200, None, "1200 et plus"), (None, None, "quotient inconnu")],
)
def test_tranche_is_said_in_words(de, a, mots):
    assert quotients_texte(de, a) == mots
