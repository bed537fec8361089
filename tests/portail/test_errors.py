"""Error pages: a way on, nothing of what happened, and a page even when nothing can be read any more."""

import pytest
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db import DataError, IntegrityError, InterfaceError, OperationalError, ProgrammingError, connection
from django.http import Http404
from django.test import RequestFactory
from django.urls import get_resolver, reverse

from portail import errors
from tests.factories import ResponsableFactory
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
