"""What a payer owes that no invoice says: a credit was given back, then the money that had made it did not come. Reads.

It is the ledger's: money that went out and that nothing covers, less what was carried of invoices, which say it
themselves. Amounts are centimes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import F, QuerySet, Sum
from django.db.models.functions import Coalesce

from facturation.models import Compte, Encaissement
from facturation.montants import euros
from facturation.payeurs.reports import load_carried
from portail.dates import PARIS, jour_annee, jour_long

Moyen = Encaissement.Moyen


@dataclass(frozen=True)
class SansFacture:
    """What is owed of no invoice, and why, in a sentence for the family."""

    reste: int
    raison: str


def open_sorties() -> QuerySet[Encaissement, Any]:
    """The money that went out (a refund, a balance carried over) and that nothing covers, so that it is owed: the
    oldest first, each with what remains of it in centimes (`reste`).
    """
    reste = -F("montant") - Coalesce(Sum("imputations_recues__montant"), 0)
    sorties = Encaissement.objects.filter(montant__lt=0).annotate(reste=reste)
    return sorties.filter(reste__gt=0).order_by("recu_le", "pk")


def load_sans_facture(comptes: Collection[int] | QuerySet[Compte] | None = None) -> dict[int, int]:
    """What each payer owes that no invoice says, in centimes, by primary key; a payer who owes no such sum is left out.
    `comptes`: of these payers alone. One query, more where something was carried.
    """
    sorties: Any = open_sorties() if comptes is None else open_sorties().filter(compte__in=comptes)
    dus: Counter[int] = Counter()
    reportes = False
    for compte, moyen, reste in sorties.values_list("compte", "moyen", "reste"):
        dus[compte] += reste
        reportes = reportes or moyen == Moyen.REPORT
    if reportes:
        dus.subtract(load_carried(list(dus)).par_compte)
    return dict(+dus)


def tell_sans_facture(comptes: Collection[Compte], today: date) -> SansFacture | None:
    """What these payers of one family owe together that no invoice says, with why in a French sentence; None when they
    owe nothing so. One query, two more where they owe some.
    """
    du = sum(load_sans_facture([compte.pk for compte in comptes]).values())
    return SansFacture(du, _raison([compte.pk for compte in comptes], today)) if du else None


def _raison(comptes: Collection[int], today: date) -> str:
    """« Votre chèque de 100,00 € est revenu impayé, et nous vous avions rendu 50,00 € le jeudi 10 décembre. »; without
    the payment where several of them did not come.
    """
    rendus = Encaissement.objects.standing().filter(compte__in=comptes, moyen=Moyen.REMBOURSEMENT)
    lus = list(rendus.order_by("ecrit_le", "pk"))
    annules = Encaissement.objects.filter(compte__in=comptes, montant__gt=0, annule_par__isnull=False)
    siens = {
        recu: [rendu for rendu in lus if recu.ecrit_le <= rendu.ecrit_le <= recu.annule_par.ecrit_le]
        for recu in annules.exclude(moyen__in=[Moyen.REMBOURSEMENT, Moyen.REPORT]).select_related("annule_par")
    }
    siens = {recu: sortis for recu, sortis in siens.items() if sortis}
    if len(siens) != 1:
        return "Des paiements ne sont pas arrivés, alors que nous vous en avions rendu une partie."
    ((recu, sortis),) = siens.items()
    le = f" le {_jour(sortis[0], today)}" if len(sortis) == 1 else ""
    return f"{_perdu(recu, today)}, et nous vous avions rendu {euros(-sum(une.montant for une in sortis))}{le}."


def _perdu(recu: Encaissement, today: date) -> str:
    """« Votre chèque de 100,00 € du jeudi 3 décembre est revenu impayé »: once brought to the bank; before that, a
    receipt was corrected.
    """
    quoi, quand = euros(recu.montant), _jour(recu, today)
    if recu.moyen == Moyen.CHEQUE and recu.versement_id:
        return f"Votre chèque de {quoi} du {quand} est revenu impayé"
    if recu.moyen == Moyen.PAYFIP:
        return f"Votre prélèvement de {quoi} du {quand} a été rejeté par la banque"
    return f"Votre paiement de {quoi} du {quand} a été annulé"


def _jour(une: Encaissement, today: date) -> str:
    jour = une.recu_le.astimezone(PARIS).date()
    return jour_long(jour) if jour.year == today.year else jour_annee(jour)
