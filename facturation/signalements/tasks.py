"""The mails to a parent about an error that they reported: it has come, it is answered. Identifiers only."""

from __future__ import annotations

from accounts.emails import deliver
from accounts.models import User
from accounts.outbox import Posting, mail_task
from facturation.models import SignalementFacture
from facturation.payeurs.comptes import reads
from facturation.signalements.courriels import recu_context, signalement_context


@mail_task("Réponse à une erreur signalée")
def send_reponse_signalement(posting: Posting, user_pk: int, signalement_pk: int) -> None:
    """Mail the parent who reported an error on an invoice what the town hall answered; nothing when they may no more
    read that invoice.
    """
    user = User.objects.addressee(pk=user_pk)
    dit = SignalementFacture.objects.filter(pk=signalement_pk, dit_par=user).select_related("facture").first()
    if user is None or dit is None or dit.repondu_le is None or not reads(user, dit.facture.compte_id):
        return
    deliver(posting, "reponse_signalement", user, signalement_context(dit))


@mail_task("Erreur signalée, bien reçue")
def send_signalement_recu(posting: Posting, user_pk: int, signalement_pk: int) -> None:
    """Mail the parent who reported an error on an invoice that it has come, who reads it and until when they have the
    answer; nothing when they may no more read that invoice, or have the answer already.
    """
    user = User.objects.addressee(pk=user_pk)
    dits = SignalementFacture.objects.select_related("facture", "prestation__enfant", "prestation__creneau")
    dit = dits.filter(pk=signalement_pk, dit_par=user).first()
    if user is None or dit is None or dit.repondu_le is not None or not reads(user, dit.facture.compte_id):
        return
    deliver(posting, "signalement_recu", user, recu_context(dit))
