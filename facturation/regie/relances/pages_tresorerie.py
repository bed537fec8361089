"""What the treasury takes over: the unpaid invoices, or all of them where it collects; each list is kept as it was."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts.decorators import agent_of, staff_page
from accounts.exports import export
from accounts.log import log_change
from facturation.montants import euros
from facturation.papiers.mots import jour_of
from facturation.regie.relances.ecriture import remettre
from facturation.regie.relances.gestes import tell_remise
from facturation.regie.relances.lecture import ADD, PAGE_RELANCES, VIEW, FactureEchue, load_retards
from facturation.regie.relances.tresorerie import (
    TITRES,
    LigneTresorerie,
    lignes_of,
    lignes_remises,
)
from portail.confirmation import Apercu, Effet, Suite, asks_always, confirm
from portail.formulaires import is_key
from portail.francais import NBSP, pluriel
from portail.tableur import TableSortante
from portail.vues import PAGE

EXPORT = "facturation.export_facture"
PAGE_TITRES = "admin:regie_titres"


@staff_page(VIEW, EXPORT)
@require_safe
def tableau(request: HttpRequest) -> HttpResponseBase:
    """The list for the treasury as a file, for who has just typed their password (ADM-05): the unpaid invoices to hand
    over today, but those of payers who owe less than the treasury collects, or, with `?remise=` (its key), a list that
    was handed over, as it was.
    """
    jour, choisies = _choisies(request)

    def build() -> TableSortante:
        lignes = [ligne.cellules for ligne in choisies]
        return TableSortante.of(f"tresorerie-{jour:%Y-%m-%d}", "Trésorerie", TITRES, lignes)

    return export(request, "facture", build, back=reverse(PAGE_RELANCES))


def _choisies(request: HttpRequest) -> tuple[date, list[LigneTresorerie]]:
    """The day and the lines of the list that the address names; else those of today that the treasury would collect."""
    if (cle := request.GET.get("remise")) is not None:
        remise = lignes_remises(int(cle)) if is_key(cle) else None
        if remise is None:
            raise Http404("No such list.")
        return jour_of(remise[0]), remise[1]
    today = timezone.localdate()
    return today, [ligne for ligne in lignes_of(load_retards(today).tresorerie) if not ligne.sous_seuil]


@staff_page(ADD)
@require_http_methods(PAGE)
@asks_always
def remise(request: HttpRequest) -> HttpResponse:
    """Hand over to the treasury the invoices that are ticked, for good, once the agent has confirmed the preview of
    what will happen.
    """
    if request.method != "POST":
        return redirect(PAGE_RELANCES)
    dues = remettre(request.POST.getlist("factures"), agent_of(request), timezone.now())
    if not dues:
        messages.warning(request, f"Rien n’est remis{NBSP}: cochez une facture que personne n’a payée depuis.")
        return redirect(PAGE_RELANCES)
    confirm(request, _apercu(dues))
    for due in dues:
        log_change(request, due.facture, "Remise à la trésorerie.")
    tell_remise(request, len(dues))
    return redirect(PAGE_RELANCES)


def _apercu(dues: Sequence[FactureEchue]) -> Apercu:
    nombre = pluriel(len(dues), "facture,factures")
    somme = euros(sum(due.reste for due in dues))
    noms = sorted({due.nom for due in dues})
    return Apercu(
        titre="Remettre la liste à la trésorerie",
        phrase=f"{nombre}, {somme}, {pluriel(len(noms), 'payeur,payeurs')}.",
        question=f"Noter que {nombre} {'sont remises' if len(dues) > 1 else 'est remise'}{NBSP}?",
        suites=(Suite("Noter que la liste est remise"),),
        retour=reverse(PAGE_RELANCES),
        fil=(("Relances", reverse(PAGE_RELANCES)),),
        consequence="Cela ne se reprend pas.",
        effets=(
            Effet("Les rappels", "Plus aucun ne part pour ces factures."),
            Effet("Le recouvrement", "La trésorerie s’en charge. Si une famille vous paie ensuite, prévenez-la."),
            Effet("La liste", "Elle garde sa date, et se télécharge encore dans «\u00a0Listes remises\u00a0»."),
        ),
        grave=True,
        marque=repr(sorted((due.numero, due.reste) for due in dues)),
    )
