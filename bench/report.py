"""The table for whoever reads, the JSON for whoever compares."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

COLUMNS = {
    "ms": "ms",
    "cpu": "ms CPU",
    "ratio": "× vide",
    "rate1": "req/s à 1",
    "rate4": "req/s à 4",
    "queries": "requêtes",
    "size": "octets gz",
    "sent": "envoyés",
}
AT_LEAST = {"rate1", "rate4", "par seconde", "servis/s"}


@dataclass
class Line:
    """What was measured of one thing, by column of the table or by unit, and the bounds that it should keep."""

    name: str
    values: dict[str, float] = field(default_factory=dict)
    budget: dict[str, float] = field(default_factory=dict)
    note: str = ""

    @property
    def missed(self) -> list[str]:
        """The bounds that the values do not keep, each as « ms 31 > 25 »; a bound on what was not measured is kept."""
        return [
            f"{COLUMNS.get(key, key)} {number(self.values[key])} {'<' if key in AT_LEAST else '>'} {number(bound)}"
            for key, bound in self.budget.items()
            if key in self.values and (self.values[key] < bound if key in AT_LEAST else self.values[key] > bound)
        ]

    @property
    def verdict(self) -> str:
        """Whether the bounds are kept, in French, with the note of the line; empty when there is nothing to say."""
        said = f"manqué : {', '.join(self.missed)}" if self.missed else "tenu" if self.budget and self.values else ""
        return " ; ".join(filter(None, [said, self.note]))


def number(value: float) -> str:
    """This number as the table shows it, in French: « 1 234 », « 12,5 »."""
    if value >= 100 or value == int(value):
        return f"{value:,.0f}".replace(",", "\u202f")
    return f"{value:.1f}".replace(".", ",")


def pages(lines: Sequence[Line], columns: Mapping[str, str] = MappingProxyType(COLUMNS)) -> Iterator[str]:
    """The lines of text of a table with these columns: its head, then one for each measured page, with its verdict."""
    width = max(len(line.name) for line in lines)
    yield " " * width + "".join(f"{head:>11}" for head in columns.values()) + "  budget"
    for line in lines:
        cells = "".join(f"{number(line.values[key]) if key in line.values else '':>11}" for key in columns)
        yield f"{line.name:<{width}}{cells}  {line.verdict}".rstrip()


def others(lines: Sequence[Line]) -> Iterator[str]:
    """One line of text for each of these measures: its name, its values with their units (« pas mesuré » without any),
    and its verdict."""
    width = max(len(line.name) for line in lines)
    for line in lines:
        said = ", ".join(f"{number(value)} {unit}" for unit, value in line.values.items()) or "pas mesuré"
        yield f"{line.name:<{width}}  {said:<34}  {line.verdict}".rstrip()


def write_json(path: Path, context: dict[str, Any], lines: Sequence[Line]) -> None:
    """Write these measures and their `context` (date, machine, versions) to a JSON file."""
    content = context | {"lignes": [asdict(line) | {"manque": line.missed} for line in lines]}
    path.write_text(json.dumps(content, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
