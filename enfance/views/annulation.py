"""« Annuler ces changements »: undone whole, 303 to where it was asked; else to an address of the history that says for
half an hour what was not."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import Resolver404, resolve, reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from enfance.famille.acces import responsable_of
from enfance.models import Enregistrement
from enfance.planning.annulation import annuler as undo
from enfance.planning.annulee import show_annulation
from enfance.planning.envois import redirect_to_held, refus_json
from portail.vues import PAGE

RETOURS = {"accueil", "planning_mois", "jour", "semaine_type", "historique"}


@require_http_methods(PAGE)
def annuler(request: HttpRequest, reference: int) -> HttpResponse:
    """Undo the whole save that has this reference, made by the parent; then back to the page where it was asked, or to
    a page that says what could not be undone. A GET, which the page shown without network sends again, leads to the
    history. 404 for a save that is not the parent's.
    """
    responsable, now = responsable_of(request), timezone.now()
    if request.method != "POST":
        get_object_or_404(Enregistrement, pk=reference, auteur=responsable.user_id)
        return HttpResponseRedirect(reverse("enfance:historique"))
    annulation = undo(reference, responsable, now=now)
    if annulation is None:
        raise Http404
    adresse = safe_retour(request.POST.get("retour", ""))
    if annulation.par and not annulation.refus:
        return HttpResponseRedirect(f"{adresse}?{urlencode({'enregistre': annulation.par.pk})}", status=303)
    outcome = {
        "a_temps": annulation.a_temps,
        "par": annulation.par.pk if annulation.par else None,
        "refus": refus_json(annulation.refus),
        "retour": adresse,
    }
    response = redirect_to_held(request, now, outcome, path=reverse("enfance:historique"))
    return response or show_annulation(request, responsable, outcome, now)


def safe_retour(adresse: str) -> str:
    """The address of the page where the undoing was asked, as the form sent it, when it is a family page that tells
    what a save did; else the address of the history.
    """
    try:
        page = resolve(adresse)
    except Resolver404:
        return reverse("enfance:historique")
    return adresse if page.app_name == "enfance" and page.url_name in RETOURS else reverse("enfance:historique")
