"""The mails of a closed month, outside the request. Arguments are identifiers only."""

from __future__ import annotations

from django.utils import timezone

from accounts import mailings
from accounts.emails import deliver
from accounts.models import User
from accounts.outbox import LINE, Posting, fan_task, mail_task
from facturation.arrete.courriels import facture_context
from facturation.models import Facture, Mois


@fan_task("Factures du mois")
def send_factures(mois_pk: int, after: int = 0) -> None:
    """Enqueue the mails of the invoices of a closed month, 500 at a time: those whose line (primary key) follows
    `after`. Run twice, it enqueues twice, and each line is sent once.
    """
    mois = Mois.objects.filter(pk=mois_pk).first()
    if mois is None or not mois.bilan.get("envoi"):
        return
    mailings.enqueue_lines(
        mois.bilan["envoi"],
        after,
        lambda line: send_facture.enqueue(mois_pk, line),
        lambda last: send_factures.enqueue(mois_pk, last),
    )


@mail_task("Facture", LINE)
def send_facture(posting: Posting, mois_pk: int, line: int) -> None:
    """Task: mail one payer their invoice or avoir of this month (primary key), unless the mailing's line (primary key)
    says that this was done.
    """
    waiting = mailings.line_to_send(line)
    if waiting is None:
        return
    siennes = Facture.objects.filter(mois=mois_pk, compte__foyer__responsables__user=waiting.user)
    facture = siennes.select_related("mois", "compte").first()
    name = "avoir" if facture and facture.genre == Facture.Genre.AVOIR else "facture"
    context = facture_context(facture, timezone.localdate(posting.now)) if facture else None
    mailings.deliver_line(posting, waiting, name, context)


@mail_task("Avoir")
def send_avoir(posting: Posting, user_pk: int, facture_pk: int) -> None:
    """Task: mail one adult (primary key of the account) an avoir of their foyer (primary key of the avoir)."""
    user = User.objects.addressee(pk=user_pk)
    sienne = Facture.objects.filter(pk=facture_pk, compte__foyer__responsables__user=user_pk)
    facture = sienne.select_related("mois", "compte").first()
    if user and facture:
        deliver(posting, "avoir", user, facture_context(facture, timezone.localdate(posting.now)))
