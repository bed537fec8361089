"""What caps take off a month: of a day, then of the month, spread over what they count by largest remainder. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, NamedTuple, Protocol

from facturation.montants import repartir
from facturation.prix.dus import AU_MOIS, Contexte, Du
from facturation.prix.tarifs import PeriodePlafond, PlafondVote, PorteurPlafond, SupplementVote, plafonds_of

if TYPE_CHECKING:
    from typing import Any


class Coupe(NamedTuple):
    """What a cap (primary key) takes off a line, in centimes; `somme`: what all that it counts came to before it."""

    plafond: int
    montant: int
    somme: int


class LigneAPlafonner(Protocol):
    """A line before any share."""

    @property
    def du(self) -> Du: ...
    @property
    def entier(self) -> int: ...
    @property
    def supplement(self) -> SupplementVote | None: ...


def couper(lignes: Sequence[LigneAPlafonner], contexte: Contexte) -> list[list[Coupe]]:
    """What the caps take off each of these lines, in the order in which they apply.

    A cap of the day counts no price of the month. What is above is spread in proportion to what the caps before it have
    left, by largest remainder, the first lines on a tie.
    """
    du_mois = [p for p in plafonds_of(contexte.plafonds, contexte.premier) if p.periode == PeriodePlafond.MOIS]
    du_jour: dict[date, list[PlafondVote]] = {}
    groupes: dict[PlafondVote, dict[tuple[Any, ...], list[int]]] = defaultdict(lambda: defaultdict(list))
    for rang, ligne in enumerate(lignes):
        if not ligne.entier:
            continue
        jour = ligne.du.fait.jour
        if jour not in du_jour:
            tenus = plafonds_of(contexte.plafonds, jour)
            du_jour[jour] = [p for p in tenus if p.periode == PeriodePlafond.JOUR]
        for plafond in (*du_jour[jour], *du_mois):
            if _counts(plafond, ligne):
                groupes[plafond][_cle(plafond, ligne.du)].append(rang)
    restes = [ligne.entier for ligne in lignes]
    coupes: list[list[Coupe]] = [[] for _ in lignes]
    for plafond in sorted(groupes, key=lambda p: (p.periode, p.porteur, p.cle)):
        for rangs in groupes[plafond].values():
            somme = sum(restes[rang] for rang in rangs)
            if somme <= plafond.montant:
                continue
            parts = repartir(somme - plafond.montant, [restes[rang] for rang in rangs])
            for rang, part in zip(rangs, parts, strict=True):
                if part:
                    restes[rang] -= part
                    coupes[rang].append(Coupe(plafond.cle, part, somme))
    return coupes


def _counts(plafond: PlafondVote, ligne: LigneAPlafonner) -> bool:
    if ligne.supplement is not None:
        if not plafond.supplements:
            return False
    elif plafond.periode == PeriodePlafond.JOUR and _is_of_month(ligne.du):
        return False
    return plafond.caps(ligne.du.fait.creneau, ligne.du.regle.moment)


def _is_of_month(du: Du) -> bool:
    return du.regle.tarif.unite in AU_MOIS and not du.en_plus


def _cle(plafond: PlafondVote, du: Du) -> tuple[Any, ...]:
    """Whom and when it caps: the payer is that of the inscription."""
    enfant = du.fait.enfant if plafond.porteur == PorteurPlafond.ENFANT else None
    return du.foyer, enfant, du.fait.jour if plafond.periode == PeriodePlafond.JOUR else None
