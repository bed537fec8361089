"""The price of one thing, from a voted grid. Pure: integer centimes in and out, no database, no float."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from facturation.montants import arrondir

RANGS = 3  # the third line of a grid is the third child and those after


@dataclass(frozen=True, slots=True)
class LigneGrille:
    """One cell of a grid, as `LigneTarif` has it: a price in centimes, or a rate of the quotient (per cent, so
    centimes a euro of quotient) between a minimum and a maximum in centimes. `qf_min` None: quotient unknown.
    """

    residence: str
    qf_min: int | None
    qf_max: int | None
    rang: int
    prix: int | None = None
    taux: Decimal | None = None
    minimum: int | None = None
    maximum: int | None = None
    cle: int | None = None

    def holds(self, quotient: int | None) -> bool:
        """Whether this quotient is in its tranche, both ends included; None is the unknown one's alone."""
        if quotient is None or self.qf_min is None:
            return quotient is None and self.qf_min is None
        return self.qf_min <= quotient and (self.qf_max is None or quotient <= self.qf_max)


@dataclass(frozen=True, slots=True, kw_only=True)
class GrilleTarif:
    """A tariff with its lines, as `Tarif` has them. `creneaux`: primary keys. `deliberation`: its number."""

    cle: int
    nom: str
    debut: date
    unite: str
    base: str = "inscription"
    minutes: int | None = None
    tranches_absent: int = 1
    par_jour: bool = False
    fratrie: bool = False
    arrondi: int = 1
    creneaux: frozenset[int] = frozenset()
    moment: str = ""
    deliberation: str = ""
    votee_le: date | None = None
    lignes: tuple[LigneGrille, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SupplementVote:
    """A supplement, as `Supplement` has it: a price in centimes, or so many per cent of the séance's. Neither créneau
    nor moment: all of them. `tolerance`: minutes.
    """

    cle: int
    genre: str
    debut: date
    fin: date | None = None
    creneaux: frozenset[int] = frozenset()
    moment: str = ""
    prix: int | None = None
    pourcentage: int | None = None
    tolerance: int = 0
    deliberation: str = ""
    votee_le: date | None = None
    article: str = ""


def tarif_of(tarifs: Iterable[GrilleTarif], creneau: int, moment: str, jour: date) -> GrilleTarif | None:
    """The tariff of this créneau (primary key) on this day: one that names it wins over that of its moment, then the
    latest begun. One by the tranche never prices the lunch break.
    """
    begun = [t for t in tarifs if t.debut <= jour and not (moment == "midi" and t.unite == "tranche")]
    siens = [t for t in begun if creneau in t.creneaux] or [t for t in begun if moment and t.moment == moment]
    return max(siens, key=lambda t: (t.debut, t.cle), default=None)


def supplement_of(
    supplements: Iterable[SupplementVote], genre: str, creneau: int, moment: str, jour: date
) -> SupplementVote | None:
    """The supplement of this kind for this créneau on this day, chosen as a tariff is; the one for all comes last.

    Nobody picks a child up in the morning or at midi: a late pick-up is due there only where a supplement says so.
    """
    tenus = [s for s in supplements if s.genre == genre and s.debut <= jour and (s.fin is None or jour <= s.fin)]
    siens = [s for s in tenus if creneau in s.creneaux] or [s for s in tenus if moment and s.moment == moment]
    if not siens and not (genre == "retard" and moment in {"matin", "midi"}):
        siens = [s for s in tenus if not s.creneaux and not s.moment]
    return max(siens, key=lambda s: (s.debut, s.cle), default=None)


def ligne_of(lignes: Sequence[LigneGrille], residence: str, quotient: int | None, rang: int) -> LigneGrille | None:
    """The line that prices a child of this rank (1: the oldest). A residence to be said is priced as the commune; the
    line of a rank holds for those after, until another says them. None: the grid has a hole there.
    """
    lieu = residence or "commune"
    siennes = [ligne for ligne in lignes if ligne.residence == lieu and ligne.rang <= rang and ligne.holds(quotient)]
    return max(siennes, key=lambda ligne: ligne.rang, default=None)


def prix_of(ligne: LigneGrille, quotient: int | None, arrondi: int = 1) -> int:
    """Centimes of one unit: the voted price, or the rate of this quotient, bounded, then rounded half up to a multiple
    of `arrondi` centimes.
    """
    if ligne.prix is not None:
        return ligne.prix
    if ligne.taux is None or quotient is None:
        raise ValueError("A rate needs a quotient")
    montant = quotient * ligne.taux
    if ligne.minimum is not None:
        montant = max(montant, Decimal(ligne.minimum))
    if ligne.maximum is not None:
        montant = min(montant, Decimal(ligne.maximum))
    return arrondir(montant, arrondi)


def tranches_of(minutes: int, pas: int) -> int:
    """How many tranches of `pas` minutes are begun in so many minutes: 0 for none."""
    return -(-max(minutes, 0) // pas)
