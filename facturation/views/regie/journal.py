"""The journal of a month, as a page and as a file, with what waits to be brought to the treasury."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.decorators import staff_page
from accounts.exports import export
from facturation.models import Versement
from facturation.papiers.mots import mois_annee
from facturation.regie.encaissements import a_verser
from facturation.regie.journal import TITRES, Bordereau, journal_table, load_a_verifier, load_journal, load_mois
from portail.adresses import MoisConverter
from portail.tableur import TableSortante

VIEW, EXPORT, VERSER = "facturation.view_encaissement", "facturation.export_encaissement", "facturation.add_versement"


@staff_page(VIEW)
@require_safe
def journal(request: HttpRequest) -> HttpResponse:
    """The page of the receipts of a month, that of `?mois=` or this one, with the versements and the payments to be
    checked.
    """
    now = timezone.localtime()
    mois = _mois(request, now)
    lu = load_journal(mois)
    context: dict[str, Any] = {
        "titre": "Journal de la régie",
        "journal": lu,
        "mois": mois,
        "autres": [(f"{autre:%Y-%m}", mois_annee(autre)) for autre in load_mois(now) if autre != mois],
        "versements": Versement.objects.filter(verse_le__year=mois.year, verse_le__month=mois.month),
        "a_verifier": load_a_verifier(),
        "titre_mode": settings.ENCAISSEMENT == "titre",
    }
    if request.user.has_perm(VERSER):
        context["bordereau"] = Bordereau(a_verser(now.date()))
    return render(request, "facturation/regie/journal.html", context)


@staff_page(EXPORT)
@require_safe
def tableau(request: HttpRequest) -> HttpResponseBase:
    """The journal of a month as a file, CSV or XLSX, for who has just typed their password (ADM-05)."""
    mois = _mois(request, timezone.localtime())

    def build() -> TableSortante:
        return TableSortante.of(f"journal-{mois:%Y-%m}", "Journal", TITRES, journal_table(load_journal(mois)))

    return export(request, "encaissement", build, back=reverse("admin:regie_journal", query={"mois": f"{mois:%Y-%m}"}))


def _mois(request: HttpRequest, now: datetime) -> date:
    texte = request.GET.get("mois", "")
    if not texte:
        return now.date().replace(day=1)
    try:
        return MoisConverter().to_python(texte)
    except ValueError:
        raise Http404("No such month.") from None
