"""A receipt as its paper says it, from what was frozen when the money came: the same words ten years later."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from enfance.models import Responsable
from facturation.en_lettres import en_lettres
from facturation.models import Encaissement, Facture
from facturation.papiers import mots
from facturation.papiers.signatures import Signature, signature_of
from facturation.payeurs.entetes import adresse_of
from portail.dates import date_heure, jour_annee
from portail.francais import NBSP

Moyen = Encaissement.Moyen


@dataclass(frozen=True)
class LigneRecu:
    """An invoice that a receipt pays; or what it pays of money that went out, which has no number and is called by
    `nom`. Amounts in centimes.
    """

    facture: str
    mois: str
    total: int
    deja: int
    paye: int
    reste: int
    avant: list[str]
    nom: str = ""


@dataclass(frozen=True)
class RecuLu:
    """A receipt and all that its paper says; so of the line that cancels one, of a refund, of a balance carried."""

    recu: Encaissement
    adresse: list[str]
    lignes: list[LigneRecu]
    credit: int
    annule: str
    annule_par: str
    raison: str  # why it was cancelled, or cancels another one
    signature: Signature

    @property
    def titre(self) -> str:
        """What stands before the number of this paper: « Reçu n° », « Annulation du reçu n° »."""
        return titre_of(self.recu)

    @property
    def numero(self) -> str:
        """The number under the title: that of the receipt which this one cancels, or its own."""
        return self.annule or self.recu.numero

    @property
    def montant(self) -> int:
        """The amount of the paper, in centimes: above 0 for a receipt or a refund; below 0 for the entry that cancels a
        receipt, or for a debt that is carried to another payer.
        """
        return abs(self.recu.montant) if self.rembourse else self.recu.montant

    @property
    def rembourse(self) -> bool:
        """Whether the paper is that of a refund, and not of the entry that cancels one."""
        return self.recu.moyen == Moyen.REMBOURSEMENT and not self.annule

    @property
    def reporte(self) -> bool:
        """Whether the paper is that of a balance carried to or from another payer."""
        return self.recu.moyen == Moyen.REPORT

    @property
    def preuve(self) -> str:
        """What this paper proves, in a French sentence: a payment, a refund, or nothing."""
        if self.annule:
            return "Cette ligne annule un reçu\u00a0: elle ne prouve aucun paiement."
        if self.annule_par:
            return "Ce reçu est annulé\u00a0: il ne prouve aucun paiement."
        if self.reporte:
            return "Ce report ne prouve aucun paiement."
        return f"Gardez-le\u00a0: il prouve {'ce qui vous a été rendu' if self.rembourse else 'votre paiement'}."

    @property
    def en_lettres(self) -> str:
        """The amount in French words: « soixante-cinq euros et quatre-vingts centimes »; « moins … » below 0."""
        return f"{'moins ' if self.montant < 0 else ''}{en_lettres(abs(self.montant))}"

    @property
    def moyen(self) -> str:
        """How the money came, in French: « chèque », « CESU, 3 titres », « espèces »."""
        recu, moyen = self.recu, str(self.recu.get_moyen_display())
        if recu.moyen == Moyen.CESU and recu.titres:
            return f"{moyen}, {recu.titres}{NBSP}titre{'s' if recu.titres > 1 else ''}"
        return moyen

    @property
    def le(self) -> str:
        """The day when the money came, in French, in Paris: « jeudi 3 décembre 2026 »."""
        return jour_annee(mots.jour_of(self.recu.recu_le))

    @property
    def reste(self) -> int:
        """What was still to pay of the invoices of this receipt after it, in centimes."""
        return sum(ligne.reste for ligne in self.lignes)

    @property
    def avant(self) -> list[str]:
        """What had paid the invoices of this receipt before it, in French sentences."""
        return [phrase for ligne in self.lignes for phrase in ligne.avant]

    @property
    def automatique(self) -> bool:
        """Whether the payment came through PayFiP, so that no agent received it."""
        return self.recu.moyen == Moyen.PAYFIP


def titre_of(recu: Encaissement) -> str:
    """What stands before the number of this entry, by its kind: « Reçu n° », « Annulation du reçu n° », « Remboursement
    n° », « Report n° ».
    """
    if recu.annule_id:
        return f"Annulation du reçu n°{NBSP}"
    return {Moyen.REMBOURSEMENT: "Remboursement", Moyen.REPORT: "Report"}.get(Moyen(recu.moyen), "Reçu") + f" n°{NBSP}"


def find_recu(responsable: Responsable, numero: str) -> Encaissement | None:
    """The receipt of this number, if this adult may read it: its payer is that of their foyer, or was merged into it,
    directly or through others. None otherwise. One query, more past three mergers.
    """
    chaine = "annule", "annule_par", "compte__foyer", "compte__reuni_dans__reuni_dans__reuni_dans"
    recu: Encaissement | None = Encaissement.objects.select_related(*chaine).filter(numero=numero).first()
    compte = recu.compte if recu else None
    while compte is not None:
        if compte.foyer_id is not None and compte.foyer_id == responsable.foyer_id:
            return recu
        compte = compte.reuni_dans
    return None


def load_recu(recu: Encaissement) -> RecuLu:
    """All that the paper of this receipt says. One query; the address is that of the latest invoice that it paid, else
    of the payer's latest invoice, else of the foyer.
    """
    contenu: Mapping[str, Any] = recu.contenu or {}
    payees = [ligne["facture"] for ligne in contenu.get("factures", [])]
    factures = Facture.objects.for_compte([recu.compte_id])
    facture = (factures.filter(numero__in=payees) if payees else factures).order_by("-emise_le", "-pk").first()
    if facture is not None:
        adresse = list(facture.entete.get("payeur", {}).get("adresse", []))
    else:
        adresse = list(adresse_of(recu.compte.foyer)) if recu.compte.foyer else []
    annulation = getattr(recu, "annule_par", None)
    return RecuLu(
        recu=recu,
        adresse=adresse,
        lignes=[
            *(_sortie(sortie) for sortie in contenu.get("sorties", [])),
            *(_ligne(ligne) for ligne in contenu.get("factures", [])),
        ],
        credit=contenu.get("credit", 0),
        annule=recu.annule.numero if recu.annule else "",
        annule_par=f"{annulation.numero}, {date_heure(annulation.ecrit_le)}" if annulation else "",
        raison=(annulation or recu).motif,
        signature=signature_of(recu),
    )


def _ligne(ligne: Mapping[str, Any]) -> LigneRecu:
    return LigneRecu(
        facture=ligne["facture"],
        mois=mots.mois_annee(date.fromisoformat(ligne["mois"])) if ligne.get("mois") else "",
        total=ligne["total"],
        deja=sum(avant["montant"] for avant in ligne.get("deja", [])),
        paye=ligne["paye"],
        reste=ligne.get("reste", 0),
        avant=[_avant(avant) for avant in ligne.get("deja", [])],
    )


def _sortie(sortie: Mapping[str, Any]) -> LigneRecu:
    deja = sortie["total"] - sortie["paye"] - sortie["reste"]
    nom = mots.sortie_texte(sortie["moyen"])
    return LigneRecu("", "", sortie["total"], deja, sortie["paye"], sortie["reste"], [], nom)


def _avant(avant: Mapping[str, Any]) -> str:
    """« reste du chèque du 16 novembre (reçu n° R-2026-0322) »."""
    le = mots.jour_sans_annee(date.fromisoformat(avant["le"]))
    if avant["moyen"] == "avoir":
        return f"avoir n°{NBSP}{avant['numero']} du {le}"
    _, duquel = mots.MOYENS[avant["moyen"]]
    return f"une part {duquel} du {le} (reçu n°{NBSP}{avant['numero']})"
