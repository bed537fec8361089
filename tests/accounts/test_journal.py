import json
import logging
from datetime import datetime

import pytest
from django.test import Client

from accounts.journal import JsonFormatter
from tests.accounts.conftest import NEW_PASSWORD, PASSWORD, choose, log_in, send_value

SAME = {"time", "event", "result", "user", "address"}


def seen(journal):
    return [(line["event"], line["result"], line["user"]) for line in journal.events]


def test_login_and_logout_are_noted(client, parent, journal):
    log_in(client, password="faux")
    log_in(client)
    client.post("/deconnexion/")

    assert seen(journal) == [  # LOG-01
        ("login", "refused", None),
        ("login", "ok", parent.pk),
        ("logout", "ok", parent.pk),
    ]
    assert journal.events[0]["identifiant"] == "3816238"


def test_limit_reached_is_noted(client, parent, journal):
    for _ in range(11):
        log_in(client, password="faux")

    assert seen(journal)[-1] == ("limit_reached", "refused", None)  # LOG-01


def test_way_of_a_temporary_password_is_noted(client, parent, journal):
    client.post("/mot-de-passe-oublie/", {"identifiant": "3816238"})
    log_in(client, password=send_value(parent))
    choose(client)

    assert seen(journal) == [  # LOG-01
        ("forgot_asked", "ok", None),
        ("temporary_password_accepted", "ok", parent.pk),
        ("password_changed", "ok", parent.pk),
    ]


def test_change_in_the_account_and_closing_of_sessions_are_noted(client, parent, journal):
    log_in(client)
    fields = {"new_password1": NEW_PASSWORD, "new_password2": NEW_PASSWORD}
    client.post("/compte/", {"password": "faux", **fields})
    client.post("/compte/", {"password": PASSWORD, **fields})
    client.post("/compte/appareils/")

    assert seen(journal)[1:] == [  # LOG-01
        ("password_changed", "refused", parent.pk),
        ("password_changed", "ok", parent.pk),
        ("sessions_closed", "ok", parent.pk),
    ]


def test_line_says_when_in_utc_and_from_where(parent, journal, time_machine):
    time_machine.move_to("2026-12-03 20:41:00+01:00", tick=False)

    log_in(Client(REMOTE_ADDR="203.0.113.9"))

    [line] = journal.events
    assert datetime.fromisoformat(line["time"]) == datetime.fromisoformat("2026-12-03T19:41:00+00:00")  # LOG-02
    assert line["time"].endswith("+00:00")
    assert (set(line), line["address"]) == (SAME, "203.0.113.9")


@pytest.mark.parametrize("typed", ["1\n2", "camille@courriel.example", '", "event": "faux', "Velo nuage 7"])
def test_what_was_typed_cannot_forge_a_line_nor_leave_a_secret(client, db, journal, typed):
    log_in(client, typed, "faux")
    client.post("/mot-de-passe-oublie/", {"identifiant": typed})

    assert len(journal.lines) == 2  # LOG-02
    assert [line["identifiant"] for line in journal.events] == ["inconnu", "inconnu"]
    assert typed not in journal.text


def test_journal_holds_no_secret_of_a_whole_walk(client, parent, journal):
    value = send_value(parent)
    log_in(client, password="Presque juste 7")
    log_in(client, password=value.upper())
    keys = [client.session.session_key]
    choose(client, "Azerty123")
    choose(client)
    log_in(client, password=NEW_PASSWORD)
    keys.append(client.session.session_key)

    text = journal.text.lower()
    for secret in [value, "presque juste", "azerty", NEW_PASSWORD.lower(), *keys]:
        assert secret not in text  # LOG-02
    for person in ["camille", "morel", parent.email]:
        assert person not in text


def test_formatter_writes_one_line_whatever_happens():
    record = logging.LogRecord("journal", logging.INFO, "", 0, "evenement", (), None)
    record.fields = {"user": 7, "detail": "a\nb\u2028c"}

    line = JsonFormatter().format(record)

    assert "\n" not in line  # LOG-02
    assert json.loads(line)["detail"] == "a\nb\u2028c"
