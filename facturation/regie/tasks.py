"""The mails of the régie, outside the request. Arguments are identifiers only."""

from __future__ import annotations

from accounts.emails import deliver
from accounts.models import User
from accounts.outbox import Posting, mail_task
from facturation.models import Encaissement
from facturation.papiers.recus import find_recu
from facturation.regie.courriels import recu_context
from facturation.regie.relances.tasks import send_rappel as send_rappel  # its path of the version before


@mail_task("Reçu d’un paiement", asked=True)
def send_recu(posting: Posting, user_pk: int, recu_pk: int) -> None:
    """Mail a receipt (primary key) to an adult who may read it; nothing when it was cancelled since."""
    user = User.objects.addressee(pk=user_pk)
    recu = Encaissement.objects.standing().filter(pk=recu_pk).first()
    responsable = getattr(user, "responsable", None)
    if user is None or recu is None or responsable is None or find_recu(responsable, recu.numero) is None:
        return
    deliver(posting, "recu", user, recu_context(recu))
