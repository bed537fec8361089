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
from facturation.payeurs.comptes import reads
from facturation.payeurs.reports import restes_dus, vivant_of
from facturation.payeurs.sans_facture import load_sans_facture
from facturation.regie.relances.courriels import rappel_context
from facturation.regie.relances.ecriture import SEND


@mail_task("Rappel d’une facture")
def send_rappel(posting: Posting, user_pk: int, facture_pk: int, genre: str) -> None:
    """Mail a reminder of an invoice to an adult; while a payment of it is begun, it waits and is queued again.

    Nothing when the invoice was paid meanwhile, put aside, handed over to the treasury (which may collect everything by
    now), or is no more theirs to read.
    """
    user = User.objects.addressee(pk=user_pk)
    facture = Facture.objects.select_related("mois", "compte__reuni_dans").filter(pk=facture_pk).first()
    if user is None or facture is None or not reads(user, facture.compte_id):
        return
    if (
        settings.ENCAISSEMENT == "titre"
        or facture.relances.filter(genre__in=[Relance.Genre.DE_COTE, Relance.Genre.TRESORERIE]).exists()
    ):
        return
    reste, now = restes_dus([facture])[facture.pk], posting.now
    essai = EssaiPaiement.objects.of_facture(facture).begun(now - ATTENTE).first()
    if reste and essai:
        again = essai.demande_le + ATTENTE
        outbox.enqueue(SEND, user_pk, facture_pk, genre, at=again if again > now else now + timedelta(days=1))
    elif reste:
        payeur = vivant_of(facture.compte).pk
        sans_facture = load_sans_facture([payeur]).get(payeur, 0)
        context = rappel_context(facture, genre, reste, timezone.localdate(now), sans_facture)
        deliver(posting, "rappel_facture", user, context)
