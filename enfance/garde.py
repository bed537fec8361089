"""Custody in words, for a parent of one foyer. The other foyer is « l’autre parent », never a name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from enfance.calendrier import lundi
from enfance.models import Garde
from portail.dates import jour_long

SEMAINES_MONTREES = 6


@dataclass(frozen=True)
class SemaineGarde:
    lundi: date
    ici: bool

    @property
    def texte(self) -> str:
        return jour_long(self.lundi).removeprefix("lundi ")


def garde_phrase(gardes: Sequence[Garde], foyer: int) -> str:
    """The custody of a child as the adults of `foyer` (primary key) read it."""
    ici = [garde for garde in gardes if garde.foyer_id == foyer]
    if not ici:
        return "La mairie n’a noté aucun jour de garde dans votre foyer."
    if alternee := next((garde for garde in ici if garde.rythme == Garde.Rythme.ALTERNEE), None):
        assert alternee.depuis is not None
        return f"Une semaine sur deux, à partir du {jour_long(lundi(alternee.depuis))}."
    if len(ici) < len(gardes):
        return "Deux foyers : chacun peut inscrire tous les jours, tant que la mairie n’a pas noté de rythme.".replace(
            " :", "\u00a0:"
        )
    return "Toute l’année dans votre foyer."


def prochaines_semaines(gardes: Sequence[Garde], foyer: int, today: date) -> list[SemaineGarde]:
    """The weeks to come and where the child is; empty without alternating custody."""
    if not any(garde.rythme == Garde.Rythme.ALTERNEE for garde in gardes):
        return []
    debut = lundi(today)
    ici = [garde for garde in gardes if garde.foyer_id == foyer]
    semaines = [debut + timedelta(weeks=n) for n in range(SEMAINES_MONTREES)]
    return [SemaineGarde(jour, any(garde.holds(jour) for garde in ici)) for jour in semaines]
