"""The diagnosis as it is read on a terminal, and as a script reads it. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict

from portail.francais import pluriel
from surveillance.diagnostic.constats import ATTENTION, BON, MAUVAIS, Jugement, Point, how_many

SIGNS: dict[Jugement, str] = {BON: "✓ bon      ", ATTENTION: "! attention", MAUVAIS: "✗ MAUVAIS  "}
Chapitres = Mapping[str, Sequence[Point]]


def as_text(title: str, chapitres: Chapitres) -> str:
    """The diagnosis as a text for a terminal: the title, each chapter that has lines with them, what to do and to type,
    and the counts at the end."""
    lines = [title] if title else []
    for name, constats in chapitres.items():
        if not constats:
            continue  # what --sans-reseau did not ask
        lines += ["", name, *(line for constat in constats for line in lines_of(constat))]
    return "\n".join([*lines, "", summary(all_of(chapitres))]).lstrip("\n")


def lines_of(constat: Point) -> Iterable[str]:
    """The lines of text that show this line of the diagnosis on a terminal: what was seen, what to do and what to
    type."""
    yield f"  {SIGNS[constat.etat]}  {constat.quoi}\u00a0: {constat.phrase}"
    if constat.remede:
        yield f"                 → {constat.remede}"
    for line in constat.commande.splitlines():
        yield f"                   $ {line}"


def all_of(chapitres: Chapitres) -> list[Point]:
    """The lines of all these chapters of the diagnosis, in order."""
    return [constat for constats in chapitres.values() for constat in constats]


def summary(constats: Sequence[Point]) -> str:
    """The French sentence that counts these lines of the diagnosis, and says that the portal can serve when none is
    bad."""
    many = how_many(constats)
    said = f"{pluriel(len(constats), 'point examiné,points examinés')}\u00a0: {pluriel(many[BON], 'bon,bons')}"
    said += f", {many[ATTENTION]} à regarder, {pluriel(many[MAUVAIS], 'mauvais,mauvais')}."
    return said if many[MAUVAIS] else f"{said} Le portail peut servir."


def as_json(site: str, chapitres: Chapitres, **more: object) -> str:
    """The diagnosis as a JSON object: the address `site`, the pairs of `more`, and `constats`, the lines of the
    diagnosis, each with its chapter."""
    constats = [{"chapitre": name, **asdict(constat)} for name, found in chapitres.items() for constat in found]
    return json.dumps({"site": site, **more, "constats": constats}, ensure_ascii=False, indent=1)
