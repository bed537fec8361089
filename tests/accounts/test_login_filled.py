"""An identifiant that an address gives: filled in, to be corrected, looked up by nobody, sent on by no page."""

from __future__ import annotations

import logging
import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from portail.traces import SecretFormatter
from tests.accounts.conftest import is_logged_in, log_in
from tests.factories import UserFactory

NO_LONGER_DRAWN = re.compile(r'name="csrfmiddlewaretoken" value="[^"]+"')


def filled(client, path, query):
    page = client.get(f"{path}?{query}")
    [field] = re.findall(r'<input[^>]+name="identifiant"[^>]*>', page.text)
    return re.findall(r' value="([^"]*)"', field), page


@pytest.mark.parametrize("path", ["/connexion/", "/mot-de-passe-oublie/"])
@pytest.mark.parametrize("typed", ["3816238", "381%2062%2038", "9999999"])
def test_address_fills_the_identifiant_in_whether_it_is_one_or_not(client, parent, path, typed):
    values, page = filled(client, path, f"identifiant={typed}")

    assert values == ["9999999" if "9" in typed else "3816238"]  # to be corrected: neither hidden nor read-only
    assert (page.status_code, page["Referrer-Policy"]) == (200, "strict-origin")  # HDR-08: in no `Referer`


def test_known_and_unknown_identifiants_of_an_address_are_one_page_and_one_question(parent):
    UserFactory(identifiant="2222222", is_active=False)
    pages = []
    for identifiant in [parent.identifiant, "2222222", "9999999"]:
        with CaptureQueriesContext(connection) as asked:
            page = Client().get(f"/connexion/?identifiant={identifiant}")
        pages.append(
            (
                page.status_code,
                NO_LONGER_DRAWN.sub("", page.text).replace(identifiant, ""),
                sorted(page.headers),
                len(asked),
            )
        )

    assert len(set(map(repr, pages))) == 1  # AUT-08
    assert pages[0][-1] == 0  # nothing is looked up


@pytest.mark.parametrize("path", ["/connexion/", "/mot-de-passe-oublie/"])
@pytest.mark.parametrize(
    "query",
    [
        "identifiant=",
        "identifiant=" + "1" * 13,
        "identifiant=" + "9" * 4000,
        "identifiant=1&identifiant=2",
        "identifiant=%3Cscript%3Ealert(1)%3C/script%3E",
        "identifiant=%22%20onfocus=%22alert(1)",
        "identifiant=Appelez%20le%2008%2000%2000%2000%2000",
        "identifiant=%EF%BC%91",
        "identifiant[]=1",
    ],
)
def test_address_that_gives_no_identifiant_is_the_plain_page(client, db, path, query):  # VAL-08
    values, page = filled(client, path, query)

    assert values == []
    assert page.status_code == 200
    assert not {"alert(1)", "Appelez le 08"} & set(re.findall(r"alert\(1\)|Appelez le 08", page.text))


def test_address_with_a_nul_is_refused_like_any_other(client, db):
    assert client.get("/connexion/?identifiant=1%00").status_code == 400  # VAL-08


@pytest.mark.parametrize("path", ["/connexion/", "/mot-de-passe-oublie/", "/connexion/nulle-part/"])
@pytest.mark.parametrize("rest", ["", "%00"])
def test_identifiant_of_an_address_is_in_no_journal(client, parent, caplog, path, rest):  # HDR-08
    caplog.set_level(logging.DEBUG)

    client.get(f"{path}?identifiant=3816238{rest}")

    assert [record for record in caplog.records if record.name == "journal"] == []
    told = " ".join(SecretFormatter("%(message)s").format(r) for r in caplog.records if r.name != "django.db.backends")
    assert "3816238" not in told


def test_identifiant_of_an_address_logs_nobody_in_nor_out(client, parent):
    log_in(client)

    assert client.get("/connexion/?identifiant=9999999")["Location"] == "/"
    assert is_logged_in(client)


def test_password_is_what_is_left_to_type_once_the_identifiant_is_there(client, parent):
    def focused(page):
        return re.findall(r'<input[^>]+name="(\w+)"[^>]* autofocus', page.text)

    assert focused(client.get("/connexion/?identifiant=3816238")) == ["password"]
    assert focused(client.get("/connexion/")) == []
    assert focused(log_in(client, password="faux")) == []  # what is wrong is read first
    assert focused(client.get("/mot-de-passe-oublie/")) == ["identifiant"]
    assert focused(client.get("/mot-de-passe-oublie/?identifiant=3816238")) == []


def test_forgotten_password_takes_the_identifiant_along_and_back(client, parent):
    there = 'href="/mot-de-passe-oublie/?identifiant=3816238"'

    assert there in client.get("/connexion/?identifiant=3816238").text
    assert there in log_in(client, "381 62 38", "faux").text
    assert 'href="/mot-de-passe-oublie/"' in log_in(client, "camille@courriel.example", "faux").text
    client.post("/mot-de-passe-oublie/", {"identifiant": "381 62 38"})
    assert 'href="/connexion/?identifiant=3816238"' in client.get("/mot-de-passe-oublie/envoye/").text
