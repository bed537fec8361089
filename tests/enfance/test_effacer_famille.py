"""`effacer_famille`: says first, asks on a terminal, erases, notes it beside the backups."""

from __future__ import annotations

import io
import json
import sys

import pytest
from django.core.mail import EmailMessage
from django.core.management import CommandError, call_command

from accounts.models import User
from conservation.effaces import FILE
from conservation.models import Effacement
from enfance.models import Enfant
from tests.factories import AnneeFactory, ResponsableFactory, StaffFactory, make_creneaux, make_enfant
from tests.reading import plain

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.ci]


class Terminal(io.StringIO):
    """What somebody types."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def lea():
    AnneeFactory()
    make_creneaux()
    return make_enfant(ResponsableFactory(user__identifiant="2000001"))


def run(*arguments: str) -> str:
    out = io.StringIO()
    call_command("effacer_famille", *arguments, stdout=out)
    return plain(out.getvalue())


def test_simulation_says_all_and_erases_nothing(lea):
    said = run("2000001", "--simuler")
    assert [
        line for line in said.splitlines() if line in {"Partent :", "À savoir :", "Reste :", "Lignes effacées :"}
    ] == [
        "Partent :",
        "À savoir :",
        "Lignes effacées :",
        "Reste :",
    ]
    assert "  - Camille Morel (2000001), 12 chemin des Tilleuls.\n  - 1 enfant : Léa Morel.\n" in said
    assert said.endswith("Simulation : rien n’est effacé.\n")
    assert (Enfant.objects.get(), Effacement.objects.count()) == (lea, 0)


def test_script_erases_with_oui_and_the_list_is_written(lea, settings, tmp_path, journal):
    settings.SAUVEGARDES = tmp_path
    user = User.objects.get()
    assert "Famille effacée" in run("200 00 01", "--oui")
    assert not User.objects.exists()
    lines = [json.loads(line) for line in (tmp_path / FILE).read_text("utf-8").splitlines()]
    assert sorted(line["table"] for line in lines) == [
        "accounts.User",
        "enfance.Enfant",
        "enfance.Foyer",
        "enfance.Responsable",
    ]
    assert not Effacement.objects.not_written().exists()
    (event,) = [event for event in journal.events if event["event"] == "family_erased"]
    assert {key: event[key] for key in ("user", "by", "adults", "children")} == {
        "user": user.pk,
        "by": "command",
        "adults": 1,
        "children": 1,
    }
    assert not any(word in journal.text for word in ("Morel", "2000001", "Tilleuls"))


def test_mails_that_are_files_go_with_the_family(lea, settings, tmp_path):
    mailer = {"BACKEND": "portail.courriels.FileMailBackend", "OPTIONS": {"folder": tmp_path}}
    settings.MAILERS = {"default": mailer}
    for to in (User.objects.get().email, "sacha@ailleurs.example"):
        EmailMessage("Inscriptions", "Bonjour,", to=[to]).send()
    run("2000001", "--simuler")
    assert len(list(tmp_path.iterdir())) == 2
    run("2000001", "--oui")
    assert ["sacha@ailleurs.example" in path.read_text("utf-8") for path in tmp_path.iterdir()] == [True]


def test_without_a_folder_it_says_what_waits(lea, settings):
    settings.SAUVEGARDES = None
    assert "SAUVEGARDES n’est pas réglé" in run("2000001", "--oui")
    assert Effacement.objects.not_written().count() == 4


def test_folder_that_fails_is_said_once_the_family_is_erased(lea, settings, tmp_path):
    settings.SAUVEGARDES = tmp_path / "absent"
    with pytest.raises(CommandError, match="La famille est effacée, mais la liste des effacements n’a pas pu"):
        run("2000001", "--oui")
    assert not User.objects.exists()
    assert Effacement.objects.not_written().count() == 4


@pytest.mark.parametrize(
    ("typed", "erased"), [("2000001\n", True), ("200 00 01\n", True), ("oui\n", False), ("", False)]
)
def test_terminal_asks_for_the_number_again(lea, monkeypatch, typed, erased):
    monkeypatch.setattr(sys, "stdin", Terminal(typed))
    if erased:
        run("2000001")
    else:
        with pytest.raises(CommandError, match="Rien n’est effacé"):
            run("2000001")
    assert User.objects.exists() is not erased


def test_script_that_does_not_say_oui_erases_nothing(lea, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.StringIO("2000001\n"))
    with pytest.raises(CommandError, match="ajoutez --oui"):
        run("2000001")
    assert User.objects.exists()


@pytest.mark.parametrize(("identifiant", "words"), [("9999999", "Aucun compte"), ("5550011", "est d’un agent")])
def test_unknown_number_and_agent_are_refused(lea, identifiant, words):
    StaffFactory(identifiant="5550011")
    with pytest.raises(CommandError, match=words):
        run(identifiant, "--oui")
    assert User.objects.count() == 2
