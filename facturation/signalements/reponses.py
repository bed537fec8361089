"""Errors that families tell of their invoices, answered by the town hall with a date; the only writer of answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from facturation.models import SignalementFacture
from facturation.signalements.tasks import send_reponse_signalement

REPONDUS = 20  # answered ones that stay on the page


@dataclass(frozen=True)
class SignalementsVus:
    """Those that wait, the first told first; the last answered."""

    attendent: list[SignalementFacture]
    repondus: list[SignalementFacture]


def signalements_en_attente() -> QuerySet[SignalementFacture]:
    """The errors reported on invoices that nobody has answered, the first reported first."""
    return SignalementFacture.objects.filter(repondu_le=None).order_by("dit_le", "pk")


def load_signalements_vus() -> SignalementsVus:
    """The errors that parents reported on invoices: all those that wait for an answer, and the last twenty answered.
    Two queries.
    """
    avec = (
        "facture__mois",
        "facture__compte__foyer",
        "prestation__enfant",
        "prestation__creneau",
        "dit_par",
        "repondu_par",
    )
    repondus = SignalementFacture.objects.exclude(repondu_le=None).order_by("-repondu_le", "-pk")
    return SignalementsVus(
        list(signalements_en_attente().select_related(*avec)), list(repondus.select_related(*avec)[:REPONDUS])
    )


def repondre_signalement(pk: int, texte: str, *, par: int, now: datetime) -> SignalementFacture | None:
    """Write this answer to an error reported on an invoice (primary key), in the name of the agent `par` (primary key),
    and queue the mail to the parent who reported it, in one transaction.

    None when it has an answer already. ValueError for an empty text.
    """
    if not texte.strip():
        raise ValueError("An answer has words")
    with transaction.atomic():
        attend = SignalementFacture.objects.select_for_update(of=("self",)).filter(pk=pk, repondu_le=None)
        lu = attend.select_related("facture").first()
        if lu is None:
            return None
        lu.reponse, lu.repondu_le, lu.repondu_par_id = texte, now, par
        lu.save(update_fields=["reponse", "repondu_le", "repondu_par"])
        if lu.dit_par_id:
            send_reponse_signalement.enqueue(lu.dit_par_id, lu.pk)
        return lu
