import re
import secrets
import sys

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.management import call_command
from django.db import OperationalError, connection
from django.templatetags.static import static
from django.test import Client
from django.utils import timezone
from django.views.debug import ExceptionReporter
from django_tasks_db.models import DBTaskResult

from accounts import confirmation, sessions, temporary, urls, views, views_second_factor
from accounts.models import Counter, TemporaryPassword, User
from accounts.session_store import SessionStore
from enfance.views.compte import compte
from portail.settings import STORAGES as PRODUCTION_STORAGES
from tests.accounts.broken import broken
from tests.accounts.conftest import log_in, send_value
from tests.accounts.headers import CSP, HEADERS
from tests.accounts.phones import give_phone
from tests.factories import ResponsableFactory


def gone(*args):
    raise OperationalError("secret-du-serveur")


@pytest.fixture
def answers(client, parent, settings):
    """One answer of each status, by name."""
    settings.ROOT_URLCONF = "tests.accounts.broken"
    client.raise_request_exception = False
    with connection.execute_wrapper(gone):
        unavailable = client.post("/connexion/", {"identifiant": "3816238", "password": "faux"})
    pages = {
        "200": client.get("/connexion/"),
        "302": client.get("/compte/"),
        "400 host": client.get("/connexion/", headers={"host": "mechant.example"}),
        "400 input": client.post("/connexion/", {"identifiant": "a\0b"}),
        "403 csrf": Client(enforce_csrf_checks=True).post("/connexion/", {"identifiant": "1", "password": "2"}),
        "404": client.get("/nulle-part/"),
        "405": client.get("/deconnexion/"),
        "500": client.get("/panne/"),
        "503": unavailable,
    }
    for _ in range(11):
        pages["429"] = log_in(client, password="faux")
    return pages


def test_security_headers_are_on_every_answer(answers):
    for name, answer in answers.items():
        assert answer.status_code == int(name[:3])
        assert {header: answer.get(header) for header in HEADERS} == HEADERS, name  # HDR-03
        assert answer["Content-Security-Policy"] == CSP, name  # HDR-01


def test_security_headers_are_on_static_files(client, db, settings):
    settings.WHITENOISE_USE_FINDERS = True  # whether or not the files were collected here
    answer = client.get("/static/css/portail.css")
    answer.close()

    assert answer.status_code == 200
    assert {header: answer.get(header) for header in HEADERS} == HEADERS  # HDR-03
    assert answer["Content-Security-Policy"] == CSP  # HDR-01
    assert "no-store" not in answer["Cache-Control"]


@pytest.fixture
def collected(settings, tmp_path):
    """The static files of production: collected, named by their hash, compressed."""
    settings.STATICFILES_DIRS, settings.STATIC_ROOT = [settings.BASE_DIR / "static"], tmp_path
    settings.STATICFILES_FINDERS = [
        "django.contrib.staticfiles.finders.FileSystemFinder",
        "portail.feuilles.SheetFinder",
    ]
    settings.STORAGES = PRODUCTION_STORAGES
    settings.WHITENOISE_AUTOREFRESH = settings.WHITENOISE_USE_FINDERS = False
    call_command("collectstatic", interactive=False, verbosity=0)
    settings.STORAGES = dict(PRODUCTION_STORAGES)  # a process that starts now reads the names that were collected


@pytest.mark.ci
@pytest.mark.parametrize("name", ["css/portail.css", "js/planning.js", "polices/nunito-sans-fr.woff2", "img/icone.svg"])
def test_static_files_are_read_by_no_other_site(client, db, collected, name):  # HDR-03
    address = static(name)
    answers = [client.get(address, headers={"accept-encoding": coding}) for coding in ["identity", "br, gzip"]]
    for answer in answers:
        answer.close()

    assert address != f"/static/{name}"
    assert [answer.status_code for answer in answers] == [200, 200]
    for answer in answers:
        assert "Access-Control-Allow-Origin" not in answer.headers
        assert {header: answer.get(header) for header in HEADERS} == HEADERS


def test_pages_have_no_inline_script_nor_style(client, parent, value):
    pages = [client.get(page) for page in ["/connexion/", "/mot-de-passe-oublie/", "/identifiant-oublie/"]]
    pages.append(log_in(client, password="faux"))
    log_in(client, password=value)
    pages.append(client.get("/mot-de-passe/nouveau/"))
    log_in(client)
    pages.append(client.get("/compte/"))

    for page in pages:
        html = page.text
        assert re.findall(r"<script(?![^>]*\bsrc=)", html) == []  # HDR-01
        assert re.findall(r"<style|\sstyle=|\son[a-z]+=|javascript:", html) == []


def test_error_pages_say_nothing_of_what_happened(answers):
    for name, answer in answers.items():
        page = answer.text
        assert "secret-du-serveur" not in page, name  # LOG-04
        assert "Traceback" not in page, name
        assert "mechant.example" not in page, name


@pytest.mark.parametrize("page", ["/compte/", "/", "/planning/", "/historique/"])
def test_personal_pages_are_stored_by_nobody(client, parent, page):
    log_in(client)

    assert client.get(page)["Cache-Control"] == "no-store"  # SES-05


def test_pages_around_the_login_are_stored_by_nobody(client, parent):
    client.post("/mot-de-passe-oublie/", {"identifiant": "3816238"})
    log_in(client, password=send_value(parent))

    for page in ["/connexion/", "/mot-de-passe-oublie/envoye/", "/mot-de-passe/nouveau/"]:
        assert client.get(page)["Cache-Control"] == "no-store"  # SES-05


@pytest.mark.parametrize(
    ("page", "fields"),
    [
        ("/connexion/", {"identifiant": "3816238", "password": "Velo nuage 7"}),
        ("/mot-de-passe-oublie/", {"identifiant": "3816238"}),
        ("/identifiant-oublie/", {"email": "camille@courriel.example"}),
        ("/mot-de-passe/nouveau/", {}),
        ("/compte/", {}),
        ("/compte/appareils/", {}),
        ("/deconnexion/", {}),
    ],
)
def test_every_form_wants_its_token(parent, page, fields):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(parent) if page.startswith(("/compte", "/deconnexion")) else None

    answer = strict.post(page, fields)

    assert answer.status_code == 403  # SES-06
    assert "Ce formulaire n’est plus valable" in answer.text


SECRET_FIELDS = [
    (views.login, ["password"]),
    (views.new_password, ["new_password1", "new_password2"]),
    (views.account, ["password", "new_password1", "new_password2"]),
    (views.confirm, ["password"]),
    (views_second_factor.second_factor, ["code"]),
    (views_second_factor.second_factor, ["secours"]),
    (views_second_factor.enrolment, ["code"]),
    (views_second_factor.new_recovery_codes, ["password"]),
    (compte, ["password", "new_password1", "new_password2"]),
]


@pytest.mark.parametrize(("view", "fields"), SECRET_FIELDS)
def test_secret_fields_never_reach_an_error_report(rf, parent, agent, monkeypatch, view, fields):
    """A fault in the middle of each view, and the report that Django would make of it."""
    typed = secrets.token_hex(16)
    drawn_by = confirmation if view is views.confirm else sys.modules[view.__module__]
    monkeypatch.setattr(drawn_by, "render", broken)
    request = rf.post("/", dict.fromkeys(fields, typed))
    request.user = agent
    request.session = SessionStore()
    if view in {views.login, views.new_password}:
        request.user = AnonymousUser()
    if view is compte:
        request.user = ResponsableFactory().user
    if view is views_second_factor.second_factor:
        give_phone(agent)
    if view is views.new_password:
        row, _ = temporary.issue(parent, now=timezone.now())
        sessions.start_restricted(request, row.pk, now=timezone.now())

    with pytest.raises(RuntimeError) as fault:
        view(request)

    inside_the_view = fault.tb.tb_next  # the frame of this test knows what it typed
    report = ExceptionReporter(request, fault.type, fault.value, inside_the_view).get_traceback_html()
    assert "secret-du-serveur" in report
    assert typed not in report  # LOG-04


def test_reading_pages_changes_nothing(client, parent, value):
    """Every address of the accounts, opened by a link: as anybody, with a temporary password, logged in."""

    def rows():
        models = [User, TemporaryPassword, DBTaskResult, Counter]
        return [list(model.objects.order_by("pk").values()) for model in models]

    addresses = [f"/{pattern.pattern}" for pattern in urls.urlpatterns]
    log_in(client, password=value)
    family = Client()
    family.force_login(parent)
    before = rows()

    for browser in [Client(), client, family]:
        for address in addresses:
            browser.get(address, {"identifiant": "3816238", "password": "x", "email": parent.email})

    assert rows() == before  # SES-06
