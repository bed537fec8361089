"""A child who lives in two homes, one week each."""

from __future__ import annotations

from enfance.models import Foyer, Inscription


def alternee(foyer, **champs):
    """One week in two at the first home from the 7th, at the other from the 14th."""
    premier = Foyer.objects.exclude(pk=foyer.pk).get()
    passage = champs.pop("passage", "lundi")
    return {
        "rythme": f"alternee-{premier.pk}-{foyer.pk}",
        "debut": "2026-12-07",
        "premier": f"{premier.pk}-{passage}",
    } | champs


def etats():
    lignes = Inscription.objects.order_by("jour", "creneau__ordre").values_list("jour__day", "creneau__code", "etat")
    return [(jour, code, etat) for jour, code, etat in lignes]
