"""Stderr: one line for what is refused, the places of what breaks, nothing of anybody."""

import logging
from io import StringIO

import pytest
from django.conf import settings
from django.db import OperationalError
from django.test import Client
from django.urls import reverse

from portail.traces import SecretFormatter
from tests.factories import ResponsableFactory


@pytest.fixture
def written():
    """What the application writes on stderr, as the settings have it written."""
    stream = StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(SecretFormatter(settings.LOGGING["formatters"]["plain"]["format"]))
    logging.getLogger().addHandler(handler)
    yield lambda: stream.getvalue().splitlines()
    logging.getLogger().removeHandler(handler)


@pytest.mark.parametrize(
    ("status", "how"),
    [
        (400, {"path": "/connexion/", "headers": {"host": "evil.example"}}),
        (400, {"path": "/connexion/\0"}),
        (403, {"path": "/admin/"}),
        (404, {"path": "/absente/"}),
    ],
)
def test_what_is_refused_is_one_line(db, written, status, how):  # LOG-04
    client = Client()
    client.force_login(ResponsableFactory().user)

    assert client.get(**how).status_code == status
    assert len(written()) == 1


def test_form_without_its_token_is_one_line(db, written):
    assert Client(enforce_csrf_checks=True).post("/connexion/", {"identifiant": "3816238"}).status_code == 403

    assert written() == ["WARNING django.security.csrf Forbidden (CSRF cookie not set.): /connexion/"]


def test_line_is_short_whatever_is_sent(client, db, written):
    client.get("/connexion/", headers={"host": "e" * 8000})

    [line] = written()
    assert len(line) < 600


@pytest.mark.parametrize("path", ["/agenda/secret.ics", "/agenda/secret/", "/agenda/secret", "/rappel/a/secret:x"])
def test_address_that_opens_by_itself_is_hidden_even_when_mistyped(client, db, written, path):  # LOG-02
    client.get(path)

    assert written() == [f"WARNING django.request Not Found: /{path.split('/')[1]}/…"]


@pytest.mark.parametrize(
    ("error", "last"),
    [
        (ValueError("Lina"), "builtins.ValueError"),
        (FileNotFoundError(2, "No such file"), "builtins.FileNotFoundError: [Errno 2] No such file"),
    ],
)
def test_what_breaks_tells_where_and_nothing_of_the_data(client, db, written, monkeypatch, error, last):  # LOG-04
    def break_down(*args, **kwargs):
        try:
            raise KeyError("Lina")
        except KeyError:
            raise error  # noqa: B904 - its context is what this test is about

    monkeypatch.setattr("accounts.views.LoginForm", break_down)
    client.raise_request_exception = False

    assert client.get(reverse("accounts:login")).status_code == 500
    lines = written()
    assert lines[0] == "ERROR django.request Internal Server Error: /connexion/"
    assert lines[-1] == last
    assert "builtins.KeyError" in lines
    assert [line for line in lines if "Lina" in line and "raise" not in line] == []
    assert [line for line in lines if line.startswith('  File "') and line.endswith("in break_down")] != []


def test_fault_of_the_machine_is_one_line(client, db, written, monkeypatch):  # LOG-04, REL-03
    def lock(*args, **kwargs):
        try:
            raise KeyError("Lina")
        except KeyError:
            raise OperationalError("database\n is locked")  # noqa: B904 - as in the test above

    monkeypatch.setattr("accounts.views.LoginForm", lock)
    client.raise_request_exception = False

    assert client.get(reverse("accounts:login")).status_code == 503
    assert written() == [
        "ERROR django.request Service Unavailable: /connexion/ "
        "(django.db.utils.OperationalError: database is locked < builtins.KeyError)"
    ]
