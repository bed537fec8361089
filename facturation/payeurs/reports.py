"""What was carried when two payers were made one, and is still owed: told by the invoices that it comes from. Reads.

The payer that goes has its invoices settled by an entry « report », and the payer that stays owes the opposite one,
written just after it. That settles no debt: an invoice is paid when what was carried of it is. Amounts are centimes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from copy import copy
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce

from facturation.models import Compte, Encaissement, Facture, Imputation, Relance
from facturation.payeurs.comptes import restes

REPORT = Encaissement.Moyen.REPORT


@dataclass(frozen=True)
class Reportes:
    """What was carried and remains to pay, by invoice, and by the payer that stays (primary keys)."""

    factures: dict[int, int]
    par_compte: dict[int, int]


def is_reportee() -> Exists:
    """The expression for a query of invoices that says of each whether some of it was carried over to another payer (an
    entry « report » settled it).
    """
    return Exists(Imputation.objects.filter(facture=OuterRef("pk"), encaissement__moyen=REPORT))


def load_reportes(comptes: Collection[int] | None = None, au: datetime | None = None) -> dict[int, int]:
    """What remains to pay of each invoice (primary key) whose debt was carried over to another payer, in centimes; at
    the instant `au` when it is given, else now.

    `comptes`: what these payers (primary keys) alone owe by now. The first debts that were carried are the first paid.
    One query where nothing was.
    """
    return load_carried(comptes, au).factures


def load_carried(comptes: Collection[int] | None = None, au: datetime | None = None) -> Reportes:
    """What was carried over from one payer to another and remains to pay, in centimes: by invoice, and by the payer
    that owes it by now (primary keys); at the instant `au` when it is given.

    `comptes`: what these payers (primary keys) alone owe. One query where nothing was carried.
    """
    sorties = _sorties(au)
    if comptes is not None:
        sorties = sorties.filter(compte__in=comptes)
    recues = Q(imputations_recues__faite_le__lte=au) if au else None
    ouvertes = sorties.annotate(reste=-F("montant") - Coalesce(Sum("imputations_recues__montant", filter=recues), 0))
    ouverts, doit = {}, {}
    for entree, reste, compte in ouvertes.filter(reste__gt=0).values_list("entree", "reste", "compte"):
        ouverts[entree], doit[entree] = reste, compte
    reportes = Reportes(defaultdict(int), defaultdict(int))
    while ouverts:
        payees = Imputation.objects.filter(encaissement__in=ouverts).order_by("-faite_le", "-pk")
        plus_loin: dict[int, int] = defaultdict(int)
        doit_plus_loin: dict[int, int] = {}
        for source, facture, sortie, montant in payees.values_list("encaissement", "facture", "sortie", "montant"):
            du = min(ouverts[source], montant)
            ouverts[source] -= du
            if facture and du:
                reportes.factures[facture] += du
                reportes.par_compte[doit[source]] += du
            elif sortie and du:
                plus_loin[sortie] += du
                doit_plus_loin[sortie] = doit[source]
        entrees = list(_sorties(au).filter(pk__in=plus_loin).values_list("pk", "entree")) if plus_loin else []
        ouverts = {entree: plus_loin[sortie] for sortie, entree in entrees}
        doit = {entree: doit_plus_loin[sortie] for sortie, entree in entrees}
    return reportes


def _sorties(au: datetime | None) -> Any:
    """What the payers that stay owe of what was carried, each with the entry (`entree`) that settled it for the other
    payer: both were written at once, by numbers that follow each other.
    """
    jumelle = Encaissement.objects.filter(
        moyen=REPORT,
        annee=OuterRef("annee"),
        rang=OuterRef("rang") - 1,
        ecrit_le=OuterRef("ecrit_le"),
        montant=-OuterRef("montant"),
    ).exclude(compte=OuterRef("compte"))
    sorties: Any = Encaissement.objects.filter(moyen=REPORT, montant__lt=0).order_by()
    if au:
        sorties = sorties.filter(ecrit_le__lte=au)
    return sorties.annotate(entree=Subquery(jumelle.values("pk")[:1])).exclude(entree=None)


def restes_dus(factures: Iterable[Facture]) -> dict[int, int]:
    """What remains to pay of each of these invoices, in centimes, by primary key, including what was carried over to
    another payer. One query, more where a payer of them was merged into another.
    """
    lues = list(factures)
    dus = restes(lues)
    if any(facture.compte.reuni_dans_id for facture in lues):
        reportes = load_reportes({vivant_of(facture.compte).pk for facture in lues if facture.compte.reuni_dans_id})
        dus |= {cle: reste + reportes.get(cle, 0) for cle, reste in dus.items()}
    return dus


def reclame_of(comptes: Collection[int]) -> int:
    """What remains to pay, as far as this portal knows, of the invoices of these payers (primary keys) that the
    treasury claims, in centimes: the treasury alone knows what it was paid since.
    """
    remises = Facture.objects.filter(compte__in=comptes, relances__genre=Relance.Genre.TRESORERIE).distinct()
    return sum(restes_dus(remises.select_related("compte__reuni_dans")).values())


def vivant_of(compte: Compte) -> Compte:
    """This payer or, when it was merged into another, the payer that stays at the end."""
    while compte.reuni_dans is not None:
        compte = compte.reuni_dans
    return compte


def has_report(imputations: Iterable[Imputation]) -> bool:
    """Whether one of these imputations, which settled an invoice, is a balance carried over to another payer
    (« report »).
    """
    return any(une.encaissement is not None and une.encaissement.moyen == REPORT for une in imputations)


def nettes(imputations: Iterable[Imputation], reporte: int) -> list[Imputation]:
    """What really paid an invoice, in the same order: these imputations without the `reporte` centimes that were
    carried over to another payer and are still owed.
    """
    payees: list[Imputation] = []
    for une in reversed(list(imputations)):
        if reporte and une.encaissement is not None and une.encaissement.moyen == REPORT:
            une, porte = copy(une), min(reporte, une.montant)
            une.montant -= porte
            reporte -= porte
        if une.montant:
            payees.append(une)
    return payees[::-1]
