"""Reminders: proposed at the town’s dates, read before they leave, sent in one click; the list for the treasury."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Page, Paginator
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts.decorators import agent_of, staff_page
from accounts.emails import text_of
from accounts.log import log_change
from accounts.models import User
from facturation.models import Facture, Relance
from facturation.montants import euros
from facturation.papiers.feuille import mots_papier
from facturation.payeurs.sans_facture import load_sans_facture
from facturation.regie.recherche import load_rendus_dus
from facturation.regie.relances.courriels import rappel_context
from facturation.regie.relances.ecriture import BilanRelance, mettre_de_cote, rappeler, reprendre
from facturation.regie.relances.forms import DeCoteForm
from facturation.regie.relances.lecture import (
    ADD,
    MONTREES,
    PAGE_RELANCES,
    RAPPELS,
    VIEW,
    RappelPayeur,
    count_retards,
    load_lettres,
    load_retards,
)
from facturation.regie.relances.tresorerie import LISTES, SEUIL, lignes_of, load_remises
from facturation.reglages import load_reglage
from portail.adresses import JourConverter
from portail.confirmation import Apercu, Effet, Suite, asks_always, confirm
from portail.dates import PARIS
from portail.formulaires import is_key
from portail.francais import NBSP, pluriel
from portail.vues import PAGE

Genre = Relance.Genre
PAR_PAGE = 50
ECARTES = 10  # that a message names
NOMS = {Genre.PREMIER.value: "Premier rappel", Genre.DEUXIEME.value: "Deuxième rappel"}
LETTRES = "À imprimer depuis «\u00a0Lettres du jour\u00a0», pour qui ne lit pas ses e-mails."


@dataclass(frozen=True)
class RappelsAEnvoyer:
    """A kind of reminder to send today: all of them, `rappels`, and those of the page that is shown."""

    genre: str
    rappels: list[RappelPayeur]
    page: Page[RappelPayeur]

    @property
    def nom(self) -> str:
        """The name of this kind of reminder in French."""
        return NOMS[self.genre]

    @property
    def reste(self) -> int:
        """What is left to pay of all the invoices to remind of, on this page or another, in centimes."""
        return sum(rappel.reste for rappel in self.rappels)

    @property
    def factures(self) -> int:
        """How many invoices all these reminders tell."""
        return sum(len(rappel.dues) for rappel in self.rappels)

    @property
    def coches(self) -> str:
        """How many payers of the page that is shown are ticked, and how their reminders would leave, in French: « 4
        cochés : 3 e-mails et 1 lettre ».
        """
        coches = [rappel for rappel in self.page if not rappel.attente]
        lettres = sum(rappel.par_lettre for rappel in coches)
        comment = _comment(len(coches) - lettres, lettres)
        return pluriel(len(coches), "coché,cochés") + (f"{NBSP}: {comment}" if comment else "")


def _comment(courriels: int, lettres: int) -> str:
    """« 3 e-mails et 1 lettre »; empty for none."""
    nombres = (courriels, "e-mail,e-mails"), (lettres, "lettre,lettres")
    return " et ".join(pluriel(nombre, mots) for nombre, mots in nombres if nombre)


@staff_page(VIEW)
@require_http_methods(PAGE)
def relances(request: HttpRequest) -> HttpResponse:
    """The régie's page of reminders: who is late, what would leave today, what was put aside, what the treasury takes
    over. A POST does what a button asks, for who may make reminders. Where the treasury collects all invoices, a
    redirection to the lists for it.
    """
    now = timezone.localtime()
    if settings.ENCAISSEMENT == "titre":
        return redirect("admin:regie_titres")
    form = DeCoteForm()
    if request.method == "POST":
        if not request.user.has_perm(ADD):
            raise PermissionDenied
        form = DeCoteForm(request.POST if "de_cote" in request.POST else None)
        if answer := _act(request, form, now):
            return answer
    retards = load_retards(now.date())
    envois = [_envoi(request, genre, retards.rappels(genre)) for genre in RAPPELS if retards.rappels(genre)]
    reglage, lignes, remises = (
        load_reglage(),
        lignes_of(retards.tresorerie),
        load_remises(None if "listes" in request.GET else LISTES),
    )
    rendus = load_rendus_dus()
    context = {
        "titre": "Relances",
        "titre_mode": False,
        "aujourdhui": now.date(),
        "retards": retards,
        "envois": envois,
        "sous_minimum": sum(rappel.reste for rappel in retards.sous_minimum),
        "reglage": reglage,
        "form": form,
        "lignes": lignes,
        "reste_tresorerie": sum(due.reste for due in retards.tresorerie),
        "sous_seuil": sum(ligne.sous_seuil for ligne in lignes),
        "seuil": SEUIL,
        "remises": remises,
        "rendus": rendus,
        "du_rendu": sum(rendu.reste for rendu in rendus),
        "factures_remises": [facture for remise in remises for facture in remise.factures][:MONTREES],
        "du_jour": Relance.objects.filter(genre__in=RAPPELS, faite_le__date=now.date()).exists(),
    }
    return render(request, "facturation/regie/relances/relances.html", context)


def _envoi(request: HttpRequest, genre: str, rappels: list[RappelPayeur]) -> RappelsAEnvoyer:
    """The page of these reminders that the address names by the kind of the reminder, the first one else."""
    return RappelsAEnvoyer(genre, rappels, Paginator(rappels, PAR_PAGE).get_page(request.GET.get(genre)))


def _act(request: HttpRequest, form: DeCoteForm, now: datetime) -> HttpResponse | None:
    """Do what a button asks; None when its form has something to correct."""
    if "reprendre" in request.POST:
        facture = get_object_or_404(Facture, numero=request.POST["reprendre"])
        with transaction.atomic():
            if reprendre(facture):
                log_change(request, facture, "N’est plus de côté.")
                messages.success(request, f"La facture {facture.numero} n’est plus de côté.")
            else:
                messages.warning(request, f"La facture {facture.numero} n’était pas de côté{NBSP}: rien n’a changé.")
    elif "de_cote" in request.POST:
        if not form.is_valid():
            return None
        facture = form.cleaned_data["numero"]
        with transaction.atomic():
            if mettre_de_cote(facture, form.cleaned_data["motif"], agent_of(request), now):
                log_change(request, facture, "Mise de côté.")
                messages.success(request, f"La facture {facture.numero} est de côté{NBSP}: aucun rappel ne part.")
            else:
                messages.warning(request, f"La facture {facture.numero} était déjà de côté{NBSP}: sa raison reste.")
    else:
        messages.warning(request, f"Rien n’a changé{NBSP}: choisissez ce que vous faites de ces factures.")
    return redirect(PAGE_RELANCES)


# --- One reminder a payer ---------------------------------------------------------------------------------------------


@staff_page(ADD)
@require_http_methods(PAGE)
@asks_always
def envoyer(request: HttpRequest) -> HttpResponse:
    """Send the reminder, first or second, of the payers that are ticked, once the agent has read one of them and how
    they leave.
    """
    genre = request.POST.get("rappeler", "")
    if request.method != "POST" or settings.ENCAISSEMENT == "titre" or genre not in RAPPELS:
        return redirect(PAGE_RELANCES)
    now = timezone.now()
    payeurs = [int(cle) for cle in request.POST.getlist("payeurs") if is_key(cle)]
    bilan = rappeler(payeurs, genre, agent_of(request), now)
    if not bilan.rappels:
        ecartes = f" {_pas_partis(bilan)}" if bilan.ecartes else ""
        messages.warning(request, f"Aucun rappel n’est parti{NBSP}: cochez un payeur qui doit encore.{ecartes}")
        return redirect(PAGE_RELANCES)
    confirm(request, _apercu(bilan, genre, now.astimezone(PARIS).date()))
    for rappel in bilan.rappels:
        for due in rappel.dues:
            log_change(request, due.facture, f"{NOMS[due.prochaine]}.")
    _tell(request, bilan, genre, count_retards(timezone.localdate(now))[genre])
    return redirect(PAGE_RELANCES)


def _apercu(bilan: BilanRelance, genre: str, today: date) -> Apercu:
    """What would leave, and the longest of the mails in full."""
    payeurs = pluriel(len(bilan.rappels), "payeur,payeurs")
    factures = sum(len(rappel.dues) for rappel in bilan.rappels)
    somme = euros(sum(rappel.reste for rappel in bilan.rappels))
    return Apercu(
        titre=NOMS[genre],
        phrase=f"{payeurs}, {pluriel(factures, 'facture,factures')}, {somme}.",
        precision="Un seul rappel par payeur, qui dit toutes ses factures.",
        question=f"Envoyer {_comment(bilan.courriels, bilan.lettres)}{NBSP}?",
        suites=(Suite("Envoyer"),),
        retour=reverse(PAGE_RELANCES),
        abandon="Ne rien envoyer",
        fil=(("Relances", reverse(PAGE_RELANCES)),),
        consequence="Un e-mail parti ne se reprend pas." if bilan.courriels else "",
        remarques=(_pas_partis(bilan),) if bilan.ecartes else (),
        effets=(Effet("Les lettres", LETTRES, bilan.lettres),) if bilan.lettres else (),
        courriels=bilan.courriels,
        exemple=_exemple(bilan.rappels, genre, today),
        travail="Envoi en cours…",
        marque=repr(sorted((due.numero, due.reste) for rappel in bilan.rappels for due in rappel.dues)),
    )


def _exemple(rappels: Sequence[RappelPayeur], genre: str, today: date) -> str:
    """The mail of the payer who has the most invoices, as it will be read; empty when all are letters."""
    rappel = max((un for un in rappels if not un.par_lettre), key=lambda un: len(un.dues), default=None)
    if rappel is None or rappel.identite is None:
        return ""
    user = User.objects.filter(pk=rappel.identite.joignable or 0).first() or User()
    return text_of("rappel_facture", user, _context_of(rappel, genre, today, load_sans_facture([rappel.payeur.pk])))


def _context_of(rappel: RappelPayeur, genre: str, jour: date, sans_facture: Mapping[int, int]) -> dict[str, Any]:
    dues = [(due.facture, due.reste) for due in rappel.dues]
    return rappel_context(dues, genre, jour, sans_facture.get(rappel.payeur.pk, 0))


def _tell(request: HttpRequest, bilan: BilanRelance, genre: str, restent: int) -> None:
    if bilan.ecartes:
        messages.warning(request, _pas_partis(bilan))
    partent = pluriel(bilan.courriels, "e-mail part,e-mails partent")
    proposes = f" {pluriel(restent, 'autre reste proposé,autres restent proposés')}." if restent else ""
    messages.success(request, f"{NOMS[genre]}{NBSP}: {partent}.{proposes}")
    if bilan.lettres:
        a_imprimer = pluriel(bilan.lettres, "lettre est à imprimer,lettres sont à imprimer")
        messages.info(
            request, f"{a_imprimer}, pour qui ne lit pas ses e-mails{NBSP}: voyez «\u00a0Lettres du jour\u00a0»."
        )


def _pas_partis(bilan: BilanRelance) -> str:
    """« 1 rappel ne part pas : Camille Morel (plus rien à payer). »"""
    dits = [f"{nom} ({raison})" for nom, raison in bilan.ecartes[:ECARTES]]
    if len(bilan.ecartes) > ECARTES:
        dits.append(pluriel(len(bilan.ecartes) - ECARTES, "autre,autres"))
    nombre = pluriel(len(bilan.ecartes), "rappel ne part pas,rappels ne partent pas")
    return f"{nombre}{NBSP}: {', '.join(dits)}."


# --- Letters ----------------------------------------------------------------------------------------------------------


@staff_page(VIEW)
@require_safe
def lettres(request: HttpRequest) -> HttpResponse:
    """The letters, to print one a page, of the reminders made on the day of `?jour=` or today, one a payer whom no
    e-mail reaches or who asked for paper; an invoice paid since is left out.
    """
    today = timezone.localdate()
    try:
        jour = JourConverter().to_python(request.GET.get("jour", today.isoformat()))
    except ValueError:
        raise Http404("No such day.") from None
    a_imprimer = load_lettres(jour)
    autres = load_sans_facture([rappel.payeur.pk for rappel, _ in a_imprimer])
    pages = [(rappel, _context_of(rappel, genre, jour, autres)) for rappel, genre in a_imprimer]
    reglage = load_reglage()
    context: dict[str, Any] = {"titre": "Lettres de rappel", "pages": pages, "jour": jour, "reglage": reglage}
    return render(request, "facturation/regie/relances/lettres.html", context | mots_papier(reglage))
