"""The page where the town says how many children each home has on its list."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.forms import BoundField
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.decorators import agent_of, staff_page
from accounts.log import log_change
from accounts.search import keep_search, kept_search
from facturation.nombres.ecriture import noter
from facturation.nombres.forms import NombresForm
from facturation.nombres.lecture import NombreVu, is_asked, load_nombres, mois_possibles
from facturation.quotients.ecriture import premier_compte, premier_phrase
from portail.francais import NBSP, pluriel
from portail.vues import PAGE

VIEW, ADD = "facturation.view_nombreenfants", "facturation.add_nombreenfants"


@dataclass(frozen=True)
class Rang:
    """A payer of the page and its field."""

    vu: NombreVu
    champ: BoundField


@staff_page(VIEW)
@require_http_methods(PAGE)
def nombres(request: HttpRequest) -> HttpResponse:
    """The payers to be billed, one line each, and the number of children to write, from a month on; those of whom
    nothing is known alone, or all of them with `?tous=1`.
    """
    today = timezone.localdate()
    if request.method == "POST" and "cherche" in request.POST:
        word = keep_search(request.session, request.POST["cherche"].strip())
        return HttpResponseRedirect(f"{request.path}?{urlencode({'tous': '1', 'q': word})}", status=303)
    tous = request.GET.get("tous") == "1"
    cherche = kept_search(request.session, request.GET.get("q", "")) or ""
    vus = load_nombres(today, cherche, sans=not tous)
    mois = mois_possibles(today)
    form = NombresForm(
        request.POST if request.method == "POST" else None,
        vus=vus.vus,
        mois=mois,
        initial={"debut": premier_compte(today).isoformat()},
    )
    if request.method == "POST":
        if not request.user.has_perm(ADD):
            raise PermissionDenied
        if form.is_valid():
            _write(request, form)
            return HttpResponseRedirect(request.get_full_path(), status=303)
    context = {
        "titre": "Nombre d’enfants des foyers",
        "form": form,
        "rangs": [Rang(vu, form[f"n{vu.payeur.pk}"]) for vu in vus.vus],
        "total": vus.total,
        "tous": tous,
        "cherche": cherche,
        "demande": is_asked(),
    }
    return render(request, "facturation/nombres/nombres.html", context)


def _write(request: HttpRequest, form: NombresForm) -> None:
    with transaction.atomic():
        notes = noter(form.nombres, form.premier, par=agent_of(request).pk, now=timezone.now())
        for note in notes:
            if note.compte.foyer:
                dit = (
                    f"Payeur{NBSP}: {pluriel(note.nombre, 'enfant,enfants')}, à partir du {premier_phrase(note.debut)}."
                )
                log_change(request, note.compte.foyer, dit)
    if notes:
        combien = pluriel(len(notes), "nombre noté,nombres notés")
        messages.success(request, f"{combien}, à partir du {premier_phrase(form.premier)}.")
    else:
        messages.info(request, f"Rien de nouveau{NBSP}: rien n’a changé.")
