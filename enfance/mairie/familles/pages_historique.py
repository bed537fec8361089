"""The history of a family, for the town hall."""

from __future__ import annotations

from datetime import datetime

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_safe

from accounts.decorators import staff_page
from enfance.mairie.familles.historique import load_traces
from enfance.models import Foyer


@staff_page("enfance.view_foyer", "enfance.view_evenement", "admin.view_logentry")
@require_safe
def historique(request: HttpRequest, pk: int) -> HttpResponse:
    """The page of all that was done for this home (primary key), its adults and its children, latest first, fifty
    things a page; `?avant=` goes on from an instant.
    """
    foyer = get_object_or_404(Foyer, pk=pk)
    traces, suite = load_traces(foyer, avant=_instant(request.GET.get("avant", "")))
    context = {
        "titre": f"Historique, {foyer}",
        "foyer": foyer,
        "traces": traces,
        "suite": suite.isoformat() if suite else "",
        "debut": "avant" not in request.GET,
    }
    return render(request, "mairie/familles/historique.html", context)


def _instant(text: str) -> datetime | None:
    """The instant of a link; None when there is none, 404 when it is no instant."""
    if not text:
        return None
    try:
        instant = parse_datetime(text)
    except ValueError:
        instant = None
    if instant is None or timezone.is_naive(instant):
        raise Http404
    return instant
