"""The custody of a child set in words: one choice from a day on, in place of the gardes that held then."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from enfance.calendrier import UN_JOUR, lundi
from enfance.models import Enfant, Foyer, Garde, Responsabilite
from portail.francais import et

UNE_SEMAINE = timedelta(weeks=1)


@dataclass(frozen=True)
class ChoixGarde:
    """From `debut` on, the child is in these homes (primary keys): on all days, or week about, `premier` having that of
    `debut`. No home at all: nobody has garde any more.
    """

    debut: date
    foyers: tuple[int, ...]
    premier: int | None = None
    passage: str = Garde.Passage.LUNDI

    def gardes(self, enfant: Enfant) -> list[Garde]:
        """The rows of custody that this choice gives the child, one a home, not saved; empty when no home has it."""
        if self.premier is None:
            return [Garde(enfant=enfant, foyer_id=foyer, debut=self.debut) for foyer in self.foyers]
        alternee = {"rythme": Garde.Rythme.ALTERNEE, "passage": self.passage, "debut": self.debut}
        return [
            Garde(
                enfant=enfant,
                foyer_id=foyer,
                depuis=self.debut if foyer == self.premier else self.debut + UNE_SEMAINE,
                **alternee,
            )
            for foyer in self.foyers
        ]


def foyers_of(enfant: Enfant) -> dict[int, str]:
    """The homes of the child, by primary key: those of its gardes and of the adults who answer for it. Each is named by
    these adults, with the address where two would have one name.
    """
    liens = list(Responsabilite.objects.filter(enfant=enfant).select_related("responsable__user").order_by("pk"))
    pks = [*(lien.responsable.foyer_id for lien in liens), *enfant.gardes.values_list("foyer", flat=True)]
    foyers = Foyer.objects.prefetch_related("responsables__user").in_bulk(pks)
    noms: dict[int, list[str]] = {}
    for lien in liens:
        noms.setdefault(lien.responsable.foyer_id, []).append(str(lien.responsable))
    dits = {pk: et(noms[pk]) if pk in noms else str(foyers[pk]) for pk in dict.fromkeys(pks)}
    doubles = [dit for dit in dits.values() if list(dits.values()).count(dit) > 1]
    return {pk: f"{dit}, {foyers[pk].adresse}" if dit in doubles else dit for pk, dit in dits.items()}


def load_gardes(enfant: Enfant) -> list[Garde]:
    """The gardes of the child in the order of their first day, those without one first."""
    return sorted(enfant.gardes.all(), key=lambda garde: (garde.debut or date.min, garde.pk))


def changer(enfant: Enfant, choix: ChoixGarde) -> None:
    """Write this choice of custody. A garde that held before its first day ends on the eve, one that was to begin on
    that day or later is deleted; one that goes on the same stays, and loses its last day if it has one. Several homes
    that all had the child since always, as ONDE left it, have it from that day on when this is the choice: now somebody
    has set it. The caller holds the lock on the child, and tells the parents.
    """
    voulues = choix.gardes(enfant)
    subies = enfant.gardes.filter(debut=None, fin=None).count() > 1
    pose = subies and choix.premier is None and len(choix.foyers) > 1
    for garde in load_gardes(enfant):
        if garde.debut and garde.debut >= choix.debut:
            garde.delete()
        elif garde.fin is None or garde.fin >= choix.debut:
            pareille = None if pose and garde.debut is None else _same(garde, voulues)
            if pareille:
                voulues.remove(pareille)
            garde.fin = None if pareille else choix.debut - UN_JOUR
            garde.save(update_fields=["fin"])
    for garde in voulues:
        garde.full_clean()
        garde.save()


def _same(garde: Garde, autres: Sequence[Garde]) -> Garde | None:
    """That of the others which gives the same days to the same home."""
    return next((autre for autre in autres if _jours(autre) == _jours(garde)), None)


def _jours(garde: Garde) -> tuple[object, ...]:
    if garde.depuis is None:
        return garde.foyer_id, garde.rythme
    return garde.foyer_id, garde.rythme, garde.passage, (lundi(garde.depuis) - lundi(date(2024, 1, 1))).days // 7 % 2
