import io
import sys

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from accounts import second_factor
from accounts.management.commands import create_staff
from accounts.models import User
from tests import factories
from tests.accounts.conftest import PASSWORD, log_in, send_value
from tests.accounts.phones import ENROLMENT
from tests.factories import UserFactory
from tests.reading import plain

STAFF_PASSWORD = "Brume et tartine 12"


def run(*arguments):
    out = io.StringIO()
    call_command(*arguments, stdout=out)
    return plain(out.getvalue())


def asked():
    return [row.args_kwargs["args"] for row in DBTaskResult.objects.order_by("enqueued_at", "pk")]


# --- send_temporary_password ----------------------------------------------------------------------------------------


def test_send_asks_the_worker_for_each(parent):
    UserFactory(identifiant="3816246")

    assert run("send_temporary_password", "381 62 38", "3816246") == "2 envois demandés.\n"

    assert sorted(asked()) == [["3816238"], ["3816246"]]


def test_send_says_who_has_no_address_is_closed_or_unknown(parent):
    UserFactory(identifiant="4444444", email="", first_name="Dominique")
    UserFactory(identifiant="2222222", is_active=False)
    out = io.StringIO()

    with pytest.raises(CommandError, match="Certains envois"):
        call_command("send_temporary_password", "3816238", "4444444", "2222222", "9999999", stdout=out)

    assert plain(out.getvalue()).splitlines() == [
        "1 envoi demandé.",
        "Sans adresse e-mail, à appeler (1) :",
        "  Dominique Morel (4444444)",
        "Comptes fermés (1) :",
        "  Camille Morel (2222222)",
        "Identifiants inconnus (1) :",
        "  9999999",
    ]


def test_send_leaves_a_value_just_sent(parent):
    send_value(parent)

    assert "Déjà envoyé il y a moins de 10 minutes, encore valable (1) :" in run("send_temporary_password", "3816238")
    assert asked() == []


def test_send_to_those_who_never_connected(parent, agent):
    UserFactory(identifiant="3816246", last_login=timezone.now())
    UserFactory(identifiant="4444444", email="")
    UserFactory(identifiant="2222222", is_active=False)

    out = run("send_temporary_password", "--jamais-connectes")

    assert out.startswith("1 envoi demandé.\nSans adresse e-mail, à appeler (1) :\n")
    assert ["3816238"] in asked()
    assert ["3816246"] not in asked()


@pytest.mark.parametrize("arguments", [[], ["3816238", "--jamais-connectes"]])
def test_send_wants_one_way_to_say_who(db, arguments):
    with pytest.raises(CommandError, match="ou bien --jamais-connectes"):
        run("send_temporary_password", *arguments)


# --- unlock_account, close_sessions ---------------------------------------------------------------------------------


def test_unlock_ends_the_pause(client, parent):
    for _ in range(11):
        log_in(client, password="faux")
    for _ in range(3):
        client.post("/mot-de-passe-oublie/", {"identifiant": "3816238"})

    assert "la connexion est possible" in run("unlock_account", "3816238")  # LIM-10

    assert log_in(client).status_code == 302
    client.post("/mot-de-passe-oublie/", {"identifiant": "3816238"})
    assert asked() == [["3816238"]] * 4


def test_close_sessions_disconnects_everywhere(parent):
    devices = [Client(), Client()]
    for device in devices:
        log_in(device)

    run("close_sessions", "3816238")

    assert [device.get("/compte/").status_code for device in devices] == [302, 302]  # SES-04


@pytest.mark.parametrize("command", ["unlock_account", "close_sessions"])
def test_unknown_account_is_refused(db, command):
    with pytest.raises(CommandError, match="Aucun compte"):
        run(command, "9999999")


# --- create_staff ---------------------------------------------------------------------------------------------------


class Typed(io.StringIO):
    def isatty(self):
        return False


class Terminal(io.StringIO):
    def isatty(self):
        return True


def create(monkeypatch, *arguments, password=STAFF_PASSWORD):
    monkeypatch.setattr(sys, "stdin", Typed(f"{password}\n"))
    return run("create_staff", *arguments)


@pytest.mark.parametrize("group", ["Secrétariat", "Équipe", "Cantine", "Informatique"])
def test_create_staff_opens_an_account_in_its_group(db, monkeypatch, group):
    out = create(monkeypatch, "5550011", "--groupe", group, "--nom", "Sorbier", "--prenom", "Dominique")

    agent = User.objects.get()
    assert out == f"Compte 5550011 ouvert dans le groupe {group}.\n"
    assert (agent.is_staff, agent.is_superuser, str(agent)) == (True, False, "Dominique Sorbier (5550011)")
    assert [row.name for row in agent.groups.all()] == [group]
    assert agent.check_password(STAFF_PASSWORD)
    assert log_in(Client(), "5550011", STAFF_PASSWORD).status_code == 302


@pytest.mark.parametrize(
    ("arguments", "password", "message"),
    [
        (["5550011"], "Brume tarti 1", "Il manque 1 caractère : 14 au minimum."),
        (["5550011"], "", "Il manque 14 caractères"),
        (["5550011"], "brume et tartine", "Ajoutez une majuscule. Ajoutez un chiffre."),
        (["dominique"], STAFF_PASSWORD, "Un identifiant ne contient que des chiffres"),
        (["3816238"], STAFF_PASSWORD, "Cet identifiant est déjà attribué."),
        (["5550011", "--courriel", "dominique"], STAFF_PASSWORD, "adresse"),
        (["5550011", "--nom", "Sor\u200bbier"], STAFF_PASSWORD, "Ce nom contient un signe invisible"),  # VAL-09
        (["5550011", "--courriel", "d@mairie\u200b.example"], STAFF_PASSWORD, "un signe invisible"),
    ],
)
def test_create_staff_refuses_with_a_sentence(parent, monkeypatch, arguments, password, message):
    with pytest.raises(CommandError) as refusal:
        create(monkeypatch, *arguments, "--groupe", "Secrétariat", password=password)

    assert message in plain(refusal.value)
    assert User.objects.filter(is_staff=True).count() == 0


def test_create_staff_asks_the_password_twice_on_a_terminal(db, monkeypatch):
    questions = []
    answers = iter([STAFF_PASSWORD, STAFF_PASSWORD + "?", STAFF_PASSWORD, STAFF_PASSWORD])
    monkeypatch.setattr(sys, "stdin", Terminal())
    monkeypatch.setattr(create_staff, "getpass", lambda question: questions.append(question) or next(answers))

    with pytest.raises(CommandError, match="Les deux mots de passe ne sont pas identiques."):
        run("create_staff", "5550011", "--groupe", "Équipe")
    run("create_staff", "5550011", "--groupe", "Équipe")

    assert questions == ["Mot de passe : ", "Confirmation mot de passe : "] * 2
    assert User.objects.get().check_password(STAFF_PASSWORD)


def test_create_staff_wants_a_known_group(db, monkeypatch):
    with pytest.raises(CommandError, match="--groupe"):
        create(monkeypatch, "5550011", "--groupe", "Chefs")


def test_create_staff_shows_a_temporary_password_once_instead_of_asking_for_one(db, journal):  # AUT-11
    arguments = ["create_staff", "5550011", "--groupe", "Informatique", "--courriel", "it@mairie.example"]

    opened, shown = run(*arguments, "--temporaire", "--si-absent").splitlines()

    value = shown.removeprefix("Mot de passe temporaire, bon une fois et 24 heures : ")
    assert (opened, len(value)) == ("Compte 5550011 ouvert dans le groupe Informatique.", 14)
    assert [event["event"] for event in journal.events[-2:]] == ["staff_created", "temporary_password_printed"]
    assert value not in journal.text
    client = Client()
    assert log_in(client, "5550011", value)["Location"] == "/mot-de-passe/nouveau/"
    chosen = {"new_password1": STAFF_PASSWORD, "new_password2": STAFF_PASSWORD}
    assert client.post("/mot-de-passe/nouveau/", chosen).status_code == 302
    assert User.objects.get().check_password(STAFF_PASSWORD)


def test_create_staff_leaves_an_account_that_is_there_when_it_may(db, monkeypatch):
    create(monkeypatch, "5550011", "--groupe", "Informatique")
    before = User.objects.values().get()

    out = create(monkeypatch, "5550011", "--groupe", "Équipe", "--si-absent", password="")

    assert out == "Compte 5550011 : déjà ouvert.\n"
    assert User.objects.values().get() == before


def test_create_staff_does_not_take_a_parent_for_an_agent_that_is_there(parent, monkeypatch):
    with pytest.raises(CommandError, match="déjà attribué"):
        create(monkeypatch, "3816238", "--groupe", "Informatique", "--si-absent")


def test_commands_never_show_a_password(parent, monkeypatch, journal):
    out = create(monkeypatch, "5550011", "--groupe", "Équipe") + run("send_temporary_password", "3816238")

    assert STAFF_PASSWORD not in out + journal.text  # AUT-12
    assert PASSWORD not in out


# --- reset_second_factor -------------------------------------------------------------------------------------------


def test_reset_sends_the_agent_back_to_enrolment(client, enrolled, journal, capsys):  # ADM-01
    client.force_login(enrolled)

    call_command("reset_second_factor", "5550011", "--identite", "carte d’identité\nvue au guichet")

    assert "deuxième facteur remis à zéro, un e-mail le prévient" in capsys.readouterr().out
    assert journal.events[-1] | {"time": ""} == {
        "time": "",
        "event": "second_factor_reset",
        "result": "ok",
        "user": enrolled.pk,
        "by": "command",
        "identity_check": "carte d’identité vue au guichet",
    }
    assert client.get("/compte/")["Location"].startswith("/connexion/")  # SES-04
    log_in(client, enrolled.identifiant, factories.STAFF_PASSWORD)
    assert client.get("/admin/", follow=True).request["PATH_INFO"] == ENROLMENT


@pytest.mark.parametrize("proof", ["", "   ", "vu", "ok\n\n\n\n\n\n\n\n\n\n"])
def test_reset_wants_to_know_how_identity_was_checked(enrolled, proof):
    with pytest.raises(CommandError, match="comment vous avez vérifié l’identité"):
        call_command("reset_second_factor", "5550011", "--identite", proof)

    assert second_factor.find_device(enrolled)


@pytest.mark.parametrize("arguments", [["5550011"], ["--identite", "carte vue au guichet"]])
def test_reset_wants_both_the_account_and_the_check(enrolled, arguments):
    with pytest.raises(CommandError):
        call_command("reset_second_factor", *arguments)


def test_reset_of_an_account_without_factor_says_so(agent):
    with pytest.raises(CommandError, match="n’a pas de deuxième facteur"):
        call_command("reset_second_factor", "5550011", "--identite", "carte vue au guichet")


def test_db_worker_waits_some_time_between_two_looks():
    with pytest.raises(CommandError, match="--interval.: plus de zéro seconde"):
        call_command("db_worker", interval=0.0)
