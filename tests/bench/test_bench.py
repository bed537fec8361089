"""What the bench says of its measures, and what it never touches."""

import json
from types import SimpleNamespace

import pytest
from django.urls import Resolver404, resolve

from bench import measures, report, settings, visitor
from bench.measures import Work
from bench.report import Line
from bench.urls import QUERIES
from bench.visitor import Run, run
from portail.settings import DATABASES

NARROW = "\u202f"


@pytest.mark.parametrize(
    ("values", "budget", "missed"),
    [
        ({"ms": 24.9}, {"ms": 25}, []),
        ({"ms": 25.1}, {"ms": 25}, ["ms 25,1 > 25"]),
        ({"rate4": 250}, {"rate4": 250}, []),
        ({"rate4": 249.2}, {"rate4": 250}, ["req/s à 4 249 < 250"]),
        ({"Mio": 1234.5}, {"Mio": 90}, [f"Mio 1{NARROW}234 > 90"]),
        ({}, {"ms": 25}, []),  # nothing was measured: nothing is missed
    ],
)
def test_line_says_which_bounds_it_passes(values, budget, missed):
    assert Line("page", values, budget).missed == missed


@pytest.mark.parametrize(
    ("line", "verdict"),
    [
        (Line("page", {"ms": 20}, {"ms": 25}), "tenu"),
        (Line("page", {"ms": 30}, {"ms": 25}, "× 1 à 220"), "manqué : ms 30 > 25 ; × 1 à 220"),
        (Line("page", {"ms": 30}), ""),
        (Line("appel", {}, {"ms": 20}, "n’existe pas encore"), "n’existe pas encore"),
    ],
)
def test_line_gives_its_verdict(line, verdict):
    assert line.verdict == verdict


def test_json_holds_measures_budgets_and_what_is_missed(tmp_path):
    report.write_json(tmp_path / "bench.json", {"base": "SQLite"}, [Line("page", {"ms": 30}, {"ms": 25})])
    ligne = {"name": "page", "values": {"ms": 30}, "budget": {"ms": 25}, "note": "", "manque": ["ms 30 > 25"]}
    assert json.loads((tmp_path / "bench.json").read_text("utf-8")) == {"base": "SQLite", "lignes": [ligne]}


def test_each_act_is_run_as_often_as_the_others():
    done = []
    assert len(run([lambda: done.append("a"), lambda: done.append("b")], times=3).times) == 6
    assert sorted(done) == ["a", "a", "a", "b", "b", "b"]


def test_run_tells_the_error_of_a_thread():
    with pytest.raises(ZeroDivisionError):
        run([lambda: 1 / 0], times=1)


class Act:
    """A visit that takes so many seconds."""

    def __init__(self, seconds):
        self.seconds = seconds

    def __call__(self, headers):
        return SimpleNamespace(headers={QUERIES: "3"}, status=303)


def test_a_page_is_measured_beside_the_empty_one_of_the_same_moment(monkeypatch):
    vide, page = Act(0.002), Act(0.006)

    def run_slower_and_slower(acts, seconds):
        done = Run([acts[0].seconds] * 3, 1)
        vide.seconds, page.seconds = vide.seconds * 1.1, page.seconds * 1.1
        return done

    monkeypatch.setattr(measures, "run", run_slower_and_slower)

    (line,) = measures.measure([Work("page", [page], {})], Work("page vide", [vide], {}), pids=[])

    assert line.values["ratio"] == pytest.approx(3.3)
    assert line.values["queries"] == 3


def test_first_visit_counts_what_a_browser_asks_for():
    html = '<link rel="apple-touch-icon" href="/static/a.png"><link rel="icon" href="/static/b.svg">'

    assert list(visitor._assets(html)) == ["/static/b.svg"]


def test_bench_has_a_database_of_its_own():
    assert settings.DATABASES["default"]["NAME"] != DATABASES["default"]["NAME"]


def test_empty_page_is_not_of_the_portal():
    with pytest.raises(Resolver404):
        resolve("/vide/")
    assert resolve("/vide/", "bench.urls").func.__name__ == "vide"
