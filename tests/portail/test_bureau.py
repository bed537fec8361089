"""The town hall's home takes its pieces from a registry: an app that comes adds its own, and no other names it."""

from __future__ import annotations

import pytest
from django.test import RequestFactory
from django.utils import timezone

from portail import bureau
from portail.bureau import Compteur, Panneau, Raccourci, Rubrique, Tables, Urgence
from tests.factories import StaffFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def request_of(rf: RequestFactory):
    def make(**user):
        request = rf.get("/admin/")
        request.user = StaffFactory(**user)
        return request

    return make


@pytest.fixture
def pieces(monkeypatch):
    monkeypatch.setattr(bureau, "_pieces", [])
    bureau.add_to_bureau(
        Rubrique(
            "enfance.view_foyer", "facture,factures", "admin:index", Urgence.TOT, 20, lambda now: Compteur(2), "?q"
        ),
        Rubrique("enfance.view_foyer", "reçu,reçus", "admin:index", Urgence.TOT, 10, lambda now: Compteur(0)),
        Rubrique(
            "enfance.view_foyer",
            "impayé,impayés",
            "admin:index",
            Urgence.TOT,
            30,
            lambda now: Compteur(1, "Léa", "demain", Urgence.PRESSE),
        ),
        Raccourci("Facturer", "admin:index", "enfance.view_foyer", 10),
        Panneau("factures", "enfance.view_foyer", 10, lambda now: now.year),
        Tables("argent", "L’argent", 20, ("facturation.facture",)),
        Tables("argent", "L’argent", 10, ("facturation.reglement",)),
    )


def test_pieces_of_an_app_are_shown_by_urgency_and_rank(pieces, request_of):
    now = timezone.now()
    request = request_of()

    assert [(c.nombre, c.texte, c.adresse, c.detail, c.echeance) for c in bureau.choses_of(request, now=now)] == [
        (1, "impayé", "/admin/", "Léa", "demain"),
        (2, "factures", "/admin/?q", "", ""),
    ]
    assert [raccourci.nom for raccourci in bureau.raccourcis_of(request)] == ["Facturer"]
    assert bureau.panneaux_of(request, now=now)[1] == {"factures": now.year}
    assert bureau.tables_by_group() == {("argent", "L’argent"): ["facturation.reglement", "facturation.facture"]}


def test_pieces_are_for_who_has_their_right(pieces, request_of):
    now = timezone.now()
    request = request_of(is_superuser=False)

    assert bureau.choses_of(request, now=now) == []
    assert bureau.raccourcis_of(request) == []
    assert bureau.panneaux_of(request, now=now) == ([], {"factures": None})


@pytest.mark.parametrize(
    ("noms", "nombre", "dit"),
    [
        ([], 0, ""),
        (["Léa"], 1, "Léa"),
        (["Léa", "Tom", "Zoé"], 3, "Léa, Tom et Zoé"),
        (["Léa", "Tom", "Zoé"], 4, "Léa, Tom, Zoé et 1\u00a0autre"),
        (["Léa", "Léa", "Zoé", "Noé"], 6, "Léa, Zoé, Noé et 3\u00a0autres"),
    ],
)
def test_first_three_are_named(noms, nombre, dit):
    assert bureau.nommer(noms, nombre) == dit
