"""The mail of a reminder, outside the request. Arguments are identifiers only."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from accounts import outbox
from accounts.emails import deliver
from accounts.models import User
from accounts.outbox import Posting, mail_task
from facturation.models import EssaiPaiement, Facture, Relance
from facturation.models.paiements import ATTENTE
from facturation.payeurs.comptes import comptes_seen_by
from facturation.payeurs.reports import restes_dus, vivant_of
from facturation.payeurs.sans_facture import load_sans_facture
from facturation.regie.relances.courriels import rappel_context
from facturation.regie.relances.ecriture import SEND
from facturation.reglages import load_reglage


@mail_task("Rappel d’une facture")
def send_rappel(posting: Posting, user_pk: int, factures: list[int] | int, genre: str) -> None:
    """Mail one reminder of these invoices (primary keys; one alone in a row of the version before) to an adult; while a
    payment of one of them is begun, it waits and is queued again.

    An invoice that was paid meanwhile, put aside, handed over to the treasury, or is no more theirs to read, is left
    out. Nothing where the treasury collects everything by now, or where less remains than the sum that the town set.
    """
    user = User.objects.addressee(pk=user_pk)
    if user is None or settings.ENCAISSEMENT == "titre":
        return
    cles = [factures] if isinstance(factures, int) else factures
    siens = [compte.pk for compte in comptes_seen_by(user)]
    closes = Relance.objects.filter(genre__in=[Relance.Genre.DE_COTE, Relance.Genre.TRESORERIE])
    lues = list(
        Facture.objects.filter(pk__in=cles, compte__in=siens)
        .exclude(pk__in=closes.order_by().values("facture"))
        .select_related("mois", "compte__reuni_dans")
        .order_by("echeance", "annee", "rang")
    )
    restes, now = restes_dus(lues), posting.now
    dues = [(facture, restes[facture.pk]) for facture in lues if restes[facture.pk]]
    if not dues or sum(reste for _, reste in dues) < load_reglage().rappel_minimum:
        return
    essais = [EssaiPaiement.objects.of_facture(facture).begun(now - ATTENTE).first() for facture, _ in dues]
    if commences := [essai.demande_le for essai in essais if essai]:
        again = max(commences) + ATTENTE
        outbox.enqueue(SEND, user_pk, factures, genre, at=again if again > now else now + timedelta(days=1))
        return
    payeur = vivant_of(dues[0][0].compte).pk
    sans_facture = load_sans_facture([payeur]).get(payeur, 0)
    deliver(posting, "rappel_facture", user, rappel_context(dues, genre, timezone.localdate(now), sans_facture))
