"""The pages of the second factor, as agents come through them: code, enrolment, codes on paper."""

import html
import re
from base64 import b32encode

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.contrib.sessions.models import Session
from django.utils import timezone
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts import qr, recovery_codes, second_factor, sessions, tasks
from accounts.models import RecoveryCode, User
from tests.accounts.conftest import log_in
from tests.accounts.phones import CODES, ENROLMENT, PAGE, code_of, give, give_phone, is_inside, shown_codes
from tests.clients import Client
from tests.factories import STAFF_PASSWORD, StaffFactory
from tests.reading import html_of, plain

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
REFUSED = "Ce code ne correspond pas ou a déjà servi. Attendez le suivant."
MINUTE = 60


# --- The code ---------------------------------------------------------------------------------------------------------


def test_right_code_opens_the_page_of_ones_rights(at_the_door, journal):  # ADM-01
    response = give(at_the_door, code_of())

    assert (response.status_code, response["Location"]) == (302, "/admin/")
    assert is_inside(at_the_door)
    assert [(line["event"], line["result"], line["how"]) for line in journal.events] == [
        ("second_factor", "ok", "phone")
    ]


def test_session_gets_another_key_with_the_code(at_the_door):  # TMP-12
    before = at_the_door.cookies["session"].value

    give(at_the_door, code_of())

    assert at_the_door.cookies["session"].value != before
    assert not Session.objects.filter(session_key=before).exists()


@pytest.mark.parametrize(
    ("right", "home"),
    [
        ("accounts.view_user", "/admin/"),
        ("accounts.view_staffuser", "/admin/"),
        ("enfance.tenir_feuille", "/equipe/"),
        ("enfance.tenir_cantine", "/cantine/"),
        ("facturation.tenir_regie", "/admin/regie/"),
        ("enfance.view_repas", "/compte/"),
    ],
)
def test_each_agent_lands_on_the_page_of_their_work(client, right, home):
    user = StaffFactory(is_superuser=False)
    user.user_permissions.set(Permission.objects.filter(codename=right.split(".")[1]))
    give_phone(user)
    log_in(client, user.identifiant, STAFF_PASSWORD)

    assert give(client, code_of())["Location"] == home


def test_page_asked_for_is_kept_through_login_and_code(client, enrolled):
    wanted = "/admin/accounts/user/?is_active__exact=1"
    client.get(wanted)
    log_in(client, enrolled.identifiant, STAFF_PASSWORD, next=wanted)
    door = client.get(wanted, follow=True)
    (kept,) = set(re.findall(r'name="next" value="([^"]+)"', door.text))

    assert give(client, code_of(), next=html.unescape(kept))["Location"] == wanted


def test_page_asked_for_is_kept_through_enrolment(client, agent):
    log_in(client, agent.identifiant, STAFF_PASSWORD)
    page = client.get("/admin/accounts/user/", follow=True)
    key = TOTPDevice(key=client.session[second_factor.KEY]).bin_key
    assert 'name="next" value="/admin/accounts/user/"' in page.text

    shown = client.post(ENROLMENT, {"code": code_of(key), "next": "/admin/accounts/user/"})

    assert 'name="next" value="/admin/accounts/user/"' in shown.text
    assert give(client, "", field="note", next="/admin/accounts/user/")["Location"] == "/admin/accounts/user/"


@pytest.mark.parametrize("elsewhere", ["https://ailleurs.example/", "//ailleurs.example/", "javascript:alert(1)"])
def test_code_leads_nowhere_else(at_the_door, elsewhere):  # SES-07
    assert give(at_the_door, code_of(), next=elsewhere)["Location"] == "/admin/"


@pytest.mark.parametrize("case", ["wrong", "replayed", "expired", "letters", "too long"])
def test_every_refused_code_gets_the_same_answer(client, enrolled, clock, case):  # ADM-01
    second_factor.accepts(enrolled, code_of())
    clock.shift(30)
    code = {"wrong": "000000", "replayed": code_of(steps=-1), "expired": code_of(steps=-5), "letters": "abcdef"}.get(
        case, "1" * 90
    )
    log_in(client, enrolled.identifiant, STAFF_PASSWORD)

    response = give(client, code)

    assert response.status_code == 200
    assert f"Code à 6 chiffres : {REFUSED}" in html_of(response)
    assert "<title>Erreur : Code de vérification" in html_of(response)
    assert not is_inside(client)


def test_empty_code_costs_no_try(at_the_door):
    for _ in range(10):
        assert "Saisissez les 6 chiffres que montre votre téléphone." in html_of(give(at_the_door, ""))

    assert give(at_the_door, code_of()).status_code == 302


def test_form_of_the_code_is_known_to_phones_and_screen_readers(at_the_door):  # AUT-04, RGA-07
    page = give(at_the_door, "000000").text

    (field,) = re.findall(r'<input[^>]*name="code"[^>]*>', page)
    for attribute in ['inputmode="numeric"', 'autocomplete="one-time-code"', "required", 'aria-invalid="true"']:
        assert attribute in field
    described_by = re.search(r'aria-describedby="([^"]+)"', field)[1].split()
    assert all(f'id="{name}"' in page for name in described_by)


def test_idle_session_keeps_no_code(at_the_door, enrolled, clock):
    (code, *_) = recovery_codes.draw(enrolled, now=timezone.now())
    clock.shift(31 * MINUTE)

    give(at_the_door, code, field="secours")

    assert sessions.KEPT not in at_the_door.session


# --- Enrolment --------------------------------------------------------------------------------------------------------


@pytest.fixture
def newcomer(client, agent):
    """The browser of an agent at the first login."""
    log_in(client, agent.identifiant, STAFF_PASSWORD)
    client.get(ENROLMENT)
    return client


def key_of(client):
    return TOTPDevice(key=client.session[second_factor.KEY]).bin_key


def test_enrolment_is_confirmed_by_the_phones_code(newcomer, agent, journal):  # ADM-01
    key = key_of(newcomer)

    response = newcomer.post(ENROLMENT, {"code": code_of(key)})

    assert response.status_code == 200
    assert len(set(shown_codes(response))) == 10
    assert second_factor.find_device(agent).bin_key == key
    assert is_inside(newcomer)
    assert [(line["event"], line["result"], line["how"]) for line in journal.events] == [
        ("second_factor", "ok", "enrolment")
    ]


def test_qr_and_key_are_one_secret_drawn_by_the_page_itself(newcomer, agent):  # HDR-01
    page = newcomer.get(ENROLMENT).text
    (typed,) = re.findall(r'<p class="cle">([A-Z2-7 ]+)</p>', page)

    device = TOTPDevice(user=agent, key=newcomer.session[second_factor.KEY])
    assert f"secret={typed.replace(' ', '')}&" in device.config_url
    assert f'<path d="{qr.draw(device.config_url).path}"/>' in page
    assert "data:" not in page
    assert " style=" not in page


def test_key_stays_the_same_while_the_phone_is_sought(newcomer):
    key = key_of(newcomer)
    newcomer.get(ENROLMENT)

    response = newcomer.post(ENROLMENT, {"code": "000000"})

    assert REFUSED in html_of(response)
    assert key_of(newcomer) == key
    assert not TOTPDevice.objects.exists()


def test_abandoned_enrolment_starts_again_with_another_key(newcomer, agent):
    key = key_of(newcomer)
    newcomer.post("/deconnexion/")
    log_in(newcomer, agent.identifiant, STAFF_PASSWORD)
    newcomer.get(ENROLMENT)

    assert key_of(newcomer) != key
    assert REFUSED in html_of(newcomer.post(ENROLMENT, {"code": code_of(key)}))


def test_key_and_codes_are_shown_no_more(newcomer, clock):  # ADM-01
    key = newcomer.session[second_factor.KEY]
    newcomer.post(ENROLMENT, {"code": code_of(key_of(newcomer))})

    for address in [ENROLMENT, PAGE, "/compte/", CODES]:
        answer = newcomer.get(address, follow=True)
        assert shown_codes(answer) == []
        assert "otpauth" not in answer.text
    assert second_factor.KEY not in newcomer.session
    assert key not in str(dict(newcomer.session))


def test_other_window_of_an_enrolment_is_sent_to_the_code(agent):
    first, second = Client(), Client()
    for client in [first, second]:
        log_in(client, agent.identifiant, STAFF_PASSWORD)
        client.get(ENROLMENT)
    first.post(ENROLMENT, {"code": code_of(key_of(first))})

    response = second.post(ENROLMENT, {"code": code_of(key_of(second))})

    assert response["Location"] == PAGE
    assert not is_inside(second)


def test_secrets_are_nowhere_but_where_they_serve(newcomer, agent, journal, caplog):  # ADM-01, LOG-02
    key = newcomer.session[second_factor.KEY]
    typed = code_of(key_of(newcomer))
    codes = shown_codes(newcomer.post(ENROLMENT, {"code": typed}))
    newcomer.post("/deconnexion/")
    log_in(newcomer, agent.identifiant, STAFF_PASSWORD)
    give(newcomer, codes[0], field="secours")

    assert snapshot_text().count(key) == 1  # of the device itself
    everywhere = snapshot_text() + journal.text + caplog.text
    for secret in [*codes, *(code.replace("-", "") for code in codes), b32encode(bytes.fromhex(key)).decode()]:
        assert secret not in everywhere
    assert typed not in journal.text + caplog.text


def snapshot_text():
    tables = [repr(list(model.objects.values_list())) for model in apps.get_models() if model is not Session]
    return "".join(tables) + "".join(str(session.get_decoded()) for session in Session.objects.all())


def test_admin_shows_neither_phones_nor_codes():  # ADM-01
    assert not {TOTPDevice, RecoveryCode} & set(admin.site._registry)


# --- Codes on paper ---------------------------------------------------------------------------------------------------


@pytest.fixture
def paper(enrolled):
    return recovery_codes.draw(enrolled, now=timezone.now())


def test_recovery_code_opens_and_says_how_many_are_left(at_the_door, paper, journal):  # ADM-01
    response = give(at_the_door, paper[0], field="secours", next="/admin/accounts/user/")

    assert "Il vous reste 9 codes de secours." in html_of(response)
    assert 'href="/admin/accounts/user/">Continuer' in response.text
    assert is_inside(at_the_door)
    assert journal.events[-1]["how"] == "recovery_code"


def test_last_recovery_code_says_so(at_the_door, enrolled, paper):
    RecoveryCode.objects.filter(user=enrolled).exclude(pk=RecoveryCode.objects.last().pk).delete()

    assert "C’était votre dernier code de secours." in html_of(give(at_the_door, paper[-1], field="secours"))
    assert "Il ne vous reste aucun code de secours" in html_of(at_the_door.get("/compte/"))


def test_refused_recovery_code_is_marked_and_its_form_open(at_the_door, paper):
    response = give(at_the_door, "k7dum-m2rep", field="secours")

    assert "Code de secours : Ce code de secours ne correspond pas ou a déjà servi." in html_of(response)
    assert "<details open>" in html_of(response)
    assert not is_inside(at_the_door)


def test_use_of_a_recovery_code_is_told_by_mail(at_the_door, enrolled, paper, mailoutbox):  # ADM-01
    give(at_the_door, paper[0], field="secours")
    tasks.send_second_factor_notice.func(enrolled.pk, "used", "2026-11-25T12:00:05+00:00")

    (mail,) = mailoutbox
    body = plain(mail.body).replace("\n", " ")
    assert (mail.to, mail.subject) == ([enrolled.email], "Un code de secours a servi")
    assert "Le mercredi 25 novembre à 13 h, un code de secours a ouvert votre compte d’agent" in body
    assert "Il vous en reste 9." in body
    assert paper[0] not in mail.body


@pytest.mark.parametrize(
    ("what", "subject"),
    [
        ("enrolled", "Un téléphone protège maintenant votre compte"),
        ("used", "Un code de secours a servi"),
        ("renewed", "Vos codes de secours ont été remplacés"),
        ("reset", "Votre deuxième facteur a été remis à zéro"),
    ],
)
def test_each_notice_says_what_happened(agent, mailoutbox, what, subject):
    tasks.send_second_factor_notice.func(agent.pk, what, "2026-11-25T12:00:05+00:00")

    assert [mail.subject for mail in mailoutbox] == [subject]


def test_notice_to_nobody_is_no_failure(agent, mailoutbox):
    User.objects.update(email="")

    tasks.send_second_factor_notice.func(agent.pk, "used", "2026-11-25T12:00:05+00:00")
    tasks.send_second_factor_notice.func(0, "used", "2026-11-25T12:00:05+00:00")

    assert mailoutbox == []


def test_new_codes_are_drawn_after_the_password(client, enrolled, paper, journal):  # ADM-01
    client.force_login(enrolled)
    assert 'href="/compte/codes-de-secours/"' in client.get("/compte/").text

    refused = client.post(CODES, {"password": "autre"})
    drawn = client.post(CODES, {"password": STAFF_PASSWORD})

    assert (shown_codes(refused), len(shown_codes(drawn))) == ([], 10)
    assert "Ce n’est pas votre mot de passe actuel." in html_of(refused)
    assert "Les codes précédents ne servent plus." in html_of(drawn)
    assert not set(shown_codes(drawn)) & set(paper)
    assert [(line["event"], line["result"]) for line in journal.events] == [
        ("recovery_codes_renewed", "refused"),
        ("recovery_codes_renewed", "ok"),
    ]


def test_password_of_new_codes_is_limited(client, enrolled):  # LIM-11
    client.force_login(enrolled)

    statuses = [client.post(CODES, {"password": "autre"}).status_code for _ in range(12)]

    assert statuses == [200] * 10 + [429] * 2
