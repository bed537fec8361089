"""The hours that somebody writes on a sheet afterwards: how they are read, what they change, what is said of them."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import pytest

from enfance.equipe.appel import PassageEnfant, rejouer
from enfance.equipe.heures import HeuresEcrites, parse_heure
from portail.dates import PARIS
from tests.enfance.equipe.appel import DEMAIN, JEUDI, Heures, Tap, at, parti, present

SOIR = Heures(time(16, 30), time(18, 30))
LEA, TOM = 12, 15
NOMS = {LEA: "Léa Morel", TOM: "Tom Morel"}
LA, PARTIE = (LEA, "present"), (LEA, "parti")


@pytest.mark.parametrize(
    ("texte", "heure"),
    [
        ("17:20", time(17, 20)),
        (" 1720 ", time(17, 20)),
        ("720", time(7, 20)),
        ("17h20", time(17, 20)),
        ("17\u00a0h\u00a020", time(17, 20)),
        ("17 H", time(17)),
        ("17.20", time(17, 20)),
        ("0:05", time(0, 5)),
    ],
)
def test_hour_is_read_as_people_write_it(texte, heure):
    assert parse_heure(texte) == heure


@pytest.mark.parametrize(
    "texte", ["", "24:00", "17:60", "17:2", "midi", "17:20:00", "-1", "१७:२०", "17 20 30", "17200"]
)
def test_what_is_no_hour_is_not_read(texte):
    with pytest.raises(ValueError, match=r".*"):
        parse_heure(texte)


def written(shown, ticked, hours=None, **typed):
    """The sheet of Léa: what was shown (`{box: hour}`), what is ticked when it is sent, the hours that are typed."""
    avant = {(LEA, quoi): parse_heure(heure) for quoi, heure in shown.items() if heure}
    textes = {(LEA, quoi): heure or "" for quoi, heure in (shown | typed).items()}
    return HeuresEcrites.read({(LEA, quoi) for quoi in shown}, {(LEA, quoi) for quoi in ticked.split()}, avant, textes)


def passage(ecrites, *taps):
    """What becomes of it at the gate, after these taps."""
    gestes = ecrites.gestes(DEMAIN, JEUDI)
    ecrits = [
        Tap(g.quoi, g.coche, g.fait_le, DEMAIN + timedelta(microseconds=rang), g.id, g.heure, "Erreur")
        for rang, g in enumerate(gestes)
    ]
    trouve: PassageEnfant = rejouer([*taps, *ecrits], JEUDI)
    return tuple(
        instant and (instant.heure and f"{instant.heure:%H:%M}") for instant in (trouve.arrivee, trouve.depart)
    )


GATE = present(16, 31), parti(17, 50)
SHOWN = {"present": "16:31", "parti": "17:50"}


@pytest.mark.parametrize(
    ("ecrites", "attendu", "dite"),
    [
        (written(SHOWN, "present parti"), ("16:31", "17:50"), ""),
        (
            written(SHOWN, "present parti", parti="17:20"),
            ("16:31", "17:20"),
            "Léa Morel\u00a0: départ à 17\u00a0h\u00a020, au lieu de 17\u00a0h\u00a050.",
        ),
        (
            written(SHOWN, "present parti", parti="18:05"),
            ("16:31", "18:05"),
            "Léa Morel\u00a0: départ à 18\u00a0h\u00a005, au lieu de 17\u00a0h\u00a050.",
        ),
        (
            written(SHOWN, "present parti", parti=""),
            ("16:31", None),
            "Léa Morel\u00a0: départ, heure inconnue, au lieu de 17\u00a0h\u00a050.",
        ),
        (
            written(SHOWN, "present parti", present=""),
            (None, "17:50"),
            "Léa Morel\u00a0: arrivée, heure inconnue, au lieu de 16\u00a0h\u00a031.",
        ),
        (written(SHOWN, "present"), ("16:31", None), "Léa Morel\u00a0: départ effacé, 17\u00a0h\u00a050."),
        (
            written(SHOWN, "present parti", present="16:45", parti="17:20"),
            ("16:45", "17:20"),
            "Léa Morel\u00a0: arrivée à 16\u00a0h\u00a045, au lieu de 16\u00a0h\u00a031. "
            "Léa Morel\u00a0: départ à 17\u00a0h\u00a020, au lieu de 17\u00a0h\u00a050.",
        ),
    ],
)
def test_sheet_that_is_corrected(ecrites, attendu, dite):
    assert passage(ecrites, *GATE) == attendu
    assert ecrites.dites(NOMS) == dite
    assert ecrites.check(JEUDI, SOIR, NOMS, now=DEMAIN, justes=()) == []


@pytest.mark.parametrize(
    ("ecrites", "attendu"),
    [
        (written({}, "present"), (None, None)),
        (written({}, "present", present="16:40"), ("16:40", None)),
        (written({}, "", present="16:40"), ("16:40", None)),  # an hour ticks its box
        (written({}, "", parti="17:20"), (None, "17:20")),  # who leaves was there
        (written({}, "", present="16:40", parti="17:20"), ("16:40", "17:20")),
        (written({}, ""), None),
    ],
)
def test_sheet_that_nobody_kept(ecrites, attendu):
    assert passage(ecrites) == (attendu or (None, None))
    assert bool(ecrites.gestes(DEMAIN, JEUDI)) == (attendu is not None)


def test_said_not_to_have_come_is_not_gone_either():
    assert rejouer_gone(written(SHOWN, "parti")) == PassageEnfant()


def rejouer_gone(ecrites):
    [defait] = ecrites.gestes(DEMAIN, JEUDI)
    return rejouer([*GATE, Tap(defait.quoi, defait.coche, DEMAIN, DEMAIN, motif="Erreur")], JEUDI)


@pytest.mark.parametrize(
    ("ecrites", "phrase", "loin"),
    [
        (written(SHOWN, "present parti", parti="midi"), "départ, écrivez l’heure comme 17:20", False),
        (
            written(SHOWN, "present parti", parti="16:10"),
            "départ à 16\u00a0h\u00a010, avant l’arrivée à 16\u00a0h\u00a031",
            False,
        ),
        (
            written(SHOWN, "present", parti="17:20"),
            "la case «\u00a0Parti\u00a0» est décochée et une heure est écrite",
            False,
        ),
        (
            written(SHOWN, "parti", parti="17:20"),
            "la case «\u00a0Présent\u00a0» est décochée et une heure est écrite",
            False,
        ),
        (
            written(SHOWN, "present parti", parti="23:20"),
            "départ à 23\u00a0h\u00a020, à plus d’une heure du moment (16\u00a0h\u00a030 – 18\u00a0h\u00a030)",
            True,
        ),
        (
            written(SHOWN, "present parti", present="4:31"),
            "arrivée à 4\u00a0h\u00a031, à plus d’une heure du moment (16\u00a0h\u00a030 – 18\u00a0h\u00a030)",
            True,
        ),
    ],
)
def test_hour_that_cannot_be_is_said(ecrites, phrase, loin):
    [faute] = ecrites.check(JEUDI, SOIR, NOMS, now=DEMAIN, justes=())
    assert (faute.phrase, faute.loin) == (f"Léa Morel\u00a0: {phrase}.", loin)
    jetons = ecrites.jetons([faute]).split()
    assert len(jetons) == loin
    assert ecrites.check(JEUDI, SOIR, NOMS, now=DEMAIN, justes=jetons) == ([] if loin else [faute])


def test_late_departure_is_not_asked_about_and_one_to_come_is_refused():
    late = written(SHOWN, "present parti", parti="18:42")
    assert late.check(JEUDI, SOIR, NOMS, now=DEMAIN, justes=()) == []
    [faute] = late.check(JEUDI, SOIR, NOMS, now=at(18, 41), justes=())
    assert faute.phrase == "Léa Morel\u00a0: départ à 18\u00a0h\u00a042, ce n’est pas encore passé."


def test_hour_is_one_of_the_day_of_the_sheet_whatever_its_offset():
    """The Sunday on which the clocks go back has two of 2 h 30: it is the first."""
    ecrites = written({}, "", parti="2:30")
    [geste] = ecrites.gestes(DEMAIN, date(2026, 10, 25))
    assert geste.heure == datetime(2026, 10, 25, 2, 30, tzinfo=PARIS)


def test_many_hours_are_counted_past_the_first_ones_and_the_journal_names_nobody():
    enfants = range(1, 9)
    ecrites = HeuresEcrites.read(set(), set(), {}, {(enfant, "parti"): "17:20" for enfant in enfants})
    assert ecrites.dites({}).endswith("Et 3\u00a0autres cases.")
    assert written(SHOWN, "present parti", parti="17:20").trace() == "12:parti:1750>1720"
