"""« Essayer une règle »: what families would have paid, before the council votes. Writes nothing."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.decorators import staff_page
from facturation.essai_regle.acces import ESSAYER
from facturation.essai_regle.forms import RegleForm
from facturation.essai_regle.lecture import essayer, is_beaucoup, load_mois_arretes
from facturation.essai_regle.phrases import conduite_phrase, details_phrases, resultat_phrase


@staff_page(ESSAYER)
@require_safe
def essai(request: HttpRequest) -> HttpResponse:
    """The form of a rule, and its result once it is filled in: everything is in the address."""
    arretes = load_mois_arretes()
    asked = "quoi" in request.GET
    form = RegleForm(request.GET if asked else None, arretes=arretes)
    context: dict[str, Any] = {"titre": "Essayer une règle", "form": form, "arretes": arretes}
    if asked and form.is_valid() and form.regle is not None:
        if is_beaucoup(form.premiers):
            context["beaucoup"] = True
        else:
            essai = essayer(form.regle, form.premiers, today=timezone.localdate())
            context |= {
                "essai": essai,
                "phrase": resultat_phrase(essai),
                "conduite": conduite_phrase(essai.regle),
                "details": details_phrases(essai),
            }
    return render(request, "facturation/mairie/essai_regle.html", context)
