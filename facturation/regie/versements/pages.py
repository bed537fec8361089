"""The page that brings money to the treasury: what leaves, the cash counted, what cannot be undone; and its slip."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts.decorators import staff_page
from facturation.models import Versement
from facturation.papiers.signatures import signature_of
from facturation.regie.encaissements import EncaissementRefuse
from facturation.regie.journal import Bordereau
from facturation.regie.versements.ecriture import verser_compte
from facturation.regie.versements.forms import VerserForm
from facturation.regie.versements.lecture import ESPECES, PreparationVersement, build_caisse, load_preparation
from facturation.regie.versements.seuils import load_avis
from facturation.reglages import load_reglage
from portail.francais import pluriel
from portail.vues import PAGE

VIEW, VERSER = "facturation.view_encaissement", "facturation.add_versement"


@staff_page(VERSER)
@require_http_methods(PAGE)
def versement(request: HttpRequest) -> HttpResponse:
    """The page of what is to be brought to the treasury: « Recompter » counts again what leaves, « Verser » writes the
    versement, whose receipts can then be cancelled no more.
    """
    now = timezone.localtime()
    today = now.date()
    if request.method != "POST":
        form, preparation = VerserForm(initial={"verse_le": today}), load_preparation(today, None, ())
        return _page(request, form, preparation)
    form = VerserForm(request.POST)
    is_valid = form.is_valid()
    lu: dict[str, Any] = {"moyens": [], "de_cote": set(), "comptes": set(), **form.cleaned_data}
    jusqu_au = min(lu.get("verse_le") or today, today)  # a day to come is refused, and shows what waits today
    preparation = load_preparation(jusqu_au, lu["moyens"], lu["de_cote"])
    if is_valid and "verser" in request.POST:
        try:
            fait = verser_compte(
                request,
                preparation,
                build_caisse(preparation, form.compte),
                verse_le=lu["verse_le"],
                moyens=lu["moyens"],
                de_cote=lu["de_cote"],
                comptes=lu["comptes"],
                ecart_admis=lu["ecart"],
                now=now,
            )
        except EncaissementRefuse as refus:
            form.add_error(None, str(refus))
            preparation = load_preparation(jusqu_au, lu["moyens"], lu["de_cote"])
        else:
            recus = pluriel(fait.encaissements.count(), "reçu ne s’annule plus,reçus ne s’annulent plus")
            messages.success(request, f"Versement {fait.numero} écrit\u00a0: {recus}.")
            return redirect("admin:regie_bordereau", pk=fait.pk)
    return _page(request, form, preparation)


def _page(request: HttpRequest, form: VerserForm, preparation: PreparationVersement) -> HttpResponse:
    context: dict[str, Any] = {
        "titre": "Verser à la trésorerie",
        "form": form,
        "preparation": preparation,
        "especes": any(moyen.code == ESPECES and moyen.choisi for moyen in preparation.moyens),
        "caisse": build_caisse(preparation, form.compte),
        "avis": load_avis(timezone.localdate()),
        "reglage": load_reglage(),
    }
    return render(request, "facturation/regie/versements/verser.html", context)


@staff_page(VIEW)
@require_safe
def bordereau(request: HttpRequest, pk: int) -> HttpResponse:
    """The slip, to print, of a versement that was brought (primary key)."""
    fait = get_object_or_404(Versement, pk=pk)
    context: dict[str, Any] = {
        "titre": f"Bordereau {fait.numero}",
        "versement": fait,
        "bordereau": Bordereau(list(fait.encaissements.order_by("annee", "rang"))),
        "reglage": load_reglage(),
        "signature": signature_of(fait),
    }
    return render(request, "facturation/regie/versements/bordereau.html", context)
