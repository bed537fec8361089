"""The rules of an inscription, each obstacle alone: values only, no database."""

from copy import deepcopy
from dataclasses import replace
from datetime import UTC, date, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import User
from enfance.models import Creneau, Enfant, Foyer, Garde, Inscription, RegleDelai, Responsable, Scolarite
from enfance.regles import Acteur, Action, Cle, FermetureVue, Situation, obstacles_for, regle
from portail.dates import PARIS
from tests.enfance.annees import ANNEE_2026, CALENDRIER

LUNDI_7 = date(2026, 12, 7)
SOIR_7 = Cle(1, LUNDI_7, "soir")
FOYER_LEA, FOYER_AUTRE = Foyer(pk=10), Foyer(pk=20)
PARENT = Acteur.parent(Responsable(pk=1, user=User(pk=100), foyer=FOYER_LEA))
AUTRE_PARENT = Acteur.parent(Responsable(pk=2, user=User(pk=200), foyer=FOYER_AUTRE))
MAIRIE = Acteur.mairie(user_id=300)
MAIRIE_MOTIF = Acteur.mairie(user_id=300, motif="appel de la famille")
IMPORT = Acteur.import_onde()

VEILLE_MIDI = RegleDelai(pk=1, genre="jours_ouvres", nombre=1, heure=time(12))
JOUR_MEME = RegleDelai(pk=2, genre="jours", nombre=0, heure=time(7))
SOIR = Creneau(
    pk=3, code="soir", nom="Soir", nom_court="soir", debut=time(16, 30), fin=time(18, 30), delai_inscription=VEILLE_MIDI
)
MATIN = Creneau(
    pk=1,
    code="matin",
    nom="Matin",
    nom_court="matin",
    debut=time(7, 30),
    fin=time(8, 30),
    delai_inscription=VEILLE_MIDI,
)


def paris(*args, fold=0):
    return datetime(*args, tzinfo=PARIS, fold=fold)


def toujours(foyer, **champs):
    return Garde(foyer=foyer, rythme="toujours", **champs)


def alternee(foyer, depuis, passage="lundi"):
    return Garde(foyer=foyer, rythme="alternee", depuis=depuis, passage=passage)


def make_situation(**champs):
    """Léa (1), on Thursday 3 December 2026 at 20 h 41: all may be done but what a test changes."""
    defauts = {
        "now": paris(2026, 12, 3, 20, 41),
        "acteur": PARENT,
        "calendrier": CALENDRIER,
        "creneaux": {"matin": MATIN, "soir": SOIR},
        "enfants": {1: Enfant(pk=1, prenom="Léa", nom="Morel")},
        "scolarites": {(1, ANNEE_2026.debut): Scolarite(enfant_id=1, classe_id=5)},
        "gardes": {1: (toujours(FOYER_LEA),)},
    }
    return Situation(**(defauts | champs))


def codes(situation, cle=SOIR_7, action=Action.INSCRIRE):
    return [obstacle.code for obstacle in obstacles_for(situation, cle, action)]


def changed(instance, **champs):
    """The same unsaved row with other values."""
    copie = deepcopy(instance)
    for nom, valeur in champs.items():
        setattr(copie, nom, valeur)
    return copie


PARTIELLE = replace(CALENDRIER, annees=(replace(ANNEE_2026, ouverture=None),))
FUTURE = replace(CALENDRIER, annees=(replace(ANNEE_2026, ouverture=date(2026, 12, 4)),))
FERMEE = (FermetureVue(LUNDI_7, LUNDI_7, "formation de l’équipe"),)
COMPLET = {"creneaux": {"soir": changed(SOIR, places=2)}, "occupation": {(LUNDI_7, 3): 2}}


@pytest.mark.parametrize("action", Action)
@pytest.mark.parametrize("acteur", [PARENT, MAIRIE, IMPORT])
def test_nothing_stands_in_the_way_of_an_ordinary_day(acteur, action):
    assert codes(make_situation(acteur=acteur), action=action) == []


@pytest.mark.parametrize(
    ("champs", "cle", "code", "message", "overridable"),
    [
        ({}, Cle(1, LUNDI_7, "nuit"), "creneau", "ce moment de garderie n’existe pas.", False),
        ({}, Cle(2, LUNDI_7, "soir"), "enfant", "cet enfant n’est pas rattaché à votre compte.", False),
        (
            {"acteur": MAIRIE},
            Cle(2, LUNDI_7, "soir"),
            "enfant",
            "cet enfant n’est dans aucune année scolaire.",
            False,
        ),
        (
            {},
            Cle(1, date(2028, 9, 1), "soir"),
            "annee",
            "ce jour n’est pas dans une année scolaire préparée par la mairie.",
            False,
        ),
        ({"scolarites": {}}, SOIR_7, "scolarite", "cet enfant n’est pas à l’école ce jour-là.", False),
        (
            {"calendrier": PARTIELLE},
            SOIR_7,
            "ouverture",
            "la mairie n’a pas encore ouvert les inscriptions de cette année scolaire.",
            False,
        ),
        (
            {"calendrier": FUTURE},
            SOIR_7,
            "ouverture",
            "les inscriptions ouvrent le vendredi 4\u00a0décembre.",
            False,
        ),
        (
            {},
            Cle(1, date(2026, 12, 21), "soir"),
            "vacances",
            "pas de garderie pendant les congés (Vacances de Noël).",
            False,
        ),
        (
            {},
            Cle(1, date(2027, 3, 29), "soir"),
            "ferie",
            "jour férié (Lundi de Pâques).",
            False,
        ),
        ({}, Cle(1, date(2026, 12, 9), "soir"), "ecole", "il n’y a pas école ce jour-là.", False),
        (
            {"creneaux": {"soir": changed(SOIR, lundi=False)}},
            SOIR_7,
            "jour",
            "ce moment de garderie n’est pas ouvert ce jour-là.",
            False,
        ),
        ({"fermetures": FERMEE}, SOIR_7, "fermeture", "garderie fermée (formation de l’équipe).", False),
        (
            {"now": paris(2026, 12, 4, 12)},
            SOIR_7,
            "limite",
            "la date limite est passée (vendredi 4\u00a0décembre, 12\u00a0h).",
            True,
        ),
        (
            {"gardes": {1: (toujours(FOYER_AUTRE),)}},
            SOIR_7,
            "garde",
            "Léa est chez l’autre parent ce jour-là.",
            True,
        ),
        (
            {"gardes": {}},
            SOIR_7,
            "garde",
            "aucun foyer n’a la garde ce jour-là\u00a0: appelez la mairie.",
            True,
        ),
        (
            {"gardes": {}, "acteur": MAIRIE},
            SOIR_7,
            "garde",
            "aucun foyer n’a la garde ce jour-là.",
            True,
        ),
        (COMPLET, SOIR_7, "complet", "il n’y a plus de place.", True),
    ],
)
def test_each_obstacle_alone(champs, cle, code, message, overridable):
    (obstacle,) = obstacles_for(make_situation(**champs), cle, Action.INSCRIRE)

    assert (obstacle.code, obstacle.message, obstacle.overridable) == (code, message, overridable)


def test_a_day_without_school_hides_the_rest():
    situation = make_situation(now=paris(2026, 12, 8, 8), gardes={}, fermetures=FERMEE, **COMPLET)

    assert codes(situation) == ["fermeture"]


def test_limit_garde_and_places_add_up():
    situation = make_situation(now=paris(2026, 12, 8, 8), gardes={}, **COMPLET)

    assert codes(situation) == ["limite", "garde", "complet"]
    assert codes(situation, action=Action.ANNULER) == ["limite", "garde"]


# --- The town hall and the imports ----------------------------------------------------------------------------------


@pytest.mark.parametrize("champs", [{"now": paris(2026, 12, 8, 8)}, {"gardes": {}}, COMPLET])
def test_town_hall_passes_over_limit_garde_and_places_with_a_reason_only(champs):
    (obstacle,) = obstacles_for(make_situation(acteur=MAIRIE, **champs), SOIR_7, Action.INSCRIRE)

    assert not MAIRIE.passes(obstacle)
    assert MAIRIE_MOTIF.passes(obstacle)
    assert not PARENT.passes(obstacle)


@pytest.mark.parametrize(
    ("champs", "cle"),
    [
        ({"fermetures": FERMEE}, SOIR_7),
        ({}, Cle(1, date(2026, 12, 21), "soir")),
        ({}, Cle(1, date(2027, 3, 29), "soir")),
        ({"scolarites": {}}, SOIR_7),
        ({}, Cle(2, LUNDI_7, "soir")),
    ],
)
def test_town_hall_never_passes_over_calendar_and_closures(champs, cle):
    (obstacle,) = obstacles_for(make_situation(acteur=MAIRIE_MOTIF, **champs), cle, Action.INSCRIRE)

    assert not MAIRIE_MOTIF.passes(obstacle)


def test_import_passes_over_limit_and_garde_but_not_places():
    situation = make_situation(acteur=IMPORT, now=paris(2026, 12, 8, 8), gardes={}, **COMPLET)

    passes = {o.code: IMPORT.passes(o) for o in obstacles_for(situation, SOIR_7, Action.INSCRIRE)}
    assert passes == {"limite": True, "garde": True, "complet": False}


def test_town_hall_acts_before_the_year_is_open_to_parents():
    assert codes(make_situation(acteur=MAIRIE, calendrier=PARTIELLE)) == []
    assert codes(make_situation(acteur=IMPORT, calendrier=PARTIELLE)) == []


def test_town_hall_acts_for_whichever_foyer_has_garde():
    assert codes(make_situation(acteur=MAIRIE, gardes={1: (toujours(FOYER_AUTRE),)})) == []


def test_a_year_is_open_from_the_morning_of_its_day_in_paris():
    assert codes(make_situation(calendrier=FUTURE, now=datetime(2026, 12, 3, 22, 59, tzinfo=UTC))) == ["ouverture"]
    assert codes(make_situation(calendrier=FUTURE, now=datetime(2026, 12, 3, 23, 0, tzinfo=UTC))) == []


# --- Until when (VAL-03) ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("now", "attendu"),
    [
        (paris(2026, 12, 4, 11, 59, 59), []),
        (paris(2026, 12, 4, 11, 59, 59, 999_999), []),
        (paris(2026, 12, 4, 12), ["limite"]),
        (datetime(2026, 12, 4, 10, 59, 59, tzinfo=UTC), []),
        (datetime(2026, 12, 4, 11, 0, 0, tzinfo=UTC), ["limite"]),
        (paris(2026, 12, 7, 17), ["limite"]),
    ],
)
@pytest.mark.parametrize("action", Action)
def test_a_day_is_open_strictly_before_its_limit(now, attendu, action):
    assert codes(make_situation(now=now), action=action) == attendu


@pytest.mark.parametrize(
    ("now", "attendu"),
    [
        (datetime(2026, 10, 25, 0, 29, 59, tzinfo=UTC), []),  # 2 h 29, the first time
        (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), ["limite"]),  # 2 h 30, the first time
        (datetime(2026, 10, 25, 1, 15, tzinfo=UTC), ["limite"]),  # 2 h 15, the second time
        (paris(2026, 10, 25, 2, 15), []),
        (paris(2026, 10, 25, 2, 15, fold=1), ["limite"]),
    ],
)
def test_an_hour_that_comes_twice_closes_the_first_time(now, attendu):
    # The limit of Monday 2 November is « dimanche, 2 h 30 » of the week before: 25 October, in the holidays.
    nuit = RegleDelai(genre="semaine", nombre=2, jour_semaine=6, heure=time(2, 30))
    situation = make_situation(now=now, creneaux={"soir": changed(SOIR, delai_inscription=nuit)})

    assert codes(situation, Cle(1, date(2026, 11, 2), "soir")) == attendu


@pytest.mark.parametrize(
    ("now", "attendu"),
    [
        (datetime(2027, 3, 28, 1, 29, 59, tzinfo=UTC), []),
        (datetime(2027, 3, 28, 1, 30, tzinfo=UTC), ["limite"]),  # 3 h 30: 2 h 30 does not exist
        (paris(2027, 3, 28, 3, 29, 59), []),
        (paris(2027, 3, 28, 3, 30), ["limite"]),
    ],
)
def test_an_hour_that_is_missing_closes_one_hour_later(now, attendu):
    nuit = RegleDelai(genre="jours", nombre=2, heure=time(2, 30))
    situation = make_situation(now=now, creneaux={"soir": changed(SOIR, delai_inscription=nuit)})

    assert codes(situation, Cle(1, date(2027, 3, 30), "soir")) == attendu


def test_cancelling_may_have_its_own_limit():
    soir = changed(SOIR, delai_annulation=JOUR_MEME)
    situation = make_situation(now=paris(2026, 12, 7, 6, 59), creneaux={"soir": soir})

    assert codes(situation, action=Action.INSCRIRE) == ["limite"]
    assert codes(situation, action=Action.ANNULER) == []
    assert situation.limite(LUNDI_7, soir, Action.ANNULER) == paris(2026, 12, 7, 7)
    assert regle(soir, Action.INSCRIRE) == VEILLE_MIDI
    assert regle(SOIR, Action.ANNULER) == VEILLE_MIDI


def test_a_closure_moves_no_limit():
    fermee = (FermetureVue(date(2026, 12, 3), date(2026, 12, 4), "grève"),)
    situation = make_situation(fermetures=fermee)

    assert situation.limite(LUNDI_7, SOIR, Action.INSCRIRE) == paris(2026, 12, 4, 12)
    assert codes(situation) == []


def test_the_past_is_closed():
    assert codes(make_situation(), Cle(1, date(2026, 12, 1), "soir")) == ["limite"]


# --- Closures, departure ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fermeture", "attendu"),
    [
        (FermetureVue(date(2026, 12, 1), date(2026, 12, 7), "neige"), ["fermeture"]),
        (FermetureVue(date(2026, 12, 7), date(2026, 12, 9), "neige"), ["fermeture"]),
        (FermetureVue(date(2026, 12, 8), date(2026, 12, 9), "neige"), []),
        (FermetureVue(date(2026, 12, 1), date(2026, 12, 4), "neige"), []),
        (FermetureVue(LUNDI_7, LUNDI_7, "grève", creneaux=frozenset({1, 3})), ["fermeture"]),
        (FermetureVue(LUNDI_7, LUNDI_7, "grève", creneaux=frozenset({1})), []),
        (FermetureVue(LUNDI_7, LUNDI_7, "sortie", classes=frozenset({4, 5})), ["fermeture"]),
        (FermetureVue(LUNDI_7, LUNDI_7, "sortie", classes=frozenset({4})), []),
        (FermetureVue(LUNDI_7, LUNDI_7, "sortie", frozenset({3}), frozenset({5})), ["fermeture"]),
        (FermetureVue(LUNDI_7, LUNDI_7, "sortie", frozenset({1}), frozenset({5})), []),
        (FermetureVue(LUNDI_7, LUNDI_7, "sortie", frozenset({3}), frozenset({4})), []),
    ],
)
def test_a_closure_covers_its_days_creneaux_and_classes(fermeture, attendu):
    assert codes(make_situation(fermetures=(fermeture,))) == attendu


def test_a_closure_of_classes_spares_a_pupil_without_class():
    provisoire = {(1, ANNEE_2026.debut): Scolarite(enfant_id=1)}
    sortie = FermetureVue(LUNDI_7, LUNDI_7, "sortie", classes=frozenset({5}))

    assert codes(make_situation(scolarites=provisoire, fermetures=(sortie,))) == []
    assert codes(make_situation(scolarites=provisoire, fermetures=FERMEE)) == ["fermeture"]


@pytest.mark.parametrize(
    ("depart", "attendu"),
    [(date(2026, 12, 8), []), (date(2026, 12, 7), ["scolarite"]), (date(2026, 11, 2), ["scolarite"])],
)
def test_a_pupil_who_has_left_is_not_registered_any_more(depart, attendu):
    scolarites = {(1, ANNEE_2026.debut): Scolarite(enfant_id=1, depart=depart)}

    assert codes(make_situation(scolarites=scolarites)) == attendu


def test_a_scolarite_is_that_of_its_own_year():
    situation = make_situation()

    assert codes(situation, Cle(1, date(2027, 9, 2), "soir")) == ["scolarite"]


# --- Garde -----------------------------------------------------------------------------------------------------------

DEUX_FOYERS = (alternee(FOYER_LEA, date(2026, 11, 30)), alternee(FOYER_AUTRE, date(2026, 12, 7)))
DEUX_FOYERS_VENDREDI = (
    alternee(FOYER_LEA, date(2026, 11, 30), "vendredi"),
    alternee(FOYER_AUTRE, date(2026, 12, 7), "vendredi"),
)


@pytest.mark.parametrize(
    ("gardes", "jour", "creneau", "foyers"),
    [
        (DEUX_FOYERS, date(2026, 11, 30), SOIR, [10]),
        (DEUX_FOYERS, date(2026, 12, 4), SOIR, [10]),
        (DEUX_FOYERS, date(2026, 12, 7), MATIN, [20]),
        (DEUX_FOYERS, date(2026, 12, 14), MATIN, [10]),
        (DEUX_FOYERS, date(2026, 11, 23), MATIN, [20]),  # before the day it is counted from
        # 2026 has 53 ISO weeks: by parity, weeks 53 and 1 would both be odd
        (DEUX_FOYERS, date(2026, 12, 21), MATIN, [20]),
        (DEUX_FOYERS, date(2026, 12, 28), MATIN, [10]),
        (DEUX_FOYERS, date(2027, 1, 4), MATIN, [20]),
        (DEUX_FOYERS, date(2027, 1, 11), MATIN, [10]),
        # handed over on Friday evening: that evening is the next holder's
        (DEUX_FOYERS_VENDREDI, date(2026, 12, 3), SOIR, [10]),
        (DEUX_FOYERS_VENDREDI, date(2026, 12, 4), MATIN, [10]),
        (DEUX_FOYERS_VENDREDI, date(2026, 12, 4), SOIR, [20]),
        (DEUX_FOYERS_VENDREDI, date(2026, 12, 5), MATIN, [20]),
        (DEUX_FOYERS_VENDREDI, date(2026, 12, 7), MATIN, [20]),
        (DEUX_FOYERS_VENDREDI, date(2026, 12, 11), MATIN, [20]),
        (DEUX_FOYERS_VENDREDI, date(2026, 12, 11), SOIR, [10]),
        # several at once, none, between dates
        ((toujours(FOYER_AUTRE), toujours(FOYER_LEA)), LUNDI_7, SOIR, [10, 20]),
        ((toujours(FOYER_LEA), *DEUX_FOYERS), LUNDI_7, SOIR, [10, 20]),
        ((), LUNDI_7, SOIR, []),
        ((toujours(FOYER_LEA, fin=date(2026, 12, 6)), toujours(FOYER_AUTRE, debut=LUNDI_7)), LUNDI_7, SOIR, [20]),
        ((toujours(FOYER_LEA, debut=LUNDI_7, fin=LUNDI_7),), LUNDI_7, SOIR, [10]),
        ((toujours(FOYER_LEA, debut=date(2026, 12, 8)),), LUNDI_7, SOIR, []),
    ],
)
def test_foyers_that_have_garde(gardes, jour, creneau, foyers):
    assert make_situation(gardes={1: gardes}).foyers(1, jour, creneau) == foyers


@pytest.mark.parametrize(
    ("depuis", "passage"),
    [
        (jour, passage)
        for passage in Garde.Passage
        for jour in [date(2026, 12, 7), date(2026, 12, 11), date(2026, 12, 12), date(2026, 12, 13)]
    ],
)
def test_the_day_that_weeks_are_counted_from_is_spent_in_that_foyer(depuis, passage):
    assert alternee(FOYER_LEA, depuis, passage).holds(depuis)


@given(
    st.dates(date(2026, 9, 1), date(2028, 7, 1)),
    st.dates(date(2026, 9, 1), date(2028, 7, 1)),
    st.sampled_from(Garde.Passage),
    st.booleans(),
)
def test_one_week_in_two_is_one_foyer_or_the_other_never_both(depuis, jour, passage, soir):
    premier = alternee(FOYER_LEA, depuis, passage)
    second = alternee(FOYER_AUTRE, date.fromordinal(depuis.toordinal() + 7), passage)

    assert premier.holds(jour, soir) is not second.holds(jour, soir)
    assert premier.holds(jour, soir) is premier.holds(date.fromordinal(jour.toordinal() + 14), soir)


def test_each_foyer_edits_only_its_own_days():
    jours = [date(2026, 12, 14), date(2026, 12, 21 - 14)]
    lea = make_situation(gardes={1: DEUX_FOYERS})
    autre = replace(lea, acteur=AUTRE_PARENT)

    assert [codes(lea, Cle(1, jour, "soir")) for jour in jours] == [[], ["garde"]]
    assert [codes(autre, Cle(1, jour, "soir")) for jour in jours] == [["garde"], []]
    assert codes(autre, Cle(1, jours[0], "soir"), Action.ANNULER) == ["garde"]


def test_two_foyers_that_both_have_garde_may_both_edit():
    situation = make_situation(gardes={1: (toujours(FOYER_LEA), toujours(FOYER_AUTRE))})

    assert codes(situation) == []
    assert codes(replace(situation, acteur=AUTRE_PARENT)) == []


def test_an_obstacle_of_garde_never_names_the_other_foyer():
    situation = make_situation(gardes={1: (toujours(FOYER_AUTRE),)})

    (obstacle,) = obstacles_for(situation, SOIR_7, Action.INSCRIRE)
    assert obstacle.message == "Léa est chez l’autre parent ce jour-là."


# --- Places ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("places", "occupation", "libres", "attendu"),
    [
        (None, 500, None, []),
        (2, 0, 2, []),
        (2, 1, 1, []),
        (2, 2, 0, ["complet"]),
        (2, 3, 0, ["complet"]),  # fewer places remove nobody
        (0, 0, 0, ["complet"]),
    ],
)
def test_places_left(places, occupation, libres, attendu):
    soir = changed(SOIR, places=places)
    situation = make_situation(creneaux={"soir": soir}, occupation={(LUNDI_7, 3): occupation})

    assert situation.places(LUNDI_7, soir) == libres
    assert codes(situation) == attendu
    assert codes(situation, action=Action.ANNULER) == []


# --- Keys and states -------------------------------------------------------------------------------------------------


@given(st.integers(0, 10**18 - 1), st.dates(date(1000, 1, 1)), st.from_regex(r"[-a-zA-Z0-9_]{1,20}", fullmatch=True))
def test_a_key_is_read_as_it_is_written(enfant, jour, creneau):
    cle = Cle(enfant, jour, creneau)

    assert Cle.parse(str(cle)) == cle


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1",
        "1:2026-12-07",
        "1:2026-12-07:",
        ":2026-12-07:soir",
        "1:2026-02-30:soir",
        "1:0000-01-01:soir",
        "1:20261207:soir",
        "1:2026-W50-1:soir",
        "1:2026-12-07T10:soir",
        "-1:2026-12-07:soir",
        "1.0:2026-12-07:soir",
        "１:2026-12-07:soir",
        "1:２026-12-07:soir",
        f"{10**18}:2026-12-07:soir",
        "1:2026-12-07:so\x00ir",
        "1:2026-12-07:soir\n",
        "1:2026-12-07:soir:1",
        "1:2026-12-07:été",
        "1:2026-12-07:" + "a" * 21,
        " 1:2026-12-07:soir",
    ],
)
def test_what_is_not_a_key_is_none(text):
    assert Cle.parse(text) is None


@given(st.text())
def test_any_text_is_a_key_or_none(text):
    cle = Cle.parse(text)

    assert cle is None or isinstance(cle, Cle)


def test_etat_of_a_box_without_inscription_is_annulee():
    attente = Inscription(etat="attente")
    situation = make_situation(inscriptions={SOIR_7: attente})

    assert situation.etat(SOIR_7) == "attente"
    assert situation.etat(Cle(1, LUNDI_7, "matin")) == "annulee"


def test_today_is_the_date_in_paris():
    assert make_situation(now=datetime(2026, 12, 3, 23, 30, tzinfo=UTC)).today == date(2026, 12, 4)
    assert make_situation(now=datetime(2026, 7, 3, 22, 30, tzinfo=UTC)).today == date(2026, 7, 4)
