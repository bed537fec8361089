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
        """« MS » 4, « CP » 1: how many of each, from the youngest."""
        nombres = Counter(ligne.niveau for ligne in self.lignes)
        return [(niveau, nombres[niveau]) for niveau in Niveau.values if nombres[niveau]]

    @property
    def sans_arrivee(self) -> list[LigneFeuille]:
        """Those whose arrival nobody noted: they count as here until somebody says otherwise."""
        return [ligne for ligne in self.lignes if not ligne.arrivee]

    @property
    def homonymes(self) -> list[LigneFeuille]:
        return [ligne for ligne in self.lignes if ligne.homonyme]


def load_presents(
    jour: date, code: str, *, now: datetime, agent: User | None = None, ecole: str = ""
) -> Presents | None:
    """Who is still there at the créneau of this code; for an empty code, at the créneau nearest to `now` in Paris.

    `agent` and `ecole` (the code of a school) narrow the choice, and None is returned, as in `load_feuille`.
    """
    feuille = load_feuille(jour, code, now=now, agent=agent, ecole=ecole)
    return None if feuille is None else Presents(feuille)
