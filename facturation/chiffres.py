"""Money in figures: a school year by month, by créneau, by tranche of quotient, billed and paid. Reads only; centimes.

What is billed comes from the lines of closed months, by the month of the day that they are about: a correction is of
the month that it corrects. What is paid comes from the invoices, by the month that they bill.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Q, Sum
from django.db.models.functions import TruncMonth

from enfance.mairie.chiffres import mois_de, mois_titre
from enfance.models import AnneeScolaire, Creneau
from facturation.arrete.seances import DES_SEANCES, seances_expression
from facturation.models import Encaissement, Facture, Imputation, Prestation
from facturation.montants import valeur
from facturation.payeurs.reports import load_reportes

Nature = Prestation.Nature
SUPPLEMENTS, CORRECTIONS, INCONNU = "Suppléments", "Corrections", "Quotient inconnu"
MOMENTS = {
    Creneau.Moment.MATIN.value: "Matin",
    Creneau.Moment.MIDI.value: "Midi",
    Creneau.Moment.SOIR.value: "Soir",
    Creneau.Moment.JOURNEE.value: "Journée",
}
AUTRES = {"supplements": SUPPLEMENTS, "corrections": CORRECTIONS}
COLONNES = MOMENTS | AUTRES


@dataclass(frozen=True)
class MoisChiffre:
    """A closed month: what was billed by column of `COLONNES`; what of its invoices was paid, is owed, is late."""

    premier: date
    sommes: Mapping[str, int]
    facture: int
    paye: int
    en_retard: int

    @property
    def titre(self) -> str:
        """The name of the month, as the table shows it."""
        return mois_titre(self.premier)

    @property
    def total(self) -> int:
        """What was billed for this month, in centimes, all columns together."""
        return sum(self.sommes.values())

    @property
    def reste(self) -> int:
        """What is left to pay of the invoices of this month, in centimes."""
        return self.facture - self.paye


@dataclass(frozen=True)
class TrancheChiffree:
    """A tranche of quotient, as the grids have it: séances, children, what was billed."""

    titre: str
    enfants: int
    seances: int
    montant: int


@dataclass(frozen=True)
class ChiffresArgent:
    """The figures of a year. `colonnes`: the codes of `COLONNES` that have something."""

    annee: AnneeScolaire
    mois: Sequence[MoisChiffre]
    tranches: Sequence[TrancheChiffree]

    @property
    def colonnes(self) -> list[str]:
        """The codes of the columns that have an amount in at least one month, in the order of `COLONNES`."""
        return [code for code in COLONNES if any(mois.sommes.get(code) for mois in self.mois)]

    @property
    def titres(self) -> list[str]:
        """The titles of the columns that have an amount, in the same order as `colonnes`."""
        return [COLONNES[code] for code in self.colonnes]

    @property
    def lignes(self) -> list[tuple[str, list[int], int]]:
        """The table of what was billed, a row a month: title, a sum for each column, total; in centimes."""
        return [(mois.titre, [mois.sommes.get(code, 0) for code in self.colonnes], mois.total) for mois in self.mois]

    @property
    def totaux(self) -> list[int]:
        """What was billed in the year for each of `colonnes`, in centimes."""
        return [sum(mois.sommes.get(code, 0) for mois in self.mois) for code in self.colonnes]

    @property
    def total(self) -> int:
        """What was billed in the year, all columns together, in centimes: the lines, by the month that they are
        about.
        """
        return sum(mois.total for mois in self.mois)

    @property
    def facture(self) -> int:
        """What the invoices of the year ask, in centimes: by the month that they bill."""
        return sum(mois.facture for mois in self.mois)

    @property
    def paye(self) -> int:
        """What was paid of the invoices of the year, in centimes."""
        return sum(mois.paye for mois in self.mois)

    @property
    def reste(self) -> int:
        """What is left to pay of the invoices of the year, in centimes."""
        return sum(mois.reste for mois in self.mois)

    @property
    def en_retard(self) -> int:
        """What is left to pay of the invoices of the year whose date to pay is past, in centimes."""
        return sum(mois.en_retard for mois in self.mois)

    def tableau_mois(self) -> tuple[list[str], list[list[Any]]]:
        """The heads and the rows of a spreadsheet of what was billed, by month and créneau; amounts in euros
        (`Decimal`).
        """
        return ["Mois", *self.titres, "Ensemble"], [
            [titre, *map(valeur, sommes), valeur(total)] for titre, sommes, total in self.lignes
        ]

    def tableau_paye(self) -> tuple[list[str], list[list[Any]]]:
        """The heads and the rows of a spreadsheet: for each month, what its invoices ask, what was paid of them, what
        is owed, what is late; amounts in euros (`Decimal`).
        """
        return ["Mois", "Facturé", "Payé", "Reste à payer", "Dont en retard"], [
            [mois.titre, *map(valeur, (mois.facture, mois.paye, mois.reste, mois.en_retard))] for mois in self.mois
        ]

    def tableau_tranches(self) -> tuple[list[str], list[list[Any]]]:
        """The heads and the rows of a spreadsheet of the year by tranche of quotient: children, séances, amount billed
        in euros (`Decimal`).
        """
        return ["Quotient", "Enfants", "Séances", "Facturé"], [
            [tranche.titre, tranche.enfants, tranche.seances, valeur(tranche.montant)] for tranche in self.tranches
        ]


def load_chiffres(annee: AnneeScolaire, *, today: date) -> ChiffresArgent:
    """The amounts billed and paid for the closed months of this school year, in as many queries whatever the children;
    a month without any is left out. An invoice not paid is late when its date to pay is before `today`.
    """
    lignes = Prestation.objects.filter(mois__isnull=False) | Prestation.objects.filter(nature=Nature.CORRECTION)
    lignes = lignes.filter(jour__gte=annee.debut, jour__lte=annee.fin).order_by()
    sommes = _sommes(lignes)
    emises = _emises(annee, today)
    mois = [
        MoisChiffre(premier, sommes.get(premier, {}), *emises.get(premier, (0, 0, 0)))
        for premier in mois_de(annee)
        if premier in sommes or premier in emises
    ]
    return ChiffresArgent(annee, mois, _tranches(lignes))


def _sommes(lignes: Any) -> dict[date, dict[str, int]]:
    sommes: dict[date, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    groupes = lignes.annotate(du=TruncMonth("jour")).values_list("du", "nature", "credit_impot", "creneau__moment")
    for premier, nature, credit, moment, montant in groupes.annotate(Sum("montant")):
        sommes[premier][_colonne(nature, moment, credit=credit)] += montant
    return {premier: dict(siennes) for premier, siennes in sommes.items()}


def _colonne(nature: str, moment: str | None, *, credit: bool) -> str:
    """Where a sum is counted; what a cap takes off, with what it takes it off."""
    if nature == Nature.CORRECTION:
        return "corrections"
    seance = nature in DES_SEANCES or (nature == Nature.PLAFOND and credit)
    return moment if moment and seance else "supplements"


def _emises(annee: AnneeScolaire, today: date) -> dict[date, tuple[int, int, int]]:
    """By month: what its invoices ask, what was paid of them, what is late. An avoir is of the month of its invoice:
    what it gives back is not asked there, nor paid; used for another invoice, it has paid that one.
    """
    comptes: dict[date, list[int]] = defaultdict(lambda: [0, 0, 0])
    siens = Q(mois__premier__gte=annee.debut.replace(day=1), mois__premier__lte=annee.fin)
    factures = Facture.objects.factures().filter(siens).order_by()
    avoirs = Facture.objects.avoirs().filter(origine__in=factures).order_by()
    rendus = Imputation.objects.filter(avoir__in=avoirs).order_by()
    totaux = factures.values_list("pk", "mois__premier", "total", "echeance")
    payees: Counter[int] = Counter()
    imputees = Imputation.objects.filter(facture__in=factures).order_by()
    portee = False
    for cle, moyen, paye in imputees.values_list("facture", "encaissement__moyen").annotate(Sum("montant")):
        payees[cle] += paye
        portee |= moyen == Encaissement.Moyen.REPORT
    payees.subtract(load_reportes() if portee else {})
    for premier, somme in avoirs.values_list("origine__mois__premier").annotate(Sum("total")):
        comptes[premier][0] += somme
    for premier, somme in rendus.values_list("avoir__origine__mois__premier").annotate(Sum("montant")):
        comptes[premier][1] -= somme
    for cle, premier, total, echeance in totaux.iterator(2000):
        paye = payees[cle]
        compte = comptes[premier]
        compte[0] += total
        compte[1] += paye
        compte[2] += total - paye if echeance and echeance < today else 0
    return {premier: (facture, paye, retard) for premier, (facture, paye, retard) in comptes.items()}


def _tranches(lignes: Any) -> list[TrancheChiffree]:
    """By the tranche of the line of the grid: séances alone, which have one, and what a cap takes off them."""
    vues: dict[tuple[bool, int, int | None], list[int]] = {}
    seances = lignes.filter(ligne__isnull=False, nature__in=[*DES_SEANCES, Nature.PLAFOND])
    groupes = seances.values_list("ligne__inconnu", "ligne__qf_min", "ligne__qf_max").annotate(
        enfants=Count("cle_enfant", distinct=True),
        seances=seances_expression(nature__in=DES_SEANCES),
        somme=Sum("montant"),
    )
    for inconnu, bas, haut, enfants, nombre, montant in groupes:
        vues[inconnu, bas or 0, haut] = [enfants, nombre, montant]
    ordre = sorted(vues.items(), key=lambda paire: (paire[0][0], paire[0][1], paire[0][2] is None, paire[0][2] or 0))
    return [TrancheChiffree(_titre(*tranche), *comptes) for tranche, comptes in ordre]


def _titre(inconnu: bool, bas: int, haut: int | None) -> str:
    """« De 600 à 859 », « 860 et plus »."""
    if inconnu:
        return INCONNU
    return f"{bas} et plus" if haut is None else f"De {bas} à {haut}"


def load_annees() -> list[AnneeScolaire]:
    """All the school years, the latest first, whether or not anything was invoiced in them."""
    return list(AnneeScolaire.objects.order_by("-debut"))
