"""What the treasury takes over: the list of unpaid invoices, handed over once and kept; or the titles of a month."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts import journal as securite
from accounts.decorators import agent_of, staff_page
from accounts.log import log_change
from accounts.views import password_asked
from enfance.views.famille import PAGE
from enfance.views.mairie.chiffres import NOT_YET
from facturation.models import Mois
from facturation.montants import euros
from facturation.papiers.mots import jour_of, mois_annee
from facturation.regie.relances import FactureEchue, load_retards, remettre
from facturation.regie.tresorerie import (
    TITRES_IMPAYES,
    TITRES_TITRES,
    LigneTresorerie,
    impayes_table,
    lignes_of,
    lignes_remises,
    titres_of,
    titres_table,
)
from facturation.views.regie.relances import ADD, PAGE_RELANCES, VIEW
from portail.confirmation import Apercu, Effet, Suite, asks_first, confirm
from portail.formulaires import is_key
from portail.francais import NBSP, pluriel
from portail.tableur import to_file

EXPORT = "facturation.export_facture"


@staff_page(VIEW, EXPORT)
@require_safe
def tableau(request: HttpRequest) -> HttpResponse:
    """The list for the treasury as a file, for who has just typed their password (ADM-05): what is to be handed over,
    or, with `remise`, what was that day.
    """
    forme, (jour, choisies) = _forme(request), _choisies(request)
    if answer := _asked(request, reverse(PAGE_RELANCES)):
        return answer
    lignes = impayes_table(choisies)
    securite.event("export", user=agent_of(request).pk, request=request, model="facture", rows=len(lignes))
    return to_file(f"tresorerie-{jour:%Y-%m-%d}", "Trésorerie", TITRES_IMPAYES, lignes, forme)


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
@asks_first
def remise(request: HttpRequest) -> HttpResponse:
    """What will happen to the invoices that are ticked, then: they were handed over, for good."""
    if request.method != "POST":
        return redirect(PAGE_RELANCES)
    dues = remettre(request.POST.getlist("factures"), agent_of(request), timezone.now())
    if not dues:
        messages.warning(request, f"Rien n’est remis{NBSP}: cochez une facture que personne n’a payée depuis.")
        return redirect(PAGE_RELANCES)
    confirm(request, _apercu(dues))
    for due in dues:
        log_change(request, due.facture, "Remise à la trésorerie.")
    messages.success(
        request,
        f"{pluriel(len(dues), 'facture remise,factures remises')} à la trésorerie{NBSP}: la liste reste à télécharger "
        "dans «\u00a0Listes remises\u00a0».",
    )
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


@staff_page(EXPORT)
@require_safe
def titres(request: HttpRequest) -> HttpResponse:
    """Where the treasury collects: the titles of each closed month, to hand over; as a file when it is asked for."""
    arretes = list(Mois.objects.order_by("-premier"))
    mois = next((un for un in arretes if f"{un.premier:%Y-%m}" == request.GET.get("mois", "")), None)
    if "format" in request.GET:
        if mois is None:
            raise Http404("No such month.")
        forme = _forme(request)
        if answer := _asked(request, reverse("admin:regie_titres")):
            return answer
        lignes = list(titres_table(mois))
        securite.event("export", user=agent_of(request).pk, request=request, model="facture", rows=len(lignes))
        return to_file(f"titres-{mois.premier:%Y-%m}", "Titres", TITRES_TITRES, lignes, forme)
    context: dict[str, Any] = {
        "titre": "Titres pour la trésorerie",
        "mois": [_mois_titres(un) for un in arretes],
        "en_titre": settings.ENCAISSEMENT == "titre",
    }
    return render(request, "facturation/regie/titres.html", context)


@dataclass(frozen=True)
class MoisTitres:
    """A closed month, how many titles it has and their sum, in centimes."""

    premier: date
    nombre: int
    total: int

    @property
    def nom(self) -> str:
        return mois_annee(self.premier)

    @property
    def code(self) -> str:
        return f"{self.premier:%Y-%m}"


def _mois_titres(mois: Mois) -> MoisTitres:
    totaux = list(titres_of(mois).order_by().values_list("total", flat=True))
    return MoisTitres(mois.premier, len(totaux), sum(totaux))


def _forme(request: HttpRequest) -> str:
    forme = request.GET.get("format", "xlsx")
    if forme not in {"csv", "xlsx"}:
        raise Http404("No such format.")
    return forme


def _asked(request: HttpRequest, page: str) -> HttpResponse | None:
    if answer := password_asked(request, back=page):
        messages.warning(request, NOT_YET)
        return answer
    return None
