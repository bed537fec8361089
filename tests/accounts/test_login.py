import re
import statistics
import time

import factory.django
import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from django.test import Client

from accounts import temporary
from tests.accounts.conftest import PASSWORD, is_logged_in, log_in, send_value
from tests.factories import StaffFactory, UserFactory
from tests.reading import plain

REFUSED = "L’identifiant et le mot de passe ne correspondent pas. Vérifiez-les et réessayez."
TEMPORARY_HINT = "Un mot de passe temporaire ne sert qu’une fois"


def body(response, *typed):
    """The page without what each request draws anew: the CSRF token, and what was typed."""
    page = re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"|\?identifiant=[0-9]*', "", response.text)
    for text in typed:
        page = page.replace(text, "")
    return page


@pytest.fixture
def of_all_kinds(parent):
    """The identifiants of an open account, a closed one, one without password, and none."""
    UserFactory(identifiant="2222222", is_active=False)
    UserFactory(identifiant="4444444", password=factory.django.Password(None))
    return [parent.identifiant, "2222222", "4444444", "9999999"]


def test_login_page_shows_its_words_and_fields(client, db):
    page = client.get("/connexion/").text

    for words in ["<h1>Accès famille</h1>", ">Connexion</button>", ">Mot de passe oublié<", ">Identifiant oublié<"]:
        assert page.count(words) == 1
    [identifiant] = re.findall(r'<input[^>]+name="identifiant"[^>]*>', page)  # AUT-04
    [password] = re.findall(r'<input[^>]+name="password"[^>]*>', page)
    for part in ['type="text"', 'autocomplete="username"', 'inputmode="numeric"']:
        assert part in identifiant
    for part in ['type="password"', 'autocomplete="current-password"']:
        assert part in password
    assert "onpaste" not in page


def test_login_opens_the_family_home(client, parent):
    response = log_in(client)

    assert (response.status_code, response["Location"]) == (302, "/")
    assert is_logged_in(client)


def test_login_of_an_agent_does_not_open_the_family_home(client, agent):
    response = log_in(client, agent.identifiant, "Velo nuage tartine 7")

    assert response["Location"] in {"/admin/", "/compte/"}


def test_login_page_sends_home_who_is_logged_in(client, parent):
    log_in(client)

    assert client.get("/connexion/")["Location"] == "/"
    assert log_in(client, "999", "rien")["Location"] == "/"


@pytest.mark.parametrize(
    ("identifiant", "password", "messages"),
    [
        ("", PASSWORD, ["Indiquez votre identifiant."]),
        ("3816238", "", ["Indiquez votre mot de passe."]),
        ("", "", ["Indiquez votre identifiant.", "Indiquez votre mot de passe."]),
    ],
)
def test_empty_fields_are_named_and_not_counted(client, parent, identifiant, password, messages):
    for _ in range(12):
        response = log_in(client, identifiant, password)

    page = response.text
    assert response.status_code == 200
    assert "<title>Erreur : Connexion" in plain(page)
    for message in messages:
        assert page.count(message) == 2  # in the summary, and beside the field
    assert page.count('aria-invalid="true"') == len(messages)


def test_refusals_are_all_the_same(of_all_kinds):
    opened, *others = of_all_kinds
    tries = [(opened, "faux"), *((identifiant, PASSWORD) for identifiant in [*others, "inconnu", "１２３"])]

    answers = [(log_in(Client(), *typed), typed[0]) for typed in tries]  # AUT-08

    assert {response.status_code for response, _ in answers} == {200}
    assert len({body(response, typed) for response, typed in answers}) == 1
    assert {frozenset(response.headers) for response, _ in answers} == {frozenset(answers[0][0].headers)}
    assert body(answers[0][0]).count(REFUSED) == 1
    assert "Connexion impossible" in body(answers[0][0])


@pytest.mark.parametrize("changed", ["Velo nuage 8", "velo nuage 7", " Velo nuage 7", "Velo nuage 7 ", "Velonuage7"])
def test_password_is_exact(client, parent, changed):
    assert log_in(client, password=changed).status_code == 200  # AUT-02


@pytest.mark.parametrize("password", ["Ab3-" * 16, "  Ab3 " * 300, "Été-Ж7 \t brume", "Ab3-" * 1024])
def test_any_password_is_kept_whole(client, db, password):
    UserFactory(identifiant="3816238", password=password)

    assert log_in(client, password=password[:-1] + "?").status_code == 200  # AUT-02
    assert log_in(client, password=password).status_code == 302


def test_a_dead_temporary_password_is_answered_alike_for_everybody(parent):
    used = send_value(parent)
    parent.temporary_passwords.update(closed_at="2026-12-01T00:00Z", reason="used")
    pages = [
        body(log_in(Client(), identifiant, text), identifiant)
        for identifiant, text in [("3816238", used), ("3816238", "0" * 32), ("9999999", "f" * 32)]
    ]

    assert len(set(pages)) == 1  # AUT-08
    assert (REFUSED in pages[0], TEMPORARY_HINT in pages[0]) == (True, True)
    assert TEMPORARY_HINT not in body(log_in(Client(), "3816238", "faux"))


def test_an_email_typed_as_identifiant_is_told_so_whoever_has_it(parent):
    parent.email = "camille@courriel.example"
    parent.save()
    typed = [parent.email, "inconnu@courriel.example"]

    pages = [body(log_in(Client(), email, PASSWORD), email) for email in typed]

    assert len(set(pages)) == 1  # AUT-08
    hint = "Votre identifiant est un numéro"
    assert (REFUSED in pages[0], hint in pages[0], "/identifiant-oublie/" in pages[0]) == (True, True, True)
    assert hint not in body(log_in(Client(), "9999999", PASSWORD))


def test_fresh_database_has_no_usable_account(db, django_user_model):
    assert django_user_model.objects.count() == 0  # AUT-11


# --- Limits ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("identifiant", ["3816238", "9999999"])
def test_eleventh_try_waits_whether_the_account_exists_or_not(client, parent, identifiant):
    answers = [log_in(client, identifiant, "faux") for _ in range(12)]

    assert [answer.status_code for answer in answers] == [200] * 10 + [429] * 2  # LIM-01
    assert 1 <= int(answers[-1]["Retry-After"]) <= 15 * 60  # LIM-07


def test_pause_says_until_when_and_whom_to_call(client, parent, time_machine):
    time_machine.move_to("2026-12-03 20:40:00+01:00", tick=False)
    for _ in range(11):
        response = log_in(client, password="faux")

    page = response.text
    end = time.time() + int(response["Retry-After"]) + 59
    assert "Trop d’essais" in page  # LIM-07
    assert "04\u00a065\u00a071\u00a000\u00a038" in page
    hour = time.strftime("%-H\u00a0h\u00a0%M", time.localtime(end)).replace("\u00a0h\u00a000", "\u00a0h")
    assert f"jusqu’à {hour}." in page
    assert "/mot-de-passe-oublie/" in page


def test_right_password_waits_too_and_a_good_login_frees_the_account(client, parent, time_machine):
    time_machine.move_to("2026-12-03 20:40:00+01:00", tick=False)
    for _ in range(9):
        log_in(client, password="faux")
    assert log_in(client).status_code == 302  # the tenth
    client = Client()

    assert [log_in(client, password="faux").status_code for _ in range(11)] == [200] * 10 + [429]
    assert log_in(client).status_code == 429  # LIM-01
    time_machine.shift(15 * 60 + 5)
    assert log_in(client).status_code == 302


@pytest.mark.ci
def test_50_tries_a_day_are_enough(client, parent, time_machine):
    time_machine.move_to("2026-12-03 06:00:00+01:00", tick=False)
    statuses = []
    for _ in range(6):
        statuses += [log_in(client, password="faux").status_code for _ in range(9)]
        time_machine.shift(16 * 60)

    assert statuses.count(200) == 50  # LIM-01
    assert statuses[50:] == [429] * 4


@pytest.mark.ci
def test_flood_of_tries_costs_a_quarter_of_an_hour_and_not_the_day(client, parent, time_machine):
    """What a pause refuses is not looked at, and does not count: somebody else's tries must not lock a parent out."""
    time_machine.move_to("2026-12-03 20:40:00+01:00", tick=False)
    for _ in range(70):
        log_in(client, password="faux")

    time_machine.shift(15 * 60 + 5)

    assert log_in(client).status_code == 302  # LIM-01


@pytest.mark.ci
def test_tries_of_an_address_in_a_pause_count_for_no_account(client, parent, time_machine):
    time_machine.move_to("2026-12-03 20:40:30+01:00", tick=False)
    for number in range(100):
        log_in(client, str(number), "faux")
    for _ in range(20):
        assert log_in(client, password="faux").status_code == 429

    assert log_in(Client(REMOTE_ADDR="203.0.113.9")).status_code == 302  # LIM-01


def test_spellings_of_an_identifiant_share_one_counter(client, parent):
    spellings = ["3816238", "381 62 38", " 3816238", "3 8 1 6 2 3 8", "3816238 "] * 2

    statuses = [log_in(client, spelling, "faux").status_code for spelling in [*spellings, "3816238"]]

    assert statuses == [200] * 10 + [429]  # LIM-05, AUT-10


@pytest.mark.ci
@pytest.mark.parametrize("typed", ["{number}", "parent{number}@courriel.example"])
def test_one_address_has_100_tries_in_5_minutes(client, db, time_machine, typed):
    time_machine.move_to("2026-12-03 20:40:30+01:00", tick=False)

    answers = [log_in(client, typed.format(number=number), "faux") for number in range(102)]

    assert [answer.status_code for answer in answers] == [200] * 100 + [429] * 2  # LIM-01
    assert 1 <= int(answers[-1]["Retry-After"]) <= 5 * 60
    assert log_in(Client(REMOTE_ADDR="203.0.113.9"), "7", "faux").status_code == 200
    time_machine.shift(5 * 60)
    assert log_in(client, "7", "faux").status_code == 200


def test_temporary_password_passes_a_pause(client, parent):
    for _ in range(12):
        log_in(client, password="faux")
    value = send_value(parent)

    assert log_in(client, password=value)["Location"] == "/mot-de-passe/nouveau/"  # TMP-14


# --- After it ---------------------------------------------------------------------------------------------------------


def test_session_key_changes_at_login(client, parent):
    client.post("/mot-de-passe-oublie/", {"identifiant": "3816238"})
    before = client.cookies["session"].value

    log_in(client)

    assert client.cookies["session"].value != before  # TMP-12
    assert "typed" not in client.session


def test_ordinary_login_leaves_the_temporary_password_alone(client, parent):
    """A mail under way must not carry a dead value."""
    value = send_value(parent)

    log_in(client)

    [row] = parent.temporary_passwords.all()
    assert temporary.accept(parent, value, now=row.sent_at) == row  # TMP-07


@pytest.mark.parametrize("target", ["/planning/", "/jour/2026-12-07/?vue=1", "/compte/"])
def test_next_returns_to_the_page_asked_for(client, parent, target):
    page = client.get(target.partition("?")[0])
    assert page["Location"] == f"/connexion/?next={target.partition('?')[0]}"

    assert log_in(client, next=target)["Location"] == target  # SES-07


@pytest.mark.parametrize(
    "target",
    [
        "https://mechant.example/",
        "0",  # a word: no address
        "//mechant.example/",
        "///mechant.example",
        "http:mechant.example",
        "http:///mechant.example",
        "\\\\mechant.example",
        "/\\mechant.example",
        "javascript:alert(1)",
        "data:text/html,x",
        "https://testserver@mechant.example/",
        "https://testserver.mechant.example/",
        " https://mechant.example",
        "\thttps://mechant.example",
        "ftp://testserver/",
    ],
)
def test_next_never_leaves_the_site(client, parent, target):
    assert 'name="next"' not in client.get("/connexion/", {"next": target}).text  # SES-07

    assert log_in(client, next=target)["Location"] == "/"


def test_logout_destroys_the_session_and_empties_the_browser(client, parent):
    log_in(client)
    cookie = client.cookies["session"].value

    response = client.post("/deconnexion/")

    assert (response.status_code, response["Location"]) == (302, "/connexion/?sortie=1")  # SES-03
    assert "Vous êtes déconnecté" in client.get(response["Location"]).text
    assert "Vous êtes déconnecté" not in client.get("/connexion/").text
    assert response["Clear-Site-Data"] == '"cache", "storage"'
    assert {name: cookie["max-age"] for name, cookie in response.cookies.items()} == {"session": 0, "csrftoken": 0}
    thief = Client()
    thief.cookies["session"] = cookie
    assert not is_logged_in(thief)


@pytest.mark.parametrize(
    ("who", "sent", "cleared"),
    [
        ("agent", {"gardes": "1"}, '"cache"'),
        ("agent", {}, '"cache", "storage"'),
        ("parent", {"gardes": "1"}, '"cache", "storage"'),
        ("nobody", {"gardes": "1"}, '"cache"'),  # an agent whose session ended while the page was open
        ("nobody", {}, '"cache", "storage"'),
    ],
)
def test_logout_of_an_agent_leaves_what_waits_for_a_colleague(client, parent, agent, who, sent, cleared):
    if who != "nobody":
        client.force_login({"agent": agent, "parent": parent}[who])

    response = client.post("/deconnexion/", sent)

    assert response["Location"] == "/connexion/?sortie=1"
    assert response["Clear-Site-Data"] == cleared  # SES-03
    assert not is_logged_in(client)


def test_logout_by_get_changes_nothing(client, parent):
    log_in(client)

    assert client.get("/deconnexion/").status_code == 405  # SES-03, SES-06
    assert is_logged_in(client)


def test_refusals_hash_once_each(of_all_kinds, monkeypatch):
    hashed, encode = [], MD5PasswordHasher.encode
    monkeypatch.setattr(
        MD5PasswordHasher, "encode", lambda hasher, *values: hashed.append(1) or encode(hasher, *values)
    )

    for number, identifiant in enumerate(of_all_kinds, start=1):
        log_in(Client(), identifiant, "faux")
        assert len(hashed) == number  # AUT-08


@pytest.mark.lent
def test_refusals_take_the_same_time(of_all_kinds, settings, client):
    settings.PASSWORD_HASHERS = ["accounts.hashers.Argon2idHasher"]
    settings.RATELIMIT_ENABLE = False
    times = {identifiant: [] for identifiant in of_all_kinds}

    for _ in range(25):
        for identifiant in of_all_kinds:
            start = time.perf_counter()
            log_in(client, identifiant, "faux")
            times[identifiant].append(time.perf_counter() - start)

    medians = [statistics.median(values) for values in times.values()]
    assert max(medians) / min(medians) < 1.25  # AUT-08


@pytest.mark.parametrize(("asked", "given"), [("/", "/admin/"), ("/admin/enfance/enfant/", "/admin/enfance/enfant/")])
def test_agent_who_asked_for_the_parents_home_gets_their_own(client, db, asked, given):
    client.force_login(StaffFactory())

    assert client.get("/deuxieme-facteur/", {"next": asked})["Location"] == given


def test_agent_is_led_home_from_a_page_of_parents(client, db):
    client.force_login(StaffFactory())

    page = client.get("/planning/2026-12/")

    assert page.status_code == 403
    assert page.text.count('href="/admin/"') == 3  # the mark, the menu, the button
