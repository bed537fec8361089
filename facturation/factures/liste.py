"""A family's invoices at a glance: what is to pay and until when, what was paid and how, what is in its favour."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.conf import settings
from django.db.models import Sum

from facturation.models import Compte, Encaissement, Facture, Imputation, Prestation
from facturation.montants import euros
from facturation.papiers import mots
from facturation.papiers.avoirs import SuiteAvoir, load_suites
from facturation.papiers.facture import reste_de, titre_facture
from facturation.papiers.prenoms import prenoms_geles
from facturation.payeurs.comptes import AVIS, remise_le, soldes
from facturation.payeurs.reports import has_report, load_reportes, nettes
from facturation.payeurs.sans_facture import SansFacture, tell_sans_facture
from facturation.payfip.echange import MAXIMUM, MINIMUM
from facturation.payfip.lectures import PaiementCommence
from facturation.payfip.paiements import is_open
from facturation.reglages import load_reglage
from portail.dates import jour_annee, jour_long
from portail.francais import NBSP, et

Moyen = Encaissement.Moyen


@dataclass(frozen=True)
class FactureAPayer:
    """An invoice of which something remains to pay, in centimes. `quand`: « À payer avant le dimanche 20 décembre »;
    `en_retard`: that date is past. `remise`: since when the treasury collects it, in words. `reportee`: of a
    payer that was made one with another, which owes it since. `commence`: the payment that is begun of it.
    """

    facture: Facture
    titre: str
    reste: int
    phrase: str
    quand: str
    en_retard: bool
    remise: str = ""
    reportee: bool = False
    commence: PaiementCommence | None = None

    @property
    def payable(self) -> bool:
        """Whether this invoice may be paid on line from its line: not claimed by the treasury, not carried from another
        payer, and no payment of it is begun.
        """
        return not (self.remise or self.reportee or self.commence)

    @property
    def de_mois(self) -> str:
        """The month of the invoice after a noun, « d’octobre »; the number of an invoice of no month."""
        return mots.de_mois(self.facture.mois.premier) if self.facture.mois else self.facture.numero

    @property
    def court(self) -> str:
        """A short name of the invoice, its month: « Octobre »; « Facture » for an invoice of no month."""
        return _capitale(mots.mois_texte(self.facture.mois.premier)) if self.facture.mois else "Facture"

    @property
    def details(self) -> str:
        """The number, the children and until when to pay, in one line: « F-2026-0358, Anna et Jules, en retard : à
        payer depuis le vendredi 20 novembre ».
        """
        quand = f"{self.quand[:1].lower()}{self.quand[1:]}"
        return ", ".join(filter(None, [self.facture.numero, et(prenoms_geles(self.facture) or [""]), quand]))


@dataclass(frozen=True)
class FacturePayee:
    """An invoice that is paid, and how; the receipts (numbers) of the money that paid it. Or an avoir; or an invoice
    that the treasury claims since long (`reclamee`): it alone knows what was paid of it.
    """

    facture: Facture
    titre: str
    phrase: str
    recus: list[str]
    payee: bool = True
    reclamee: bool = False


@dataclass(frozen=True)
class ListeFactures:
    """All the invoices of a foyer. `credit` in centimes, with the sentences that say where it comes from; `en_attente`:
    what is under the threshold and joins the next invoice; `sans_facture`: what is owed and that no invoice says.
    """

    dues: list[FactureAPayer]
    payees: list[FacturePayee]
    credit: int
    d_ou: list[str]
    en_attente: int
    sans_facture: SansFacture | None = None

    @property
    def commences(self) -> list[PaiementCommence]:
        """The payments that are begun of these invoices, each once."""
        return list(dict.fromkeys(due.commence for due in self.dues if due.commence))

    @property
    def panier(self) -> list[FactureAPayer]:
        """The invoices that may be paid on line together. Empty when fewer than two may be, when their sum is below or
        above what PayFiP takes, or when the portal takes no payment on line.
        """
        payables = [due for due in self.dues if due.payable] if is_open() else []
        return payables if len(payables) > 1 and MINIMUM <= sum(due.reste for due in payables) <= MAXIMUM else []

    @property
    def somme(self) -> int:
        """What the invoices of `panier` come to, in centimes."""
        return sum(due.reste for due in self.panier)

    @property
    def vide(self) -> bool:
        """Whether the foyer has no invoice at all, to pay or paid."""
        return not (self.dues or self.payees)

    @property
    def reclamees(self) -> bool:
        """Whether the treasury claims one of the invoices that are shown with the paid ones."""
        return any(facture.reclamee for facture in self.payees)


def load_liste(
    comptes: Sequence[Compte], today: date, commences: Mapping[int, PaiementCommence] | None = None
) -> ListeFactures:
    """All the invoices of these payers as their family reads them: to pay, the nearest date first; paid, the latest
    first; credit, what waits.

    `commences`: the payments that are begun, by invoice (primary key). An invoice that the treasury claims is among
    those to pay until its notice has come (`AVIS`) and the date of the invoice is past; with those that are paid after
    that. Eight queries, more where something was carried, or is owed of no invoice.
    """
    lues = Facture.objects.for_compte(comptes).select_related("mois", "origine").annotate(remise_le=remise_le())
    factures: list[Any] = list(lues)
    imputations: dict[int, list[Imputation]] = {}
    for imputation in (
        Imputation.objects.filter(facture__in=factures)
        .select_related("encaissement", "avoir")
        .order_by("faite_le", "pk")
    ):
        imputations.setdefault(imputation.facture_id or 0, []).append(imputation)
    suites = load_suites([facture for facture in factures if facture.genre == Facture.Genre.AVOIR])
    reportes = load_reportes([compte.pk for compte in comptes]) if any(map(has_report, imputations.values())) else {}
    dues, payees = [], []
    for facture in factures:
        siennes = nettes(imputations.get(facture.pk, []), reportes.get(facture.pk, 0))
        reste = max(facture.total, 0) - sum(imputation.montant for imputation in siennes)
        remise = mots.jour_of(facture.remise_le) if facture.remise_le else None
        if reste and remise and max(facture.echeance, remise + AVIS) < today:
            phrase = f"Réclamée par la trésorerie depuis le {jour_annee(remise)}{NBSP}: {euros(reste)}"
            payees.append(FacturePayee(facture, titre_facture(facture), phrase, [], payee=False, reclamee=True))
        elif facture.pk in suites:
            payees.append(_avoir(facture, suites[facture.pk]))
        elif reste:
            due = _due(facture, siennes, reste, today)
            le = jour_annee(remise) if remise else ""
            dues.append(
                replace(due, remise=le, reportee=facture.pk in reportes, commence=(commences or {}).get(facture.pk))
            )
        else:
            payees.append(_payee(facture, siennes))
    dues.sort(key=lambda due: (due.facture.echeance or today, due.facture.pk))
    solde = sum(soldes(comptes).values())
    waiting = Prestation.objects.waiting().filter(compte__in=comptes)
    en_attente: int = waiting.aggregate(somme=Sum("montant"))["somme"] or 0
    d_ou = list(_origins(comptes)) if solde < 0 else []
    sans_facture = tell_sans_facture(comptes, today)
    return ListeFactures(dues, payees, max(-solde, 0), d_ou, en_attente, sans_facture)


def _due(facture: Facture, imputations: Sequence[Imputation], reste: int, today: date) -> FactureAPayer:
    deduit = sum(i.montant for i in imputations if _is_credit(facture, i))
    paye = sum(i.montant for i in imputations if not i.avoir and not _is_credit(facture, i))
    avoir = sum(i.montant for i in imputations if i.avoir and not _is_credit(facture, i))
    suite = [f"moins votre crédit de {euros(deduit)}"] if deduit else []
    suite += [f"moins un avoir de {euros(avoir)}"] if avoir else []
    suite += [f"dont {euros(paye)} déjà {mots.accorde_somme(paye, 'payé')}"] if paye else []
    prenoms = prenoms_geles(facture)
    qui = f", {et(prenoms)}" if prenoms else ""
    total = f" {', '.join([euros(facture.total), *suite])}." if suite else ""
    return FactureAPayer(
        facture,
        titre_facture(facture),
        reste,
        f"{titre_facture(facture)}{qui}.{total}",
        _capitale(mots.a_payer(facture.echeance, today)),
        facture.echeance is not None and facture.echeance < today,
    )


def _capitale(texte: str) -> str:
    return texte[:1].upper() + texte[1:]


def _is_credit(facture: Facture, imputation: Imputation) -> bool:
    """Whether it was there before the invoice: taken off it, rather than paid for it."""
    source: Any = imputation.avoir or imputation.encaissement
    return bool((source.emise_le if imputation.avoir else source.recu_le) < facture.emise_le)


def _avoir(avoir: Facture, suite: SuiteAvoir) -> FacturePayee:
    corrige = f"corrige la facture n°{NBSP}{avoir.origine.numero}" if avoir.origine else avoir.motif.rstrip(".")
    phrase = f"{_capitale(corrige)}. {suite.phrase}" if corrige else suite.phrase
    return FacturePayee(avoir, titre_facture(avoir), phrase, [], payee=False)


def _payee(facture: Facture, imputations: Sequence[Imputation]) -> FacturePayee:
    recus: list[Encaissement] = [i.encaissement for i in imputations if i.encaissement is not None]
    numeros = list(dict.fromkeys(recu.numero for recu in recus))
    if not recus:
        par = "votre crédit" if any(_is_credit(facture, i) for i in imputations) else "un avoir"
        return FacturePayee(facture, titre_facture(facture), f"Payée par {par}", [])
    dernier = recus[-1]
    comment, _ = mots.MOYENS[dernier.moyen]
    quand = jour_long(mots.jour_of(dernier.recu_le))
    plus = f" de {euros(dernier.montant)}" if dernier.montant != facture.total else ""
    return FacturePayee(facture, titre_facture(facture), f"Payée le {quand}, {comment}{plus}", numeros)


def _origins(comptes: Sequence[Compte]) -> list[str]:
    """Where a credit comes from: money that paid more than was due, avoirs, a balance carried on. Two queries."""
    phrases = []
    recus: Any = Encaissement.objects.for_compte(comptes).filter(montant__gt=0, annule_par=None)
    for recu in recus.annotate(impute=Sum("imputations__montant")).order_by("recu_le", "pk"):
        if (reste := recu.montant - (recu.impute or 0)) > 0:
            phrases.append(f"{euros(reste)}{NBSP}: {reste_de(recu)}.")
    avoirs: Any = Facture.objects.for_compte(comptes).avoirs()
    for avoir in avoirs.annotate(donne=Sum("imputations_donnees__montant")).order_by("emise_le", "pk"):
        if (reste := -avoir.total - (avoir.donne or 0)) > 0:
            phrases.append(f"{euros(reste)}{NBSP}: avoir n°{NBSP}{avoir.numero}.")
    return phrases


def qui_encaisse() -> dict[str, object]:
    """The template context that says who collects the invoices (the town or the treasury) and which number to call when
    a month is hard. One query.
    """
    reglage = load_reglage()
    return {
        "titre_mode": settings.ENCAISSEMENT == "titre",
        "tresorerie": mots.tresorerie(reglage.tresorerie_nom),
        "ccas": reglage.ccas_telephone,
    }
