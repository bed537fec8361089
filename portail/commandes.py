"""What the `--help` of our commands has in common: French throughout, and an example to copy."""

from __future__ import annotations

from argparse import SUPPRESS, Action, ArgumentParser
from collections.abc import Iterable
from typing import Any

from django.core.management.base import BaseCommand, CommandParser, DjangoHelpFormatter


class Help(DjangoHelpFormatter):
    def add_usage(self, usage: str | None, actions: Iterable[Action], groups: Any, prefix: str | None = None) -> None:
        super().add_usage(usage, actions, groups, prefix or "Usage\u00a0: ")

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        """An example stays on its line, however long."""
        return text if "\n" in text else super()._fill_text(text, width, indent)


class FrenchCommand(BaseCommand):
    """A command of ours; `example` is a whole line to type."""

    example: str

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        kwargs |= {"epilog": f"Exemple\u00a0:\n  {self.example}", "formatter_class": Help}
        parser = super().create_parser(prog_name, subcommand, **kwargs)
        translate(parser)
        return parser


def translate(parser: ArgumentParser) -> None:
    """Leave Django's own options out, which are in English and for developers: they work all the same."""
    parser._positionals.title, parser._optionals.title = "arguments", "options"
    for action in parser._actions:
        if action.dest == "help":
            action.help = "montre cette aide"
        elif DjangoHelpFormatter.show_last & set(action.option_strings):
            action.help = SUPPRESS
