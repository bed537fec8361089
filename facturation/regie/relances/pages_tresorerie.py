"""What the treasury takes over: the unpaid invoices, or all of them where it collects; each list is kept as it was."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
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
from django.views.decorators.http import require_http_methods, require_safe

from accounts.decorators import agent_of, staff_page
from accounts.exports import export
from accounts.log import log_change
from facturation.models import Facture
from facturation.montants import euros
from facturation.papiers.mots import jour_of, mois_annee
from facturation.regie.recherche import load_credits, load_rendus_dus
from facturation.regie.relances.ecriture import remettre, reprendre
from facturation.regie.relances.lecture import ADD, MONTREES, PAGE_RELANCES, VIEW, FactureEchue, load_retards
from facturation.regie.relances.titres import FactureAReclamer, load_titres, remettre_titres
from facturation.regie.relances.titres import lignes_of as titres_lignes
from facturation.regie.relances.tresorerie import (
    LISTES,
    SEUIL,
    TITRES,
    LigneTresorerie,
    lignes_of,
    lignes_remises,
    load_remises,
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
    _tell_remise(request, len(dues))
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


# --- Where the treasury collects everything ---------------------------------------------------------------------------


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
            lignes = [ligne.cellules for ligne in titres_lignes(choisis)]
            return TableSortante.of(f"titres-{timezone.localdate():%Y-%m-%d}", "Titres", TITRES, lignes)

        return export(request, "facture", build, back=reverse(PAGE_TITRES))
    remises, rendus = load_remises(None if "listes" in request.GET else LISTES), load_rendus_dus()
    context: dict[str, Any] = {
        "titre": "Titres pour la trésorerie",
        "titre_mode": True,
        "seuil": SEUIL,
        "mois": _par_mois(liste.a_remettre),
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
    return render(request, "facturation/regie/relances/titres.html", context)


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
    _tell_remise(request, len(remis))
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


def _tell_remise(request: HttpRequest, nombre: int) -> None:
    messages.success(
        request,
        f"{pluriel(nombre, 'facture remise,factures remises')} à la trésorerie{NBSP}: la liste reste à télécharger "
        "dans «\u00a0Listes remises\u00a0».",
    )
