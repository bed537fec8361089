"""What the treasury is told: the invoices that two reminders left unpaid, the lists that were handed over, as tables
whose amounts are numbers. Where it collects everything, `titres` makes the list. Reads.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce

from facturation.models import Encaissement, Facture, Imputation, Relance
from facturation.montants import valeur
from facturation.papiers import mots
from facturation.payeurs.reports import load_reportes
from facturation.regie.relances.bases import load_bases, objet_of
from facturation.regie.relances.lecture import FactureEchue
from portail.dates import jour_annee

Genre = Relance.Genre
TITRE, A_REDUIRE = "titre", "à réduire"  # what a line asks of the treasury
SEUIL = 15_00  # centimes; below, the treasury collects nothing of a payer (CGCT, D1611-1)
TITRES = ["Facture", "Nature", "Payeur", "Civilité", "Nom", "Prénom", "Adresse", "Identifiants", "Objet"]
TITRES += [
    "Bases du calcul",
    "Imputations",
    "Émise le",
    "À payer avant le",
    "Montant",
    "Payé ou déduit",
    "Déjà réclamé",
    "Rappels",
    "À réclamer",
]


@dataclass(frozen=True)
class LigneTresorerie:
    """An invoice as the treasury asks for it, in centimes: what was paid of it here, or taken off; what earlier lists
    claim of it; what this one claims, below 0 when it takes off those. `nom`: who owes it, where it names nobody.
    `sous_seuil`: its payer owes too little in all for the treasury to collect. `titre`: where the treasury collects,
    the person who owes (`civilite`, `nom`, `prenom`) and the accounts (`imputations`).
    """

    facture: Facture
    paye: int
    deja: int
    montant: int
    bases: str
    rappels: str = ""
    nom: str = ""
    sous_seuil: bool = False
    titre: Mapping[str, str] | None = None

    @property
    def numero(self) -> str:
        """The number of the invoice."""
        return self.facture.numero

    @property
    def adresse(self) -> str:
        """The address of the payer in one line, as the invoice froze it."""
        return ", ".join(self.facture.entete.get("payeur", {}).get("adresse", []))

    @property
    def payeur(self) -> str:
        """The name of the payer, as the invoice froze it; else the name of who owes it."""
        return payeur_of(self.facture) or self.nom

    @property
    def objet(self) -> str:
        """What the invoice is for: « Garderie de novembre 2026 »; « Garderie » for an invoice of no month."""
        return objet_of(self.facture)

    @property
    def cellules(self) -> list[Any]:
        """This line as a row of the table for the treasury, whose amounts are in euros; the titles of the columns are
        `TITRES`.
        """
        titre = self.titre or {}
        return [
            self.numero,
            A_REDUIRE if self.montant < 0 else TITRE,
            self.payeur,
            *(titre.get(nom, "") for nom in ("civilite", "nom", "prenom")),
            self.adresse,
            ", ".join(self.facture.entete.get("payeur", {}).get("identifiants", [])),
            self.objet,
            self.bases,
            titre.get("imputations", ""),
            mots.jour_of(self.facture.emise_le).isoformat(),
            self.facture.echeance.isoformat() if self.facture.echeance else "",
            valeur(self.facture.total),
            valeur(self.paye),
            valeur(self.deja),
            self.rappels,
            valeur(self.montant),
        ]


def payeur_of(facture: Facture) -> str:
    """The name of the payer, as the invoice froze it; empty when it names nobody."""
    return str(facture.entete.get("payeur", {}).get("nom", ""))


def lignes_of(dues: Sequence[FactureEchue]) -> list[LigneTresorerie]:
    """These unpaid invoices as lines of the list for the treasury, with what their sums are made of."""
    bases = load_bases([due.facture.pk for due in dues])
    sommes: Counter[int] = Counter()
    for due in dues:
        sommes[due.payeur.pk] += due.reste
    return [
        LigneTresorerie(
            due.facture,
            due.paye,
            0,
            due.reste,
            bases.get(due.facture.pk, ""),
            _rappels(due.faites.values()),
            due.nom,
            sommes[due.payeur.pk] < SEUIL,
        )
        for due in dues
    ]


def _rappels(relances: Iterable[Relance]) -> str:
    """« 27 octobre, 16 novembre »."""
    faits = sorted(une.faite_le for une in relances if une.genre in {Genre.PREMIER, Genre.DEUXIEME})
    return ", ".join(mots.jour_sans_annee(mots.jour_of(quand)) for quand in faits)


# --- What was handed over already -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class FactureRemise:
    """An invoice on a list that the treasury has, in centimes: what this list claims of it, below 0 when it takes off
    an earlier one; what earlier lists did; what is to be told since: paid here (below 0), or owed again.
    """

    relance: Relance
    remis: int
    deja: int
    ecart: int

    @property
    def numero(self) -> str:
        """The number of the invoice."""
        return self.relance.facture.numero

    @property
    def payeur(self) -> str:
        """The name of the payer, as the invoice froze it."""
        return payeur_of(self.relance.facture)

    @property
    def reste(self) -> int:
        """What remains of what this list claimed of the invoice, in centimes, once what changed since is counted."""
        return self.remis + self.ecart

    @property
    def le(self) -> str:
        """The day when the list was handed over, in French, in Paris: « jeudi 3 décembre 2026 »."""
        return jour_annee(mots.jour_of(self.relance.faite_le))


@dataclass(frozen=True)
class Remise:
    """A list that was handed over, all at once. `cle`: the key of its first row, which the address of its file says."""

    cle: int
    quand: datetime
    factures: list[FactureRemise]

    @property
    def le(self) -> str:
        """The day when the list was handed over, in French, in Paris: « jeudi 3 décembre 2026 »."""
        return self.factures[0].le

    @property
    def remis(self) -> int:
        """What the list claims in all, in centimes."""
        return sum(facture.remis for facture in self.factures)

    @property
    def reste(self) -> int:
        """What remains of all that the list claimed, in centimes, once what changed since is counted."""
        return sum(facture.reste for facture in self.factures)


LISTES = 12  # that a page shows, unless all are asked for


def load_remises(dernieres: int | None = LISTES) -> list[Remise]:
    """The lists that were handed over to the treasury, the latest first: at most `dernieres` of them, or all when it is
    None. One query, more where something was carried.
    """
    quand = Relance.objects.filter(genre=Genre.TRESORERIE).order_by("-faite_le").values("faite_le").distinct()
    return _load_remises(Q(faite_le__in=quand[:dernieres]))


def _load_remises(condition: Q) -> list[Remise]:
    portees = Imputation.objects.filter(facture=OuterRef("facture"), encaissement__moyen=Encaissement.Moyen.REPORT)
    alors = Q(facture__imputations__faite_le__lte=F("faite_le"))
    siennes = Relance.objects.filter(facture=OuterRef("facture"), genre=Genre.TRESORERIE).order_by()
    avant = siennes.filter(faite_le__lt=OuterRef("faite_le")).values("facture").annotate(somme=Sum("montant"))
    lues: list[Any] = list(
        Relance.objects.filter(condition, genre=Genre.TRESORERIE)
        .annotate(paye_alors=Coalesce(Sum("facture__imputations__montant", filter=alors), 0))
        .annotate(paye=Coalesce(Sum("facture__imputations__montant"), 0))
        .annotate(deja=Coalesce(Subquery(avant.values("somme")), 0), reportee=Exists(portees))
        .annotate(suivie=Exists(siennes.filter(faite_le__gt=OuterRef("faite_le"))))
        .select_related("facture__mois")
        .order_by("-faite_le", "pk")
    )
    portes = load_reportes() if any(une.reportee for une in lues) else {}
    remises = []
    for quand, liste in groupby(lues, key=lambda une: une.faite_le):
        factures = [_remise(une, portes.get(une.facture_id, 0)) for une in liste]
        remises.append(Remise(factures[0].relance.pk, quand, factures))
    return remises


def _remise(une: Any, porte: int) -> FactureRemise:
    """What changed since a list is told of the last one that an invoice is on."""
    remis, reste = _remis(une), une.facture.total - une.paye + porte
    return FactureRemise(une, remis, une.deja, 0 if une.suivie else reste - une.deja - remis)


def _remis(une: Any) -> int:
    """What this list claimed of its invoice; of one that did not keep it, what remained then, as far as is known."""
    if une.montant is not None:
        return int(une.montant)
    portes = load_reportes(au=une.faite_le) if une.reportee else {}
    return int(une.facture.total - une.paye_alors + portes.get(une.facture_id, 0))


def lignes_remises(cle: int) -> tuple[datetime, list[LigneTresorerie]] | None:
    """When the list of this key was handed over, and its lines as they were then; None when there is no such list."""
    quand = Relance.objects.filter(genre=Genre.TRESORERIE, pk=cle).values("faite_le")
    remise = next(iter(_load_remises(Q(faite_le__in=quand))), None)
    if remise is None:
        return None
    factures = [une.relance.facture for une in remise.factures]
    bases = load_bases([facture.pk for facture in factures])
    relances: dict[int, list[Relance]] = {facture.pk: [] for facture in factures}
    for relance in Relance.objects.filter(facture__in=factures, faite_le__lte=remise.quand):
        relances[relance.facture_id].append(relance)
    return remise.quand, [
        LigneTresorerie(
            une.relance.facture,
            une.relance.facture.total - une.deja - une.remis,
            une.deja,
            une.remis,
            bases.get(une.relance.facture_id, ""),
            _rappels(relances[une.relance.facture_id]),
            titre=une.relance.titre,
        )
        for une in remise.factures
    ]
