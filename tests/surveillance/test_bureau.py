"""The town hall's home: the IT service sees the state, the secretary one line, and only when it matters."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import pytest
from django.contrib.auth.models import Group
from django.db import OperationalError, connection
from django.test import Client
from django.utils import timezone

from accounts import mail_contact
from accounts.groups import sync
from accounts.models import Passage
from accounts.worker import HEARTBEAT
from portail.groupes import INFORMATIQUE, SECRETARIAT
from surveillance.etat import WRITTEN
from tests.factories import StaffFactory
from tests.reading import words_of

HOME = "/admin/"


@pytest.fixture
def enter(client, db, settings):
    settings.SAUVEGARDES = None
    sync()

    def enter(group: str) -> Client:
        agent = StaffFactory(is_superuser=False)
        agent.groups.add(Group.objects.get(name=group))
        client.force_login(agent)
        return client

    return enter


def passed(at: datetime) -> None:
    Passage.objects.update_or_create(job=HEARTBEAT, defaults={"done_at": at})


def test_it_reads_the_state_in_words_with_what_to_do(enter):
    # REL-08
    now = timezone.now()
    passed(now - timedelta(hours=3))

    page = words_of(enter(INFORMATIQUE).get(HOME))

    assert "État du portail 1 chose ne va pas" in page or "État du portail 2 choses" in page  # a small disk here
    assert re.search(
        r"Le service des tâches Ne va pas .* aucun e-mail ne part.*journalctl --namespace=.portail -u portail -n 50",
        page,
    )
    assert "La base de données Bon Écrite à" in page
    assert "Les e-mails ne partent plus" not in page
    assert Passage.objects.filter(job=WRITTEN).exists()


def test_it_reads_that_the_database_takes_no_write(enter):
    client = enter(INFORMATIQUE)

    def refuse(execute, sql, *args):
        if sql.startswith("INSERT") and "accounts_passage" in sql:
            raise OperationalError("disk I/O error")
        return execute(sql, *args)

    with connection.execute_wrapper(refuse):
        page = words_of(client.get(HOME))

    assert "La base de données Ne va pas Elle ne répond pas." in page


@pytest.mark.parametrize(
    ("failing", "worker", "told"),
    [
        (None, 0, False),
        (3, 0, False),
        (9, 0, True),
        (None, 4, False),
        (None, 6, True),
    ],
)
def test_secretary_is_told_that_mails_wait_and_nothing_of_the_machine(enter, failing, worker, told):
    # REL-08
    now = timezone.now()
    mail_contact.note_let_in(now=now - timedelta(minutes=failing or 1))
    if failing:
        mail_contact.note_away(now=now - timedelta(minutes=failing))
    passed(now - timedelta(minutes=worker))

    page = words_of(enter(SECRETARIAT).get(HOME))

    line = "Les e-mails ne partent plus depuis"
    assert (line in page) is told
    if told:
        assert re.search(f"{line} .{{1,40}} Rien n’est perdu : ils attendent, et partiront d’eux-mêmes.", page)
        assert page.index(line) < page.index("À traiter")
    assert "État du portail" not in page
    assert "journalctl" not in page
