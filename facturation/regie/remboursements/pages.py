"""The page that gives a credit back: what to ask of whom, then the entry that says it was done."""

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
from accounts.log import log_addition_once
from facturation.models import Compte, Encaissement
from facturation.montants import euros
from facturation.regie.encaissements import CesuRefuse, EncaissementRefuse, rembourser
from facturation.regie.remboursements.forms import RembourserForm
from facturation.regie.remboursements.lecture import RECETTES, load_credit
from portail.vues import PAGE

TENIR = "facturation.tenir_regie"


@staff_page(TENIR)
@require_http_methods(PAGE)
def rendre(request: HttpRequest, pk: int) -> HttpResponse:
    """The page that gives back a credit to a payer (primary key): what the kind of the régie asks, how much, and why;
    then the entry that says so is written. 404 for one that was merged into another.
    """
    now = timezone.localtime()
    compte = get_object_or_404(Compte, pk=pk, reuni_dans=None)
    credit = load_credit(compte)
    propose = credit.somme - credit.cesu or credit.somme  # CESU stay, where something else may be given back
    form = RembourserForm(
        request.POST if request.method == "POST" else None,
        initial={"montant": propose or None, "cle": uuid4()},
        credit=credit,
        now=now,
    )
    if request.method == "POST" and form.is_valid():
        try:
            rendu = _write(request, compte, form)
        except CesuRefuse as refus:
            form.add_error("raison_cesu" if credit.cesu else "montant", str(refus))
        except EncaissementRefuse as refus:
            form.add_error("montant", str(refus))
        else:
            adresse = f"{reverse('admin:regie_encaisser')}?{urlencode({'recu': rendu.numero})}"
            return HttpResponseRedirect(adresse, status=303)
    context: dict[str, Any] = {
        "titre": "Rembourser un crédit",
        "qui": f"{credit.nom}, crédit de {euros(credit.somme)}",
        "refus": "" if credit.somme else "Ce payeur n’a pas de crédit.",
        "phrases": credit.phrases,
        "form": form,
        "verbe": "Écrire le remboursement" if credit.regie == RECETTES else "Rembourser",
    }
    return render(request, "facturation/regie/sortie.html", context)


def _write(request: HttpRequest, compte: Compte, form: RembourserForm) -> Encaissement:
    """The entry, with its line in the history."""
    lu = form.cleaned_data
    with transaction.atomic():
        rendu = rembourser(
            compte,
            lu["montant"],
            reference=lu["reference"],
            motif=lu["motif"],
            par=agent_of(request),
            now=form.now,
            rendu_le=form.quand,
            raison_cesu=lu.get("raison_cesu", ""),
            cle=lu["cle"],
        )
        log_addition_once(request, rendu, "Remboursement.")
        return rendu
