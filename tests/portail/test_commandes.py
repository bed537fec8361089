"""`manage.py … --help` of every command of ours."""

from __future__ import annotations

import shlex
from io import StringIO

import pytest
from django.core.management import get_commands, load_command_class

from portail.commandes import FrenchCommand

OURS = sorted((app, name) for name, app in get_commands().items() if app in {"accounts", "enfance", "portail"})


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
