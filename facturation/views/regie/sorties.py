"""Money that goes back: a credit that is given back, a cheque that the bank rejected after its versement."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods

from accounts.decorators import agent_of, staff_page
from accounts.log import log_addition
from facturation.models import Compte, Encaissement
from facturation.montants import euros
from facturation.payeurs.comptes import noms_of, soldes
from facturation.regie.annulations import refus_impaye
from facturation.regie.encaissements import EncaissementRefuse, annuler, rembourser
from facturation.regie.forms import ImpayeForm, RembourserForm
from facturation.regie.lignes import moyen_texte
from portail.francais import NBSP
from portail.vues import PAGE

TENIR = "facturation.tenir_regie"
GABARIT = "facturation/regie/sortie.html"


@staff_page(TENIR)
@require_http_methods(PAGE)
def rendre(request: HttpRequest, pk: int) -> HttpResponse:
    """The page that gives back a credit to a payer (primary key): how much, and why; then the entry that says so is
    written. 404 for one that was merged into another.
    """
    now = timezone.localtime()
    compte = get_object_or_404(Compte, pk=pk, reuni_dans=None)
    credit, nom = max(0, -soldes([compte])[compte.pk]), noms_of([compte])[compte.pk]
    form = RembourserForm(
        request.POST if request.method == "POST" else None, initial={"montant": credit or None, "cle": uuid4()}
    )
    if request.method == "POST" and form.is_valid():
        lu = form.cleaned_data
        try:
            with transaction.atomic():
                rendu = rembourser(
                    compte,
                    lu["montant"],
                    reference=lu["reference"],
                    motif=lu["motif"],
                    par=agent_of(request),
                    now=now,
                    cle=lu["cle"],
                )
                log_addition(request, rendu, "Remboursement.")
        except EncaissementRefuse as refus:
            form.add_error("montant", str(refus))
        else:
            return _back(rendu)
    context: dict[str, Any] = {
        "titre": "Rembourser un crédit",
        "qui": f"{nom}, crédit de {euros(credit)}",
        "refus": "" if credit else "Ce payeur n’a pas de crédit.",
        "phrases": [
            "Une ligne de remboursement s’écrit dans le journal, avec son numéro et sa raison. Ce qui est rendu ne "
            "sera pas déduit de la prochaine facture.",
            "Le portail n’envoie pas l’argent\u00a0: rendez-le au guichet, ou demandez le virement à la trésorerie. Un "
            "remboursement écrit par erreur s’annule, comme un reçu.",
        ],
        "form": form,
        "verbe": "Rembourser",
    }
    return render(request, GABARIT, context)


@staff_page(TENIR)
@require_http_methods(PAGE)
def impaye(request: HttpRequest, numero: str) -> HttpResponse:
    """The page of a cheque that the bank rejected after its versement: why, then the entry that cancels its receipt is
    written.
    """
    now = timezone.localtime()
    recu = get_object_or_404(Encaissement.objects.select_related("compte", "versement"), numero=numero)
    refus = refus_impaye(recu)
    form = ImpayeForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and not refus and form.is_valid():
        try:
            with transaction.atomic():
                contraire = annuler(recu, form.cleaned_data["motif"], agent_of(request), now, impaye=True)
                log_addition(request, contraire, f"Chèque impayé{NBSP}: annule le reçu {recu.numero}.")
        except EncaissementRefuse as refuse:
            form.add_error(None, str(refuse))
        else:
            return _back(contraire)
    versement = recu.versement.numero if recu.versement else ""
    context: dict[str, Any] = {
        "titre": f"Chèque impayé, reçu {recu.numero}",
        "qui": f"{recu.payeur}, {euros(recu.montant)}, {moyen_texte(recu)}",
        "refus": refus,
        "phrases": [
            f"Une ligne contraire annule le reçu, à la date d’aujourd’hui. Le versement {versement} garde sa somme"
            "\u00a0: la trésorerie reprend ce chèque de son côté.",
            "Ce que le chèque avait payé redevient dû. La famille ne reçoit pas d’e-mail\u00a0: appelez-la.",
        ],
        "form": form,
        "verbe": "Noter le chèque impayé",
    }
    return render(request, GABARIT, context)


def _back(ligne: Encaissement) -> HttpResponseRedirect:
    """To the counter, which says the line that was written."""
    return HttpResponseRedirect(f"{reverse('admin:regie_encaisser')}?{urlencode({'recu': ligne.numero})}", status=303)
