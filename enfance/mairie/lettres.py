"""The letter that gives an adult their identifiant and the way in at the counter. Never a password: a letter is read by
whoever opens it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from enfance.models import Responsable


@dataclass(frozen=True)
class Lettre:
    """One page. `adresse`: the lines under the name in the window of the envelope; none to hand the letter over."""

    adulte: Responsable
    adresse: tuple[str, ...]

    @property
    def destinataire(self) -> str:
        """« Mme Dominique Morel »."""
        return f"{self.adulte.get_civilite_display()} {self.adulte}".strip()

    @property
    def identifiant(self) -> str:
        return self.adulte.user.identifiant


def lettres(adultes: Iterable[Responsable]) -> list[Lettre]:
    return [Lettre(adulte, _adresse(adulte)) for adulte in adultes]


def _adresse(adulte: Responsable) -> tuple[str, ...]:
    """At most five lines, as postmen read them: the street as it was written, then the town; empty without either."""
    foyer = adulte.foyer
    rue = [ligne.strip() for ligne in foyer.adresse.splitlines() if ligne.strip()]
    ville = f"{foyer.code_postal} {foyer.commune}".strip()
    return (*rue[:4], ville) if rue and ville else ()
