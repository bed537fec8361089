"""The figures that Prometheus reads."""

from __future__ import annotations

import re
import shutil
from collections import namedtuple
from datetime import UTC, datetime

import pytest
from django.db import OperationalError, connection
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from accounts import mail_contact
from accounts.models import UndeliveredMail
from accounts.worker import passage
from surveillance.etat import Etat
from surveillance.mesures import Jauge, jauges
from surveillance.mesures import _lines as lines
from tests.factories import UserFactory

TOKEN = "jeton-des-tests-assez-long"
BEARER = {"authorization": f"Bearer {TOKEN}"}
AT = datetime(2026, 12, 3, 12, 0, tzinfo=UTC)
# https://prometheus.io/docs/instrumenting/exposition_formats/: one family after the other, HELP, TYPE, its values.
NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
LABELS = r'(\{[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\[\\"n])*"(?:,[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\[\\"n])*")*\})?'
NUMBER = r"-?[0-9]+(\.[0-9]+)?(e[+-]?[0-9]+)?"
FAMILY = re.compile(rf"# HELP (?P<name>{NAME}) [^\n]+\n# TYPE (?P=name) gauge\n((?P=name){LABELS} {NUMBER}\n)+")


def families(text: str) -> list[str]:
    assert FAMILY.sub("", text) == ""
    return [found["name"] for found in FAMILY.finditer(text)]


@pytest.fixture
def figures(client, settings, monkeypatch):
    Usage = namedtuple("Usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: Usage(0, 0, 20_000 * 2**20))
    settings.METRICS_JETON = TOKEN

    def read() -> str:
        response = client.get("/metrics", headers=BEARER)
        assert (response.status_code, response["Content-Type"]) == (200, "text/plain; version=0.0.4; charset=utf-8")
        assert response["Cache-Control"] == "no-store"
        return response.text

    return read


@pytest.mark.django_db
def test_figures_are_those_of_the_state_and_name_nobody(figures):
    # REL-08
    passage(now=timezone.now())
    mail_contact.note_taken(now=AT)
    UndeliveredMail.objects.create(user=UserFactory(first_name="Camille", last_name="Morel"), mail="Rappel")
    DBTaskResult.objects.update(status="FAILED")

    text = figures()

    assert len(families(text)) == len(set(families(text)))
    values = dict(line.rsplit(" ", 1) for line in text.splitlines() if line[0] != "#")
    assert (values["portail_mails_failed"], values["portail_mails_waiting"]) == ("1", "0")
    assert values["portail_mail_last_ok_timestamp_seconds"] == str(AT.timestamp())
    assert values["portail_disk_free_bytes"] == str(20_000 * 2**20)
    assert values['portail_wrong{what="database"}'] == "0"
    assert values['portail_tasks{status="failed"}'] == str(DBTaskResult.objects.count())
    assert values['portail_tasks{status="running"}'] == "0"
    assert not re.search("Camille|Morel|@", text)


@pytest.mark.django_db
def test_figures_say_that_the_database_does_not_answer(figures):
    def refuse(*args):
        raise OperationalError("database is away")

    with connection.execute_wrapper(refuse):
        text = figures()

    assert 'portail_wrong{what="database"} 1\n' in text
    assert {"portail_info", "portail_wrong", "portail_disk_free_bytes"} == set(families(text))


@pytest.mark.django_db
def test_figures_are_for_nobody_where_there_is_no_token(client, settings):
    settings.METRICS_JETON = ""

    assert client.get("/metrics", headers=BEARER).status_code == 404


def test_who_does_not_show_the_token_is_asked_for_it(client, settings):
    settings.METRICS_JETON = TOKEN

    response = client.get("/metrics")

    assert (response.status_code, response["WWW-Authenticate"]) == (401, "Bearer")


def test_what_is_not_known_is_left_out():
    etat = Etat(at=AT, disk="unknown", disk_free=None, version="0.5.0")

    text = "".join(lines(jauges(etat, tasks={})))

    assert set(families(text)) == {"portail_info", "portail_wrong"}


def test_signs_of_the_format_are_escaped():
    odd = Jauge("portail_x", "deux\nlignes \\ ici", {(("a", 'dit "oui" \\\n'), ("b", "c")): 1.5})

    assert "".join(lines([odd])) == (
        "# HELP portail_x deux\\nlignes \\\\ ici\n# TYPE portail_x gauge\n"
        'portail_x{a="dit \\"oui\\" \\\\\\n",b="c"} 1.5\n'
    )
