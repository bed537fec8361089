"""Where an avoir went: the invoices that it was taken off, what was given back of it, what is left. In centimes."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from facturation.models import Encaissement, Facture, Imputation
from facturation.montants import euros
from facturation.papiers import mots
from portail.certain import certain
from portail.francais import NBSP, et


@dataclass(frozen=True)
class SuiteAvoir:
    """What became of an avoir: each part of it, with the invoice or the money given back that took it."""

    avoir: Facture
    parts: Sequence[tuple[int, Facture | Encaissement]]

    @property
    def reste(self) -> int:
        """What is left of this avoir (credit note), in centimes: the part that has paid no debt yet."""
        return -self.avoir.total - sum(montant for montant, _ in self.parts)

    @property
    def factures(self) -> list[Facture]:
        """The invoices that this avoir (credit note) was taken off."""
        return [cible for _, cible in self.parts if isinstance(cible, Facture)]

    @property
    def phrase(self) -> str:
        """What became of this avoir, in a sentence for its family: « Il a été déduit de la facture n° F-2026-0055
        (juin). »
        """
        return self.phrase_on(None)

    @property
    def phrase_for_town(self) -> str:
        """What became of this avoir, in sentences for an agent; it adds why the invoice that the avoir corrects still
        owes as much, where the money paid an older one first.
        """
        return f"{self.phrase_on(None, 'au crédit de la famille')}{self._ailleurs}"

    @property
    def _ailleurs(self) -> str:
        elles = {facture.pk for facture in self.factures} - {self.avoir.origine_id}
        return " La somme la plus ancienne se paie d’abord." if self.avoir.origine_id and elles else ""

    def phrase_on(self, facture: Facture | None, credit: str = "en votre crédit") -> str:
        """What became of this avoir, in a sentence for the page of `facture`, which is then called « cette facture »:
        « Il a été déduit de cette facture. » Without `facture`, for any other page. `credit`: the words for what is
        left in credit.
        """
        if not self.parts:
            return f"Il est {credit}, et sera déduit de la prochaine facture."
        entier = len(self.parts) == 1 and not self.reste
        dites = [f"{_ou(cible, facture)}{'' if entier else f' pour {euros(montant)}'}" for montant, cible in self.parts]
        reste = f" Il en reste {euros(self.reste)} {credit}." if self.reste else ""
        return f"Il a été {et(dites)}.{reste}"

    @property
    def corrige(self) -> str:
        """Which avoir it is and what became of it, in sentences for the page of the invoice that it corrects."""
        tete = f"L’avoir n°{NBSP}{self.avoir.numero}, de {euros(-self.avoir.total)}, corrige cette facture."
        return f"{tete} {self.phrase_on(self.avoir.origine)}{self._ailleurs}"


def load_suites(avoirs: Collection[Facture]) -> dict[int, SuiteAvoir]:
    """What became of the money of each of these avoirs (credit notes), by primary key of the avoir. One query."""
    parts: dict[int, list[tuple[int, Facture | Encaissement]]] = {avoir.pk: [] for avoir in avoirs}
    lignes = Imputation.objects.filter(avoir__in=parts).select_related("facture__mois", "sortie")
    for ligne in lignes.order_by("faite_le", "pk"):
        cible: Facture | Encaissement = ligne.facture or certain(ligne.sortie)
        parts[ligne.avoir_id or 0].append((ligne.montant, cible))
    return {avoir.pk: SuiteAvoir(avoir, parts[avoir.pk]) for avoir in avoirs}


def _ou(cible: Facture | Encaissement, ici: Facture | None) -> str:
    """« déduit de la facture n° F-2026-0055 (juin) », « rendu le 3 décembre »."""
    if isinstance(cible, Encaissement):
        if cible.moyen == Encaissement.Moyen.REMBOURSEMENT:
            return f"rendu le {mots.jour_sans_annee(mots.jour_of(cible.recu_le))}"
        return "déduit d’une somme reprise d’un autre compte"
    if ici is not None and cible.pk == ici.pk:
        return "déduit de cette facture"
    mois = f" ({mots.mois_texte(cible.mois.premier)})" if cible.mois else ""
    return f"déduit de la facture n°{NBSP}{cible.numero}{mois}"
