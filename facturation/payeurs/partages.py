"""Which part of a child's price each payer owes, between two dates; its only writer. Those of a day make 100 %.

Without any, the foyer of the inscription owes all.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import transaction

from enfance.models import Enfant
from facturation.models import Partage
from facturation.payeurs.comptes import lock_payeurs
from portail.francais import NBSP, et

UN_JOUR = timedelta(days=1)


@dataclass(frozen=True)
class PeriodePartagee:
    """The shares of a child that hold between the same dates (None: no bound)."""

    debut: date | None
    fin: date | None
    parts: Sequence[Partage]

    @property
    def total(self) -> int:
        """The sum of the shares of this period, in per cent."""
        return sum(partage.part for partage in self.parts)


def refus_of(parts: Mapping[int, int], debut: date | None, fin: date | None) -> list[str]:
    """Why these shares of a child's price, in per cent by foyer, cannot be kept from `debut` to `fin`: French
    sentences, empty when they can. No share at all is allowed: it ends a sharing.
    """
    refus = []
    if debut and fin and fin < debut:
        refus.append("Le dernier jour du partage suit le premier, ou c’est le même.")
    if any(not 1 <= part <= 100 for part in parts.values()):
        refus.append(f"Une part va de 1 à 100{NBSP}%.")
    elif parts and sum(parts.values()) != 100:
        dites = et([f"{part}{NBSP}%" for part in parts.values()])
        font = "font" if len(parts) > 1 else "fait"
        refus.append(f"{dites} {font} {sum(parts.values())}{NBSP}%{NBSP}: les parts d’un enfant font 100{NBSP}%.")
    return refus


def partager(enfant: int, parts: Mapping[int, int], debut: date | None, fin: date | None) -> bool:
    """Share this child's price (primary key) from `debut` to `fin`, both included, between these foyers (primary keys),
    in per cent; without parts, the foyer of the inscription owes all again. Whether anything changed.

    An earlier share gives way on these days, and stays before and after. ValueError for what `refus_of` refuses.
    """
    if refus := refus_of(parts, debut, fin):
        raise ValueError(" ".join(refus))
    with transaction.atomic():
        voulues: Counter[int] = Counter()
        for foyer, compte in lock_payeurs(parts.keys()).items():
            voulues[compte.pk] += parts[foyer]
        Enfant.objects.select_for_update(of=("self",)).get(pk=enfant)
        avant = list(Partage.objects.filter(enfant=enfant))
        memes = {(p.compte_id, p.part) for p in avant if (p.debut, p.fin) == (debut, fin)}
        autres = [p for p in avant if (p.debut, p.fin) != (debut, fin) and _overlaps(p, debut, fin)]
        if memes == set(voulues.items()) and not autres:
            return False
        for partage in avant:
            if _overlaps(partage, debut, fin):
                _take_out(partage, debut, fin)
        Partage.objects.bulk_create(
            Partage(enfant_id=enfant, compte_id=compte, part=part, debut=debut, fin=fin)
            for compte, part in voulues.items()
        )
        return bool(parts or avant)


def _overlaps(partage: Partage, debut: date | None, fin: date | None) -> bool:
    starts_later = partage.debut is not None and fin is not None and partage.debut > fin
    ends_before = partage.fin is not None and debut is not None and partage.fin < debut
    return not (starts_later or ends_before)


def _take_out(partage: Partage, debut: date | None, fin: date | None) -> None:
    """Leave of this share what is before `debut` and after `fin`."""
    reste: list[tuple[date | None, date | None]] = []
    if debut is not None and (partage.debut is None or partage.debut < debut):
        reste.append((partage.debut, debut - UN_JOUR))
    if fin is not None and (partage.fin is None or partage.fin > fin):
        reste.append((fin + UN_JOUR, partage.fin))
    if not reste:
        partage.delete()
        return
    partage.debut, partage.fin = reste[0]
    partage.save(update_fields=["debut", "fin"])
    for premier, dernier in reste[1:]:
        Partage.objects.create(
            enfant_id=partage.enfant_id, compte_id=partage.compte_id, part=partage.part, debut=premier, fin=dernier
        )


def periodes_of(partages: Iterable[Partage]) -> list[PeriodePartagee]:
    """These shares of one child, grouped by the dates between which they hold, the latest first."""
    groupes: dict[tuple[date | None, date | None], list[Partage]] = {}
    for partage in partages:
        groupes.setdefault((partage.debut, partage.fin), []).append(partage)
    ordre = sorted(groupes, key=lambda dates: (dates[0] or date.min, dates[1] or date.max), reverse=True)
    return [PeriodePartagee(debut, fin, groupes[debut, fin]) for debut, fin in ordre]
