"""The mails of a closed month, outside the request. Arguments are identifiers only."""

from __future__ import annotations

from django.utils import timezone

from accounts import mailings
from accounts.emails import deliver
from accounts.models import User
from accounts.outbox import LINE, fan_task, mail_task
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
def send_facture(mois_pk: int, line: int, attempt: int = 0) -> None:
    """Tell one payer of their invoice of this month, unless its line says that this was done."""
    waiting = mailings.line_to_send(line)
    if waiting is None:
        return
    now = timezone.now()
    siennes = Facture.objects.filter(mois=mois_pk, compte__foyer__responsables__user=waiting.user)
    facture = siennes.select_related("mois", "compte").first()
    mailings.deliver_line(
        waiting,
        "avoir" if facture and facture.genre == Facture.Genre.AVOIR else "facture",
        facture_context(facture, timezone.localdate(now)) if facture else None,
        again=send_facture,
        args=[mois_pk, line],
        attempt=attempt,
        now=now,
    )


@mail_task("Avoir")
def send_avoir(user_pk: int, facture_pk: int, attempt: int = 0) -> None:
    """Tell one adult of an avoir of their foyer."""
    user = User.objects.filter(pk=user_pk, is_active=True).exclude(email="").first()
    sienne = Facture.objects.filter(pk=facture_pk, compte__foyer__responsables__user=user_pk)
    facture = sienne.select_related("mois", "compte").first()
    if user is None or facture is None:
        return
    now = timezone.now()
    context = facture_context(facture, timezone.localdate(now))
    deliver("avoir", user, context, again=send_avoir, args=[user_pk, facture_pk], attempt=attempt, now=now)
