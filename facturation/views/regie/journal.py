"""The journal of a month, as a page and as a file; what is brought to the treasury, with its slip."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts.decorators import agent_of, staff_page
from accounts.exports import export
from accounts.log import log_addition
from facturation.models import Versement
from facturation.papiers.mots import mois_annee
from facturation.regie.encaissements import EncaissementRefuse, a_verser, verser
from facturation.regie.forms import VerserForm
from facturation.regie.journal import TITRES, Bordereau, journal_table, load_a_verifier, load_journal, load_mois
from facturation.reglages import load_reglage
from portail.adresses import MoisConverter
from portail.francais import pluriel
from portail.tableur import TableSortante
from portail.vues import PAGE

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
        context |= {"bordereau": Bordereau(a_verser(now.date())), "form": VerserForm(initial={"verse_le": now.date()})}
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


@staff_page(VERSER)
@require_http_methods(PAGE)
def versement(request: HttpRequest) -> HttpResponse:
    """The page of what is to be brought to the treasury, as a slip to print; a POST writes the versement, whose
    receipts can then be cancelled no more.
    """
    now = timezone.localtime()
    form = VerserForm(request.POST if request.method == "POST" else None, initial={"verse_le": now.date()})
    jusqu_au = now.date()
    if request.method == "POST" and form.is_valid():
        jusqu_au = form.cleaned_data["verse_le"]
        try:
            with transaction.atomic():
                fait = verser(jusqu_au, agent_of(request), now, attendu=form.cleaned_data["attendu"])
                log_addition(request, fait, "Versement.")
        except EncaissementRefuse as refus:
            form.add_error(None, str(refus))
        else:
            recus = pluriel(fait.encaissements.count(), "reçu ne s’annule plus,reçus ne s’annulent plus")
            messages.success(request, f"Versement {fait.numero} écrit\u00a0: {recus}.")
            return redirect("admin:regie_bordereau", pk=fait.pk)
    jusqu_au = min(jusqu_au, now.date())  # a day to come is refused: the slip under the refusal does not say it
    context = {"titre": "Bordereau de versement", "form": form, "jusqu_au": jusqu_au}
    return _slip(request, context, Bordereau(a_verser(jusqu_au)))


@staff_page(VIEW)
@require_safe
def bordereau(request: HttpRequest, pk: int) -> HttpResponse:
    """The slip, to print, of a versement that was brought (primary key)."""
    fait = get_object_or_404(Versement, pk=pk)
    recus = list(fait.encaissements.order_by("annee", "rang"))
    context = {"titre": f"Bordereau {fait.numero}", "versement": fait, "jusqu_au": fait.verse_le}
    return _slip(request, context, Bordereau(recus))


def _slip(request: HttpRequest, context: dict[str, Any], recus: Bordereau) -> HttpResponse:
    context |= {"bordereau": recus, "reglage": load_reglage(), "imprimable": True}
    return render(request, "facturation/regie/bordereau.html", context)
