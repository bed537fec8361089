"""Who opens what: the matrix of docs/confiance.md, tried on every address of the portal (ACC-05).

TO ADD AN ADDRESS: one row in docs/confiance.md, « Qui ouvre quoi »: « Page par page », or « Les dossiers » for a model
of the admin; an app of its own has them under the same titles in its own page of docs/. A new name in an address gets
its argument and a model its row in tests/ecole.py. Nothing else.
"""

from __future__ import annotations

import re
from datetime import date

import pytest
from django.contrib import messages
from django.contrib.messages.storage.base import BaseStorage
from django.db import connection, transaction

from enfance import models
from enfance.models import Foyer, Responsable
from tests import matrice
from tests.acces.visiteurs import FIELDS, MATRIX, QUERIES, snapshot, visitor
from tests.ecole import NUMBERS, concrete
from tests.matrice import GROUPS, REFUSED, VISITORS, outcome
from tests.writes import writes

pytestmark = [pytest.mark.django_db, pytest.mark.ci, pytest.mark.une_fois]
ABSENT = 10**9

KEPT = {"/agenda/<secret>.ics"}  # by who reads it, who asks whether it has changed
# Their address says all: a button sends them, and no field.
WITHOUT_FIELDS = {
    "/compte/appareils/",
    "/historique/<reference>/annuler/",
    "/rappel/<jeton>/",
    "/courriel/confirmer/<jeton>/",
    "/admin/enfance/fermeture/<pk>/rester/<enfant>/",
    "/admin/enfance/fermeture/<pk>/rouvrir/",
    "/admin/enfance/message/<pk>/rappeler/",
    "/admin/enfance/silence/<pk>/ecarter/",
    "/admin/enfance/silence/<pk>/retirer/",
    *(address for address in MATRIX if address.endswith("/delete/")),
}


def test_matrix_covers_every_address():  # ACC-05
    found = set(matrice.addresses())
    assert {"no row of « Page par page »": found - MATRIX.keys(), "no more": MATRIX.keys() - found} == {
        "no row of « Page par page »": set(),
        "no more": set(),
    }


def test_matrix_has_a_column_for_every_visitor():  # ACC-05
    assert {tuple(row.answers) for row in MATRIX.values()} == {tuple(VISITORS)}


@pytest.mark.parametrize("kind", VISITORS)
def test_get_opens_to_whom_it_should_and_changes_nothing(ecole, kind):  # ACC-01, ACC-02, ACC-05, ADM-02, SES-06, TMP-04
    client, wrong = visitor(kind), {}
    before = snapshot()
    for address, row in MATRIX.items():
        answer = client.get(concrete(address, ecole), QUERIES.get(address))
        got, said = outcome(answer), row.answers[kind]
        if got != said and not (row.post_only and got == "405"):
            wrong[address] = f"said {said}, got {got}"
        elif "no-store" not in answer["Cache-Control"] and address not in KEPT:  # SES-05
            wrong[address] = "kept by caches"
    assert wrong == {}
    assert snapshot() == before


@pytest.mark.parametrize("kind", VISITORS)
def test_post_is_refused_as_the_page_is(ecole, kind):  # ACC-01, ACC-02, ACC-04, ACC-05
    """Whoever may not open a page sends nothing to it either; fields that no form has change nothing of who refuses."""
    client, wrong = visitor(kind), {}
    cookies = client.cookies.copy()
    for address, row in MATRIX.items():
        said = (row.posts or row.answers)[kind]
        with transaction.atomic():
            client.cookies = cookies.copy()
            got = outcome(client.post(concrete(address, ecole), FIELDS | QUERIES.get(address, {})))
            transaction.set_rollback(True)
        if got != said and (row.post_only or got != "405"):
            wrong[address] = f"said {said}, got {got}"
    assert wrong == {}


@pytest.mark.parametrize("kind", VISITORS)
def test_post_without_a_field_changes_nothing_and_says_nothing(ecole, kind, monkeypatch):  # VAL-10
    """A form that comes with its token alone: nothing is written of what it lacks, and nobody is told that it was."""
    client, wrong, said = visitor(kind), {}, []
    monkeypatch.setattr(BaseStorage, "add", lambda storage, level, message, *args: said.append((level, str(message))))
    cookies, before, wrote = client.cookies.copy(), snapshot(), []

    def note(execute, sql, *args):
        wrote.extend([sql] if writes(sql) else [])
        return execute(sql, *args)

    for address in MATRIX.keys() - WITHOUT_FIELDS:
        said.clear(), wrote.clear()
        with transaction.atomic(), connection.execute_wrapper(note):
            client.cookies = cookies.copy()
            response = client.post(concrete(address, ecole), {"csrfmiddlewaretoken": "x"} | QUERIES.get(address, {}))
            written = wrote and snapshot() != before
            transaction.set_rollback(True)
        told = [message for level, message in said if level in {messages.SUCCESS, messages.INFO}]
        if written or told or response.status_code >= 500:
            wrong[address] = ("written" if written else "not written", told, response.status_code)
    assert wrong == {}


@pytest.mark.parametrize("kind", ["parent", *GROUPS])
def test_number_of_nothing_tells_nothing(ecole, kind):  # ACC-02
    """What is not there answers as what is not theirs, or 404 to those who might have opened it."""
    client, wrong = visitor(kind), {}
    for address, row in MATRIX.items():
        if NUMBERS & set(re.findall(r"<(\w+)>", address)):
            response = client.get(concrete(address, ecole, ABSENT))
            got, said = outcome(response), row.answers[kind]
            to_index = response.headers.get("Location") == "/admin/"
            if got != said and not (said not in REFUSED and (got == "404" or to_index)) and not row.post_only:
                wrong[address] = f"said {said}, got {got}"
    assert wrong == {}


@pytest.mark.parametrize("kind", ["parent", "autre parent", "Secrétariat"])
@pytest.mark.parametrize("address", ["/planning/2026-12/", "/jour/2026-12-10/", "/semaine-type/"])
def test_form_writes_for_ones_own_children_alone(ecole, address, kind):  # ACC-02, ACC-04
    jeudi = date(2026, 12, 10)
    ticks = {"r": f"{ecole.pk}:{jeudi}:soir", "t": f"{ecole.pk}:4:soir"}
    data = ticks | {
        "avant": "",
        "fin": "annee",
        "rythme": "1",
        "enregistrer": "1",
        "is_staff": "1",
        "foyer": "1",
        "etat": "attente",
    }

    response = visitor(kind).send(address, data)

    assert response.status_code == {"parent": 303, "autre parent": 200}.get(kind, 403)
    etats = models.Inscription.objects.filter(jour=jeudi).values_list("enfant", "etat")
    assert list(etats) == ([(ecole.pk, "inscrit")] if kind == "parent" else [])


@pytest.mark.parametrize("kind", ["parent", "autre parent", "Secrétariat"])
def test_undo_is_of_ones_own_save(ecole, kind):  # ACC-02
    response = visitor(kind).post(concrete("/historique/<reference>/annuler/", ecole))

    assert response.status_code == {"parent": 303, "autre parent": 404}.get(kind, 403)
    assert models.Inscription.objects.get().etat == ("annulee" if kind == "parent" else "inscrit")


@pytest.mark.parametrize(
    ("sql", "written"),
    [
        ('INSERT INTO "enfance_absence" ("jour") VALUES (%s)', True),
        ('INSERT OR IGNORE INTO "enfance_absence" ("jour") VALUES (%s)', True),
        ('UPDATE "enfance_absence" SET "jour" = %s', True),
        ('DELETE FROM "enfance_absence" WHERE "id" IN (SELECT 1 FROM "django_session")', True),
        ("DELETE FROM enfance_absence", True),
        ('UPDATE "django_session" SET "expire_date" = %s', False),
        ('INSERT INTO "accounts_counter" AS old (cle, n, expire) VALUES (%s, %s, %s)', False),
        ('SELECT "jour" FROM "enfance_absence"', False),
    ],
)
def test_what_writes_a_row_that_counts_is_seen(sql, written):
    assert writes(sql) is written


def test_nobody_is_both_parent_and_stranger(ecole):
    """What the matrix stands on: the two parents share neither child nor foyer."""
    visitor("autre parent")
    assert Responsable.objects.count() == Foyer.objects.count() == 2
