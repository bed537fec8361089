"""A machine at fault, for real: each deed of each reader is a 503 that keeps what was sent, then is done (REL-03)."""

from __future__ import annotations

import errno
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from html.parser import HTMLParser

import psycopg
import pytest
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, InterfaceError, InternalError, OperationalError, ProgrammingError, connection
from django.http import HttpResponse
from django_tasks_db.models import DBTaskResult

from accounts.models import Counter
from enfance.models import Classe, Evenement, Geste, Inscription
from portail.dates import PARIS
from portail.pannes import panne_of
from tests.accounts.headers import CSP, HEADERS
from tests.clients import Client
from tests.enfance.equipe.pages.pointage import tap
from tests.factories import PASSWORD, AnneeFactory, ResponsableFactory, StaffFactory, make_creneaux, make_enfant
from tests.faults import FAULTS, another, everything, run, sqlite_full

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.ci, pytest.mark.sqlite]
MOIS = "/planning/2026-12/"


@pytest.fixture(autouse=True)
def _jeudi_3_decembre(time_machine):
    time_machine.move_to(datetime(2026, 12, 3, 16, 40, tzinfo=PARIS))


class Sent(HTMLParser):
    """The form of a page that sends itself again."""

    def __init__(self, response: HttpResponse) -> None:
        super().__init__()
        self.action, self.fields = "", {}
        self.feed(response.text)

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if tag == "form":
            self.action = attrs["action"]
        elif tag == "input":
            assert attrs["type"] == "hidden"
            self.fields.setdefault(attrs["name"], []).append(attrs["value"])


@dataclass
class Deed:
    """What somebody sends; whether the page may hold it; what tells that it is done."""

    client: Client
    address: str
    fields: dict
    done: Callable[[], object]
    kept: bool = True

    def do(self) -> HttpResponse:
        return self.client.post(self.address, self.fields)


def browser(user=None) -> Client:
    client = Client(raise_request_exception=False)
    if user:
        client.force_login(user)
    return client


def family():
    AnneeFactory()
    make_creneaux()
    camille = ResponsableFactory()
    return camille, make_enfant(camille, prenom="Léa")


def planning():
    camille, lea = family()
    boxes = [f"{lea.pk}:2026-12-{jour:02}:{code}" for jour in (7, 8, 10) for code in ("matin", "midi", "soir")]
    done = lambda: Inscription.objects.filter(etat="inscrit").count() == len(boxes) == Evenement.objects.count()  # noqa: E731
    return Deed(browser(camille.user), MOIS, {"avant": "", "r": boxes, "enregistrer": "1"}, done)


def semaine_type():
    camille, lea = family()
    fields = {"t": [f"{lea.pk}:1:soir"], "fin": "annee", "rythme": "1", "enregistrer": "1"}
    return Deed(browser(camille.user), "/semaine-type/", fields, Inscription.objects.exists)


def compte():
    camille, _ = family()
    return Deed(
        browser(camille.user),
        "/compte/",
        {"agenda": "renouveler"},
        lambda: type(camille).objects.get(pk=camille.pk).agenda_secret,
    )


def password():
    camille, _ = family()
    fields = {"password": PASSWORD, "new_password1": "Tartine de brume 8", "new_password2": "Tartine de brume 8"}

    def done():
        camille.user.refresh_from_db()
        return camille.user.check_password("Tartine de brume 8")

    return Deed(browser(camille.user), "/compte/", fields, done, kept=False)


def login():
    camille, _ = family()
    client = browser()
    fields = {"identifiant": camille.user.identifiant, "password": PASSWORD}
    return Deed(client, "/connexion/", fields, lambda: SESSION_KEY in client.session, kept=False)


def forgot():
    camille, _ = family()
    return Deed(
        browser(), "/mot-de-passe-oublie/", {"identifiant": camille.user.identifiant}, DBTaskResult.objects.exists
    )


def gate():
    _, lea = family()
    now = datetime(2026, 12, 3, 16, 39, tzinfo=PARIS)
    return Deed(browser(StaffFactory()), "/equipe/2026-12-03/pointage/", tap(lea, a=now), Geste.objects.exists)


def admin():
    annee = AnneeFactory()
    fields = {"annee": annee.pk, "nom": 'CE1 <M. Frêne> & "Cie" matin', "enseignant": ""}
    return Deed(browser(StaffFactory()), "/admin/enfance/classe/add/", fields, Classe.objects.exists)


def logout():
    return Deed(browser(ResponsableFactory().user), "/deconnexion/", {}, lambda: not Session.objects.exists())


DEEDS = [planning, semaine_type, compte, password, login, forgot, gate, admin, logout]


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("deed", DEEDS, ids=lambda deed: deed.__name__)
def test_fault_of_the_machine_is_503_then_the_same_is_done(deed, fault, caplog):  # REL-03, LIM-08
    deed, before = deed(), None
    before, sessions = everything(), Session.objects.count()

    with FAULTS[fault]():
        answer = deed.do()

    assert answer.status_code == 503
    assert answer["Retry-After"] == "30"
    assert answer["Cache-Control"] == "no-store"  # SES-05
    assert {header: answer.get(header) for header in HEADERS} == HEADERS  # HDR-03
    assert answer["Content-Security-Policy"] == CSP  # HDR-01
    assert everything() == before
    assert Session.objects.count() == sessions
    assert not deed.done()
    sent = Sent(answer)
    if deed.kept:
        assert sent.action == deed.address
        assert deed.client.post(sent.action, sent.fields).status_code in {200, 302, 303}
    else:
        assert sent.action == ""
        assert not {value for value in deed.fields.values() if value in answer.text}
        assert deed.do().status_code == 302
    assert deed.done()


@pytest.mark.parametrize("fault", FAULTS)
def test_logins_on_a_faulty_machine_are_never_counted(fault):  # LIM-08
    deed = login()
    deed.fields["password"] = "faux"

    with FAULTS[fault]():
        assert [deed.do().status_code for _ in range(12)] == [503] * 12

    assert not Counter.objects.exists()
    deed.fields["password"] = PASSWORD
    assert deed.do().status_code == 302


def leave_for_a_minute(client):
    """The session's own mark, written once a minute at most, is due; what it says."""
    session = client.session
    session["seen"] -= 60
    session.save()
    return session["seen"]


@pytest.mark.parametrize("fault", [fault for fault in FAULTS if fault in {"locked", "read-only", "unavailable (disk)"}])
def test_what_can_be_read_is_shown(fault):  # REL-03
    """The session's own mark is not worth an error."""
    deed = planning()
    seen = leave_for_a_minute(deed.client)

    with FAULTS[fault]():
        assert deed.client.get(MOIS).status_code == 200

    assert deed.client.session["seen"] == seen
    assert deed.client.get(MOIS).status_code == 200
    assert deed.client.session["seen"] > seen


@pytest.mark.skipif(connection.vendor != "sqlite", reason="one writer at a time: SQLite alone")
def test_page_that_is_only_read_does_not_wait_as_long_as_a_save(monkeypatch):  # REL-03
    """The mark is tried for a moment, whatever a save would wait for."""
    deed = planning()
    leave_for_a_minute(deed.client)
    monkeypatch.setattr("portail.pannes.PATIENCE", 50)
    waits = []

    def note(execute, sql, params, many, context):
        if sql.startswith("PRAGMA busy_timeout ="):
            waits.append(sql)
        return execute(sql, params, many, context)

    with FAULTS["locked"](), connection.execute_wrapper(note):
        assert deed.client.get(MOIS).status_code == 200

    assert waits[0] == "PRAGMA busy_timeout = 50"
    assert len(waits) == 2  # and the usual one again


def test_page_that_cannot_be_read_asks_to_come_back():
    deed = planning()

    with FAULTS["unavailable"]():
        answer = deed.client.get(MOIS, {"enfant": "3"})

    assert answer.status_code == 503
    assert f'<a class="btn" href="{MOIS}?enfant=3">Réessayer</a>' in answer.text


if connection.vendor == "sqlite":

    def test_save_on_a_full_database_is_kept_in_the_page():  # REL-03
        deed = semaine_type()
        lea = deed.fields["t"][0].partition(":")[0]
        deed.fields["t"] = [f"{lea}:{jour}:{code}" for jour in (1, 2, 4, 5) for code in ("matin", "midi", "soir")]
        before = everything()

        with sqlite_full():
            answer = deed.do()

        assert (answer.status_code, everything()) == (503, before)
        sent = Sent(answer)
        assert deed.client.post(sent.action, sent.fields).status_code == 303
        assert Inscription.objects.count() > 250


@pytest.mark.postgresql
def test_save_waits_twenty_seconds_at_most_for_a_row():  # REL-03
    deed = planning()
    connection.close()
    assert run("SHOW lock_timeout") == "20s"
    run("SET lock_timeout = 200")

    with another() as other:
        other.set_autocommit(False)
        run("SELECT code FROM enfance_creneau FOR UPDATE", other)
        sent = Sent(deed.do())
        other.rollback()

    connection.close()
    assert deed.client.post(sent.action, sent.fields).status_code == 303
    assert deed.done()


# --- What a page may hold -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", FAULTS)
def test_form_of_another_site_is_not_sent_again_by_a_click(fault):  # SES-06, REL-03
    deed = planning()
    deed.client.handler.enforce_csrf_checks = True

    with FAULTS[fault]():
        answer = deed.do()

    assert answer.status_code in {403, 503}  # refused before the database is asked, or after
    assert deed.fields["r"][0] not in answer.text


@pytest.mark.parametrize("fault", FAULTS)
def test_form_sent_again_holds_its_own_token(fault):  # SES-06, REL-03
    deed = planning()
    deed.client.handler.enforce_csrf_checks = True
    deed.client.get(MOIS)
    deed.fields["csrfmiddlewaretoken"] = deed.client.cookies["csrftoken"].value

    with FAULTS[fault]():
        sent = Sent(deed.do())

    assert deed.client.post(sent.action, sent.fields).status_code == 303
    assert deed.done()


def test_form_too_long_for_a_page_is_not_in_it():
    deed = planning()
    deed.fields["r"] = ["9" * 100] * 700

    with FAULTS["unavailable"]():
        answer = deed.do()

    assert answer.status_code == 503
    assert len(answer.content) < 20_000
    assert "revenez à la page précédente" in answer.text


def test_file_is_told_to_be_chosen_again():
    deed = admin()
    deed.fields["fichier"] = SimpleUploadedFile("liste.csv", b"a;b")

    with FAULTS["unavailable"]():
        page = deed.do().text

    assert "Un fichier ne peut pas être gardé" in page
    assert f'<a class="btn" href="{deed.address}">Revenir à la page</a>' in page


# --- What is the machine's fault ------------------------------------------------------------------------------------


def raised(error, cause=None):
    """This error, as what it came from left it."""
    try:
        raise error from cause
    except type(error) as caught:
        return caught


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (raised(OperationalError(), psycopg.errors.LockNotAvailable()), "locked"),
        (raised(OperationalError(), psycopg.errors.DeadlockDetected()), "locked"),
        (raised(OperationalError(), psycopg.errors.DiskFull()), "full"),
        (raised(InternalError(), psycopg.errors.ReadOnlySqlTransaction()), "read-only"),
        (raised(OperationalError(), psycopg.errors.AdminShutdown()), "unavailable"),
        (raised(OperationalError(), psycopg.OperationalError("connection refused")), "unavailable"),
        (raised(InterfaceError(), psycopg.InterfaceError("the connection is closed")), "unavailable"),
        (raised(InternalError(), psycopg.errors.InFailedSqlTransaction()), None),
        (raised(ProgrammingError(), psycopg.errors.UndefinedTable()), None),
        (OSError(errno.ENOSPC, "No space left on device"), "full"),
        (OSError(errno.EROFS, "Read-only file system"), "read-only"),
        (FileNotFoundError(errno.ENOENT, "No such file"), None),
        (raised(ValueError(), raised(OperationalError(), psycopg.errors.DiskFull())), "full"),
        (ValueError(), None),
        (DatabaseError(), None),
        (None, None),
    ],
)
def test_what_is_the_fault_of_the_machine(error, said):
    assert panne_of(error) == said


@pytest.mark.parametrize(
    "sql",
    ["SELECT * FROM absente", "SELECT absente FROM accounts_user", "SELEC", "SELECT 1 FROM accounts_user WHERE ("],
)
def test_mistake_of_ours_is_not_the_fault_of_the_machine(sql):
    with connection.cursor() as cursor, pytest.raises(DatabaseError) as fault:
        cursor.execute(sql)

    assert panne_of(fault.value) is None
