"""A table that goes out of a page: in which format, for whom, and what is said of it."""

import pytest
from django.contrib.messages import get_messages
from django.contrib.messages.middleware import MessageMiddleware
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils import timezone

from accounts import sessions
from accounts.exports import export
from portail import tableur
from portail.tableur import TableSortante
from portail.vues import NOT_YET
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db
BACK = "/admin/chiffres/"


def build() -> TableSortante:
    return TableSortante.of("chiffres-mois", "Par mois", ["Mois", "Repas"], [["Novembre", 12], ["Décembre", 7]])


def forbidden() -> TableSortante:
    raise AssertionError("nothing is read for who may not have it")


@pytest.fixture
def request_of(rf, client):
    """A request of an agent, who typed their password a moment ago or not."""

    def make(query="", *, fresh=True):
        request = rf.get(f"/tableau/?{query}")
        request.user, request.session = UserFactory(is_staff=True), client.session
        MessageMiddleware(lambda _: HttpResponse()).process_request(request)
        if fresh:
            sessions.confirm(request.session, now=timezone.now())
        return request

    return make


@pytest.mark.parametrize(
    ("query", "forme", "nom"),
    [
        ("format=csv", "xlsx", "chiffres-mois.csv"),
        ("format=xlsx", "csv", "chiffres-mois.xlsx"),
        ("", "csv", "chiffres-mois.csv"),
    ],
)
def test_table_leaves_in_the_format_of_the_address_and_is_noted(
    request_of, caplog, django_capture_on_commit_callbacks, query, forme, nom
):
    request = request_of(query)

    with caplog.at_level("INFO", logger="journal"), django_capture_on_commit_callbacks(execute=True):
        response = export(request, "chiffres", build, back=BACK, forme=forme)

    assert response.headers["Content-Disposition"] == f'attachment; filename="{nom}"'
    (record,) = [record for record in caplog.records if record.getMessage() == "export"]
    fields = {name: record.fields[name] for name in ("user", "model", "rows")}
    assert fields == {"user": request.user.pk, "model": "chiffres", "rows": 2}


def test_csv_is_the_same_whether_it_is_held_or_read_as_it_leaves(request_of, monkeypatch):
    held = export(request_of("format=csv"), "chiffres", build, back=BACK)
    monkeypatch.setattr(tableur, "LONG", 1)
    read = export(request_of("format=csv"), "chiffres", build, back=BACK)

    assert (held.streaming, read.streaming) == (False, True)
    assert read.getvalue() == held.content == "\ufeffMois;Repas\r\nNovembre;12\r\nDécembre;7\r\n".encode()


@pytest.mark.parametrize("fresh", [True, False])
def test_other_format_is_no_page(request_of, fresh):
    with pytest.raises(Http404):
        export(request_of("format=pdf", fresh=fresh), "chiffres", forbidden, back=BACK)


def test_password_is_asked_first_and_the_page_says_that_nothing_left(  # ADM-05
    request_of, caplog, django_capture_on_commit_callbacks
):
    request = request_of("format=csv", fresh=False)

    with caplog.at_level("INFO", logger="journal"), django_capture_on_commit_callbacks(execute=True):
        response = export(request, "chiffres", forbidden, back=BACK)

    assert response.headers["Location"] == reverse("accounts:confirm", query={"next": BACK})
    assert [str(message) for message in get_messages(request)] == [NOT_YET]
    assert caplog.records == []
