"""The keys that boxes are sent by: values joined by « : », read one way and within one set of bounds."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple

REPAS = "midi"  # where a form names a meal: the lunch break of the child's school, whatever its code
PK_MAX = 10**18 - 1  # of a row; both databases hold it
PK, JOUR = re.compile(r"(?!0+\Z)[0-9]{1,18}"), re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
JOUR_SEMAINE, RANG = re.compile(r"[1-7]"), re.compile(r"[0-9]{1,6}")
CODE = re.compile(r"[-a-zA-Z0-9_]{1,20}")
KEPT = 4096  # words of keys that a process remembers: a month repeats its children, its days and its créneaux


def parse_key(text: str, *parts: Callable[[str], Any]) -> tuple[Any, ...] | None:
    """The values of a key, whose words are joined by « : », each read by the function of `parts` in its place (`pk`,
    `jour`…); None when the text is not such a key.
    """
    try:
        return tuple(part(word) for part, word in zip(parts, text.split(":"), strict=True))
    except ValueError:
        return None


@lru_cache(KEPT)
def pk(text: str) -> int:
    """The primary key that this text writes, from 1 to PK_MAX; ValueError when it writes none."""
    return int(_matching(PK, text))


@lru_cache(KEPT)
def jour(text: str) -> date:
    """The day that this text writes as `2026-12-07`; ValueError when it is no day of the calendar."""
    return date.fromisoformat(_matching(JOUR, text))


def jour_semaine(text: str) -> int:
    """The weekday that this text writes from 1 (Monday) to 7, as Python counts it (Monday is 0); ValueError for
    anything else.
    """
    return int(_matching(JOUR_SEMAINE, text)) - 1


def rang(text: str) -> int:
    """The place in a list that this text writes, up to six digits; ValueError for anything else."""
    return int(_matching(RANG, text))


@lru_cache(KEPT)
def code(text: str) -> str:
    """This text, if it has the form of the code of a créneau (1 to 20 letters, digits, - or _); else ValueError."""
    return _matching(CODE, text)


def _matching(pattern: re.Pattern[str], text: str) -> str:
    if not pattern.fullmatch(text):
        raise ValueError(text)
    return text


class Cle(NamedTuple):
    """What a box of the planning names: a child (primary key), a day, a créneau (code)."""

    enfant: int
    jour: date
    creneau: str

    def __str__(self) -> str:
        return f"{self.enfant}:{self.jour.isoformat()}:{self.creneau}"

    @classmethod
    def parse(cls, text: str) -> Cle | None:
        """The box that this text writes as `enfant:date:creneau`; None when the text is no such key."""
        values = parse_key(text, pk, jour, code)
        return cls(*values) if values else None
