"""Money that does not come: a cheque that the bank rejected after its versement."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods

from accounts.decorators import agent_of, staff_page
from accounts.log import log_addition
from facturation.models import Encaissement
from facturation.montants import euros
from facturation.regie.annulations import refus_impaye
from facturation.regie.encaissements import EncaissementRefuse, annuler
from facturation.regie.forms import ImpayeForm
from facturation.regie.lignes import moyen_texte
from portail.francais import NBSP
from portail.vues import PAGE

TENIR = "facturation.tenir_regie"
GABARIT = "facturation/regie/sortie.html"


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
