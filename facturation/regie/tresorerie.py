"""What is handed over to the treasury: the invoices that two reminders left unpaid; or, where it collects everything,
the titles of a closed month. As a table whose amounts are numbers. Reads.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import batched, groupby
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from facturation.models import Encaissement, Facture, Imputation, Mois, Relance
from facturation.montants import valeur
from facturation.papiers import mots
from facturation.payeurs.reports import load_reportes
from facturation.regie.bases import load_bases, objet_of
from facturation.regie.relances import FactureEchue, load_dues
from portail.dates import jour_annee

Genre = Relance.Genre
LOT = 500
SEUIL = 15_00  # centimes; below, the treasury collects nothing of a payer (CGCT, D1611-1)
TITRES_IMPAYES = ["Facture", "Payeur", "Adresse", "Objet", "Bases du calcul", "Émise le", "À payer avant le"]
TITRES_IMPAYES += ["Montant", "Payé", "Rappels", "Reste dû"]
TITRES_TITRES = ["Facture", "Payeur", "Adresse", "Identifiants", "Objet", "Bases du calcul", "Émise le"]
TITRES_TITRES += ["À payer avant le", "Montant"]


@dataclass(frozen=True)
class LigneTresorerie:
    """An invoice as the treasury asks for it. `sous_seuil`: its payer owes too little in all for it to collect."""

    due: FactureEchue
    bases: str
    sous_seuil: bool = False

    @property
    def adresse(self) -> str:
        return ", ".join(self.due.facture.entete.get("payeur", {}).get("adresse", []))

    @property
    def payeur(self) -> str:
        return str(self.due.facture.entete.get("payeur", {}).get("nom") or self.due.nom)

    @property
    def objet(self) -> str:
        return objet_of(self.due.facture)

    @property
    def rappels(self) -> str:
        """« 27 octobre, 16 novembre »."""
        faites = [self.due.faites[genre] for genre in (Genre.PREMIER, Genre.DEUXIEME) if genre in self.due.faites]
        return ", ".join(mots.jour_sans_annee(mots.jour_of(relance.faite_le)) for relance in faites)


def lignes_of(dues: Sequence[FactureEchue]) -> list[LigneTresorerie]:
    """These invoices with their bases of liquidation."""
    bases = load_bases([due.facture.pk for due in dues])
    sommes: Counter[int] = Counter()
    for due in dues:
        sommes[due.payeur.pk] += due.reste
    return [LigneTresorerie(due, bases.get(due.facture.pk, ""), sommes[due.payeur.pk] < SEUIL) for due in dues]


def impayes_table(lignes: Iterable[LigneTresorerie]) -> list[list[Any]]:
    """The unpaid ones as a table; its titles are `TITRES_IMPAYES`."""
    return [
        [
            ligne.due.numero,
            ligne.payeur,
            ligne.adresse,
            ligne.objet,
            ligne.bases,
            mots.jour_of(ligne.due.facture.emise_le).isoformat(),
            ligne.due.facture.echeance.isoformat() if ligne.due.facture.echeance else "",
            valeur(ligne.due.facture.total),
            valeur(ligne.due.paye),
            ligne.rappels,
            valeur(ligne.due.reste),
        ]
        for ligne in lignes
    ]


def titres_of(mois: Mois) -> QuerySet[Facture]:
    """What was issued with this month, invoices and avoirs, by number."""
    return Facture.objects.filter(mois=mois).select_related("mois").order_by("genre", "annee", "rang")


def titres_table(mois: Mois) -> Iterator[list[Any]]:
    """The titles of a closed month, 500 at a time; the titles of the columns are `TITRES_TITRES`."""
    for factures in batched(titres_of(mois).iterator(LOT), LOT):
        bases = load_bases([facture.pk for facture in factures])
        for facture in factures:
            payeur = facture.entete.get("payeur", {})
            yield [
                facture.numero,
                payeur.get("nom", ""),
                ", ".join(payeur.get("adresse", [])),
                ", ".join(payeur.get("identifiants", [])),
                objet_of(facture),
                bases.get(facture.pk, ""),
                mots.jour_of(facture.emise_le).isoformat(),
                facture.echeance.isoformat() if facture.echeance else "",
                valeur(facture.total),
            ]


# --- What was handed over already -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class FactureRemise:
    """An invoice that the treasury has: what remained of it then, what remains of it now, in centimes."""

    relance: Relance
    remis: int
    reste: int

    @property
    def numero(self) -> str:
        return self.relance.facture.numero

    @property
    def payeur(self) -> str:
        return str(self.relance.facture.entete.get("payeur", {}).get("nom", ""))

    @property
    def le(self) -> str:
        """« jeudi 3 décembre 2026 » (Paris)."""
        return jour_annee(mots.jour_of(self.relance.faite_le))


@dataclass(frozen=True)
class Remise:
    """A list that was handed over, all at once. `cle`: the key of its first row, which the address of its file says."""

    cle: int
    quand: datetime
    factures: list[FactureRemise]

    @property
    def le(self) -> str:
        return self.factures[0].le

    @property
    def remis(self) -> int:
        return sum(facture.remis for facture in self.factures)

    @property
    def reste(self) -> int:
        return sum(facture.reste for facture in self.factures)


def load_remises() -> list[Remise]:
    """The lists that were handed over, the last one first. One query, more where something was carried. A receipt that
    was cancelled since is not taken off what remained then.
    """
    portees = Imputation.objects.filter(facture=OuterRef("facture"), encaissement__moyen=Encaissement.Moyen.REPORT)
    alors = Q(facture__imputations__faite_le__lte=F("faite_le"))
    relances = (
        Relance.objects.filter(genre=Genre.TRESORERIE)
        .annotate(paye_alors=Coalesce(Sum("facture__imputations__montant", filter=alors), 0))
        .annotate(paye=Coalesce(Sum("facture__imputations__montant"), 0))
        .annotate(reportee=Exists(portees))
        .select_related("facture")
        .order_by("-faite_le", "pk")
    )
    remises = []
    for quand, siennes in groupby(relances, key=lambda relance: relance.faite_le):
        lues: list[Any] = list(siennes)
        reportee = any(relance.reportee for relance in lues)
        alors_portes, portes = (load_reportes(au=quand), load_reportes()) if reportee else ({}, {})
        factures = [
            FactureRemise(
                relance,
                relance.facture.total - relance.paye_alors + alors_portes.get(relance.facture_id, 0),
                relance.facture.total - relance.paye + portes.get(relance.facture_id, 0),
            )
            for relance in lues
        ]
        remises.append(Remise(factures[0].relance.pk, quand, factures))
    return remises


def lignes_remises(cle: int) -> tuple[datetime, list[LigneTresorerie]] | None:
    """When the list of this key was handed over, and its lines as they were; None when there is none."""
    relance = Relance.objects.filter(genre=Genre.TRESORERIE, pk=cle).first()
    if relance is None:
        return None
    siennes = Relance.objects.filter(genre=Genre.TRESORERIE, faite_le=relance.faite_le)
    dues = load_dues(Q(pk__in=siennes.values("facture")), relance.faite_le)
    return relance.faite_le, lignes_of(dues)
