"""The access matrix (« Qui ouvre quoi »), read from the documentation, and every address of the portal.

Whoever adds an address writes one row in docs/confiance.md, or, for an app of its own, in the page of that app, under
the same titles; tests/acces/test_acces.py tries it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings
from django.contrib import admin
from django.contrib.admindocs.views import simplify_regex
from django.db.models import Model
from django.http import HttpResponse
from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.resolvers import RoutePattern

DOCS = Path(settings.BASE_DIR) / "docs"
GROUPS = ["Secrétariat", "Équipe", "Cantine", "Régie", "École", "Informatique"]
VISITORS = ["anonyme", "temporaire", "parent", "autre parent", *GROUPS, "sans groupe", "sans code"]
REFUSED = {"connexion", "code", "non", "404"}
DOSSIER = {"lire", "ajouter", "modifier", "supprimer"}


@dataclass(frozen=True)
class Row:
    """What an address answers to each visitor, to a POST as to a GET unless `posts` says otherwise.

    `post_only`: to a GET it says 405, or refuses first.
    """

    answers: dict[str, str]
    posts: dict[str, str] = field(default_factory=dict)
    post_only: bool = False


def outcome(response: HttpResponse) -> str:
    """One word for an answer, as the page writes it."""
    status, to = response.status_code, response.headers.get("Location", "")
    if 300 <= status < 400:
        return (
            "connexion"
            if to.startswith(("/connexion/", "/admin/login/"))
            else "code"
            if to.startswith("/deuxieme-facteur/")
            else "oui"
        )
    return {403: "non", 404: "404", 405: "405"}.get(status, "oui" if status < 500 else f"panne {status}")


# --- What the portal has ----------------------------------------------------------------------------------------------


def addresses(resolver: URLResolver | None = None, before: str = "/") -> Iterator[str]:
    """Every address of the URLconf, as the page writes it: `/enfants/<pk>/`."""
    for entry in (resolver or get_resolver()).url_patterns:
        here = before + _text(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from addresses(entry, here)
        elif isinstance(entry, URLPattern):
            yield here


def _text(pattern: object) -> str:
    if isinstance(pattern, RoutePattern):
        return re.sub(r"<(?:\w+:)?(\w+)>", r"<\1>", str(pattern))
    return simplify_regex(str(pattern)).removeprefix("/").removesuffix("$")


def dossiers() -> dict[str, type[Model]]:
    """The models that the admin has pages for, by the address of their list."""
    return {f"/admin/{m._meta.app_label}/{m._meta.model_name}/": m for m in admin.site._registry}


# --- What the page says -----------------------------------------------------------------------------------------------


def table_after(heading: str, docs: Path = DOCS) -> dict[str, dict[str, str]]:
    """The first table under this heading of each page of `docs` that has it: all their rows by their first cell, code
    marks left out. An address is in one page alone.
    """
    table: dict[str, dict[str, str]] = {}
    for page in sorted(docs.glob("*.md")):
        _, _, text = page.read_text("utf-8").partition(f"\n{heading}\n")
        lines = [line for line in text.split("\n#", 1)[0].splitlines() if line.startswith("|")]
        cells = [[cell.strip().replace("`", "") for cell in line.strip("|").split("|")] for line in lines]
        for row in cells[2:]:
            assert row[0] not in table, f"twice under {heading}: {row[0]}, in {page.name} as well"
            table[row[0]] = dict(zip(cells[0][1:], row[1:], strict=True))
    return table


def read(docs: Path = DOCS) -> dict[str, Row]:
    """The whole matrix: the addresses written one by one, and those of each dossier of the admin."""
    rows = {}
    for address, answers in table_after("### Page par page", docs).items():
        page = address.removeprefix("POST ")
        if page in rows:  # its second row: who reads it is not who sends
            rows[page] = Row(rows[page].answers, posts=answers)
        else:
            rows[page] = Row(answers, post_only=address.startswith("POST "))
    for address, rights in table_after("### Les dossiers de l’administration", docs).items():
        rows |= dict(_rows_of_dossier(address, rights))
    return rows


def _rows_of_dossier(address: str, rights: dict[str, str]) -> Iterator[tuple[str, Row]]:
    """The five pages that Django gives to a model. A group's cell says what it may do: nothing when it is empty."""
    may = {group: set(filter(None, rights.get(group, "").split(", "))) for group in GROUPS}
    assert set().union(*may.values()) <= DOSSIER, f"{address}: {may}"
    others = {"anonyme": "connexion", "temporaire": "connexion", "sans code": "code"}

    def answers(right: str) -> dict[str, str]:
        opened = {group: "oui" for group in GROUPS if right in may[group]}
        return dict.fromkeys(VISITORS, "non") | others | opened

    yield address, Row(answers("lire"))
    yield f"{address}add/", Row(answers("ajouter"))
    yield f"{address}<object_id>/change/", Row(answers("lire"), posts=answers("modifier"))
    yield f"{address}<object_id>/history/", Row(answers("lire"))
    yield f"{address}<object_id>/delete/", Row(answers("supprimer"))
