"""Which credit pays which debt: an avoir the invoice that it corrects, then the oldest first (Code civil, 1342-10).
Within the transaction of `encaissements`, which alone calls this.

Debits are invoices and money that went out; credits, money that came in and avoirs. Amounts are centimes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import batched, chain, product
from typing import Any

from django.db.models import F, IntegerField, Sum, Value
from django.db.models.functions import Coalesce

from facturation.models import Encaissement, Facture, Imputation

LOT = 2000  # payers of a query


@dataclass(slots=True)
class Cote:
    """One side that is still open: the column of `Imputation` that names it, its key, what remains of it; of an avoir,
    the invoice that it corrects.
    """

    compte: int
    quand: datetime
    champ: str
    cle: int
    reste: int
    origine: int | None = None


def open_credits(comptes: Collection[int]) -> dict[int, list[Cote]]:
    """The money received and the avoirs of which something remains to pay debts with, by payer (primary key), the
    oldest first; a payer without any is left out. Two queries by 2 000 payers.
    """
    return _par_compte(
        comptes,
        (Encaissement.objects.filter(montant__gt=0), F("montant"), "imputations__montant", "recu_le", "encaissement"),
        (Facture.objects.filter(total__lt=0), -F("total"), "imputations_donnees__montant", "emise_le", "avoir"),
    )


def open_debits(comptes: Collection[int]) -> dict[int, list[Cote]]:
    """The invoices and the money that went out of which something remains to be covered, by payer (primary key), the
    oldest first; a payer without any is left out. Two queries by 2 000 payers.
    """
    return _par_compte(
        comptes,
        (Facture.objects.filter(total__gt=0), F("total"), "imputations__montant", "emise_le", "facture"),
        (Encaissement.objects.filter(montant__lt=0), -F("montant"), "imputations_recues__montant", "recu_le", "sortie"),
    )


def cesu_of(credits_: Collection[Cote]) -> dict[tuple[str, int], int]:
    """What of these credits came in CESU, in centimes, by column of `Imputation` and key: what remains of CESU, and
    what remains of an avoir up to what CESU paid of the invoice that it corrects. A credit without any is left out. Two
    queries.
    """
    recus = [credit.cle for credit in credits_ if credit.champ == "encaissement"]
    cesu = set(Encaissement.objects.filter(pk__in=recus, moyen=Encaissement.Moyen.CESU).values_list("pk", flat=True))
    origines = [credit.origine for credit in credits_ if credit.origine is not None]
    payees = Imputation.objects.filter(facture__in=origines, encaissement__moyen=Encaissement.Moyen.CESU).order_by()
    siennes: dict[int | None, int] = dict(payees.values_list("facture").annotate(Sum("montant")))
    sommes: dict[tuple[str, int], int] = {}
    for credit in credits_:
        cle, somme = (credit.champ, credit.cle), 0
        if credit.champ == "encaissement":
            somme = credit.reste if credit.cle in cesu else 0
        elif credit.origine in siennes:
            somme = min(credit.reste, siennes[credit.origine])
            siennes[credit.origine] -= somme
        if somme:
            sommes[cle] = somme
    return sommes


def impute(credits_: Sequence[Cote], debits: Sequence[Cote], now: datetime) -> list[Imputation]:
    """The imputations by which these credits pay these debits, not saved: each avoir pays the invoice that it corrects,
    then the credits pay in their order. What remains of both sides is updated in `credits_` and `debits`.
    """
    siennes = {debit.cle: debit for debit in debits if debit.champ == "facture"}
    paires = [(siennes[credit.origine], credit) for credit in credits_ if credit.origine in siennes]
    faites: list[Imputation] = []
    for debit, credit in chain(paires, product(debits, credits_)):
        if montant := min(debit.reste, credit.reste):
            cles: dict[str, Any] = {f"{credit.champ}_id": credit.cle, f"{debit.champ}_id": debit.cle}
            faites.append(Imputation(montant=montant, faite_le=now, **cles))
            debit.reste -= montant
            credit.reste -= montant
    return faites


def _par_compte(comptes: Collection[int], *sources: tuple[Any, Any, str, str, str]) -> dict[int, list[Cote]]:
    cotes: dict[int, list[Cote]] = defaultdict(list)
    for lot in batched(comptes, LOT):
        for lignes, montant, imputees, quand, champ in sources:
            ouverts = (
                lignes.order_by()
                .filter(compte__in=lot)
                .annotate(reste=montant - Coalesce(Sum(imputees), 0))
                .filter(reste__gt=0)
            )
            origine = F("origine") if champ == "avoir" else Value(None, IntegerField())
            for compte, cle, le, reste, corrige in ouverts.values_list("compte", "pk", quand, "reste", origine):
                cotes[compte].append(Cote(compte, le, champ, cle, reste, corrige))
    for siens in cotes.values():
        siens.sort(key=lambda cote: (cote.quand, cote.champ, cote.cle))
    return cotes
