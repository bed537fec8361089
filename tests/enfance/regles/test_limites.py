"""Until when a box may be changed (VAL-03): values only, no database."""

from datetime import UTC, date, datetime, time

import pytest

from enfance.models import RegleDelai
from enfance.regles import Action, Cle, FermetureVue, regle
from tests.enfance.situations import JOUR_MEME, LUNDI_7, SOIR, VEILLE_MIDI, changed, codes, make_situation, paris


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
