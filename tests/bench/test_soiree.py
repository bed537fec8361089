"""What the bench of the opening evening counts, and when it stops."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace

import pytest
from django.db import connection

from bench import soiree
from bench.parents import TICKS, Parent, Visit, lost, make_parents
from bench.school import School
from bench.soiree import FOLLOWS, Evening, rising
from bench.visitor import Answer, Refused
from enfance.models import Inscription
from tests.factories import AnneeFactory, make_creneaux


@pytest.fixture
def parents(db):
    make_creneaux()
    return make_parents(School(AnneeFactory(), [], []), 2)


def test_parents_have_two_children_each(parents):
    assert [len(parent.enfants) for parent in parents] == [2, 2]
    assert lost(parents) == 0


def test_box_that_was_told_and_is_not_there_is_lost(parents):
    parents[0].booked = {f"{parents[0].enfants[0]}:2026-12-07:soir"}
    assert lost(parents) == 1


def test_box_that_nobody_was_told_of_is_counted_too(parents):
    creneau = make_creneaux()["soir"]
    Inscription.objects.create(enfant_id=parents[1].enfants[1], jour=date(2026, 12, 7), creneau=creneau)
    assert lost(parents) == 1


def test_save_without_its_trace_is_lost(parents):
    parents[0].saves = 1
    assert lost(parents) == 1 + TICKS


def page(*boxes):
    inputs = "".join(f'<input type="checkbox" name="r" value="{value}"{" checked" * on}>' for value, on in boxes)
    return Answer(200, {}, inputs.encode())


@pytest.fixture
def visit(monkeypatch):
    """A parent's visit to pages that are given; what was sent."""
    parent, sent = Parent("80000000", [1]), []
    one = Visit(0, parent, "/planning/2026-12/", soiree.Random(1))
    monkeypatch.setattr(one, "login", lambda *_: None)
    monkeypatch.setattr(
        one, "post", lambda path, fields, expected: sent.append(fields) or SimpleNamespace(headers={"Location": path})
    )

    def open_pages(*pages):
        left = iter([page(), page(), *pages])
        monkeypatch.setattr(one, "get", lambda path: next(left))
        return one, parent, sent

    return open_pages


def test_parent_ticks_twenty_free_boxes_and_reads_them_again(visit):
    boxes = [(f"1:2026-12-{day:02}:soir", day == 1) for day in range(1, 22)]
    one, parent, sent = visit(page(*boxes), page(*((value, True) for value, _ in boxes)))

    one()

    (fields,) = sent
    assert fields["avant"] == "1:2026-12-01:soir"
    assert fields["r"] == sorted(value for value, _ in boxes)
    assert (len(parent.booked), parent.saves) == (TICKS, 1)


def test_save_that_is_not_read_again_is_an_error(visit):
    boxes = [(f"1:2026-12-{day:02}:soir", False) for day in range(1, 21)]
    one, _, _ = visit(page(*boxes), page(*boxes))
    with pytest.raises(Refused, match="relu"):
        one()


def test_month_without_room_is_an_error(visit):
    one, _, _ = visit(page(("1:2026-12-01:soir", False)))
    with pytest.raises(Refused, match="cases libres"):
        one()


def test_rate_rises_until_the_portal_no_longer_follows():
    def come(parents, seconds):
        rate = len(parents) / seconds
        return Evening(len(parents), seconds, elapsed=len(parents) / min(rate, 7))

    evenings = rising(SimpleNamespace(come=come), [None] * 400)

    assert [evening.served >= FOLLOWS * evening.rate for evening in evenings] == [True] * (len(evenings) - 1) + [False]
    assert max(evening.served for evening in evenings) == pytest.approx(7)


def test_line_says_what_a_parent_costs_and_what_failed():
    evening = Evening(2, 4.0, elapsed=5.0, times=[[0.1, 0.2], [0.1]], errors=["Refused : 503"], cpu={"web": 0.25})

    line = evening.line("2 parents", {"erreurs": 0})

    assert (line.values["venus/s"], line.values["servis/s"], line.values["web"]) == (0.5, 0.2, 125)
    assert line.missed == ["erreurs 1 > 0"]


def spent(*moments):
    """The seconds of processor told one after the other, to whoever asks."""
    left = iter(moments)
    return lambda *_: next(left)


def test_the_rest_is_what_nobody_that_is_known_has_used(monkeypatch):
    monkeypatch.setattr(soiree.processes, "cpu", spent(3.0, 0.5))
    monkeypatch.setattr(soiree.processes, "family", spent(1.0))
    monkeypatch.setattr(soiree.processes, "busy", spent(10.0))
    monkeypatch.setattr(soiree.time, "process_time", spent(0.25))

    used = soiree.Portal(0, "/", 0, 0, base=1)._cpu()

    assert used == {"web": 3.0, "taches": 0.5, "visiteurs": 0.25, "base": 1.0, "reste": 5.25}


def test_a_database_that_is_a_file_is_no_process(monkeypatch):
    monkeypatch.setattr(soiree.processes, "cpu", spent(3.0, 0.5))
    monkeypatch.setattr(soiree.processes, "busy", spent(10.0))
    monkeypatch.setattr(soiree.time, "process_time", spent(0.5))

    used = soiree.Portal(0, "/", 0, 0, base=None)._cpu()

    assert used == {"web": 3.0, "taches": 0.5, "visiteurs": 0.5, "reste": 6.0}


def test_server_is_the_process_that_starts_one_for_each_connection(db):
    first = soiree.server()

    if connection.vendor == "sqlite":
        assert first is None
    else:
        assert soiree.processes.name(first) == "postgres"
        assert soiree.processes.family(first) > 0
