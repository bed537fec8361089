"""The report of an import of ONDE as its page shows it: what waits for the town hall leads to the child. Reads."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.urls import reverse

from enfance.mairie.bureau import gardes_a_regler
from enfance.models import Enfant, Responsabilite


@dataclass(frozen=True)
class LigneBilan:
    """A line of a list of the report; `liens`: words and address of the pages where it is settled."""

    texte: str
    liens: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        return self.texte


def load_listes(bilan: Iterable[Mapping[str, Any]], *, today: date) -> list[tuple[str, list[LigneBilan]]]:
    """The lists of this report, as an import keeps it, each with its title; a line about a child leads to its custody
    as long as that is to be set, else to its file, and to its families. A child deleted since has no link. Three
    queries.
    """
    resume, *listes = bilan
    fiches = {texte: list(pks) for texte, pks in resume.get("fiches", {}).items()}
    cites = {pk for pks in fiches.values() for pk in pks}
    enfants = Enfant.objects.in_bulk(cites)
    a_regler = set(gardes_a_regler(today).filter(pk__in=cites).values_list("pk", flat=True))
    liens = Responsabilite.objects.filter(enfant__in=cites).order_by("pk")
    foyers: dict[int, dict[int, None]] = {}
    for enfant, foyer in liens.values_list("enfant", "responsable__foyer"):
        foyers.setdefault(enfant, {})[foyer] = None

    def ligne(texte: str) -> LigneBilan:
        pk = fiches[texte].pop(0) if fiches.get(texte) else 0
        if pk not in enfants:
            return LigneBilan(texte)
        fiche = reverse("admin:enfance_enfant_change", args=[pk])
        garde = ("Régler la garde", f"{fiche}?changer=garde") if pk in a_regler else ("Ouvrir la fiche", fiche)
        siens = list(foyers.get(pk, ()))
        familles = [
            (f"Famille {rang}" if len(siens) > 1 else "Famille", reverse("admin:enfance_foyer_famille", args=[foyer]))
            for rang, foyer in enumerate(siens, 1)
        ]
        return LigneBilan(texte, (garde, *familles))

    return [(liste["titre"], [ligne(texte) for texte in liste["lignes"]]) for liste in listes]
