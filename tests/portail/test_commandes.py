"""`manage.py … --help` of every command of ours, and what the command line answers to a mistake."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from io import StringIO

import pytest
from django.conf import settings
from django.core.management import CommandError, get_commands, load_command_class

from portail.commandes import FrenchCommand, contents
from tests.reading import plain

APPS = {"accounts", "conservation", "enfance", "facturation", "portail"}
# `collectstatic` is Django's own, its options as well: ours only changes where it writes.
OURS = sorted((app, name) for name, app in get_commands().items() if app in APPS and name != "collectstatic")


@pytest.fixture(params=OURS, ids=lambda pair: pair[1])
def parser(request, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    app, name = request.param
    command = load_command_class(app, name)
    assert isinstance(command, FrenchCommand)
    return command.create_parser("manage.py", name)


def test_help_is_in_french(parser):
    out = StringIO()

    parser.print_help(out)

    said = out.getvalue()
    assert said.startswith(f"Usage\u00a0: {parser.prog} ")
    assert [word for word in ("usage:", "show this", "positional", "Django", "exit", "output") if word in said] == []


def test_help_explains_every_option(parser):
    assert [action.dest for action in parser._actions if action.option_strings and not action.help] == []


def test_example_is_one_that_the_command_takes(parser):
    title, line = parser.epilog.split("\n  ")
    words = shlex.split(line.split(" > ")[0])

    assert title == "Exemple\u00a0:"
    assert " ".join(words[:2]) == parser.prog
    parser.parse_args(words[2:])


def manage(*words, **environment):
    """A command typed in a terminal, on a database of its own."""
    return subprocess.run(
        [sys.executable, "manage.py", *words],
        cwd=settings.BASE_DIR,
        env={"PATH": os.environ["PATH"], "ENV_FILE": os.devnull, **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("fermer", "il manque --du, --motif"),
        ("preparer_annee 20x7", "annee\u00a0: «\u00a020x7\u00a0» n’est pas un nombre"),
        ("preparer_annee 2027 --zone D", "--zone\u00a0: «\u00a0D\u00a0» n’est pas un de\u00a0: A, B, C"),
        ("sync_groups tout", "tout\u00a0: en trop, ou mal écrit"),
        ("fermer --du --motif x", "--du\u00a0: il faut une valeur"),
        ("restaurer a.tar --copie . --sans-copie", "--sans-copie ne va pas avec --copie"),
        ("fermer --du 15/12/2026 --motif x --simuler=1", "--simuler ne prend pas de valeur"),
        ("fermer --du 31/02/2026 --motif x", "--du\u00a0: «\u00a031/02/2026\u00a0» n’est pas une date"),
        ("fermer --c x", "--c\u00a0: est-ce --creneau, --classe\u202f?"),
    ],
)
def test_mistake_on_the_command_line_is_said_in_french(parser_of, words, sentence):
    name, *rest = words.split()
    parser = parser_of(name)
    with pytest.raises(CommandError) as refusal:
        parser.parse_args(rest)

    assert str(refusal.value).startswith(sentence)


@pytest.fixture
def parser_of():
    return lambda name: load_command_class(get_commands()[name], name).create_parser("manage.py", name)


def test_contents_name_every_command_ours_first():
    ours, others = contents().split("\nCelles de Django et des paquets\u00a0:\n")
    others, _ = others.split("\n\n")

    assert re.findall(r"(?m)^  (\w+) ", ours) == sorted({*(name for _, name in OURS), "diagnostic"})
    assert {*re.findall(r"\w+", others)} == get_commands().keys() - {*(name for _, name in OURS), "diagnostic"}
    assert "  close_sessions           Déconnecte un compte de tous ses appareils, dès leur prochaine page\n" in ours


@pytest.mark.ci
@pytest.mark.sqlite
def test_help_in_a_terminal_is_the_contents():
    assert [(done.returncode, done.stdout) for done in (manage(), manage("help"), manage("--help"))] == [
        (0, contents() + "\n")
    ] * 3
    assert manage("help", "fermer").stdout.startswith("Usage\u00a0: manage.py fermer ")


@pytest.mark.ci
@pytest.mark.sqlite
def test_mistake_in_a_terminal_shows_how_to_type_it():
    done = manage("rouvrir", "douze")

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.splitlines() == [
        "Usage\u00a0: manage.py rouvrir [-h] [--simuler] ID",
        "manage.py rouvrir\u00a0: ID\u00a0: «\u00a0douze\u00a0» n’est pas un nombre",
    ]


@pytest.mark.ci
@pytest.mark.sqlite
@pytest.mark.parametrize(
    ("prepare", "reason"),
    [
        pytest.param(lambda path: path.mkdir(), "unable to open database file", id="a folder"),
        pytest.param(lambda path: path.write_text("x" * 4096), "file is not a database", id="something else"),
    ],
)
@pytest.mark.parametrize("command", ["unlock_account 12", "sync_groups"])
def test_database_that_cannot_serve_is_a_sentence(tmp_path, command, prepare, reason):
    prepare(tmp_path / "base")

    done = manage(*command.split(), DATABASE_URL=f"sqlite:///{tmp_path / 'base'}")

    first, second = done.stderr.splitlines()
    assert done.returncode == 1
    assert first.startswith(f"La base de données ne répond pas comme il faut\u00a0: {reason}")
    assert "«\u00a0manage.py migrate\u00a0»" in second


@pytest.mark.ci
@pytest.mark.sqlite
def test_migration_that_waits_is_not_a_database_that_does_not_answer(tmp_path):
    done = manage("sync_groups", DATABASE_URL=f"sqlite:///{tmp_path / 'base'}")

    assert done.returncode == 1
    [said] = plain(done.stderr).splitlines()
    assert said.startswith("La base répond, mais n’a pas encore ses tables de cette version : ")
    assert said.endswith("dont accounts 0001_initial. Sauvegardez, tapez « manage.py migrate », puis recommencez.")


@pytest.mark.ci
@pytest.mark.parametrize("command", ["check", "diagnostic"])
def test_machine_without_time_zones_is_told_so(tmp_path, command):
    (tmp_path / "tzdata").mkdir()
    (tmp_path / "tzdata" / "__init__.py").touch()  # the package of Python, and nothing in it

    done = manage(command, PYTHONTZPATH="", PYTHONPATH=str(tmp_path))

    assert (done.returncode, done.stdout) == (1, "")
    assert plain(done.stderr).startswith("Les données des fuseaux horaires manquent à cette machine")
    assert "sudo apt install tzdata" in plain(done.stderr)


@pytest.mark.ci
@pytest.mark.sqlite
def test_output_that_nobody_reads_any_more_is_no_traceback():
    read, write = os.pipe()
    os.close(read)
    command = [sys.executable, "manage.py", "check"]
    done = subprocess.run(command, cwd=settings.BASE_DIR, stdout=write, stderr=subprocess.PIPE, text=True, check=False)
    os.close(write)

    assert (done.returncode, done.stderr) == (1, "")


@pytest.mark.ci
@pytest.mark.sqlite
def test_mail_server_that_does_not_answer_is_a_sentence():
    done = manage("sendtestemail", "moi@commune.fr", EMAIL_URL="smtps://127.0.0.1:9", DATABASE_URL="sqlite://:memory:")

    assert done.returncode == 1
    assert done.stderr == (
        "Le serveur de mail ne répond pas, ou refuse\u00a0: [Errno 111] Connection refused\nVérifiez EMAIL_URL.\n"
    )


def test_packages_that_are_not_there_are_a_sentence():
    done = subprocess.run(
        [sys.executable, "-S", "manage.py", "check"],
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("Les paquets du portail ne sont pas là\u00a0: tapez «\u00a0sh install/install.sh")
