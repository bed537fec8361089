"""The attempts as pages read them: whether one may still be paid, what came of it, those that a payer waits for. Reads,
never writes. Amounts are centimes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst

from facturation.models import Compte, EssaiPaiement, Facture
from facturation.models.paiements import ATTENTE
from facturation.montants import euros
from facturation.papiers import mots
from facturation.payfip.paiements import EN_ATTENTE, PAGE_OUVERTE, Etat, heure
from portail.dates import PARIS, date_heure
from portail.francais import NBSP, et


@dataclass(frozen=True)
class PaiementCommence:
    """A payment that may be made at this very moment, wherever one reads the sums that it would pay."""

    essai: EssaiPaiement

    @property
    def etat(self) -> str:
        """What the payment is, in French: « Paiement commencé », or « Paiement à vérifier » once the régie must check
        it.
        """
        return "Paiement à vérifier" if self.essai.etat == Etat.A_VERIFIER else "Paiement commencé"

    @property
    def titre(self) -> str:
        """A title with the hour (Paris) and the sum: « Paiement commencé à 8 h 10 : 51,50 € »; without the hour once
        the régie must check it.
        """
        quand = "" if self.essai.etat == Etat.A_VERIFIER else f" à {heure(self.essai.demande_le)}"
        return f"{self.etat}{quand}{NBSP}: {euros(self.essai.montant)}"

    @property
    def phrase(self) -> SafeString:
        """What the family is told of this payment, as HTML: « Facture d’octobre. PayFiP n’a pas encore répondu : **ne
        payez pas une seconde fois**, … ».
        """
        nom = capfirst(nom_of(self.essai.factures))
        attend = f"{nom}. PayFiP n’a pas encore répondu"
        if self.essai.etat == Etat.A_VERIFIER:
            quand = date_heure(self.essai.demande_le)
            attend = f"{nom}, commencé {quand}. La mairie vérifie ce que PayFiP a répondu"
        return format_html("{}{}: <b>ne payez pas une seconde fois</b>, ni ici, ni par chèque.", attend, NBSP)

    @property
    def adresse(self) -> str:
        """The address of the page that waits for PayFiP's answer to this payment."""
        return reverse("facturation:essai_paiement", args=[self.essai.facture.numero, self.essai.pk]) + "?retour=1"


def nom_of(factures: Sequence[Facture]) -> str:
    """What a sentence calls these invoices: « facture de novembre », « factures de septembre, d’octobre et n°
    F-2026-0402 ».
    """
    noms = [mots.de_mois(facture.mois.premier) if facture.mois else f"n°{NBSP}{facture.numero}" for facture in factures]
    return f"facture{'s' if len(noms) > 1 else ''} {et(noms)}"


def load_commences(comptes: Collection[Compte], *, now: datetime) -> dict[int, PaiementCommence]:
    """The payments that these payers have begun, or that the régie must check, by the primary key of each invoice that
    they would pay. One query, two when there are some.
    """
    essais = EssaiPaiement.objects.begun(now - ATTENTE).filter(compte__in=comptes).select_related("facture__mois")
    commences: dict[int, PaiementCommence] = {}
    for essai in essais.prefetch_related("parts__facture__mois").order_by("demande_le", "pk"):
        commences |= dict.fromkeys([facture.pk for facture in essai.factures], PaiementCommence(essai))
    return commences


def find_muet(factures: Collection[Facture], *, now: datetime) -> EssaiPaiement | None:
    """The last payment of one of these invoices that PayFiP has said nothing about and that is so old (`ATTENTE`) that
    another may be begun; None when there is none. One query.
    """
    essais = EssaiPaiement.objects.filter(Q(facture__in=factures) | Q(parts__facture__in=factures), etat=Etat.EN_COURS)
    muets = essais.filter(demande_le__lte=now - ATTENTE).select_related("facture")
    return muets.order_by("-demande_le", "-pk").first()


def may_still_pay(essai: EssaiPaiement, reste: int, *, now: datetime) -> bool:
    """Whether a parent may, and should, still open PayFiP's page for this attempt: less than 15 minutes after it was
    asked, and `reste` centimes still due cover it.
    """
    ouverte = essai.etat == Etat.EN_COURS and bool(essai.id_op) and now < essai.demande_le + PAGE_OUVERTE
    return ouverte and reste >= essai.montant


def latest_of(comptes: list[Compte], idop: str = "", *, now: datetime) -> EssaiPaiement | None:
    """Among the attempts of these payers, the one that PayFiP calls `idop`; when none of theirs is, the last one of the
    last 24 hours; else None.
    """
    siens = EssaiPaiement.objects.filter(compte__in=comptes).select_related("facture").order_by("-demande_le", "-pk")
    nomme = siens.filter(id_op=idop).first() if idop else None
    return nomme or siens.filter(demande_le__gt=now - timedelta(days=1)).first()


@dataclass(frozen=True)
class SuitePayee:
    """Where the money of a paid attempt went: to its invoices, to others, to the payer's credit. In centimes."""

    siennes: int
    autres: int
    credit: int


def suite_of(essai: EssaiPaiement) -> SuitePayee | None:
    """Where the money of this paid attempt went, as its receipts froze it: to its own invoices, to others, to the
    payer's credit. None while it has no receipt.
    """
    recus = essai.encaissements
    if not recus:
        return None
    payees: Counter[str] = Counter()
    for recu in recus:
        payees.update({ligne["facture"]: ligne["paye"] for ligne in recu.contenu.get("factures", [])})
    siennes = sum(payees.pop(facture.numero, 0) for facture in essai.factures)
    return SuitePayee(siennes, payees.total(), sum(recu.contenu.get("credit", 0) for recu in recus))


def load_en_cours(compte: Compte, *, now: datetime) -> list[str]:
    """A French sentence for each attempt of this payer, or of one that was merged into it, that may still turn out to
    be paid. One query, two when there are some.
    """
    siens = Q(compte=compte) | Q(compte__reuni_dans=compte) | Q(compte__reuni_dans__reuni_dans=compte)
    essais = EssaiPaiement.objects.filter(siens, etat__in=EN_ATTENTE).select_related("facture")
    essais = essais.prefetch_related("parts__facture")
    return [_en_cours(essai, now) for essai in essais.order_by("demande_le", "pk")]


def _en_cours(essai: EssaiPaiement, now: datetime) -> str:
    numeros = et([facture.numero for facture in essai.factures])
    pour = f"{'la facture' if len(essai.factures) == 1 else 'les factures'} {numeros}"
    quoi = f"Un paiement en ligne de {euros(essai.montant)}, pour {pour},"
    if essai.etat == Etat.A_VERIFIER:
        return f"{quoi} est à vérifier\u00a0: commencé {date_heure(essai.demande_le)}."
    return f"{quoi} est en cours depuis {debut_texte(essai, now).removeprefix('à ')}."


def debut_texte(essai: EssaiPaiement, now: datetime) -> str:
    """When this attempt was begun, in Paris: « à 8 h 10 » on the day of `now`, « mardi 1er décembre à 8 h 10 » on
    another.
    """
    du_jour = timezone.localdate(essai.demande_le, PARIS) == timezone.localdate(now, PARIS)
    return f"à {heure(essai.demande_le)}" if du_jour else date_heure(essai.demande_le)
