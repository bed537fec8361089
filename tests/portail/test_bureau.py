"""The town hall's home is made of what each app adds: what an agent sees of it, by their rights."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Permission
from django.test import RequestFactory
from django.utils import timezone

from portail import bureau
from portail.bureau import Compteur, Panneau, Raccourci, Rubrique, Tables, Urgence
from portail.extensions import Extension
from tests.factories import StaffFactory
from tests.reading import html_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def request_of(rf: RequestFactory):
    def make(**user):
        request = rf.get("/admin/")
        request.user = StaffFactory(**user)
        return request

    return make


EXTENSION = Extension(
    a_traiter=(
        Rubrique("enfance.view_foyer", "reçu,reçus", "admin:index", Urgence.TOT, lambda now: Compteur(0)),
        Rubrique("enfance.view_foyer", "facture,factures", "admin:index", Urgence.TOT, lambda now: Compteur(2), "?q"),
        Rubrique(
            "enfance.view_foyer",
            "impayé,impayés",
            "admin:index",
            Urgence.TOT,
            lambda now: Compteur(1, "Léa", "demain", Urgence.PRESSE),
        ),
    ),
    panneaux=(Panneau("factures", "enfance.view_foyer", lambda now: now.year),),
    tables=(
        Tables("argent", "L’argent", ("facturation.reglement",)),
        Tables("autre", "L’autre", ("facturation.autre",)),
        Tables("argent", "L’argent", ("facturation.facture",)),
    ),
)


def test_pieces_of_an_app_are_shown_by_urgency_and_place(request_of):
    now = timezone.now()
    request = request_of()

    choses = bureau.choses_of(request, EXTENSION.a_traiter, now=now)
    assert [(c.nombre, c.texte, c.adresse, c.detail, c.echeance) for c in choses] == [
        (1, "impayé", "/admin/", "Léa", "demain"),
        (2, "factures", "/admin/?q", "", ""),
    ]
    assert bureau.panneaux_of(request, EXTENSION.panneaux, now=now)[1] == {"factures": now.year}
    assert bureau.tables_by_group(EXTENSION.tables) == {
        ("argent", "L’argent"): ["facturation.reglement", "facturation.facture"],
        ("autre", "L’autre"): ["facturation.autre"],
    }


def test_pieces_are_for_who_has_their_right(request_of):
    now = timezone.now()
    request = request_of(is_superuser=False)

    assert bureau.choses_of(request, EXTENSION.a_traiter, now=now) == []
    assert bureau.panneaux_of(request, EXTENSION.panneaux, now=now) == ([], {"factures": None})


@pytest.mark.parametrize("is_superuser", [True, False])
def test_shortcut_is_for_who_has_its_right(adds, client, is_superuser):
    """And so is the home, which an agent needs a right to open."""
    adds("portail", Extension(raccourcis=(Raccourci("Facturer", "admin:index", "enfance.view_foyer"),)))
    agent = StaffFactory(is_superuser=is_superuser)
    agent.user_permissions.add(Permission.objects.get(codename="view_creneau"))
    client.force_login(agent)
    assert ("Facturer" in html_of(client.get("/admin/"))) is is_superuser


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
