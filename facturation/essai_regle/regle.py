"""The rule that is tried: another limit, a supplement, another grid. Pure; amounts are centimes, times Europe/Paris."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from enfance.delais import Delai
from facturation.montants import arrondir
from facturation.prix.tarifs import GenreSupplement, GrilleTarif
from portail.codes import LabelledCode


class Quoi(LabelledCode):
    """What may be tried. The code of a supplement is that of its kind, and of its lines."""

    TARDIVE = "tardive", "Un supplément d’inscription tardive"
    RETARD = "retard", "Un supplément de retard le soir"
    SANS_INSCRIPTION = "sans_inscription", "Un supplément de présence sans inscription"
    ABSENCE = "absence", "Un supplément d’absence non excusée"
    LIMITE = "limite", "Une autre limite"
    GRILLE = "grille", "Une autre grille"

    @property
    def is_supplement(self) -> bool:
        """Whether what is tried adds an amount to a séance."""
        return self not in {Quoi.LIMITE, Quoi.GRILLE}

    @property
    def reads_history(self) -> bool:
        """Whether what is tried asks when each inscription was made."""
        return self in {Quoi.TARDIVE, Quoi.LIMITE}


SUR_FEUILLE = {
    Quoi.RETARD: GenreSupplement.RETARD,
    Quoi.SANS_INSCRIPTION: GenreSupplement.SANS_INSCRIPTION,
    Quoi.ABSENCE: GenreSupplement.ABSENCE,
}


class Gestes(LabelledCode):
    """Which acts of a parent a limit is for."""

    DEUX = "deux", "pour inscrire et pour annuler"
    INSCRIRE = "inscrire", "pour inscrire seulement"
    ANNULER = "annuler", "pour annuler seulement"


@dataclass(frozen=True)
class MontantEssaye:
    """What a supplement asks: so many centimes, or so many per cent of the price of the séance (100: a whole one)."""

    prix: int | None = None
    pourcentage: int | None = None

    def of(self, seance: int) -> int:
        """What it asks for a séance of this price, both in centimes; per cent are rounded half up."""
        if self.prix is not None:
            return self.prix
        return arrondir(Decimal(seance * (self.pourcentage or 0)) / 100)


@dataclass(frozen=True, kw_only=True)
class RegleEssayee:
    """What is tried, on the créneaux of a `moment` (a code; empty: of all of them).

    `premiere`: the limit from which an act is late. `derniere`: where a late inscription costs more, the one from which
    it would have been refused; None: never. `tolerance`: minutes of a late pick-up that cost nothing. `grilles`: as
    voted or only typed, they replace those in force.
    """

    quoi: Quoi
    moment: str = ""
    premiere: Delai | None = None
    derniere: Delai | None = None
    gestes: Gestes = Gestes.DEUX
    montant: MontantEssaye = MontantEssaye(0)
    tolerance: int = 0
    grilles: tuple[GrilleTarif, ...] = ()

    @property
    def limits_booking(self) -> bool:
        """Whether it refuses whoever would register after another limit."""
        return self.quoi == Quoi.LIMITE and self.gestes != Gestes.ANNULER
