"""A real browser before the real application: hashed static files, the strict CSP, the session, the queue of mails.

The server is a thread of the tests, so that they share one database and one clock; its WSGI handler, middleware and
static files are those of production.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import datetime

import pytest
import time_machine
from django.core.handlers.wsgi import WSGIHandler
from django.core.management import call_command
from django.db import connection
from django.test import override_settings
from django.test.testcases import LiveServerThread
from django.utils import timezone
from playwright.sync_api import Browser, sync_playwright

from enfance.models import Enfant, Inscription
from portail.settings import STORAGES as PRODUCTION_STORAGES
from tests.factories import AnneeFactory, make_creneaux, make_enfant
from tests.faults import WAIT
from tests.navigateur.controles import HtmlChecker, html_checker
from tests.navigateur.profils import Profils
from tests.navigateur.site import Site
from tests.navigateur.telephones import HEURE, Gate
from tests.tools import chromium, missing_for

# Nothing but what is tested: no update, no account, no protocol that a proxy would not know.
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--js-flags=--no-opt --no-maglev",  # a page lives less long than it takes to compile axe well: 9 % of time
    "--renderer-process-limit=1",  # the windows of one profile share a process: starting one takes as long as a page
]
JEUDI_SOIR = datetime(2026, 12, 3, 20, 41, tzinfo=timezone.get_default_timezone())
PRENOMS = ["Anna", "Basile", "Chloé", "Diego", "Elsa", "Farid", "Gabin", "Hana", "Inès", "Jules", "Kenza", "Léo"]


@pytest.fixture(scope="session")
def static_settings(tmp_path_factory) -> dict[str, object]:
    """The settings under which static files are those of production: collected, compressed, named by their hash."""
    overrides = {
        "STATIC_ROOT": tmp_path_factory.mktemp("static"),
        "STORAGES": PRODUCTION_STORAGES,
        "WHITENOISE_AUTOREFRESH": False,
    }
    with override_settings(**overrides):
        call_command("collectstatic", interactive=False, verbosity=0)
    return overrides


@pytest.fixture(scope="session")
def server(django_db_setup, static_settings) -> Iterator[str]:
    """The address of the application."""
    with override_settings(**static_settings):
        thread = LiveServerThread("127.0.0.1", static_handler=lambda handler: WSGIHandler())
        thread.daemon = True
        thread.start()
        thread.is_ready.wait()
    if thread.error:
        raise thread.error
    yield f"http://127.0.0.1:{thread.port}"
    thread.terminate()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    # Playwright's loop runs in this thread: Django would take each query of a test for one of an event loop.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        yield browser
        browser.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture(scope="session")
def profils(browser) -> Iterator[Profils]:
    profils = Profils(browser)
    yield profils
    profils.close()


@pytest.fixture(scope="session")
def checker(tmp_path_factory) -> Iterator[HtmlChecker]:
    with html_checker(tmp_path_factory.mktemp("vnu")) as checker:
        yield checker


@pytest.fixture(scope="session")
def w3c(request) -> HtmlChecker | None:
    """The same where there is Java: `--complet` asks for it, `-m navigateur` alone does without."""
    return None if missing_for("java") else request.getfixturevalue("checker")


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    """A Thursday evening of school, as the clock of the tests and of the server."""
    with time_machine.travel(JEUDI_SOIR) as traveller:
        yield traveller


@pytest.fixture
def enfants(clock, db) -> list[Enfant]:
    """The children of the gate's evening, at its hour."""
    clock.move_to(HEURE)
    annee = AnneeFactory()
    soir = make_creneaux()["soir"]
    enfants = [make_enfant(annee=annee, prenom=prenom) for prenom in PRENOMS]
    for enfant in enfants:
        Inscription.objects.create(enfant=enfant, jour=HEURE.date(), creneau=soir)
    return enfants


@pytest.fixture
def site(transactional_db, clock, settings, static_settings, server, profils, mailoutbox) -> Iterator[Site]:
    """The site, and browsers that complain of what they see: console, CSP, other hosts, errors of the server."""
    for name, value in static_settings.items():
        setattr(settings, name, value)
    settings.SITE_URL = server
    site = Site(url=server, profils=profils, mails=mailoutbox, clock=clock, began=JEUDI_SOIR)
    yield site
    site.close()
    assert site.problems == []


@pytest.fixture
def impatient(site: Site, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The server waits for a locked database no longer than the test.

    What it opened for a browser stays open as long as that browser does: none of before, nor for those after.
    """
    site.profils.close()
    options = connection.settings_dict["OPTIONS"]
    if connection.vendor == "sqlite":
        monkeypatch.setitem(options, "timeout", WAIT / 1000)
    else:
        monkeypatch.setitem(options, "options", f"-c lock_timeout={WAIT}")
    yield
    site.close()
    site.profils.close()


@pytest.fixture
def gate(site: Site) -> Iterator[Gate]:
    gate = Gate(site)
    yield gate
    site.close()
    for reseau in gate.reseaux:
        reseau.close()
