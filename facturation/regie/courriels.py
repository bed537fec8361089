"""The mail of a receipt."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.conf import settings
from django.urls import reverse

from facturation.models import Encaissement
from facturation.montants import euros
from facturation.papiers import mots
from portail.dates import date_heure, jour_long
from portail.francais import NBSP


def recu_context(recu: Encaissement) -> dict[str, Any]:
    """The context of the mail « recu » that sends this receipt: the sums that it froze when the money came."""
    factures = [_facture(ligne) for ligne in recu.contenu.get("factures", [])]
    sorties = [(mots.sortie_texte(une["moyen"]), euros(une["paye"])) for une in recu.contenu.get("sorties", [])]
    comment, _ = mots.MOYENS[recu.moyen]
    en_ligne = recu.moyen == Encaissement.Moyen.PAYFIP
    seule = factures[0] if len(factures) == 1 else None
    credit = recu.contenu.get("credit", 0)
    return {
        "numero": recu.numero,
        "montant": euros(recu.montant),
        "comment": comment,
        "quand": date_heure(recu.recu_le) if en_ligne else jour_long(mots.jour_of(recu.recu_le)),
        "factures": factures,
        "sorties": sorties,
        "payee": seule["nom"] if seule and not seule["du"] and not sorties else "",
        "credit": euros(credit) if credit else "",
        "url": settings.SITE_URL + reverse("facturation:recu", args=[recu.numero]),
        "nature": "Reçu d’un paiement",
    }


def _facture(ligne: Mapping[str, Any]) -> dict[str, Any]:
    mois = date.fromisoformat(ligne["mois"]) if ligne.get("mois") else None
    return {
        "nom": f"la facture {mots.de_mois(mois)}" if mois else f"la facture {ligne['facture']}",
        "numero": ligne["facture"],
        "total": euros(ligne["total"]),
        "deja": [(_deja(avant), euros(-avant["montant"])) for avant in ligne.get("deja", [])],
        "paye": euros(ligne["paye"]),
        "reste": euros(ligne["reste"]),
        "du": ligne["reste"],
    }


def _deja(avant: Mapping[str, Any]) -> str:
    """« une part du chèque du 16 novembre »."""
    le = mots.jour_sans_annee(date.fromisoformat(avant["le"]))
    if avant["moyen"] == "avoir":
        return f"avoir n°{NBSP}{avant['numero']}"
    _, duquel = mots.MOYENS[avant["moyen"]]
    return f"une part {duquel} du {le}"
