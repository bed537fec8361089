"""What counts as a séance: one child, one créneau, one day, billed.

Two payers who share it have a line each, and it is one; excused, or cancelled, it is none. A price of the month bills
the first of its séances. Supplements are counted in the same way, apart.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Q, Sum
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce

from facturation.models import Prestation
from facturation.prix.mois import Charge

DES_SEANCES = frozenset({Prestation.Nature.SEANCE, Prestation.Nature.FORFAIT})


def seances_of(charges: Iterable[Charge]) -> int:
    """How many séances these lines bill: a séance shared between two payers is one, and one excused is none."""
    return comptees(charge for charge in charges if charge.nature in DES_SEANCES)


def comptees(charges: Iterable[Charge]) -> int:
    """How many things these lines bill, of whatever kind: what payers share counts once, a line of quantity 0 does not
    count.
    """
    return len(
        {
            (ligne.enfant, ligne.jour, ligne.creneau, ligne.nature, ligne.plafond, ligne.credit_impot)
            for ligne in charges
            if ligne.quantite > 0
        }
    )


def seances_expression(**siennes: Any) -> Combinable:
    """The database expression that counts the séances billed by frozen lines of all their payers, as `seances_of` does
    in Python: the sum of the parts in per cent, divided by 100. `siennes`: only of the lines that have these values.
    """
    return Coalesce(Sum("part", filter=Q(quantite__gt=0, **siennes)), 0) / 100
