"""Where the treasury collects: the list that it is handed. Of each invoice, what remains to pay once what was paid
here, or taken off, is deducted, less what earlier lists claim: all lists together claim what remains, never twice.

Amounts are centimes. An invoice whose sum changed after a list (an avoir, a cheque that came back) is on the next one
with the difference, below 0 when it takes some off. The only writer of these lists.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import batched
from typing import Any

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce

from accounts.models import User
from facturation.models import Facture, Relance
from facturation.montants import euros
from facturation.payeurs.reports import is_reportee, load_reportes, vivant_of
from facturation.regie.relances.bases import load_bases
from facturation.regie.relances.ecriture import lock_payeurs_of
from facturation.regie.relances.lecture import attente_of, with_attente
from facturation.regie.relances.tresorerie import SEUIL, LigneTresorerie, payeur_of
from facturation.titres.debiteurs import Debiteur, load_payeurs_titres
from facturation.titres.imputations import load_imputations

Genre = Relance.Genre
SANS_DEBITEUR = "débiteur à dire"
SANS_MOIS = "sans"  # the code of the invoices of no month
LOT = 500


@dataclass(frozen=True)
class FactureAReclamer:
    """An invoice of which the treasury is to be told something. `payeur`: who owes it by now (primary key); `attente`:
    why it is on no list yet, in a few words; `de_cote`: the agent put it aside, and may take it back. `debiteur`: the
    one person who owes it, None where there is nobody to name. `avoirs`: the numbers of those that take something off.
    """

    facture: Facture
    payeur: int
    reste: int
    deja: int
    attente: str
    de_cote: bool
    debiteur: Debiteur | None = None
    avoirs: tuple[str, ...] = ()

    @property
    def montant(self) -> int:
        """What the next list for the treasury claims of this invoice, in centimes; below 0, what it takes off earlier
        lists.
        """
        return self.reste - self.deja

    @property
    def paye(self) -> int:
        """What was paid here of this invoice, or taken off, in centimes."""
        return self.facture.total - self.reste

    @property
    def is_reduction(self) -> bool:
        """Whether the treasury has the title, and is to claim less of it."""
        return self.montant < 0

    @property
    def nom(self) -> str:
        """The name of the payer, as the invoice froze it."""
        return payeur_of(self.facture)

    @property
    def code(self) -> str:
        """The month of the invoice, « 2026-11 »; « sans » for an invoice of no month."""
        return f"{self.facture.mois.premier:%Y-%m}" if self.facture.mois else SANS_MOIS


@dataclass(frozen=True)
class ListeTitres:
    """What may be handed over today, and what waits for something, by month."""

    a_remettre: list[FactureAReclamer]
    attendent: list[FactureAReclamer]

    @property
    def a_reduire(self) -> list[FactureAReclamer]:
        """The titles that the treasury has, of which less is owed by now."""
        return [titre for titre in self.a_remettre if titre.is_reduction]

    def of(self, mois: Collection[str]) -> list[FactureAReclamer]:
        """The invoices to hand over whose month is one of these codes (« 2026-11 »)."""
        return [titre for titre in self.a_remettre if titre.code in mois]


def load_titres() -> ListeTitres:
    """All that the treasury is to be told today, invoice by invoice: what may be handed over and what waits. A title
    waits until the town said which adult owes it. Four queries, more where something was carried.
    """
    titres = _with_debiteurs(list(_titres()))
    sommes: Counter[int] = Counter()
    for titre in titres:
        if titre.montant > 0 and not titre.attente:
            sommes[titre.payeur] += titre.montant
    petit = f"moins de {euros(SEUIL)}"
    titres = [
        replace(titre, attente=petit)
        if titre.montant > 0 and not titre.attente and sommes[titre.payeur] < SEUIL
        else titre
        for titre in titres
    ]
    return ListeTitres([un for un in titres if not un.attente], [un for un in titres if un.attente])


def _with_debiteurs(titres: list[FactureAReclamer]) -> list[FactureAReclamer]:
    """The same, with who owes each, and the avoirs of those that are to be reduced."""
    if not titres:
        return titres
    payeurs = load_payeurs_titres({titre.payeur for titre in titres})
    reduites = {titre.facture.pk for titre in titres if titre.is_reduction}
    avoirs: dict[int, list[str]] = {}
    for avoir in Facture.objects.filter(origine__in=reduites).order_by("emise_le", "pk") if reduites else ():
        avoirs.setdefault(avoir.origine_id or 0, []).append(avoir.numero)
    return [
        replace(
            titre,
            debiteur=payeurs[titre.payeur].debiteur,
            attente=titre.attente or (SANS_DEBITEUR if payeurs[titre.payeur].a_dire and titre.montant > 0 else ""),
            avoirs=tuple(avoirs.get(titre.facture.pk, ())),
        )
        for titre in titres
    ]


def _titres() -> Iterator[FactureAReclamer]:
    listes = Relance.objects.filter(facture=OuterRef("pk"), genre=Genre.TRESORERIE).order_by()
    de_cote = Relance.objects.filter(facture=OuterRef("pk"), genre=Genre.DE_COTE)
    sommes = listes.values("facture").annotate(somme=Sum("montant")).values("somme")
    lues = (
        with_attente(Facture.objects.factures())
        .exclude(Exists(listes.filter(montant=None)))  # of before sums were kept: claimed, whatever it was
        .annotate(reste=F("total") - Coalesce(Sum("imputations__montant"), 0), deja=Coalesce(Subquery(sommes), 0))
        .annotate(reportee=is_reportee(), cote=Subquery(de_cote.values("motif")[:1]))
        .filter(~Q(reste=F("deja")) | Q(reportee=True))
        .select_related("mois", "compte__reuni_dans")
        .order_by(F("mois__premier").asc(nulls_last=True), "annee", "rang")
    )
    factures: list[Any] = list(lues)
    reportes = load_reportes() if any(facture.reportee for facture in factures) else {}
    for facture in factures:
        reste = facture.reste + reportes.get(facture.pk, 0)
        attente = (f"de côté, {facture.cote}" if facture.cote else attente_of(facture)) if reste > facture.deja else ""
        titre = FactureAReclamer(
            facture, vivant_of(facture.compte).pk, reste, facture.deja, attente, bool(facture.cote)
        )
        if titre.montant:
            yield titre


def lignes_of(titres: Iterable[FactureAReclamer]) -> Iterator[LigneTresorerie]:
    """These invoices as lines of the list for the treasury, read 500 at a time."""
    for lot in batched(titres, LOT):
        bases = load_bases([titre.facture.pk for titre in lot])
        dits = load_dits(lot)
        for titre in lot:
            cle = titre.facture.pk
            sommes = titre.paye, titre.deja, titre.montant
            yield LigneTresorerie(titre.facture, *sommes, bases.get(cle, ""), titre=dits[cle])


def load_dits(titres: Sequence[FactureAReclamer]) -> dict[int, dict[str, str]]:
    """What the list says of each of these titles, by primary key of its invoice: who owes, and on which accounts."""
    imputations = load_imputations([titre.facture.pk for titre in titres])
    return {
        titre.facture.pk: {
            **(titre.debiteur.json if titre.debiteur else {}),
            "imputations": imputations.get(titre.facture.pk, ""),
        }
        for titre in titres
    }


def remettre_titres(mois: Collection[str], par: User | None, now: datetime) -> list[FactureAReclamer]:
    """Note that the invoices of these months (codes « 2026-11 ») that wait for nothing were handed over to the
    treasury; returns them. Asked twice at once, it happens once; a payment that comes meanwhile waits, and is on the
    next list.
    """
    with transaction.atomic():
        vus = {titre.facture.pk for titre in load_titres().of(mois)}
        lock_payeurs_of(Facture.objects.filter(pk__in=vus))
        titres = [titre for titre in load_titres().of(mois) if titre.facture.pk in vus]
        faite: dict[str, Any] = {"genre": Genre.TRESORERIE, "faite_le": now, "faite_par": par}
        dits = load_dits(titres)
        Relance.objects.bulk_create(
            (
                Relance(facture=titre.facture, montant=titre.montant, titre=dits[titre.facture.pk], **faite)
                for titre in titres
            ),
            batch_size=LOT,
        )
        return titres
