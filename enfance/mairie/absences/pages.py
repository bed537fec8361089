"""The page of an absence that was told: who, when, why, and whether it was taken back."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.decorators import staff_page
from enfance.mairie.absences.lecture import find_absence
from portail.formulaires import is_key
from portail.francais import de


@staff_page("enfance.view_absence")
@require_safe
def absence(request: HttpRequest, object_id: str) -> HttpResponse:
    """The page of an absence, to be read; 404 when there is none."""
    lue = find_absence(int(object_id)) if is_key(object_id) else None
    if lue is None:
        raise Http404
    context = {"titre": f"Absence {de(str(lue.absence.enfant))}", "lue": lue, "absence": lue.absence}
    return render(request, "mairie/absences/absence.html", context)
