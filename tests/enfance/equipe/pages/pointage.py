"""A tap of the gate's page."""

from __future__ import annotations

from uuid import uuid4

from tests.enfance.equipe.pages.conftest import JOUR
from tests.enfance.gate import NOW

POINTAGE = f"{JOUR}pointage/"


def tap(*enfants, quoi="present", coche="1", a=NOW, **fields):
    n = len(enfants)
    return {
        "id": [str(uuid4()) for _ in enfants],
        "enfant": [enfant.pk for enfant in enfants],
        "quoi": [quoi] * n,
        "coche": [coche] * n,
        "a": [a.isoformat()] * n,
        "creneau": "soir",
    } | fields
