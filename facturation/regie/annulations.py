"""Why an entry may not be cancelled, and what is cancelled with it. Reads; `encaissements` cancels."""

from __future__ import annotations

from facturation.models import Encaissement, EssaiPaiement

Moyen = Encaissement.Moyen
PAR_CARTE = "P"  # of what PayFiP answers: a bank may still reject a direct debit, never a card


def refus_annulation(encaissement: Encaissement) -> str:
    """Why this receipt may not be cancelled, in a French sentence; empty when it may."""
    if encaissement.annule_id:
        return "Une annulation ne s’annule pas\u00a0: encaissez de nouveau."
    if Encaissement.objects.filter(annule=encaissement).exists():
        return f"Le reçu {encaissement.numero} est déjà annulé."
    if encaissement.versement_id:
        return f"Le reçu {encaissement.numero} est dans un versement\u00a0: il ne s’annule plus."
    if encaissement.moyen == Moyen.PAYFIP and not _may_bounce(encaissement):
        return "Un paiement par carte, sur PayFiP, ne s’annule pas\u00a0: remboursez-le."
    if encaissement.moyen == Moyen.REPORT:
        return "Un report ne s’annule pas."
    return ""


def _may_bounce(encaissement: Encaissement) -> bool:
    """Whether this payment of PayFiP may turn out not to have come: all but a card."""
    return EssaiPaiement.objects.of_recu(encaissement).exclude(resultrans=PAR_CARTE).exists()


def refus_impaye(encaissement: Encaissement) -> str:
    """Why this receipt cannot be marked as an unpaid cheque, in a French sentence; empty when it is a cheque brought to
    the treasury and not cancelled, which the bank may have rejected.
    """
    if encaissement.moyen != Moyen.CHEQUE or not encaissement.versement_id:
        return "Seul un chèque versé peut revenir impayé. Avant le versement, un reçu se corrige."
    if Encaissement.objects.filter(annule=encaissement).exists():
        return f"Le reçu {encaissement.numero} est déjà annulé."
    return ""


def paid_with(encaissement: Encaissement) -> list[Encaissement]:
    """The other receipts, not cancelled, of the same payment on PayFiP as this receipt; empty for a payment of one
    invoice or not on PayFiP. A bank rejects all of such a payment, or nothing.
    """
    essai = EssaiPaiement.objects.of_recu(encaissement).first()
    siens = [recu.pk for recu in essai.encaissements] if essai else []
    return list(Encaissement.objects.standing().filter(pk__in=siens).exclude(pk=encaissement.pk).order_by("pk"))
