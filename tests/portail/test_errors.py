"""Error pages: a way on, nothing of what happened, and a page even when nothing can be read any more."""

import pytest
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db import DataError, IntegrityError, InterfaceError, OperationalError, ProgrammingError, connection
from django.http import Http404
from django.test import RequestFactory
from django.urls import get_resolver, reverse

from portail import errors
from portail.groupes import CANTINE, ECOLE, EQUIPE, REGIE, SECRETARIAT
from tests.enfance.agents import make_agent
from tests.factories import ResponsableFactory, StaffFactory
from tests.reading import html_of

SECRET = "secret-de-la-panne"


class Unreadable:
    def __getattr__(self, name):
        raise AssertionError(f"{name} is read")


def plain(response) -> str:
    return html_of(response)


@pytest.mark.parametrize(
    ("handler", "exception", "status", "title"),
    [
        (errors.bad_request, SuspiciousOperation(SECRET), 400, "Cette demande n’a pas été comprise"),
        (errors.permission_denied, PermissionDenied(SECRET), 403, "Cette page n’est pas accessible avec ce compte"),
        (errors.page_not_found, Http404(SECRET), 404, "Cette page n’existe pas ou plus"),
        (errors.csrf_failure, SECRET, 403, "Ce formulaire n’est plus valable"),
    ],
)
def test_error_page_says_what_to_do_and_nothing_of_what_happened(handler, exception, status, title):  # LOG-04
    response = handler(RequestFactory().get("/"), exception)

    assert response.status_code == status
    assert f"<h1>{title}</h1>" in plain(response)
    assert "La mairie : " in plain(response)
    assert SECRET not in plain(response)


@pytest.mark.parametrize("code", [400, 403, 404, 500])
def test_error_handlers_are_ours(code):
    assert get_resolver().resolve_error_handler(code).__module__ == "portail.errors"


@pytest.mark.parametrize("path", ["/absente/", "/jour/2026-02-30/", "/planning/2026-13/"])
@pytest.mark.parametrize("method", ["get", "head", "post"])
def test_unknown_address_is_404(client, db, method, path):
    response = getattr(client, method)(path)

    assert response.status_code == 404


def test_unknown_address_keeps_the_menu_of_a_connected_parent(client, db):
    client.force_login(ResponsableFactory().user)

    assert f'href="{reverse("enfance:semaine_type")}"' in plain(client.get("/absente/"))


@pytest.mark.parametrize("address", ["/absente/", "/admin/absente/", "/planning/"])  # two 404, one 403
@pytest.mark.parametrize(
    ("groupe", "entree", "accueil"),
    [
        (SECRETARIAT, "admin:enfance_foyer_changelist", "admin:index"),
        (REGIE, "admin:regie_journal", "admin:regie_encaisser"),
        (EQUIPE, "enfance:aide_equipe", "enfance:equipe"),
        (CANTINE, "enfance:cantine_semaine", "enfance:cantine"),
        (ECOLE, "enfance:ecole", "enfance:ecole"),
    ],
)
def test_refused_page_keeps_the_menu_of_an_agent_and_leads_home(client, db, groupe, entree, accueil, address):
    client.force_login(make_agent(groupe))

    response = client.get(address)

    assert response.status_code in {403, 404}
    assert f'href="{reverse(entree)}"' in response.text
    assert f'<a class="btn" href="{reverse(accueil)}">Aller à l’accueil</a>' in response.text
    assert "Vos inscriptions" not in response.text
    assert f'href="{reverse("enfance:semaine_type")}"' not in response.text


def test_refused_page_shows_no_menu_before_the_second_factor(client, db):
    client.force_login(make_agent(SECRETARIAT), second_factor=False)

    assert f'href="{reverse("admin:enfance_foyer_changelist")}"' not in client.get("/absente/").text


def test_refused_page_of_nobody_has_no_menu(client, db):
    response = client.get("/absente/")

    assert "Menu principal" not in response.text
    assert "Vos inscriptions n’ont pas bougé" in response.text


def test_unknown_address_of_an_agent_is_503_without_the_database(client, db):  # REL-03
    client.force_login(StaffFactory())
    client.raise_request_exception = False

    def gone(execute, sql, params, many, context):
        raise OperationalError(SECRET)

    with connection.execute_wrapper(gone):
        response = client.get("/admin/absente/")

    assert response.status_code == 503
    assert SECRET not in plain(response)


def test_server_error_reads_neither_session_nor_user():
    request = RequestFactory().get("/")
    request.session = request.user = Unreadable()

    response = errors.server_error(request)

    assert response.status_code == 500
    assert "<h1>Un problème est survenu de notre côté</h1>" in plain(response)
    assert "Appelez la garderie" in plain(response)


@pytest.mark.parametrize(
    ("error", "status", "title"),
    [
        (OperationalError, 503, "Le portail ne répond pas pour l’instant"),
        (InterfaceError, 503, "Le portail ne répond pas pour l’instant"),
        (ProgrammingError, 500, "Un problème est survenu de notre côté"),
        (IntegrityError, 500, "Un problème est survenu de notre côté"),
        (DataError, 500, "Un problème est survenu de notre côté"),
    ],
)
def test_page_without_database_is_plain(client, db, error, status, title):  # REL-03
    client.force_login(ResponsableFactory().user)
    client.raise_request_exception = False

    def gone(execute, sql, params, many, context):
        raise error(SECRET)

    with connection.execute_wrapper(gone):
        response = client.get(reverse("enfance:accueil"))

    assert response.status_code == status
    assert f"<h1>{title}</h1>" in plain(response)
    assert SECRET not in plain(response)
    assert response["Cache-Control"] == "no-store"  # SES-05
