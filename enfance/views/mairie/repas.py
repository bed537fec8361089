"""The association's list of meals, imported by the town hall: the file, what it would do and asks, then the import."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.decorators import agent_of, staff_page
from accounts.log import log_addition
from enfance.cantine.forms import ApercuListe, ConfirmationForm, ListeForm, confirm, preview
from enfance.cantine.perimetre import COMMUNE, load_choix
from enfance.models import Ecole
from portail.confirmation import CONFIRM
from portail.tables import ImportRefuse
from portail.vues import PAGE


@staff_page("enfance.add_listerepas")
@require_http_methods(PAGE)
def importer(request: HttpRequest) -> HttpResponse:
    """The page that imports a list of canteen meals: the file and its days, a preview, then, once confirmed, the
    import, which replaces the list of these days.
    """
    try:
        if CONFIRM in request.POST:
            return _confirmer(request)
        form = _form(request, request.POST, request.FILES) if request.method == "POST" else _form(request)
        apercu = preview(form, now=timezone.now()) if form.is_valid() else None
    except ImportRefuse as error:  # the file is no list, or something has changed since its preview
        return _page(request, refus=[str(refus) for refus in error.refus])
    return _page(request, form=form, apercu=apercu)


def _siennes(request: HttpRequest) -> tuple[Ecole, ...]:
    """The schools of which a list may be; none where the town has one."""
    choix = load_choix(agent_of(request))
    return choix.siennes if choix else COMMUNE.ecoles


def _form(request: HttpRequest, *donnees: Any) -> ListeForm:
    return ListeForm(*donnees, siennes=_siennes(request))


def _confirmer(request: HttpRequest) -> HttpResponse:
    confirmation = ConfirmationForm(request.POST)
    if not confirmation.is_valid():
        return _page(request, refus=[str(phrase) for phrase in confirmation.errors["liste"]])
    with transaction.atomic():
        agent, now = agent_of(request).pk, timezone.now()
        bilan = confirm(confirmation, request.POST, user_id=agent, now=now, siennes=_siennes(request))
        if isinstance(bilan, ApercuListe):
            return _page(request, apercu=bilan)
        if bilan.liste:
            log_addition(request, bilan.liste, bilan.titre)
    fait, *avis = bilan.resume()
    messages.success(request, fait)
    for texte in avis:
        messages.warning(request, texte)
    return redirect("admin:enfance_listerepas_changelist")


def _page(
    request: HttpRequest, *, form: ListeForm | None = None, apercu: ApercuListe | None = None, refus: Sequence[str] = ()
) -> HttpResponse:
    form = form or _form(request)
    context = {"titre": "Importer une liste de repas", "form": form, "apercu": apercu, "refus": refus}
    return render(request, "mairie/repas_importer.html", context)
