"""Which tests run: those that need only Python and SQLite always, the others when they are asked for.

`-m navigateur` asks for the tests of that marker, `--complet` asks for all and fails where a tool is missing.
"""

from __future__ import annotations

import gc
import re
import signal
from collections import Counter
from collections.abc import Callable, Iterator

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection
from django.test import TransactionTestCase
from hypothesis import settings as hypothesis_settings

from portail.extensions import Extension
from tests import emptying
from tests.clients import Client
from tests.factories import UserFactory
from tests.journals import Journal, journal_read
from tests.tools import missing_for

# A busy machine is no failure. The suite tries the same examples each time, and `make test-long` others, and more.
hypothesis_settings.register_profile("portail", deadline=None, derandomize=True)
hypothesis_settings.register_profile("hasard", deadline=None, max_examples=1000)
hypothesis_settings.load_profile("portail")
# `nohup`, `&` and most forges start what they run with these ignored, and a child inherits that: a test that sends them
# one would wait for ever. A signal that is caught, if only to do nothing, is as usual again in the programs one starts.
for number in (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT):
    if signal.getsignal(number) is signal.SIG_IGN:
        signal.signal(number, lambda *_: None)
gc.disable()  # until all tests are collected: there is none before
DATABASE = {"db", "transactional_db", "django_db_setup"}  # what a test that has a database asks for
ASKED_FOR = {
    "postgresql": "sans PostgreSQL",
    "java": "sans Java",
    "dovecot": "sans Dovecot",
    "ci": "longs",
    "lent": "trop longs",
    "navigateur": "sans navigateur",
}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--complet", action="store_true", help="passer aussi les tests qui demandent un navigateur, Java ou du temps"
    )


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for item in items:
        marked = any(item.get_closest_marker(marker) for marker in ("django_db", "postgresql"))
        if not (marked or DATABASE & set(item.fixturenames)):
            item.add_marker("une_fois")  # before « -m » chooses
    complete = config.getoption("complet")
    for marker in ("navigateur", "java", "lent"):
        chosen = [item for item in items if item.get_closest_marker(marker)]
        missing = missing_for(marker)
        if complete and chosen and missing:
            raise pytest.UsageError(f"{missing} : les tests « {marker} » ne peuvent pas passer.")
        if complete or (marker in config.option.markexpr and not missing):
            continue
        for item in chosen:
            item.add_marker(pytest.mark.skip(reason=missing or f"demandé par -m {marker} ou --complet"))
    absent = missing_for("dovecot")
    for item in [item for item in items if absent and item.get_closest_marker("dovecot")]:
        if complete:
            raise pytest.UsageError(f"{absent} : les tests « dovecot » ne peuvent pas passer.")
        item.add_marker(pytest.mark.skip(reason=absent))
    if connection.vendor == "postgresql":
        elsewhere = {"une_fois": "sans base\u00a0: passés avec SQLite"}
    else:
        elsewhere = {
            "postgresql": "DATABASE_URL ne désigne pas une base PostgreSQL",
            "ci": "passés par make test-complet, ou demandés par -m ci",
        }
    asked = set(re.findall(r"\w+", config.option.markexpr))
    if complete or "hypothesis" in asked:  # `make test-long`
        asked.add("ci")
    for marker, why in elsewhere.items():
        left = [item for item in items if item.get_closest_marker(marker)]
        for item in left if marker not in asked else []:
            item.add_marker(pytest.mark.skip(reason=why))


def pytest_collection_finish() -> None:
    """What is there by now stays: the collector of garbage, a tenth of the time otherwise, need not look at it."""
    gc.freeze()
    gc.enable()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    if item.get_closest_marker("temoin"):  # the same identifiants whatever has run before
        UserFactory.reset_sequence(0)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker) -> None:
    """The base is made of the models of today; its migrations are said to be done, for what looks at them."""
    with django_db_blocker.unblock():
        call_command("migrate", fake=True, verbosity=0)


@pytest.fixture(scope="session", autouse=True)
def emptied_quickly() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", emptying.take_away)
        yield


@pytest.fixture
def client() -> Client:
    return Client()


@pytest.fixture
def adds() -> Iterator[Callable[[str, Extension], None]]:
    """Have an app, by its label, add this to the house and nothing else, for one test. « portail », after all the apps,
    adds nothing of its own.
    """
    with pytest.MonkeyPatch.context() as patch:

        def add(label: str, extension: Extension) -> None:
            patch.setattr(apps.get_app_config(label), "extension", extension, raising=False)
            Extension.installed.cache_clear()

        yield add
    Extension.installed.cache_clear()


@pytest.fixture
def journal() -> Iterator[Journal]:
    """The lines written meanwhile, read back from their JSON; `journal.text` is what was written."""
    with journal_read() as lines:
        yield lines


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_terminal_summary(terminalreporter):
    """Say in one line, just above pytest's own last one, what was left out and why."""
    yield
    left_out: Counter[str] = Counter()
    for report in terminalreporter.stats.get("skipped", []):
        reason = report.longrepr[2].removeprefix("Skipped: ")
        left_out[next((why for marker, why in ASKED_FOR.items() if marker in report.keywords), reason)] += 1
    if left_out:
        passed_by = "«\u00a0make test-complet\u00a0» et «\u00a0make test-long\u00a0» les passent tous"
        details = [f"{number} {why}" for why, number in left_out.most_common()]
        if connection.vendor != "postgresql":
            details.append("les mêmes sur PostgreSQL")
        terminalreporter.write_line(f"Tests laissés de côté\u00a0: {', '.join(details)} ({passed_by}).")
