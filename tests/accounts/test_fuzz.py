"""Whatever is sent, no page of accounts breaks (VAL-08): real requests, raw bytes, on the database of the tests."""

from urllib.parse import quote

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django_otp.plugins.otp_totp.models import TOTPDevice
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import User
from tests.accounts.conftest import log_in, send_value
from tests.accounts.phones import give_phone
from tests.clients import Client
from tests.factories import StaffFactory, UserFactory

PAGES = [
    "/connexion/",
    "/mot-de-passe-oublie/",
    "/mot-de-passe-oublie/envoye/",
    "/identifiant-oublie/",
    "/identifiant-oublie/envoye/",
    "/mot-de-passe/nouveau/",
    "/compte/",
    "/compte/appareils/",
    "/compte/rester/",
    "/deconnexion/",
    "/deuxieme-facteur/",
    "/deuxieme-facteur/inscription/",
    "/compte/codes-de-secours/",
]
FIELDS = ["identifiant", "password", "souvenir", "next", "email", "new_password1", "new_password2", "username"]
FIELDS += ["code", "secours"]
any_text = st.text(st.characters(codec=None, exclude_categories=[]), max_size=40)
values = st.one_of(
    any_text, st.sampled_from(["3816238", "\0", "\ud800", "-1", "9" * 400, "None", "[]", "%00", "a" * 9000])
)


@pytest.fixture
def visitors(db):
    """A browser of each kind: anybody's, a parent's, that of a temporary password, agents before and after the code."""
    parent = UserFactory(identifiant="3816238")
    clients = [Client(raise_request_exception=False) for _ in range(6)]
    log_in(clients[1])
    log_in(clients[2], password=send_value(parent))
    clients[3].force_login(StaffFactory(), second_factor=False)
    clients[4].force_login(StaffFactory())
    enrolled = StaffFactory()
    give_phone(enrolled)
    clients[5].force_login(enrolled, second_factor=False)
    return clients


def encoded(fields):
    """A form as a browser would send it, lone surrogates and NUL included."""
    return "&".join(f"{name}={quote(text.encode('utf-8', 'surrogatepass'))}" for name, text in fields)


@pytest.mark.ci
@pytest.mark.parametrize("page", PAGES)
@settings(max_examples=40, suppress_health_check=list(HealthCheck))
@given(
    fields=st.lists(st.tuples(st.sampled_from(FIELDS), values), max_size=8),
    who=st.integers(0, 5),
    in_address=st.booleans(),
)
def test_no_form_breaks_a_page(page, visitors, fields, who, in_address):
    form = encoded(fields)
    if in_address:
        answer = visitors[who].get(f"{page}?{form[:4000]}")
    else:
        answer = visitors[who].post(page, form, content_type="application/x-www-form-urlencoded")

    assert answer.status_code < 500  # VAL-08
    assert User.objects.count() == 4
    assert TOTPDevice.objects.count() == 1


@pytest.mark.ci
@pytest.mark.parametrize("page", PAGES)
@settings(max_examples=20, suppress_health_check=list(HealthCheck))
@given(
    body=st.binary(max_size=300),
    content_type=st.sampled_from(
        [
            "application/x-www-form-urlencoded",
            "application/x-www-form-urlencoded; charset=utf-16",
            "application/x-www-form-urlencoded; charset=inconnu",
            "multipart/form-data; boundary=x",
            "multipart/form-data",
            "application/json",
            "",
            "\x00;=;",
        ]
    ),
)
def test_no_body_breaks_a_page(page, visitors, body, content_type):
    for client in visitors:
        assert client.generic("POST", page, body, content_type=content_type).status_code < 500  # VAL-08


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("identifiant=a%00b&password=x", 400),
        ("identifiant=%00&password=x", 400),
        ("identifiant=1&password=%ED%A0%80", 200),  # read as U+FFFD: an ordinary wrong password
        ("a%00=1", 400),
        ("&".join(f"champ{number}=1" for number in range(1001)), 400),
        ("identifiant=1&password=" + "x" * 10_000_000, 400),
        ("identifiant=1&identifiant=2&password=a&password=b", 200),
        ("identifiant=1&password=" + "x" * 900_000, 200),
    ],
)
def test_what_no_form_of_ours_sends_is_a_400_page(db, body, status):
    client = Client(raise_request_exception=False)

    answer = client.post("/connexion/", body, content_type="application/x-www-form-urlencoded")

    assert answer.status_code == status  # VAL-08
    if status == 400:
        assert "Cette demande n’a pas été comprise" in answer.text


@pytest.mark.ci
def test_too_big_forms_are_400_on_every_page(visitors):
    body = "identifiant=1&password=1&email=a&new_password1=" + "x" * 10_000_000
    for page in PAGES:
        for client in visitors:
            answer = client.post(page, body, content_type="application/x-www-form-urlencoded")
            assert answer.status_code == 400  # VAL-08


def test_file_bigger_than_any_of_ours_is_a_400(db):
    """Django bounds the fields of a form, not its files."""
    client = Client(raise_request_exception=False)
    file = SimpleUploadedFile("x.csv", b"x" * 10_500_000)

    assert client.post("/connexion/", {"fichier": file}).status_code == 400  # VAL-08


@pytest.mark.parametrize(
    "header",
    [
        'session="a\\000b"',  # http.cookies reads it as NUL, which PostgreSQL refuses
        "session=" + "a" * 4000,
        "session=\xed\xa0\x80",
        "session=\xe9; csrftoken=\xff",
        "session='; DROP TABLE accounts_user",
        "session=; session=b; =; ;;",
    ],
)
def test_no_cookie_breaks_a_page(db, header):
    client = Client(raise_request_exception=False, HTTP_COOKIE=header)

    assert client.get("/compte/").status_code < 500  # VAL-08
    assert client.post("/connexion/", {"identifiant": "1", "password": "2"}).status_code < 500


def test_nul_in_the_address_is_refused(db):
    client = Client(raise_request_exception=False)

    assert client.get("/connexion/", query_params={"next": "a\0b"}).status_code == 400
    assert client.get("/jour/%00/").status_code == 400
