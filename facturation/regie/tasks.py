"""The mails of the régie, outside the request. Arguments are identifiers only."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from accounts import outbox
from accounts.emails import deliver
from accounts.models import User
from accounts.outbox import mail_task
from facturation.models import Encaissement, EssaiPaiement, Facture, Relance
from facturation.models.paiements import ATTENTE
from facturation.papiers.recus import find_recu
from facturation.payeurs.comptes import reads
from facturation.payeurs.reports import restes_dus, vivant_of
from facturation.payeurs.sans_facture import load_sans_facture
from facturation.regie.courriels import rappel_context, recu_context
from facturation.regie.relances import SEND


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


@mail_task("Rappel d’une facture")
def send_rappel(user_pk: int, facture_pk: int, genre: str, attempt: int = 0) -> None:
    """Remind an adult of an invoice; nothing when it was paid meanwhile, put aside, handed over to the treasury, which
    may collect everything by now, or is no more theirs to read. While a payment of it is begun, it waits.
    """
    user = User.objects.filter(pk=user_pk, is_active=True).exclude(email="").first()
    facture = Facture.objects.select_related("mois", "compte__reuni_dans").filter(pk=facture_pk).first()
    if user is None or facture is None or not reads(user, facture.compte_id):
        return
    if (
        settings.ENCAISSEMENT == "titre"
        or facture.relances.filter(genre__in=[Relance.Genre.DE_COTE, Relance.Genre.TRESORERIE]).exists()
    ):
        return
    reste, now, args = restes_dus([facture])[facture.pk], timezone.now(), [user_pk, facture_pk, genre]
    essai = EssaiPaiement.objects.of_facture(facture).begun(now - ATTENTE).first()
    if reste and essai:
        again = essai.demande_le + ATTENTE
        outbox.enqueue(SEND, *args, at=again if again > now else now + timedelta(days=1))
    elif reste:
        payeur = vivant_of(facture.compte).pk
        sans_facture = load_sans_facture([payeur]).get(payeur, 0)
        context = rappel_context(facture, genre, reste, timezone.localdate(now), sans_facture)
        deliver("rappel_facture", user, context, again=send_rappel, args=args, attempt=attempt, now=now)
