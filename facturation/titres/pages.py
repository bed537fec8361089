"""Where the treasury collects everything: what it is told of each closed month, and the list that it is handed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.decorators import agent_of, staff_page
from accounts.exports import export
from accounts.log import log_change
from facturation.models import Facture
from facturation.montants import euros
from facturation.papiers.mots import mois_annee
from facturation.regie.recherche import load_credits, load_rendus_dus
from facturation.regie.relances.ecriture import reprendre
from facturation.regie.relances.gestes import tell_remise
from facturation.regie.relances.lecture import ADD, MONTREES, PAGE_RELANCES, VIEW
from facturation.regie.relances.tresorerie import LISTES, SEUIL, TITRES, load_remises
from facturation.titres.listes import FactureAReclamer, lignes_of, load_titres, remettre_titres
from portail.confirmation import Apercu, Effet, Suite, asks_always, confirm
from portail.francais import NBSP, pluriel
from portail.tableur import TableSortante
from portail.vues import PAGE

EXPORT = "facturation.export_facture"
PAGE_TITRES = "admin:regie_titres"


@dataclass(frozen=True)
class MoisTitres:
    """A closed month of which the treasury is to be told something; amounts are centimes."""

    code: str
    titres: Sequence[FactureAReclamer]

    @property
    def nom(self) -> str:
        """The month, « novembre 2026 »; « sans mois » for invoices of no month."""
        mois = self.titres[0].facture.mois
        return mois_annee(mois.premier) if mois else "sans mois"

    @property
    def nombre(self) -> int:
        """How many invoices of the month the treasury is to be told of."""
        return len(self.titres)

    @property
    def emis(self) -> int:
        """The sum of these invoices as they were issued, in centimes."""
        return sum(titre.facture.total for titre in self.titres)

    @property
    def paye(self) -> int:
        """What was paid here of these invoices, or taken off, in centimes."""
        return sum(titre.paye for titre in self.titres)

    @property
    def deja(self) -> int:
        """What earlier lists claim of these invoices, in centimes."""
        return sum(titre.deja for titre in self.titres)

    @property
    def montant(self) -> int:
        """What the next list would claim of these invoices, in centimes."""
        return sum(titre.montant for titre in self.titres)


def _par_mois(titres: Iterable[FactureAReclamer]) -> list[MoisTitres]:
    return [MoisTitres(code, list(siens)) for code, siens in groupby(titres, key=lambda un: un.code)]


@staff_page(VIEW)
@require_http_methods(PAGE)
def titres(request: HttpRequest) -> HttpResponseBase:
    """The page, where the treasury collects all invoices, of what it is to be told of each closed month, what waits and
    why, and the lists that it has; `?format=` gives the list of the months of `?mois=` as a file, for who may export;
    404 when there is none. A POST, for who may make reminders, lets an invoice that was put aside be claimed again.
    """
    if request.method == "POST":
        return _reprendre(request)
    if settings.ENCAISSEMENT != "titre":
        return redirect(PAGE_RELANCES)
    liste = load_titres()
    if "format" in request.GET:
        if not request.user.has_perm(EXPORT):
            raise PermissionDenied
        choisis = liste.of(request.GET.getlist("mois"))
        if not choisis:
            raise Http404("Nothing to hand over of that month.")

        def build() -> TableSortante:
            lignes = [ligne.cellules for ligne in lignes_of(choisis)]
            return TableSortante.of(f"titres-{timezone.localdate():%Y-%m-%d}", "Titres", TITRES, lignes)

        return export(request, "facture", build, back=reverse(PAGE_TITRES))
    remises, rendus = load_remises(None if "listes" in request.GET else LISTES), load_rendus_dus()
    context: dict[str, Any] = {
        "titre": "Titres pour la trésorerie",
        "titre_mode": True,
        "seuil": SEUIL,
        "mois": _par_mois(liste.a_remettre),
        "a_reduire": liste.a_reduire[:MONTREES],
        "nombre_a_reduire": len(liste.a_reduire),
        "a_reclamer": sum(titre.montant for titre in liste.a_remettre),
        "attendent": liste.attendent[:MONTREES],
        "en_attente": sum(titre.montant for titre in liste.attendent),
        "nombre_attente": len(liste.attendent),
        "remises": remises,
        "factures_remises": [facture for remise in remises for facture in remise.factures][:MONTREES],
        "credits": load_credits(),
        "rendus": rendus,
        "du_rendu": sum(rendu.reste for rendu in rendus),
    }
    return render(request, "facturation/titres/titres.html", context)


def _reprendre(request: HttpRequest) -> HttpResponse:
    if not request.user.has_perm(ADD):
        raise PermissionDenied
    facture = Facture.objects.filter(numero=request.POST.get("reprendre", "")).first()
    with transaction.atomic():
        if facture and reprendre(facture):
            log_change(request, facture, "N’est plus de côté.")
            messages.success(request, f"La facture {facture.numero} n’est plus de côté.")
        else:
            messages.warning(request, "Cette facture n’est pas de côté.")
    return redirect(PAGE_TITRES)


@staff_page(ADD)
@require_http_methods(PAGE)
@asks_always
def titres_remettre(request: HttpRequest) -> HttpResponse:
    """Hand over to the treasury the list of the months that are ticked, for good, once the agent has confirmed the
    preview of what it claims.
    """
    if request.method != "POST" or settings.ENCAISSEMENT != "titre":
        return redirect(PAGE_TITRES)
    remis = remettre_titres(request.POST.getlist("mois"), agent_of(request), timezone.now())
    if not remis:
        messages.warning(request, f"Rien n’est remis{NBSP}: cochez un mois que personne n’a remis depuis.")
        return redirect(PAGE_TITRES)
    confirm(request, _apercu_titres(remis))
    for un in _par_mois(remis):
        dit = f"Liste pour la trésorerie{NBSP}: {pluriel(un.nombre, 'facture,factures')}, {euros(un.montant)}."
        log_change(request, un.titres[0].facture.mois or un.titres[0].facture, dit)
    tell_remise(request, len(remis))
    return redirect(PAGE_TITRES)


def _apercu_titres(remis: Sequence[FactureAReclamer]) -> Apercu:
    nombre, tous = pluriel(len(remis), "facture,factures"), MoisTitres("", remis)
    compte = [f"{euros(tous.emis)} émis"]
    compte += [f"moins {euros(tous.paye)} payés ici ou déduits"] if tous.paye else []
    compte += [f"moins {euros(tous.deja)} déjà réclamés"] if tous.deja else []
    return Apercu(
        titre="Remettre la liste à la trésorerie",
        phrase=f"{nombre}, {euros(tous.montant)} à réclamer.",
        question=f"Noter que la liste de {nombre} est remise{NBSP}?",
        suites=(Suite("Noter que la liste est remise"),),
        retour=reverse(PAGE_TITRES),
        fil=(("Titres", reverse(PAGE_TITRES)),),
        consequence="Cela ne se reprend pas.",
        effets=(
            Effet("Le compte", f"{', '.join(compte)}."),
            Effet("Les familles", "Chacune lit que la trésorerie lui réclame sa facture, et depuis quand."),
            Effet("Plus tard", "Un avoir, ou un chèque revenu impayé, sera sur la liste suivante, pour la différence."),
        ),
        grave=True,
        marque=repr(sorted((titre.facture.numero, titre.montant) for titre in remis)),
    )
