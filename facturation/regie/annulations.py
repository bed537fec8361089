"""Why an entry may not be cancelled, and what is cancelled with it; why what was counted is brought no more. Reads;
`encaissements` writes.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from facturation.models import Encaissement, EssaiPaiement
from portail.francais import et

Moyen = Encaissement.Moyen
NOMMES = 3  # receipts that a sentence names
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


def refus_change(recus: Sequence[Encaissement], comptes: Collection[int]) -> str:
    """How these receipts, which would leave in a versement, differ from those that were counted (primary keys), in a
    French sentence that names some of them; empty when they are the same. One query when one has gone.
    """
    perdus = set(comptes) - {recu.pk for recu in recus}
    nouveaux = [recu.numero for recu in recus if recu.pk not in set(comptes)]
    partis = list(Encaissement.objects.filter(pk__in=perdus).order_by("annee", "rang").values_list("numero", flat=True))
    dits = []
    if nouveaux:
        dits.append(f"{_nommes(nouveaux)} {'s’y ajoutent' if len(nouveaux) > 1 else 's’y ajoute'}")
    if perdus:
        dits.append(
            f"{_nommes(partis)} n’y {'sont' if len(partis) > 1 else 'est'} plus" if partis else "un reçu n’y est plus"
        )
    if not dits:
        return ""
    return f"Ce qui part a changé depuis le compte\u00a0: {et(dits)}. Rien n’est versé\u00a0: relisez, puis versez."


def _nommes(numeros: Sequence[str]) -> str:
    reste = len(numeros) - NOMMES
    return et([*numeros[:NOMMES], *([f"{reste} autre{'s' if reste > 1 else ''}"] if reste > 0 else [])])


def paid_with(encaissement: Encaissement) -> list[Encaissement]:
    """The other receipts, not cancelled, of the same payment on PayFiP as this receipt; empty for a payment of one
    invoice or not on PayFiP. A bank rejects all of such a payment, or nothing.
    """
    essai = EssaiPaiement.objects.of_recu(encaissement).first()
    siens = [recu.pk for recu in essai.encaissements] if essai else []
    return list(Encaissement.objects.standing().filter(pk__in=siens).exclude(pk=encaissement.pk).order_by("pk"))
