"""Differences of presence: registered and absent, there and not registered; seen by the town hall, or not yet."""

from __future__ import annotations

from itertools import groupby

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.decorators import agent_of, staff_page
from accounts.log import log_change
from enfance.cantine.forms import PeriodeForm
from enfance.equipe.pointages import oublier, voir
from enfance.equipe.presences import RECENTS, Constat, load_feuilles_ouvertes, load_lignes
from enfance.mairie.ecoles import ecole_demandee, ecoles_offered
from portail.formulaires import INCOMPLETE
from portail.francais import NBSP, pluriel
from portail.vues import PAGE


@staff_page("enfance.view_pointage")
@require_http_methods(PAGE)
def ecarts(request: HttpRequest) -> HttpResponse:
    """The page of the differences of presence (registered and absent, there and not registered), of the last fortnight
    or of the days asked for. Its buttons note one, or all those of a day, as seen, or as to be seen again. Raises
    PermissionDenied for the buttons without the right to note one as seen.
    """
    today, may_mark = timezone.localdate(), request.user.has_perm("enfance.add_ecartvu")
    form = PeriodeForm(request.GET if "du" in request.GET else {"du": today - RECENTS, "au": today})
    ecole = ecole_demandee(request)
    lignes = load_lignes(form.cleaned_data["du"], form.cleaned_data["au"], ecole) if form.is_valid() else []
    if request.method == "POST":
        if not may_mark:
            raise PermissionDenied
        vus = {ligne.constat for ligne in lignes if ligne.vu}
        if request.POST.get("revoir"):
            _mark(request, [c for c in vus if c.valeur == request.POST["revoir"]], seen=False)
        elif asked := request.POST.get("vus", "").split():
            autres = [ligne.constat for ligne in lignes if ligne.constat not in vus]
            _mark(request, [c for c in autres if c.valeur in asked], seen=True)
        else:
            messages.error(request, INCOMPLETE)
        return HttpResponseRedirect(request.get_full_path(), status=303)
    context = {
        "titre": "Écarts de présence",
        "form": form,
        "ecoles": ecoles_offered(request),
        "ecole": ecole,
        "jours": [(jour, list(groupe)) for jour, groupe in groupby(lignes, key=lambda ligne: ligne.constat.jour)],
        "a_voir": {ligne.constat.jour for ligne in lignes if may_mark and ligne.vu is None},
        "may_mark": may_mark,
        "ouvertes": load_feuilles_ouvertes(today, ecole),
    }
    return render(request, "mairie/ecarts.html", context)


def _mark(request: HttpRequest, constats: list[Constat], *, seen: bool) -> None:
    """Note them as seen, or not, in the history of each child too (ADM-04)."""
    with transaction.atomic():
        if seen:
            voir(constats, agent_of(request), now=timezone.now())
        else:
            oublier(constats)
        for constat in constats:
            log_change(request, constat.enfant, f"Écart {'vu' if seen else 'à revoir'}{NBSP}: {constat.ligne}.")
    words = "écart vu,écarts vus" if seen else "écart à revoir,écarts à revoir"
    messages.success(request, f"{pluriel(len(constats), words)}.")
