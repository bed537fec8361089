"""The mail that tells a parent what the town hall answered to an error, outside the request. Identifiers only."""

from __future__ import annotations

from accounts.emails import deliver
from accounts.models import User
from accounts.outbox import Posting, mail_task
from facturation.models import SignalementFacture
from facturation.payeurs.comptes import reads
from facturation.signalements.courriels import signalement_context


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
