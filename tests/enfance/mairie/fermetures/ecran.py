"""A closure, from its page and from its command."""

from __future__ import annotations

from io import StringIO

from django.core.management import call_command

from tests.reading import plain

AJOUTER = "/admin/enfance/fermeture/add/"


def strike(**champs):
    return {"debut": "07/12/2026", "fin": "07/12/2026", "motif": "grève"} | champs


def run(*args) -> str:
    out = StringIO()
    call_command(*map(str, args), stdout=out)
    return plain(out.getvalue())
