"""What our commands have in common: help and errors in French throughout, and an example to copy; their list."""

from __future__ import annotations

import re
import sys
from argparse import SUPPRESS, Action, ArgumentParser
from collections.abc import Iterable
from functools import partial
from textwrap import TextWrapper
from typing import Any, NoReturn

from django.core.management import get_commands, load_command_class
from django.core.management.base import BaseCommand, CommandError, CommandParser, DjangoHelpFormatter


class Help(DjangoHelpFormatter):
    def add_usage(self, usage: str | None, actions: Iterable[Action], groups: Any, prefix: str | None = None) -> None:
        """Write the usage of the command, after « Usage : »."""
        super().add_usage(usage, actions, groups, prefix or "Usage\u00a0: ")

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        """Wrap the text, but keep an example on one line, however long."""
        return text if "\n" in text else super()._fill_text(text, width, indent)


# What argparse objects, in the words of the help.
OBJECTIONS = [
    (r"the following arguments are required: (.*)", r"il manque \1"),
    (r"unrecognized arguments: (.*)", r"\1 : en trop, ou mal écrit"),
    (r"ambiguous option: (\S+) could match (.*)", r"\1 : est-ce \2 ?"),
    (r"argument (\S+): expected (?:one|at least one) argument", r"\1 : il faut une valeur"),
    (r"argument (\S+): ignored explicit argument (.*)", r"\1 ne prend pas de valeur"),
    (r"argument (\S+): not allowed with argument (\S+)", r"\1 ne va pas avec \2"),
    (r"argument (\S+): invalid choice: '(.*)' \(choose from (.*)\)", r"\1 : « \2 » n’est pas un de : \3"),
    (r"argument (\S+): invalid \w+ value: '(.*)'", r"\1 : « \2 » n’est pas un nombre"),
    (r"argument (\S+): (.*)", r"\1 : \2"),
]


class FrenchCommand(BaseCommand):
    """A command of ours; `example` is a whole line to type."""

    example: str
    requires_system_checks = ()  # they guard code; what a town gets wrong is refused by the settings, before

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        """The parser of the command: its help and errors in French, with its `example` at the end of the help."""
        kwargs |= {"epilog": f"Exemple\u00a0:\n  {self.example}", "formatter_class": Help}
        parser = super().create_parser(prog_name, subcommand, **kwargs)
        translate(parser)
        parser.error = partial(refuse, parser)  # type: ignore[method-assign]
        return parser


def translate(parser: ArgumentParser) -> None:
    """Put the help of this parser in French, and hide from it Django's own options, which are in English and for
    developers: they work all the same."""
    parser._positionals.title, parser._optionals.title = "arguments ", "options "
    for action in parser._actions:
        if action.dest == "help":
            action.help = "montre cette aide"
        elif DjangoHelpFormatter.show_last & set(action.option_strings):
            action.help = SUPPRESS


def in_french(objection: str) -> str:
    """The French words for an error of argparse; the error as it is when it is not known."""
    for english, french in OBJECTIONS:
        if found := re.fullmatch(english, objection, re.DOTALL):
            return found.expand(french)
    return objection


def refuse(parser: CommandParser, objection: str) -> NoReturn:
    """Refuse the arguments of a command for this objection of argparse, told in French: with the usage and exit status
    2 on a command line, with CommandError to a program that calls the command."""
    if not parser.called_from_command_line:
        raise CommandError(in_french(objection))
    parser.print_usage(sys.stderr)
    parser.exit(2, f"{parser.prog} : {in_french(objection)}\n")


def contents() -> str:
    """The text of `manage.py help`: the portal's commands, each with the first sentence of its help, then the others by
    name."""
    found = sorted((name, load_command_class(app, name)) for name, app in get_commands().items())
    ours = {name: command.help.split(". ")[0] for name, command in found if isinstance(command, FrenchCommand)}
    width = max(map(len, ours))
    paragraph = TextWrapper(110, initial_indent="  ", subsequent_indent=" " * (width + 4), break_on_hyphens=False)
    names = TextWrapper(110, initial_indent="  ", subsequent_indent="  ")
    lines = [
        "Usage\u00a0: manage.py COMMANDE …\n\nLes commandes du portail\u00a0:",
        *(paragraph.fill(f"{name:<{width}}  {said.removesuffix('.')}") for name, said in ours.items()),
        "\nCelles de Django et des paquets\u00a0:",
        names.fill(", ".join(name for name, _ in found if name not in ours)),
        "\n«\u00a0manage.py help COMMANDE\u00a0» dit ses options, et donne un exemple.",
    ]
    return "\n".join(lines)
