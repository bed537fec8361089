"""Between the limit and a second one, a parent books for a voted supplement: values only, no database."""

from datetime import date, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enfance.inscriptions import decide
from enfance.models import Inscription, RegleDelai
from enfance.planning.cases import build_case
from enfance.regles import Acteur, Action, Cle, SupplementTardif, obstacles_for, tardif_of
from tests.enfance.situations import (
    COMPLET,
    FERMEE,
    FOYER_AUTRE,
    LUNDI_7,
    MAIRIE,
    MAIRIE_MOTIF,
    PARENT,
    SOIR,
    SOIR_7,
    changed,
    codes,
    make_situation,
    paris,
    toujours,
)

Etat = Inscription.Etat
HUIT_H = RegleDelai(pk=9, genre="jours", nombre=0, heure=time(8))
TARD = changed(SOIR, delai_tardif=HUIT_H)
DEUX_EUROS = SupplementTardif("+ 2,00 €", "+ 2,00 €")
SEMAINE_TYPE = Acteur.semaine_type(PARENT.responsable)
DANS, AVANT, APRES = paris(2026, 12, 7, 7), paris(2026, 12, 4, 11), paris(2026, 12, 7, 8)


def late(supplement=DEUX_EUROS, **champs):
    champs = {"now": DANS, "creneaux": {"soir": TARD}, "tardives": lambda creneau, jour: supplement} | champs
    return make_situation(**champs)


def test_the_limit_carries_the_supplement_between_the_two():
    (obstacle,) = obstacles_for(late(), SOIR_7, Action.INSCRIRE)

    assert (obstacle.code, obstacle.tardif) == ("limite", "+ 2,00 €")
    assert tardif_of([obstacle]) == "+ 2,00 €"
    assert late().tardive(LUNDI_7, TARD) == (paris(2026, 12, 7, 8), DEUX_EUROS)
    assert codes(late(now=AVANT)) == []


@pytest.mark.parametrize(
    "champs",
    [
        {"now": APRES},
        {"supplement": None},  # nothing was voted
        {"tardives": None},  # no app says any
        {"creneaux": {"soir": SOIR}},  # no second limit
        {"creneaux": {"soir": changed(SOIR, delai_tardif=SOIR.delai_inscription)}},  # not after the first
    ],
)
def test_nobody_books_late(champs):
    (obstacle,) = obstacles_for(late(**champs), SOIR_7, Action.INSCRIRE)

    assert (obstacle.code, obstacle.tardif) == ("limite", "")
    assert decide(late(**champs), SOIR_7, Etat.INSCRIT, "+ 2,00 €")[1] == [obstacle]


@pytest.mark.parametrize(
    ("champs", "reste"),
    [
        (COMPLET | {"creneaux": {"soir": changed(TARD, places=2)}}, ["limite", "complet"]),
        ({"gardes": {1: (toujours(FOYER_AUTRE),)}}, ["limite", "garde"]),
        ({"fermetures": FERMEE}, ["fermeture"]),
    ],
)
def test_places_closures_and_garde_still_say_no(champs, reste):
    situation = late(**champs)

    assert [obstacle.code for obstacle in decide(situation, SOIR_7, Etat.INSCRIT, "+ 2,00 €")[1]] == reste
    assert build_case(situation, SOIR_7, "Léa").genre != "libre"


def test_who_was_told_another_supplement_or_none_is_refused():
    assert decide(late(), SOIR_7, Etat.INSCRIT, "+ 2,00 €") == (Etat.INSCRIT, [])
    for dit in ("", "+ 1,00 €"):
        assert [obstacle.code for obstacle in decide(late(), SOIR_7, Etat.INSCRIT, dit)[1]] == ["limite"]


def test_a_waiting_list_is_not_joined_late():
    situation = late(**COMPLET | {"creneaux": {"soir": changed(TARD, places=2)}})

    assert [obstacle.code for obstacle in decide(situation, SOIR_7, Etat.ATTENTE, "+ 2,00 €")[1]] == ["limite"]


def test_cancelling_keeps_its_own_limit():
    (obstacle,) = obstacles_for(late(), SOIR_7, Action.ANNULER)

    assert (obstacle.code, obstacle.tardif) == ("limite", "")


def test_an_ordered_meal_passes_the_limit_by_itself():
    midi = changed(TARD, moment="midi", code="midi", pk=2)
    (obstacle,) = obstacles_for(
        late(creneaux={"midi": midi}, repas=frozenset({(1, LUNDI_7)})), Cle(1, LUNDI_7, "midi"), Action.INSCRIRE
    )

    assert (obstacle.repas, obstacle.tardif) == (True, "")


def test_a_weekly_pattern_and_the_town_hall_book_nothing_late():
    assert decide(late(acteur=SEMAINE_TYPE), SOIR_7, Etat.INSCRIT)[1]
    assert decide(late(acteur=MAIRIE, tardives=None), SOIR_7, Etat.INSCRIT)[1]
    assert decide(late(acteur=MAIRIE_MOTIF, tardives=None), SOIR_7, Etat.INSCRIT) == (Etat.INSCRIT, [])


def test_the_second_limit_is_never_after_the_beginning():
    nuit = RegleDelai(pk=9, genre="jours", nombre=0, heure=time(23))

    assert late().limites.tardive(LUNDI_7, changed(SOIR, delai_tardif=nuit)) == paris(2026, 12, 7, 16, 30)


def test_the_box_says_the_supplement_before_the_tick():
    case = build_case(late(), SOIR_7, "Léa")

    assert (case.genre, case.note, case.tardif, case.variante) == ("libre", "+ 2,00 €", "+ 2,00 €", "tard")
    assert "aide-tardif" in case.description
    assert not case.en_bloc  # no button ticks it with others


@given(
    st.integers(0, 60 * 24 * 7),
    st.builds(RegleDelai, genre=st.just("jours"), nombre=st.integers(0, 5), heure=st.times()),
    st.builds(RegleDelai, genre=st.just("jours"), nombre=st.integers(0, 5), heure=st.times()),
)
def test_late_is_only_ever_between_the_two_limits(minutes, normal, tardif):
    """Whatever the two deadlines and the instant: without a supplement told, the same boxes as ever are open; late,
    only after the limit and before the second one.
    """
    now = paris(2026, 12, 8) - timedelta(minutes=minutes)
    sans = make_situation(now=now, creneaux={"soir": changed(SOIR, delai_inscription=normal)})
    soir = changed(SOIR, delai_inscription=normal, delai_tardif=tardif)
    avec = late(now=now, creneaux={"soir": soir})

    assert codes(avec) == codes(sans)
    assert codes(avec, action=Action.ANNULER) == codes(sans, action=Action.ANNULER)
    limite, tardive = avec.limite(LUNDI_7, soir, Action.INSCRIRE), avec.limites.tardive(LUNDI_7, soir)
    is_late = bool(tardif_of(obstacles_for(avec, SOIR_7, Action.INSCRIRE)))
    assert is_late == (tardive is not None and limite <= now < tardive)
    assert tardive is None or tardive <= paris(2026, 12, 7, 16, 30)
    assert date(2026, 12, 7) == LUNDI_7
