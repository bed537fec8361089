"""A form that lacks one of its fields, or has one twice: nothing is changed by what did not come (VAL-10).

`tests/acces/test_acces.py` sends every address its token alone; here each field is left out in turn.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from django.contrib import messages
from django.contrib.messages.storage.base import BaseStorage
from django.db import transaction

from enfance.models import Enfant
from portail.dates import PARIS
from tests import matrice
from tests.acces.visiteurs import snapshot, visitor
from tests.clients import Client
from tests.ecole import concrete, make_ecole, row_of
from tests.enfance.mairie.admin.formulaires import form_of
from tests.enfance.mairie.enfants.fiche import ENFANTS, opened, sujet_of
from tests.factories import PASSWORD

pytestmark = [pytest.mark.django_db, pytest.mark.ci, pytest.mark.une_fois]
NOW = datetime(2026, 12, 3, 20, 40, tzinfo=PARIS)

# Who sends it, where, and the whole form. A box that is ticked is not here: left out, it is not ticked.
FORMS: list[tuple[str, str, dict[str, str]]] = [
    ("parent", "/compte/", {"email": "autre@courriel.example", "telephone": "0639980099", "password": PASSWORD}),
    ("parent", "/compte/", {"agenda": "supprimer"}),
    ("parent", "/compte/", {"rappels": "1"}),
    (
        "parent",
        "/enfants/<pk>/",
        {"ajouter": "1", "nom": "Odile", "lien": "", "telephone": "", "debut": "2026-12-07", "fin": "2026-12-08"},
    ),
    ("parent", "/enfants/<pk>/", {"cantine": "oui"}),
    ("parent", "/planning/<mois>/", {"avant": "{lea}:2026-12-08:soir"}),
    ("parent", "/jour/<jour>/", {"avant": "{lea}:2026-12-08:soir"}),
    (
        "parent",
        "/semaine-type/",
        {"t": "{lea}:1:soir", "fin": "annee", "rythme": "1", "enregistrer": "1"},
    ),
    ("Équipe", "/equipe/<jour>/", {"creneau": "soir", "avant": "{lea}:present"}),
    ("Cantine", "/cantine/reglages/", {"heure": "09:00"}),
    ("Secrétariat", "/guichet/<pk>/planning/<mois>/", {"avant": "{lea}:2026-12-08:soir"}),
    ("Secrétariat", "/admin/enfance/responsable/identifiants/", {"classe": "", "confirmer": "1"}),
    ("Secrétariat", "/admin/enfance/anneescolaire/rentree/2026/", {"ouverture": "", "ouvrir": "1"}),
]


@pytest.fixture
def ecole(time_machine, caplog) -> Enfant:
    time_machine.move_to(NOW, tick=False)
    caplog.set_level("CRITICAL", "django.request")
    return make_ecole(NOW)


@pytest.fixture
def said(monkeypatch) -> list[str]:
    """The sentences of success."""
    found: list[str] = []

    def add(storage: BaseStorage, level: int, message: object, *args: object) -> None:
        found.extend([str(message)] if level in {messages.SUCCESS, messages.INFO} else [])

    monkeypatch.setattr(BaseStorage, "add", add)
    return found


def wrong_after(client: Client, address: str, sent: dict[str, Any], said: list[str], before: str) -> str:
    """What this form does that it should not; everything is undone."""
    said.clear()
    cookies = client.cookies.copy()
    with transaction.atomic():
        response = client.post(address, sent | {"csrfmiddlewaretoken": "x"})
        changed = snapshot() != before
        transaction.set_rollback(True)
    client.cookies = cookies
    failed = f"status {response.status_code}" if response.status_code >= 500 else ""
    return f"{'changed ' if changed else ''}{said or ''}{failed}"


def mangled(whole: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The form without each of its fields, then with each of them twice."""
    for name in whole:
        yield f"without {name}", {other: value for other, value in whole.items() if other != name}
    for name, value in whole.items():
        yield f"{name} twice", whole | {name: [value, "2026-12-31"]}


@pytest.mark.parametrize(("kind", "address", "whole"), FORMS, ids=[f"{a}-{next(iter(w))}" for _, a, w in FORMS])
def test_form_that_lacks_a_field_changes_nothing(ecole, said, kind, address, whole):  # VAL-10
    client = visitor(kind)
    whole = {name: value.format(lea=ecole.pk) for name, value in whole.items()}
    address, before = concrete(address, ecole), snapshot()

    wrong = {
        what: found
        for what, sent in mangled(whole)
        if what.startswith("without") and (found := wrong_after(client, address, sent, said, before))
    }

    assert wrong == {}


UNREAD = ("-DELETE", "-MIN_NUM_FORMS", "-MAX_NUM_FORMS")  # a box; what Django writes and does not read


def typed_on(client: Client, page: str) -> dict[str, Any]:
    """What a browser sends of this page but its boxes: rows that are only shown have no field."""
    inlines = client.get(page).context["inline_admin_formsets"]
    shown = tuple(f"{inline.formset.prefix}-" for inline in inlines if not inline.has_change_permission)
    return {
        name: value
        for name, value in form_of(client, page).items()
        if not (isinstance(value, bool | list) or name.endswith(UNREAD) or name.startswith(shown))
    }


CHANGE_PAGES = [
    (kind, dossier)
    for dossier, rights in matrice.table_after("### Les dossiers de l’administration").items()
    for kind in ("Secrétariat", "Informatique")
    if "modifier" in rights[kind] and dossier not in {ENFANTS, "/admin/enfance/importonde/", "/admin/enfance/message/"}
]


@pytest.mark.parametrize(("kind", "dossier"), CHANGE_PAGES)
def test_page_of_the_admin_that_lacks_a_field_changes_nothing(ecole, said, kind, dossier):  # VAL-10
    client = visitor(kind)
    page = f"{dossier}{row_of(matrice.dossiers()[dossier]).pk}/change/"
    whole = typed_on(client, page)
    before = snapshot()

    wrong = {what: found for what, sent in mangled(whole) if (found := wrong_after(client, page, sent, said, before))}

    assert whole
    assert wrong == {}


@pytest.mark.parametrize("sujet", ["identite", "classe", "responsables", "garde", "sante", "venir"])
def test_subject_of_a_child_that_lacks_a_field_changes_nothing(ecole, said, sujet):  # VAL-10
    client, address = visitor("Secrétariat"), sujet_of(ecole, sujet)
    whole = {name: value for name, value in opened(client, address).items() if not isinstance(value, bool)}
    whole |= {"nom": "Odile Morel"} if sujet == "venir" else {}
    before = snapshot()

    wrong = {
        what: found for what, sent in mangled(whole) if (found := wrong_after(client, address, sent, said, before))
    }

    assert wrong == {}
    assert wrong_after(client, address, whole, said, before) or sujet == "garde"  # which asks first
