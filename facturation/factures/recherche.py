"""The papers of money that a number finds, for « Trouver »: invoice, avoir, receipt, versement, certificate."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime

from django.db.models import Q
from django.http import HttpRequest
from django.urls import reverse

from facturation.models import Attestation, Encaissement, Facture, Serie, Versement
from facturation.montants import euros
from facturation.numeros import numeros_of
from facturation.papiers.facture import titre_facture
from facturation.papiers.recus import titre_of
from facturation.payeurs.comptes import noms_of
from portail.dates import PARIS
from portail.papiers import PapierTrouve


def find_papiers(request: HttpRequest, texte: str, now: datetime) -> list[PapierTrouve]:
    """The papers that this text may be the number of, and that the agent of this request may open. A payment of several
    invoices has no paper: its number, which the bank's statement says, finds the receipts that bear it. Five queries at
    most; none for a text that is no number.
    """
    numeros = numeros_of(texte, now.astimezone(PARIS).year)
    if not numeros:
        return []
    lectures = (
        ("facturation.view_facture", _factures),
        ("facturation.view_encaissement", _recus),
        ("facturation.view_encaissement", _versements),
        ("facturation.view_attestation", _attestations),
    )
    return [papier for droit, lire in lectures if request.user.has_perm(droit) for papier in lire(numeros)]


def _factures(numeros: Collection[str]) -> Iterator[PapierTrouve]:
    for facture in Facture.objects.filter(numero__in=numeros).select_related("mois"):
        nom = f"{facture.get_genre_display().capitalize()} {facture.numero}"
        payeur = facture.entete.get("payeur", {}).get("nom", "")
        dit = [titre_facture(facture)] if facture.mois else []
        adresse = reverse("admin:facturation_facture", args=[facture.numero])
        yield PapierTrouve(nom, ", ".join([*dit, payeur, euros(facture.total)]), adresse)


def _recus(numeros: Collection[str]) -> Iterator[PapierTrouve]:
    demande = Q(numero__in=numeros)
    for numero in numeros:
        if numero.startswith(f"{Serie.Code.PAIEMENT}-"):
            reference = numero.replace("-", "")
            demande |= Q(reference=reference) | Q(reference__startswith=f"{reference} ")
    for recu in Encaissement.objects.filter(demande).order_by("pk"):
        adresse = reverse("admin:regie_recu", args=[recu.numero])
        yield PapierTrouve(f"{titre_of(recu)}{recu.numero}", f"{recu.payeur}, {euros(recu.montant)}", adresse)


def _versements(numeros: Collection[str]) -> Iterator[PapierTrouve]:
    for versement in Versement.objects.filter(numero__in=numeros):
        adresse = reverse("admin:regie_bordereau", args=[versement.pk])
        yield PapierTrouve(f"Versement {versement.numero}", euros(versement.total), adresse)


def _attestations(numeros: Collection[str]) -> Iterator[PapierTrouve]:
    lues = list(Attestation.objects.filter(numero__in=numeros).select_related("compte"))
    noms = noms_of([attestation.compte for attestation in lues]) if lues else {}
    for attestation in lues:
        imprimer = reverse("admin:facturation_attestations_imprimer", args=[attestation.annee_payee])
        dit = f"{noms[attestation.compte_id]}, année {attestation.annee_payee}"
        yield PapierTrouve(f"Attestation {attestation.numero}", dit, f"{imprimer}?compte={attestation.compte_id}")
