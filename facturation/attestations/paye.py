"""What was paid of each line of an invoice in a year: by which money, on which day. Reads, never writes.

Centimes; days are those of Paris. An entry that was cancelled pays nothing. What a payer owed when it was made one with
another (« report ») is paid by what the other one pays for it; what it had in credit is the money that it came by.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from django.db.models import F, Q, QuerySet
from django.utils import timezone

from facturation.models import Encaissement, Facture, Imputation, Prestation
from facturation.prix.etalement import Mouvement, spread_in_order
from portail.dates import PARIS

Moyen = Encaissement.Moyen
AVOIR = "avoir"
# What a paper says of a means, in a list.
MOYENS: dict[str, str] = {
    Moyen.ESPECES: "espèces",
    Moyen.CHEQUE: "chèque",
    Moyen.CESU: "CESU",
    Moyen.VIREMENT: "virement",
    Moyen.PAYFIP: "PayFiP",
    Moyen.REMBOURSEMENT: "remboursement",
    Moyen.REPORT: "report",
}
# What is read of a line: a year of them, without their facts, which weigh ten times as much.
COLONNES = (
    *("facture", "enfant__date_naissance", "cle_enfant", "jour", "nature", "credit_impot", "montant", "corrige"),
    "creneau__moment",
)
STANDING = Q(encaissement=None) | Q(encaissement__annule=None, encaissement__annule_par=None)


@dataclass(frozen=True)
class Cesu:
    """A receipt of CESU: its key, its sum, what the family itself paid of it (None: nobody knows), in centimes."""

    cle: int
    montant: int
    part_famille: int | None


@dataclass(frozen=True)
class Part:
    """What a sum paid of a line: when, by what means (in words), in CESU or not. Negative: what an avoir gives back."""

    document: Facture
    ligne: Prestation
    montant: int
    jour: date
    moyen: str
    cesu: Cesu | None

    @property
    def is_cesu(self) -> bool:
        """Whether the sum was paid in CESU."""
        return self.cesu is not None


@dataclass(frozen=True)
class Paiement:
    """A sum that pays some of an invoice, or that an avoir gives (negative): its day, its means in words. `origine`: of
    an avoir that is so much less to pay of the invoice that it corrects, that one.
    """

    montant: int
    jour: date
    moyen: str
    cesu: Cesu | None = None
    origine: int | None = None


def load_parts(annee: int, comptes: Collection[int]) -> Iterator[Part]:
    """What was paid in this calendar year (Paris) of each line of the invoices of these payers (primary keys), sum by
    sum.

    Six queries, and three by payer that was merged into another while it owed something or had a credit.
    """
    paiements = _load_paiements(_touched(annee, comptes))
    lignes: dict[int, list[Prestation]] = {cle: [] for cle in paiements}
    siennes = Prestation.objects.filter(facture__in=paiements).select_related("creneau", "enfant").only(*COLONNES)
    for ligne in siennes.order_by("jour", "pk"):
        lignes[ligne.facture_id or 0].append(ligne)
    restes = {cle: [ligne.montant for ligne in siens] for cle, siens in lignes.items()}
    documents = Facture.objects.in_bulk(paiements)
    for cle in sorted(paiements, key=lambda cle: (documents[cle].genre != Facture.Genre.AVOIR, cle)):
        dans_l_ordre = sorted(paiements[cle], key=lambda paiement: paiement.jour)  # stable: of a day, as written
        mouvements = (Mouvement(paiement.montant, paiement) for paiement in dans_l_ordre)
        for paiement, parts in spread_in_order(restes[cle], mouvements):
            if paiement.origine is not None:
                for ligne, part in zip(lignes[cle], parts, strict=True):
                    _retirer(ligne, part, lignes[paiement.origine], restes[paiement.origine])
            elif paiement.jour.year == annee:
                yield from _parts(documents, lignes[cle], paiement, parts)


def _retirer(rendue: Prestation, montant: int, lignes: list[Prestation], restes: list[int]) -> None:
    """Take what an avoir's line gives back (negative) off what is to pay of its origin: of the line that it corrects,
    else of those of the same child, day and créneau. What is more than that is a line of its own.
    """
    corrigees = [rang for rang, ligne in enumerate(lignes) if ligne.pk == rendue.corrige_id]
    for rang in corrigees or [rang for rang, ligne in enumerate(lignes) if _cas(ligne) == _cas(rendue)]:
        pris = max(montant, -restes[rang]) if lignes[rang].montant > 0 else 0
        restes[rang] += pris
        montant -= pris
    if montant:
        lignes.append(rendue)
        restes.append(montant)


def _cas(ligne: Prestation) -> tuple[object, ...]:
    return ligne.cle_enfant, ligne.jour, ligne.creneau_id, ligne.credit_impot


def _parts(
    documents: Mapping[int, Facture], lignes: Iterable[Prestation], paiement: Paiement, parts: Iterable[int]
) -> Iterator[Part]:
    for ligne, montant in zip(lignes, parts, strict=True):
        if montant:
            document = documents[ligne.facture_id or 0]
            yield Part(document, ligne, montant, paiement.jour, paiement.moyen, paiement.cesu)


def _touched(annee: int, comptes: Collection[int]) -> set[int]:
    """The invoices and avoirs of these payers of which something may have been paid, or given back, in the year. All
    that ever paid them must be read.
    """
    debut, fin = (datetime(une, 1, 1, tzinfo=PARIS) for une in (annee, annee + 1))
    dans_l_annee = [
        Q(**{f"{champ}__gte": debut, f"{champ}__lt": fin})
        for champ in ("encaissement__recu_le", "avoir__emise_le", "facture__emise_le", "sortie__recu_le")
    ]
    siennes = Q(facture__compte__in=comptes) | Q(avoir__compte__in=comptes)
    quand = Q(encaissement__moyen=Moyen.REPORT)  # paid on the day when the other payer pays
    quand |= Q(avoir__origine=F("facture"))  # of any year: both are read together
    for une in dans_l_annee:
        quand |= une
    lignes = Imputation.objects.filter(STANDING, siennes, quand).values_list("facture", "avoir")
    return {cle for paire in lignes for cle in paire if cle is not None}


def _load_paiements(documents: Collection[int]) -> dict[int, list[Paiement]]:
    """All that ever paid these invoices, or that these avoirs gave, in the order in which it was written."""
    paiements: dict[int, list[Paiement]] = {}
    reports: dict[int, Encaissement] = {}
    for une in _in_order(Imputation.objects.filter(Q(facture__in=documents) | Q(avoir__in=documents))):
        if une.avoir and une.avoir.pk in documents:
            sur_elle = une.facture_id == une.avoir.origine_id and une.facture_id in documents
            rendu = Paiement(-une.montant, _jour(une), AVOIR, origine=une.facture_id if sur_elle else None)
            paiements.setdefault(une.avoir.pk, []).append(rendu)
        if not une.facture or une.facture.pk not in documents:
            continue
        siens = paiements.setdefault(une.facture.pk, [])
        if une.avoir and une.avoir.origine_id == une.facture.pk:
            continue  # nobody paid that: it is less to pay
        if une.encaissement and une.encaissement.moyen == Moyen.REPORT:
            reports[une.encaissement.pk] = une.encaissement
        else:
            siens.append(_paiement(une))
    for report in reports.values():
        for une, paiement in _carried(report):
            if une.facture and une.facture.pk in documents:
                paiements.setdefault(une.facture.pk, []).append(paiement)
    return paiements


def _in_order(imputations: QuerySet[Imputation]) -> QuerySet[Imputation]:
    liens = ("encaissement__compte", "avoir", "facture", "sortie")
    return imputations.filter(STANDING).select_related(*liens).order_by("faite_le", "pk")


def _paiement(une: Imputation) -> Paiement:
    if une.encaissement is None:
        return Paiement(une.montant, _jour(une), AVOIR)
    recu = une.encaissement
    cesu = Cesu(recu.pk, recu.montant, recu.part_famille) if recu.moyen == Moyen.CESU else None
    return Paiement(une.montant, _jour(une), MOYENS[recu.moyen], cesu)


def _jour(une: Imputation) -> date:
    """The day on which the later of both sides was there."""
    recus = [entree.recu_le for entree in (une.encaissement, une.sortie) if entree]
    emis = [papier.emise_le for papier in (une.avoir, une.facture) if papier]
    return timezone.localdate(max(recus + emis))


# --- What a payer owed, or had in credit, when it was made one with another -------------------------------------------


def _paire_of(report: Encaissement) -> Encaissement | None:
    """The opposite entry, of the other payer, that was written just after this one, which settles a debt, or just
    before it, when it carries a credit.
    """
    paire = {"annee": report.annee, "rang__in": [report.rang - 1, report.rang + 1], "montant": -report.montant}
    ecrites = Encaissement.objects.filter(moyen=Moyen.REPORT, ecrit_le=report.ecrit_le, **paire)
    autre: Encaissement | None = ecrites.exclude(compte=report.compte_id).order_by("rang").first()
    return autre


def _carried(report: Encaissement, vus: frozenset[int] = frozenset()) -> Iterator[tuple[Imputation, Paiement]]:
    """What this entry pays, and by which money: of a debt, what the payer that stays paid of it; of a credit, all. The
    first settled are the first paid. `vus`: the entries on the way here (primary keys), for a sum that went round.
    """
    paire = _paire_of(report)
    recus = deque(_received(paire, vus | {report.pk}) if paire else ())
    is_dette = paire is not None and paire.rang > report.rang
    for une in _in_order(Imputation.objects.filter(encaissement=report)):
        reste = une.montant
        while reste and recus:
            recu = recus.popleft()
            pris = min(reste, recu.montant)
            reste -= pris
            yield une, replace(recu, montant=pris, jour=max(recu.jour, _jour(une)))
            if pris < recu.montant:
                recus.appendleft(replace(recu, montant=recu.montant - pris))
        if reste and not is_dette:
            yield une, replace(_paiement(une), montant=reste)


def _received(sortie: Encaissement, vus: frozenset[int]) -> Iterator[Paiement]:
    """What paid this entry."""
    for une in _in_order(Imputation.objects.filter(sortie=sortie)):
        if une.encaissement is None or une.encaissement.moyen != Moyen.REPORT:
            yield _paiement(une)
        elif une.encaissement.pk not in vus:  # made one with a third
            yield from (paiement for autre, paiement in _carried(une.encaissement, vus) if autre.pk == une.pk)
