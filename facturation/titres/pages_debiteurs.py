"""What the treasury asks of a title beside its sum: the one person who owes it, the account of each créneau."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from accounts.decorators import staff_page
from accounts.log import log_change
from enfance.models import Creneau, Foyer
from facturation.regie.relances.lecture import ADD, VIEW
from facturation.reglages import load_reglage
from facturation.titres.debiteurs import Civilite, confirmer_debiteur, load_debiteurs
from facturation.titres.forms import ImputationsForm
from facturation.titres.imputations import load_accounts
from portail.formulaires import is_key
from portail.francais import NBSP
from portail.vues import PAGE

CHANGE = "facturation.change_compte"
VIEW_REGLAGES, REGLER = "facturation.view_reglagefacturation", "facturation.change_reglagefacturation"
PARTI = f"Cet adulte n’est plus de ce foyer{NBSP}: relisez, puis choisissez."


@staff_page(VIEW)
@require_http_methods(PAGE)
def debiteurs(request: HttpRequest) -> HttpResponse:
    """The page of who owes the titles: the payers of two adults whose debtor is to be said, those without civility,
    those that were said. A POST, for who knows the families or makes the lists, says one in one click.
    """
    if request.method == "POST":
        if not _may_say(request):
            raise PermissionDenied
        _confirm(request)
        return HttpResponseRedirect(request.path, status=303)
    vus = load_debiteurs()
    context = {
        "titre": "Débiteurs des titres",
        "vus": vus,
        "peut_dire": _may_say(request),
    }
    return render(request, "facturation/titres/debiteurs.html", context)


def _may_say(request: HttpRequest) -> bool:
    return request.user.has_perm(ADD) or request.user.has_perm(CHANGE)


def _confirm(request: HttpRequest) -> None:
    """« 12:mme »: the adult (primary key) and the civility; `payeur`: the payer (primary key)."""
    payeur = request.POST.get("payeur", "")
    adulte, _, civilite = request.POST.get("debiteur", "").partition(":")
    if not (is_key(payeur) and is_key(adulte) and civilite in Civilite):
        messages.warning(request, f"Choisissez une personne{NBSP}: rien n’a changé.")
        return
    with transaction.atomic():
        dit = confirmer_debiteur(int(payeur), int(adulte), civilite)
        if dit and dit.foyer:
            foyer = Foyer.objects.get(pk=dit.foyer)
            log_change(request, foyer, f"Débiteur devant la trésorerie{NBSP}: {dit.debiteur}.")
    if dit is None:
        messages.warning(request, PARTI)
    else:
        messages.success(request, f"{dit.debiteur} doit les titres de {dit.nom}.")


@staff_page(VIEW_REGLAGES)
@require_http_methods(PAGE)
def imputations(request: HttpRequest) -> HttpResponse:
    """The page of the account of each créneau; a POST, for who may change the settings of money, writes them all."""
    creneaux, dites = list(Creneau.objects.order_by("ordre", "pk")), load_accounts()
    if request.method == "POST":
        if not request.user.has_perm(REGLER):
            raise PermissionDenied
        form = ImputationsForm(request.POST, creneaux=creneaux, dites=dites)
        if form.is_valid():
            _write(request, form)
            return HttpResponseRedirect(request.path, status=303)
    else:
        form = ImputationsForm(creneaux=creneaux, dites=dites)
    context = {
        "titre": "Imputations des titres",
        "form": form,
        "peut_regler": request.user.has_perm(REGLER),
    }
    return render(request, "facturation/titres/imputations.html", context)


def _write(request: HttpRequest, form: ImputationsForm) -> None:
    with transaction.atomic():
        reglage = load_reglage()
        if (reglage.imputations or {}) == form.imputations:
            messages.info(request, "Rien n’a changé.")
            return
        reglage.imputations = form.imputations
        reglage.save()
        log_change(request, reglage, "Imputations des titres.")
    messages.success(request, "Les imputations sont enregistrées. Les listes déjà remises restent comme elles étaient.")
