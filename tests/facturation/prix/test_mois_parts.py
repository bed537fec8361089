"""Shares between payers, supplements, and what holds of every month whatever its facts."""

from datetime import date, time
from decimal import Decimal
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facturation.prix.fixes import PrixFixes
from facturation.prix.mois import Ennui, FaitDuMois, PartPayeur, facturer
from facturation.prix.tarifs import LigneGrille, SupplementVote
from tests.facturation.bareme import (
    AUTRE,
    CRENEAUX,
    FOYER,
    LEA,
    LUNDI,
    MARDI,
    MIDI,
    SOIR,
    TOM,
    at,
    contexte,
    fait,
    matin_tranche,
    midi,
    montants,
    rangs_of,
    soir_tranche,
    tarif,
)

# --- Shares -------------------------------------------------------------------------------------------------------


def split(*parts: int, debut: date | None = None, fin: date | None = None):
    return {LEA: [PartPayeur(f, part, debut, fin) for f, part in zip((FOYER, AUTRE), parts, strict=True)]}


@pytest.mark.parametrize(
    ("foyer", "prix", "parts", "dus"),
    [
        (FOYER, 4251, (50, 50), [2126, 2125]),
        (AUTRE, 4251, (50, 50), [2126, 2125]),  # the smaller key takes the cent, whoever registered
        (FOYER, 4251, (60, 40), [2551, 1700]),
        (FOYER, 1, (50, 50), [1, 0]),
    ],
)
def test_shared_price_is_cut_and_adds_up(foyer, prix, parts, dus):
    charges = facturer([fait(LEA, MIDI, foyer=foyer)], contexte(midi(prix), partages=split(*parts))).charges

    assert [(c.foyer, c.part, c.entier, c.montant) for c in charges] == [
        (FOYER, parts[0], prix, dus[0]),
        (AUTRE, parts[1], prix, dus[1]),
    ]


def test_shared_price_is_computed_once_in_the_foyer_of_the_inscription():
    grille = midi(
        0,
        lignes=[
            LigneGrille("commune", 0, 599, 1, prix=60),
            LigneGrille("commune", 0, 599, 2, prix=50),
            LigneGrille("hors", 600, None, 1, prix=300),
        ],
    )
    where = {"quotients": {FOYER: 500, AUTRE: 900}, "residences": {FOYER: "commune", AUTRE: "hors"}}
    faits = [fait(TOM, MIDI), fait(LEA, MIDI)]

    charges = facturer(faits, contexte(grille, partages={TOM: split(50, 50)[LEA]}, **where)).charges

    assert [(c.enfant, c.foyer, c.montant, c.rang, c.quotient) for c in charges] == [
        (LEA, FOYER, 60, 1, 500),
        (TOM, FOYER, 25, 2, 500),
        (TOM, AUTRE, 25, 2, 500),
    ]


def test_share_counts_between_its_dates():
    faits = [fait(LEA, MIDI), fait(LEA, MIDI, MARDI)]

    charges = facturer(faits, contexte(midi(80), partages=split(50, 50, debut=MARDI))).charges

    assert [(c.foyer, c.jour, c.montant) for c in charges] == [
        (FOYER, LUNDI, 80),
        (FOYER, MARDI, 40),
        (AUTRE, MARDI, 40),
    ]


def test_two_shares_of_one_payer_are_one_line():
    shares = {LEA: [PartPayeur(AUTRE, 60), PartPayeur(AUTRE, 40)]}

    (charge,) = facturer([fait(LEA, MIDI)], contexte(midi(80), partages=shares)).charges

    assert (charge.foyer, charge.part, charge.montant) == (AUTRE, 100, 80)


@pytest.mark.parametrize("autre", [50, 100])
def test_line_of_another_payer_says_that_the_price_is_not_made_from_its_own_quotient(autre):
    shares = {LEA: [PartPayeur(AUTRE, autre), *([PartPayeur(FOYER, 100 - autre)] if autre < 100 else [])]}

    charges = facturer([fait(LEA, MIDI)], contexte(midi(80), partages=shares)).charges

    propres = {c.foyer: c.prix_dit.get("propre", True) for c in charges}
    assert propres == {AUTRE: False} | ({FOYER: True} if autre < 100 else {})


@pytest.mark.parametrize("parts", [(50, 40), (60, 60)])
def test_shares_that_do_not_make_100_block(parts):
    facturation = facturer([fait(LEA, MIDI), fait(LEA, MIDI, MARDI)], contexte(midi(80), partages=split(*parts)))

    assert facturation.charges == []
    assert [(a.ennui, a.enfant, a.jour) for a in facturation.bloquantes] == [(Ennui.PARTAGE, LEA, LUNDI)]


def test_month_is_cut_as_a_seance_is():
    mensuel = tarif(MIDI, unite="mois", prix=4251)

    charges = facturer([fait(LEA, MIDI)], contexte(mensuel, partages=split(60, 40))).charges

    assert [(c.nature, c.montant) for c in charges] == [("forfait", 2551), ("forfait", 1700)]


# --- Supplements --------------------------------------------------------------------------------------------------

RETARD = SupplementVote(
    cle=1, genre="retard", debut=date(2026, 9, 1), moment="soir", prix=500, tolerance=5, article="article 4"
)
SANS = SupplementVote(cle=2, genre="sans_inscription", debut=date(2026, 9, 1), prix=100)
ABSENCE = SupplementVote(cle=3, genre="absence", debut=date(2026, 9, 1), pourcentage=50)


@pytest.mark.parametrize(
    ("heure", "dus"), [((18, 30), [260]), ((18, 35), [260]), ((18, 35, 59), [260]), ((18, 36), [260, 500])]
)
def test_late_pick_up_is_due_past_its_tolerance(heure, dus):
    faits = [fait(LEA, SOIR, arrivee=at(LUNDI, 16, 30), depart=at(LUNDI, *heure))]

    assert montants(facturer(faits, contexte(soir_tranche(65), supplements=[RETARD]))) == dus


def test_supplement_is_a_line_of_its_own_out_of_the_tax_credit():
    faits = [fait(LEA, SOIR, arrivee=at(LUNDI, 16, 30), depart=at(LUNDI, 18, 41))]

    seance, retard = facturer(faits, contexte(soir_tranche(65), supplements=[RETARD], partages=split(50, 50))).charges[
        ::2
    ]

    assert (seance.nature, seance.credit_impot, seance.supplement) == ("seance", True, None)
    assert (retard.nature, retard.credit_impot, retard.supplement, retard.tarif, retard.ligne) == (
        "retard",
        False,
        1,
        None,
        None,
    )
    assert (retard.prix, retard.entier, retard.montant, retard.prix_dit["article"]) == (500, 500, 250, "article 4")


@pytest.mark.parametrize(
    ("creneau", "moment", "creneaux", "dus"),
    [
        (MIDI, "", (), [100]),  # nobody picks a child up at midi
        (SOIR, "", (), [100, 500]),
        (MIDI, "midi", (), [100, 500]),
        (MIDI, "", (MIDI,), [100, 500]),
        (SOIR, "", (MIDI,), [100]),
    ],
)
def test_late_pick_up_is_asked_where_children_are_picked_up(creneau, moment, creneaux, dus):
    retard = SupplementVote(
        cle=1, genre="retard", debut=date(2026, 9, 1), prix=500, moment=moment, creneaux=frozenset(creneaux)
    )
    faits = [fait(LEA, creneau, arrivee=at(LUNDI, 7), depart=at(LUNDI, 19))]

    assert montants(facturer(faits, contexte(tarif(creneau), supplements=[retard]))) == dus


@pytest.mark.parametrize(
    ("base", "fields", "dus"),
    [
        ("inscription", {"arrivee": at(LUNDI, 12)}, [100]),
        ("presence", {"arrivee": at(LUNDI, 12)}, [80, 100]),
        ("presence", {"arrivee": at(LUNDI, 12), "close": False}, []),
        ("presence", {"arrivee": at(LUNDI, 12), "inscrit": True}, [80]),
    ],
)
def test_presence_without_inscription_has_its_supplement(base, fields, dus):
    faits = [fait(LEA, MIDI, **{"inscrit": False, **fields})]

    assert montants(facturer(faits, contexte(midi(80, base=base), supplements=[SANS]))) == dus


@pytest.mark.parametrize(
    ("fields", "dus"),
    [
        ({}, [85, 43]),  # 42,5 goes up
        ({"excusee": True}, [0]),
        ({"arrivee": at(LUNDI, 12)}, [85]),
        ({"close": False}, [85]),
        ({"close": False, "prevue": True}, [85]),
    ],
)
def test_absence_that_is_not_excused_has_its_supplement(fields, dus):
    assert montants(facturer([fait(LEA, MIDI, **fields)], contexte(midi(85), supplements=[ABSENCE]))) == dus


def test_per_cent_of_a_price_of_the_month_is_never_guessed():
    facturation = facturer([fait(LEA, MIDI)], contexte(tarif(MIDI, unite="mois"), supplements=[ABSENCE]))

    assert montants(facturation) == [100]
    assert [anomalie.ennui for anomalie in facturation.bloquantes] == [Ennui.SANS_PRIX]


@pytest.mark.parametrize(("ensemble", "montant"), [([], 100), ([fait(LEA, MIDI)], 75)])
def test_per_cent_where_siblings_share_a_price_is_of_the_childs_own_part(ensemble, montant):
    """Two at table cost 3,00 €, one 2,00 €: half of what he would cost at this one, whatever his rank in the month."""
    moitie = SupplementVote(cle=1, genre="sans_inscription", debut=date(2026, 9, 1), pourcentage=50)
    faits = [*ensemble, fait(LEA, MIDI, MARDI), fait(TOM, MIDI, inscrit=False, arrivee=at(LUNDI, 12))]
    regles = contexte(midi(0, lignes=rangs_of(200, 300), fratrie=True), supplements=[moitie])

    assert [charge.montant for charge in facturer(faits, regles).charges if charge.enfant == TOM] == [montant]


def test_supplement_alone_gives_its_rank_and_needs_its_payer():
    seul = [fait(LEA, MIDI, inscrit=False, arrivee=at(LUNDI, 12)), fait(TOM, MIDI)]
    sans_foyer = [fait(LEA, MIDI, inscrit=False, foyer=None, arrivee=at(LUNDI, 12))]
    regles = contexte(midi(0, lignes=rangs_of(80, 70)), supplements=[SANS])

    assert montants(facturer(seul, regles)) == [100, 70]
    assert [anomalie.ennui for anomalie in facturer(sans_foyer, regles).bloquantes] == [Ennui.SANS_PAYEUR]


# --- Whatever the month -------------------------------------------------------------------------------------------

ENFANTS = [LEA, TOM, 13, 14]
JOURS = [date(2026, 11, n) for n in (2, 3, 5, 6, 9)]
GRILLE = [
    LigneGrille("commune", 0, 599, 1, prix=45),
    LigneGrille("commune", 0, 599, 2, prix=40),
    LigneGrille("commune", 600, None, 1, taux=Decimal("0.1133"), minimum=50, maximum=319),
    LigneGrille("commune", None, None, 1, prix=90),
    LigneGrille("hors", 0, None, 1, prix=180),
    LigneGrille("hors", None, None, 1, prix=190),
]
UNITES = [{}, {"par_jour": True}, {"fratrie": True}, {"unite": "mois"}, {"arrondi": 5}]
heures = st.none() | st.builds(time, st.integers(6, 19), st.integers(0, 59))


@st.composite
def months(draw):
    """Any facts of four children of two foyers, some shared, under any of these tariffs."""
    base = st.sampled_from(["inscription", "presence", "les_deux"])
    tarifs = [
        matin_tranche(0, lignes=GRILLE, base=draw(base)),
        midi(0, lignes=GRILLE, base=draw(base), **draw(st.sampled_from(UNITES))),
        soir_tranche(0, lignes=GRILLE, base=draw(base), fratrie=draw(st.booleans())),
    ]
    cles = draw(st.sets(st.sampled_from(list(product(ENFANTS, JOURS, CRENEAUX))), max_size=25))
    faits = []
    for enfant, jour, creneau in sorted(cles):
        arrivee, depart = draw(heures), draw(heures)
        if arrivee is None or (depart is not None and depart < arrivee):
            depart = None
        faits.append(
            FaitDuMois(
                enfant,
                jour,
                creneau,
                draw(st.sampled_from([FOYER, FOYER, AUTRE, None])),
                draw(st.booleans()),
                draw(st.booleans()),
                arrivee and at(jour, arrivee.hour, arrivee.minute),
                depart and at(jour, depart.hour, depart.minute),
                draw(st.booleans()),
                draw(st.booleans()),
            )
        )
    part = draw(st.integers(1, 99))
    return faits, contexte(
        *tarifs,
        naissances={enfant: draw(st.dates(date(2015, 1, 1), date(2023, 1, 1))) for enfant in ENFANTS},
        quotients=draw(st.dictionaries(st.sampled_from([FOYER, AUTRE]), st.integers(0, 3000))),
        residences=draw(st.dictionaries(st.sampled_from([FOYER, AUTRE]), st.sampled_from(["", "commune", "hors"]))),
        partages=draw(st.sampled_from([{}, split(part, 100 - part), split(part, 100)])),
        supplements=draw(st.lists(st.sampled_from([RETARD, SANS, ABSENCE]), unique=True)),
    )


@pytest.mark.ci
@given(months(), st.randoms())
def test_order_of_the_facts_changes_nothing(month, hasard):
    faits, regles = month
    melanges = list(faits)
    hasard.shuffle(melanges)

    assert facturer(melanges, regles) == facturer(faits, regles)


@pytest.mark.ci
@given(months())
def test_shares_add_up_and_every_amount_is_whole_centimes(month):
    charges = facturer(*month).charges

    ensembles = {}
    for charge in charges:
        ensembles.setdefault((charge.enfant, charge.jour, charge.creneau, charge.nature), []).append(charge)
    for siennes in ensembles.values():
        assert sum(charge.montant for charge in siennes) == siennes[0].entier
        assert sum(charge.part for charge in siennes) == 100
    for charge in charges:
        assert {type(charge.prix), type(charge.entier), type(charge.montant), type(charge.quantite)} == {int}
        assert charge.entier == charge.quantite * charge.prix
        assert charge.montant >= 0


@pytest.mark.ci
@given(months())
def test_no_line_comes_twice_and_nothing_is_billed_without_a_tariff(month):
    charges = facturer(*month).charges

    assert len({(c.enfant, c.jour, c.creneau, c.foyer, c.nature) for c in charges}) == len(charges)
    assert all((c.tarif is None) != (c.supplement is None) for c in charges)
    assert all(c.credit_impot == (c.supplement is None) for c in charges)


@pytest.mark.ci
@given(months())
def test_days_billed_one_by_one_make_the_month_where_no_rank_counts(month):
    # One child, by the séance or the tranche: what a day costs does not depend on the others.
    faits, regles = month
    siens = [fact for fact in faits if fact.enfant == LEA]
    if any(t.unite == "mois" for t in regles.tarifs):
        return

    by_day = [c for jour in JOURS for c in facturer([f for f in siens if f.jour == jour], regles).charges]

    assert by_day == facturer(siens, regles).charges


@pytest.mark.ci
@given(months(), st.sets(st.sampled_from(ENFANTS)))
def test_price_written_beside_a_box_is_the_one_of_its_line(month, connus):
    # Whatever else is ticked: the facts are any, and some of the children who are billed may be known to be.
    faits, regles = month
    charges = facturer(faits, regles).charges

    for charge in (c for c in charges if c.nature == "seance" and c.quantite):
        surs = connus & {autre.enfant for autre in charges if autre.foyer == charge.foyer and autre.quantite}
        dit = PrixFixes(regles, charge.foyer, ENFANTS, surs).of(charge.enfant, charge.jour, charge.creneau)
        if dit is not None:
            assert (charge.prix, charge.montant) == (dit.centimes, charge.quantite * dit.centimes)
            assert charge.prix_dit["minutes"] == dit.minutes or charge.prix_dit["unite"] == "seance"
