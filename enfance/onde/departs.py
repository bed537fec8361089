"""The departures that an import notes, told from those that the town hall noted; the years to come that follow them."""

from __future__ import annotations

from datetime import date, timedelta

from enfance.models import Scolarite


def mark_revenus(revenus: list[Scolarite]) -> None:
    """Take back the departure of these pupils, and its mark."""
    for scolarite in revenus:
        scolarite.depart = None
        scolarite.save(update_fields=["depart"])
        forget_mark(scolarite)


def forget_mark(scolarite: Scolarite) -> None:
    """Make the departure of this pupil, or its presence, the town hall's own from now on."""
    dernieres = scolarite.enfant.onde.get("scolarites", {}).get(str(scolarite.annee.debut.year), {})
    if dernieres.pop("parti", None):
        scolarite.enfant.save(update_fields=["onde"])


def is_marked(scolarite: Scolarite) -> bool:
    """Whether `mark_partis` noted this departure, not the town hall."""
    dernieres = scolarite.enfant.onde.get("scolarites", {}).get(str(scolarite.annee.debut.year), {})
    return scolarite.depart is not None and dernieres.get("parti", False)


def mark_partis(partis: list[Scolarite], depuis: date) -> None:
    """Mark these pupils gone from this day on, in later years from their first one; who came that very day, from the
    next one. The mark tells the departure of an import, or the end of a year to come, from the departure that the town
    hall noted.
    """
    for scolarite in partis:
        arrive = scolarite.debut + timedelta(days=1) if scolarite.debut else depuis
        scolarite.depart = max(depuis, arrive, scolarite.annee.debut)
        scolarite.save(update_fields=["depart"])
        enfant = scolarite.enfant
        enfant.onde.setdefault("scolarites", {}).setdefault(str(scolarite.annee.debut.year), {})["parti"] = True
        enfant.save(update_fields=["onde"])


def supposees(scolarites: list[Scolarite]) -> list[Scolarite]:
    """The places that the rollover supposed for these pupils in later years, on the same child objects."""
    depuis = {scolarite.enfant_id: scolarite for scolarite in scolarites}
    lues = Scolarite.objects.filter(enfant__in=depuis, classe=None).select_related("annee")
    trouvees = [s for s in lues if s.annee.debut > depuis[s.enfant_id].annee.debut]
    for scolarite in trouvees:
        scolarite.enfant = depuis[scolarite.enfant_id].enfant
    return trouvees
