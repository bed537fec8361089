"""Who is here now, on a sheet of paper for an exercise or an evacuation. Reads, never writes."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime

from accounts.models import User
from enfance.equipe.feuille import Feuille, LigneFeuille, load_feuille
from enfance.models import Niveau


@dataclass(frozen=True)
class Presents:
    """Those who are on this sheet and not gone yet, and those among them of whom the paper must say more."""

    feuille: Feuille

    @property
    def lignes(self) -> list[LigneFeuille]:
        """The children who have not left yet, and those marked as gone whom nobody marked as present."""
        return self.feuille.encore

    @property
    def classes(self) -> list[tuple[str, int]]:
        """How many children are there of each level, from the youngest: « MS » 4, « CP » 1."""
        nombres = Counter(ligne.niveau for ligne in self.lignes)
        return [(niveau, nombres[niveau]) for niveau in Niveau.values if nombres[niveau]]

    @property
    def sans_arrivee(self) -> list[LigneFeuille]:
        """The children whose hour of arrival nobody noted: they count as here until somebody says otherwise."""
        return [ligne for ligne in self.lignes if not ligne.arrivee]

    @property
    def homonymes(self) -> list[LigneFeuille]:
        """The children who have the same name as another one on the sheet."""
        return [ligne for ligne in self.lignes if ligne.homonyme]


def load_presents(
    jour: date, code: str, *, now: datetime, agent: User | None = None, ecole: str = ""
) -> Presents | None:
    """The children who are still there at the créneau of this code on that day; for an empty code, at the créneau
    nearest to `now` in Paris.

    For an `agent`, only among the créneaux of their schools; `ecole` (a code) chooses one of these. None for a créneau
    that is not of that day or not the agent's, and outside every school year.
    """
    feuille = load_feuille(jour, code, now=now, agent=agent, ecole=ecole)
    return None if feuille is None else Presents(feuille)
