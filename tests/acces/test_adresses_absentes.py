"""A page that does not exist writes nothing: what is not there is refused before the save (VAL-16).

TO ADD AN ADDRESS that holds a day, a month or a number and saves what it is sent: one line in FORMS, with a form that
would be saved elsewhere. The test client looks at every 403 and 404 of the other tests besides (`tests/clients.py`).
"""

from __future__ import annotations

import re
from datetime import datetime

import pytest
from django.db import transaction

from enfance.models import Enfant
from portail.dates import PARIS
from tests.acces.visiteurs import snapshot, visitor
from tests.clients import Client
from tests.ecole import concrete, make_ecole

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 12, 3, 20, 40, tzinfo=PARIS)
ABSENTS = {
    "jour": ("2031-01-02", "2019-01-03"),
    "mois": ("2099-01",),
    "pk": ("999999999",),
    "reference": ("999999999",),
}
CASE = {"avant": "", "r": "{lea}:2026-12-10:soir"}
APPEL = {"creneau": "soir", "avant": ""}
# Who sends it, where, in place of what stands there for it to be saved (by default as in tests/ecole.py), and the form.
FORMS: list[tuple[str, str, str, dict[str, str]]] = [
    ("parent", "/jour/<jour>/", "2026-12-10", CASE),
    ("parent", "/planning/<mois>/", "", CASE),
    ("parent", "/enfants/<pk>/", "", {"rappel": "demander"}),
    ("parent", "/historique/<reference>/annuler/", "", {}),
    ("Équipe", "/equipe/<jour>/", "2026-12-03", APPEL | {"present": "{lea}"}),
    ("Équipe", "/equipe/<jour>/", "2026-12-03", APPEL | {"encore": "", "terminer": "1"}),
    ("Secrétariat", "/equipe/<jour>/", "2026-12-01", APPEL | {"motif": "Erreur", "rouvrir": "1"}),
    ("Secrétariat", "/guichet/<pk>/planning/2026-12/", "", CASE),
]


@pytest.fixture
def ecole(time_machine, caplog) -> Enfant:
    time_machine.move_to(NOW, tick=False)
    caplog.set_level("CRITICAL", "django.request")
    return make_ecole(NOW)


def changed_by(client: Client, page: str, form: dict[str, str]) -> tuple[bool, int]:
    """Whether a form that is sent there writes anything, and how it is answered; all is taken back."""
    before = snapshot()
    with transaction.atomic():
        answer = client.post(page, form)
        changed = snapshot() != before
        transaction.set_rollback(True)
    return changed, answer.status_code


@pytest.mark.ci
def test_page_that_does_not_exist_saves_nothing(ecole):  # VAL-16
    """Each form is saved where it belongs, and nowhere else."""
    unsaved, saved = {}, {}
    for kind, address, there, form in FORMS:
        client, [name] = visitor(kind), re.findall(r"<(\w+)>", address)
        sent = {field: value.format(lea=ecole.pk) for field, value in form.items()}
        page = address.replace(f"<{name}>", there) if there else concrete(address, ecole)
        changed, status = changed_by(client, page, sent)
        if not changed:
            unsaved[page, *sent] = status
        for absent in ABSENTS[name]:
            page = address.replace(f"<{name}>", absent)
            is_there = client.get(page).status_code not in {403, 404}
            changed, status = changed_by(client, page, sent)
            if changed and (not is_there or status in {403, 404}):
                saved[page, *sent] = status
    assert (unsaved, saved) == ({}, {})
