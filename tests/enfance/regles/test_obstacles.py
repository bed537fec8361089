"""The rules of an inscription, each obstacle alone: values only, no database."""

from datetime import UTC, date, datetime, timedelta

import pytest

from enfance.extensions import ExtensionEnfance
from enfance.models import AnneeScolaire, Inscription, Scolarite
from enfance.regles import REGLES, Action, Cle, FermetureVue, Obstacle, Regle, obstacles_for
from portail.pieces import in_order
from tests.enfance.annees import ANNEE_2026
from tests.enfance.situations import (
    COMPLET,
    FERMEE,
    FOYER_AUTRE,
    FUTURE,
    IMPORT,
    LUNDI_7,
    MAIRIE,
    MAIRIE_MOTIF,
    PARENT,
    PARTIELLE,
    SOIR,
    SOIR_7,
    changed,
    codes,
    make_situation,
    paris,
    toujours,
)


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


# --- The town hall and the imports ------------------------------------------------------------------------------------


@pytest.mark.parametrize("champs", [{"now": paris(2026, 12, 8, 8)}, {"gardes": {}}, COMPLET])
def test_town_hall_passes_over_limit_garde_and_places_with_a_reason_only(champs):
    (obstacle,) = obstacles_for(make_situation(acteur=MAIRIE, **champs), SOIR_7, Action.INSCRIRE)

    assert not obstacle.passed_by(MAIRIE)
    assert obstacle.passed_by(MAIRIE_MOTIF)
    assert not obstacle.passed_by(PARENT)


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

    assert not obstacle.passed_by(MAIRIE_MOTIF)


def test_import_passes_over_limit_and_garde_but_not_places():
    situation = make_situation(acteur=IMPORT, now=paris(2026, 12, 8, 8), gardes={}, **COMPLET)

    passes = {o.code: o.passed_by(IMPORT) for o in obstacles_for(situation, SOIR_7, Action.INSCRIRE)}
    assert passes == {"limite": True, "garde": True, "complet": False}


def test_town_hall_acts_before_the_year_is_open_to_parents():
    assert codes(make_situation(acteur=MAIRIE, calendrier=PARTIELLE)) == []
    assert codes(make_situation(acteur=IMPORT, calendrier=PARTIELLE)) == []


def test_town_hall_acts_for_whichever_foyer_has_garde():
    assert codes(make_situation(acteur=MAIRIE, gardes={1: (toujours(FOYER_AUTRE),)})) == []


def test_a_year_is_open_from_the_morning_of_its_day_in_paris():
    assert codes(make_situation(calendrier=FUTURE, now=datetime(2026, 12, 3, 22, 59, tzinfo=UTC))) == ["ouverture"]
    assert codes(make_situation(calendrier=FUTURE, now=datetime(2026, 12, 3, 23, 0, tzinfo=UTC))) == []


# --- Closures, departure ----------------------------------------------------------------------------------------------


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
    provisoire = {(1, ANNEE_2026.debut): (Scolarite(enfant_id=1, ecole_id=1),)}
    sortie = FermetureVue(LUNDI_7, LUNDI_7, "sortie", classes=frozenset({5}))

    assert codes(make_situation(scolarites=provisoire, fermetures=(sortie,))) == []
    assert codes(make_situation(scolarites=provisoire, fermetures=FERMEE)) == ["fermeture"]


@pytest.mark.parametrize(
    ("depart", "attendu"),
    [(date(2026, 12, 8), []), (date(2026, 12, 7), ["scolarite"]), (date(2026, 11, 2), ["scolarite"])],
)
def test_a_pupil_who_has_left_is_not_registered_any_more(depart, attendu):
    scolarites = {(1, ANNEE_2026.debut): (Scolarite(enfant_id=1, ecole_id=1, depart=depart),)}

    assert codes(make_situation(scolarites=scolarites)) == attendu


def test_a_scolarite_is_that_of_its_own_year():
    situation = make_situation()

    assert codes(situation, Cle(1, date(2027, 9, 2), "soir")) == ["scolarite"]


# --- Places -----------------------------------------------------------------------------------------------------------


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


# --- A value ----------------------------------------------------------------------------------------------------------


def test_what_a_situation_becomes_is_another_one():
    avant = make_situation(**COMPLET | {"occupation": {(LUNDI_7, 3): 1}})
    inscription = Inscription(etat="inscrit")
    apres = avant.with_places(SOIR_7, 1).with_inscriptions({SOIR_7: inscription}).with_rangs({5: 1}).with_motif("appel")

    assert (codes(avant), codes(apres)) == ([], ["complet"])
    assert (avant.inscriptions, apres.inscriptions) == ({}, {SOIR_7: inscription})
    assert (avant.rangs, apres.rangs) == ({}, {5: 1})
    assert (avant.acteur.motif, apres.acteur.motif) == ("", "appel")


def test_places_of_a_creneau_without_limit_are_not_counted():
    situation = make_situation()
    assert situation.with_places(SOIR_7, 1) is situation


@pytest.mark.parametrize(
    ("depart", "reste"),
    [
        (None, True),
        (date(2026, 12, 8), True),  # still at school on the 7th
        (date(2026, 12, 7), False),  # the day of a departure is a day without school
        (date(2026, 12, 1), False),
    ],
)
def test_pupils_of_some_days_are_those_who_are_at_school_on_one_of_them(depart, reste):
    scolarite = Scolarite(enfant_id=1, annee=AnneeScolaire(debut=ANNEE_2026.debut, fin=ANNEE_2026.fin), depart=depart)
    situation = make_situation(scolarites={(1, ANNEE_2026.debut): (scolarite,)})

    assert bool(situation.with_eleves(LUNDI_7, date(2026, 12, 11)).enfants) is reste


def test_who_left_before_the_year_began_is_no_pupil_of_it():
    debut = ANNEE_2026.debut
    scolarite = Scolarite(enfant_id=1, annee=AnneeScolaire(debut=debut, fin=ANNEE_2026.fin), depart=debut)
    situation = make_situation(scolarites={(1, debut): (scolarite,)})

    assert situation.with_eleves(debut - timedelta(days=30)).enfants == {}


def test_rule_of_another_app_is_asked_in_its_place():
    def dossier(situation, cle, creneau, action):
        return [Obstacle("dossier", "le dossier est incomplet.", overridable=True)] if creneau is SOIR else []

    regles = in_order([*REGLES, Regle(("dossier",), dossier, avant="garde")])
    passe = make_situation(now=paris(2026, 12, 7, 20), gardes={1: (toujours(FOYER_AUTRE),)}, regles=regles)
    assert codes(passe) == ["limite", "dossier", "garde"]
    assert codes(make_situation(regles=regles), Cle(1, LUNDI_7, "matin")) == []
    ferme = make_situation(fermetures=FERMEE, regles=regles)
    assert codes(ferme) == ["fermeture"]  # not asked of a day on which nothing is held


@pytest.mark.parametrize("code", ["limite", "complet", "vacances", "enfant"])
def test_code_is_of_one_rule_alone(code):
    with pytest.raises(ValueError, match=code):
        ExtensionEnfance(regles=(*REGLES, Regle((code, "autre"), lambda *_: [])))
