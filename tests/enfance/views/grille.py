"""The form of the planning."""

from __future__ import annotations

MOIS = "/planning/2026-12/"


def cle(enfant, jour, creneau):
    return f"{enfant.pk}:2026-12-{jour:02}:{creneau}"


def post(client, adresse=MOIS, avant=(), r=(), attente=(), bouton="enregistrer", valeur="1", **plus):
    data = {"avant": " ".join(avant), "r": list(r), "attente": list(attente), bouton: valeur, **plus}
    return client.send(adresse, data)
