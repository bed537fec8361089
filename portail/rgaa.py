"""What docs/rgaa.md says of the software: the one source of the rate and of the failures that the page of
accessibility tells."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

DOCUMENT = Path(__file__).resolve().parent.parent / "docs" / "rgaa.md"
LOGICIEL = "logiciel"  # the word by which a town adopts this evaluation, in ACCESSIBILITE_AUDIT
CONFORME, NON_CONFORME = "conforme", "non conforme"
CRITERE = re.compile(r"(?m)^\| (\d+\.\d+) \| (.+?) \| (conforme|non conforme|non applicable) \| (.+?) \|$")
PAGE = re.compile(r"(?m)^\| \d+ \| (.+?) \| `")
DATE = re.compile(r"(?m)^\| RGAA [^|]+\| ([^|]+) \|")


@dataclass(frozen=True)
class Critere:
    """A criterion of the RGAA: its number, what it asks, what was found, and what says so."""

    numero: str
    titre: str
    etat: str
    preuve: str


@dataclass(frozen=True)
class Evaluation:
    """What its developers have found on the pages of the sample, on this day."""

    date: str
    pages: tuple[str, ...]
    criteres: tuple[Critere, ...]

    @property
    def conformes(self) -> int:
        """How many criteria hold."""
        return sum(critere.etat == CONFORME for critere in self.criteres)

    @property
    def manquements(self) -> list[Critere]:
        """The criteria that do not hold."""
        return [critere for critere in self.criteres if critere.etat == NON_CONFORME]

    @property
    def applicables(self) -> int:
        """How many criteria apply: those that hold and those that do not."""
        return self.conformes + len(self.manquements)

    @property
    def taux(self) -> int:
        """The share, in per cent, of the criteria that apply which hold, rounded down: 100 only when all do."""
        return 100 * self.conformes // self.applicables

    @property
    def etat(self) -> str:
        """The legal word for a site with this evaluation: « totalement conforme » when all criteria hold,
        « partiellement conforme » from half of them, else « non conforme »."""
        if not self.manquements:
            return "totalement conforme"
        return "partiellement conforme" if 2 * self.conformes >= self.applicables else "non conforme"


def read(texte: str) -> Evaluation | None:
    """The accessibility evaluation that this text (docs/rgaa.md) holds; None when it holds none."""
    criteres = tuple(Critere(*cells) for cells in CRITERE.findall(_plain(texte)))
    date = DATE.search(texte)
    evaluation = Evaluation(date[1] if date else "", tuple(PAGE.findall(texte)), criteres)
    return evaluation if date and evaluation.applicables else None


@cache
def evaluation() -> Evaluation | None:
    """The accessibility evaluation that comes with this version of the software; None when its document cannot be
    read."""
    try:
        return read(DOCUMENT.read_text("utf-8"))
    except (OSError, UnicodeDecodeError):
        return None


def _plain(texte: str) -> str:
    return texte.replace("**", "").replace("`", "")
