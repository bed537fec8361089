"""The waiting list."""

from __future__ import annotations

from enfance.models import Inscription

ATTENTE = "/admin/enfance/inscription/attente/"


def etats():
    return dict(Inscription.objects.values_list("enfant__prenom", "etat"))
