"""Errors that families report on their invoices, and the town hall's dated answers: the only writer of both."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from facturation.models import Facture, Prestation, SignalementFacture
from facturation.papiers.facture import FactureLue
from facturation.signalements.tasks import send_reponse_signalement, send_signalement_recu


def signaler(lue: FactureLue, ligne: Prestation | None, texte: str, par: int, *, now: datetime) -> SignalementFacture:
    """Keep what a parent says is wrong on this invoice, or on this line of it, in the name of their account `par`
    (primary key), and queue the mail that tells them it has come, in one transaction; the town hall finds it in its
    list. The same words sent twice, while they wait for an answer, are kept once and mailed once.
    """
    with transaction.atomic():
        Facture.objects.select_for_update().get(pk=lue.facture.pk)
        dits = SignalementFacture.objects.filter(facture=lue.facture, repondu_le=None)
        dit = dits.filter(prestation=ligne, texte=texte, dit_par_id=par).first()
        if dit is None:
            dit = SignalementFacture.objects.create(
                facture=lue.facture, prestation=ligne, texte=texte, dit_le=now, dit_par_id=par
            )
            send_signalement_recu.enqueue(par, dit.pk)
        return dit


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
