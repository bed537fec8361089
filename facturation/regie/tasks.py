"""The mails of the régie, outside the request. Arguments are identifiers only."""

from __future__ import annotations

from django.utils import timezone

from accounts.emails import deliver
from accounts.models import User
from accounts.outbox import mail_task
from facturation.famille.recus import find_recu
from facturation.models import Encaissement
from facturation.regie.courriels import recu_context


@mail_task("Reçu d’un paiement", asked=True)
def send_recu(user_pk: int, recu_pk: int, attempt: int = 0) -> None:
    """Send a receipt to an adult who reads it; nothing when it was cancelled since."""
    user = User.objects.filter(pk=user_pk, is_active=True).exclude(email="").first()
    recu = Encaissement.objects.standing().filter(pk=recu_pk).first()
    responsable = getattr(user, "responsable", None)
    if user is None or recu is None or responsable is None or find_recu(responsable, recu.numero) is None:
        return
    args = [user_pk, recu_pk]
    deliver("recu", user, recu_context(recu), again=send_recu, args=args, attempt=attempt, now=timezone.now())
