"""What goes once a year: announced a month before, done once, held when told, begun again where it was cut."""

from datetime import UTC, datetime, time, timedelta

import pytest
from django.contrib.sessions.models import Session
from django.core.exceptions import ImproperlyConfigured

from accounts.models import Passage
from conservation import annuelle
from conservation.annuelle import load_annonce, passer
from conservation.tasks import purge_annuelle
from portail import environnement
from portail.dates import PARIS
from portail.durees import Cadence, Duree, rows
from portail.extensions import Extension

pytestmark = pytest.mark.django_db


def night(day, month, year=2027):
    return datetime(year, month, day, 3, 30, tzinfo=PARIS)


@pytest.fixture(autouse=True)
def kind(adds):
    """One kind a year: the sessions."""
    duree = Duree("x", "X", str, Cadence.AN, lots=lambda now: rows(Session.objects.all()))
    adds("facturation", Extension())
    adds("enfance", Extension(durees=(duree,)))
    return duree


def add(n=3):
    for rang in range(n):
        Session.objects.create(session_key=str(rang), expire_date=datetime(2030, 1, 1, tzinfo=UTC))


def nights(start, count):
    """What is left after each night."""
    left = []
    for n in range(count):
        passer(now=start + timedelta(days=n))
        left.append(Session.objects.count())
    return left


def test_year_is_announced_a_month_before_and_done_on_its_day(journal):
    add()
    assert nights(night(14, 9), 32) == [3] * 31 + [0]  # from 14 September to 15 October
    assert [event["kind"] for event in journal.events] == ["x"]
    add()
    assert nights(night(16, 10), 40) == [3] * 40  # once a year


@pytest.mark.parametrize(
    ("at", "day"),
    [
        (night(14, 9), None),
        (night(15, 9), night(15, 10).date()),
        (night(14, 10), night(14, 10).date() + timedelta(days=30)),  # announced late, it waits a month all the same
        (night(15, 10), night(14, 11).date()),
        (night(16, 10), None),
        (night(15, 11), None),
        (night(20, 12), None),
    ],
)
def test_announcement_gives_a_month(at, day):
    passer(now=at)
    annonce = load_annonce(at.date())
    assert (annonce and annonce.jour) == day


def test_portal_that_comes_late_purges_nothing_at_once():
    """An upgrade on 20 October: the town hall has had no month to ask for the visa."""
    add()
    assert nights(night(20, 10), 60) == [3] * 60
    assert nights(night(1, 9, 2028), 45)[-2:] == [3, 0]


def test_town_hall_may_hold_it(settings):
    settings.PURGE_ANNUELLE = None
    add()
    assert set(nights(night(1, 9), 90)) == {3}
    assert not Passage.objects.filter(job__startswith="purge").exists()


def test_announcement_ends_when_it_is_done_or_held(settings):
    nights(night(14, 9), 32)
    assert load_annonce(night(15, 10).date()) is None
    passer(now=night(15, 9, 2028))
    assert load_annonce(night(20, 9, 2028).date()).annee == 2028
    settings.PURGE_ANNUELLE = None
    assert load_annonce(night(20, 9, 2028).date()) is None


def test_what_fails_is_done_the_next_night(kind, monkeypatch):
    add()
    passer(now=night(15, 9))
    monkeypatch.setattr(annuelle, "erase", lambda *args, **kwargs: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        passer(now=night(15, 10))
    monkeypatch.undo()
    assert nights(night(16, 10), 1) == [0]


def test_task_of_the_night_is_that_purge(settings, time_machine):
    assert settings.DAILY_TASKS["conservation.tasks.purge_annuelle"] == time(3, 30)
    add()
    for at in (night(15, 9), night(15, 10)):
        time_machine.move_to(at, tick=False)
        purge_annuelle.func()
    assert Session.objects.count() == 0


def test_day_of_the_year_is_read(monkeypatch):
    for text, value in [("15/10", (10, 15)), ("1/7", (7, 1)), ("non", None), ("NON", None), ("", None)]:
        monkeypatch.setenv("PURGE_ANNUELLE", text)
        assert environnement.day_of_year("PURGE_ANNUELLE", "15/10") == value


@pytest.mark.parametrize("text", ["29/02", "31/11", "octobre", "15-10", "15/10/2027", "0/0"])
def test_day_that_is_not_of_each_year_is_refused(monkeypatch, text):
    monkeypatch.setenv("PURGE_ANNUELLE", text)
    with pytest.raises(ImproperlyConfigured, match="PURGE_ANNUELLE.*comme 15/10"):
        environnement.day_of_year("PURGE_ANNUELLE", "15/10")
