"""Reminders: proposed at the town’s dates, read before they leave, sent in one click; the list for the treasury."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Page, Paginator
from django.db import transaction
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts.decorators import agent_of, staff_page
from accounts.emails import text_of
from accounts.log import log_change
from accounts.models import User
from facturation.models import Facture, Relance
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
    VIEW,
    FactureEchue,
    Retards,
    count_retards,
    load_dues,
    load_retards,
)
from facturation.regie.relances.tresorerie import LISTES, SEUIL, lignes_of, load_remises
from facturation.reglages import load_reglage
from portail.adresses import JourConverter
from portail.francais import NBSP, pluriel
from portail.vues import PAGE

Genre = Relance.Genre
PAR_PAGE = 50
ECARTEES = 10  # that a message names
RAPPELS = {Genre.PREMIER.value: "Premier rappel", Genre.DEUXIEME.value: "Deuxième rappel"}


@dataclass(frozen=True)
class RappelsAEnvoyer:
    """A kind of reminder to send today: its invoices, `dues`, and those of the page that is shown."""

    genre: str
    dues: list[FactureEchue]
    page: Page[FactureEchue]

    @property
    def nom(self) -> str:
        """The name of this kind of reminder in French."""
        return RAPPELS[self.genre]

    @property
    def total(self) -> int:
        """The sum of the invoices of the page that is shown, in centimes."""
        return sum(due.facture.total for due in self.page)

    @property
    def paye(self) -> int:
        """What was paid already of the invoices of the page that is shown, in centimes."""
        return sum(due.paye for due in self.page)

    @property
    def reste_page(self) -> int:
        """What is left to pay of the invoices of the page that is shown, in centimes."""
        return sum(due.reste for due in self.page)

    @property
    def reste(self) -> int:
        """What is left to pay of all the invoices to remind of, on this page or another, in centimes."""
        return sum(due.reste for due in self.dues)

    @property
    def comment(self) -> str:
        """How the reminders of the page that is shown would leave, in French: « 3 e-mails et 1 lettre »."""
        lettres = sum(due.par_lettre for due in self.page)
        nombres = (len(self.page) - lettres, "e-mail,e-mails"), (lettres, "lettre,lettres")
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
    envois = [_envoi(request, genre, retards.of(genre)) for genre in RAPPELS if retards.of(genre)]
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
        "lu": _lu(request, retards),
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


def _envoi(request: HttpRequest, genre: str, dues: list[FactureEchue]) -> RappelsAEnvoyer:
    """The page of these invoices that the address names by the kind of the reminder, the first one else."""
    return RappelsAEnvoyer(genre, dues, Paginator(dues, PAR_PAGE).get_page(request.GET.get(genre)))


def _act(request: HttpRequest, form: DeCoteForm, now: datetime) -> HttpResponse | None:
    """Do what a button asks; None when its form has something to correct."""
    numeros = request.POST.getlist("factures")
    if (genre := request.POST.get("rappeler", "")) in RAPPELS:
        return _send(request, numeros, genre, now)
    if "reprendre" in request.POST:
        facture = get_object_or_404(Facture, numero=request.POST["reprendre"])
        with transaction.atomic():
            if reprendre(facture):
                log_change(request, facture, "N’est plus de côté.")
        messages.success(request, f"La facture {facture.numero} n’est plus de côté.")
    elif "de_cote" in request.POST:
        if not form.is_valid():
            return None
        facture = form.cleaned_data["numero"]
        with transaction.atomic():
            if mettre_de_cote(facture, form.cleaned_data["motif"], agent_of(request), now):
                log_change(request, facture, "Mise de côté.")
        messages.success(request, f"La facture {facture.numero} est de côté\u00a0: aucun rappel ne part.")
    else:
        messages.warning(request, f"Rien n’a changé{NBSP}: choisissez ce que vous faites de ces factures.")
    return redirect(PAGE_RELANCES)


def _send(request: HttpRequest, numeros: list[str], genre: str, now: datetime) -> HttpResponse:
    with transaction.atomic():
        bilan = rappeler(numeros, genre, agent_of(request), now)
        for facture in Facture.objects.filter(numero__in=numeros) if bilan.nombre else []:
            log_change(request, facture, f"{RAPPELS[genre]}.")
    if bilan.ecartees:
        messages.warning(request, _pas_partis(bilan))
    if not bilan.nombre:
        messages.warning(request, f"Aucun rappel n’est parti{NBSP}: cochez une facture que personne n’a payée depuis.")
        return redirect(PAGE_RELANCES)
    partent = pluriel(bilan.courriels, "e-mail part,e-mails partent")
    restent = count_retards(timezone.localdate(now))[genre]
    proposes = f" {pluriel(restent, 'autre reste proposé,autres restent proposés')}." if restent else ""
    messages.success(request, f"{RAPPELS[genre]}\u00a0: {partent}.{proposes}")
    if bilan.lettres:
        a_imprimer = pluriel(len(bilan.lettres), "lettre est à imprimer,lettres sont à imprimer")
        messages.info(
            request, f"{a_imprimer}, pour qui ne lit pas ses e-mails{NBSP}: voyez «\u00a0Lettres du jour\u00a0»."
        )
    return redirect(PAGE_RELANCES)


def _pas_partis(bilan: BilanRelance) -> str:
    """« 1 rappel n’est pas parti : F-2026-0040 (payée depuis). »"""
    dits = [f"{numero} ({raison})" for numero, raison in bilan.ecartees[:ECARTEES]]
    if len(bilan.ecartees) > ECARTEES:
        dits.append(pluriel(len(bilan.ecartees) - ECARTEES, "autre,autres"))
    nombre = pluriel(len(bilan.ecartees), "rappel n’est pas parti,rappels ne sont pas partis")
    return f"{nombre}{NBSP}: {', '.join(dits)}."


@dataclass(frozen=True)
class RappelLu:
    """One reminder as its family would read it."""

    due: FactureEchue
    sujet: str
    corps: list[str]


def _lu(request: HttpRequest, retards: Retards) -> RappelLu | None:
    """The reminder that is asked for, else the first one that would leave."""
    tous = {due.numero: due for due in [*retards.premiers, *retards.deuxiemes]}
    due = tous.get(request.GET.get("lire", "")) or next(iter(tous.values()), None)
    if due is None:
        return None
    joignable = due.identite.joignable if due.identite else None
    user = (User.objects.filter(pk=joignable).first() if joignable else None) or User()
    sans_facture = load_sans_facture([due.payeur.pk]).get(due.payeur.pk, 0)
    context = rappel_context(due.facture, due.prochaine, due.reste, timezone.localdate(), sans_facture)
    sujet, _, corps = text_of("rappel_facture", user, context).partition("\n\n")
    return RappelLu(due, sujet, [paragraphe for paragraphe in corps.strip().split("\n\n") if paragraphe])


# --- Letters ----------------------------------------------------------------------------------------------------------


@staff_page(VIEW)
@require_safe
def lettres(request: HttpRequest) -> HttpResponse:
    """The letters, to print one a page, of the reminders made on the day of `?jour=` or today, for payers whom no
    e-mail reaches or who asked for paper; an invoice paid since is left out.
    """
    today = timezone.localdate()
    try:
        jour = JourConverter().to_python(request.GET.get("jour", today.isoformat()))
    except ValueError:
        raise Http404("No such day.") from None
    faites = Relance.objects.filter(genre__in=RAPPELS, faite_le__date=jour)
    genres = dict(faites.order_by("pk").values_list("facture", "genre"))
    dues = [due for due in load_dues(Q(pk__in=genres)) if due.par_lettre]
    reglage = load_reglage()
    autres = load_sans_facture([due.payeur.pk for due in dues])
    pages = [
        (due, rappel_context(due.facture, genres[due.facture.pk], due.reste, jour, autres.get(due.payeur.pk, 0)))
        for due in dues
    ]
    context: dict[str, Any] = {"titre": "Lettres de rappel", "pages": pages, "jour": jour, "reglage": reglage}
    return render(request, "facturation/regie/relances/lettres.html", context | mots_papier(reglage))
