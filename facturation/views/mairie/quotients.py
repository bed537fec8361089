"""Quotients: the missing ones, typed in one table; the known ones, searched; the mail that asks for them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods

from accounts.decorators import agent_of, staff_page
from accounts.log import log_change
from accounts.search import keep_search, kept_search
from enfance.models import Foyer
from facturation.models import Quotient
from facturation.payeurs.recherche import MONTRES
from facturation.quotients.demandes import DemandeQuotient, demander_sans_quotient
from facturation.quotients.ecriture import enregistrer, premier_compte, premier_phrase
from facturation.quotients.vus import (
    ADD,
    LISTE,
    VIEW,
    QuotientManquant,
    foyers_sans_quotient,
    load_connus,
    load_manquants,
    load_seul,
    manquants_of,
)
from facturation.views.mairie.forms_quotients import DepuisForm, LigneQuotientForm
from portail.bureau import Compteur, compter
from portail.confirmation import Apercu, Suite, Tableau, asks_always, confirm
from portail.formulaires import is_key
from portail.francais import NBSP, pluriel
from portail.vues import PAGE

VU = "La famille le voit sur son compte."
VUS = "Chaque famille voit le sien sur son compte."


@dataclass(frozen=True)
class QuotientASaisir:
    """A line of the table: the payer, what was known, the form that asks."""

    vu: QuotientManquant
    form: LigneQuotientForm


@staff_page(VIEW)
@require_http_methods(PAGE)
def quotients(request: HttpRequest) -> HttpResponse:
    """The town hall's page of quotients: who lacks one, with a line to type each, and who has one. Several lines are
    saved at once, or none, for who may write quotients.
    """
    today = timezone.localdate()
    if request.method == "POST" and "cherche" in request.POST:
        word = keep_search(request.session, request.POST["cherche"].strip())
        return HttpResponseRedirect(f"{request.path}?{urlencode({'q': word})}", status=303)
    if request.method == "POST":
        if not request.user.has_perm(ADD):
            raise PermissionDenied
        return _save(request, today)
    cherche = kept_search(request.session, request.GET.get("q", "")) or ""
    manquants = load_seul(_foyer_of(request)) if _foyer_of(request) else load_manquants(today, cherche)
    lignes = [QuotientASaisir(vu, _ligne(vu, today)) for vu in manquants.lignes]
    return _page(request, today, lignes, DepuisForm(today=today), manquants.nombre, cherche)


def _ligne(vu: QuotientManquant, today: date, data: QueryDict | None = None) -> LigneQuotientForm:
    return LigneQuotientForm(data, prefix=str(vu.payeur.pk), nom=vu.payeur.nom, today=today)


def _foyer_of(request: HttpRequest) -> int:
    """The one payer (primary key of its foyer) that the page was opened for; 0 without any."""
    cle = request.GET.get("foyer", "")
    return int(cle) if is_key(cle) else 0


def _save(request: HttpRequest, today: date) -> HttpResponse:
    """All the lines that were typed, if each of them is good; else the page again, with what was typed."""
    cles = [int(cle) for cle in request.POST.getlist("foyer") if is_key(cle)]
    vus = manquants_of(Foyer.objects.filter(pk__in=cles).order_by("pk"))
    par_cle = {vu.payeur.pk: vu for vu in vus}
    connus = [par_cle[cle] for cle in cles if cle in par_cle]
    lignes = [QuotientASaisir(vu, _ligne(vu, today, request.POST)) for vu in connus]
    depuis = DepuisForm(request.POST, today=today)
    bonnes = [ligne.form.is_valid() for ligne in lignes]
    if not (all(bonnes) and depuis.is_valid()):
        return _page(request, today, lignes, depuis, len(lignes), "")
    saisies = [ligne.form.saisie(ligne.vu.payeur.pk, depuis.debut, depuis.motif) for ligne in lignes]
    voulues = [saisie for saisie in saisies if saisie]
    with transaction.atomic():
        bilan = enregistrer(voulues, par=agent_of(request).pk, now=timezone.now())
        for quotient in bilan.ecrits:
            if foyer := quotient.compte.foyer:
                log_change(request, foyer, f"Quotient saisi, compte à partir du {premier_phrase(quotient.debut)}.")
    if not voulues:
        messages.warning(request, f"Aucun quotient n’est saisi{NBSP}: rien n’a changé.")
    elif not bilan.ecrits:
        messages.info(request, f"Ces quotients étaient déjà connus{NBSP}: rien n’a changé.")
    else:
        messages.success(request, f"{_dits(bilan.ecrits)}. {VUS if len(bilan.ecrits) > 1 else VU}")
    return redirect("admin:facturation_payeur", _foyer_of(request)) if _foyer_of(request) else redirect(LISTE)


def _dits(ecrits: list[Quotient]) -> str:
    """« 2 quotients enregistrés, à partir du 1er décembre 2026 »."""
    mois = " et du ".join(premier_phrase(debut) for debut in sorted({quotient.debut for quotient in ecrits}))
    return f"{pluriel(len(ecrits), 'quotient enregistré,quotients enregistrés')}, à partir du {mois}"


def _page(
    request: HttpRequest, today: date, lignes: list[QuotientASaisir], depuis: DepuisForm, nombre: int, cherche: str
) -> HttpResponse:
    finissent = "finissent" in request.GET
    context = {
        "titre": "Quotients des familles",
        "aujourdhui": today,
        "premier": premier_phrase(premier_compte(today)),
        "lignes": lignes,
        "nombre": nombre,
        "fautes": [ligne for ligne in lignes if ligne.form.errors],
        "depuis": depuis,
        "connus": load_connus(today, cherche, finissent=finissent),
        "finissent": finissent,
        "cherche": cherche,
        "seul": lignes[0].vu.payeur if _foyer_of(request) and lignes else None,
        "liste": reverse(LISTE),
        "sans": foyers_sans_quotient(today).order_by().count(),
    }
    return render(request, "facturation/mairie/quotients.html", context)


# --- The mail ---------------------------------------------------------------------------------------------------------


@staff_page(VIEW, ADD)
@require_http_methods(PAGE)
@asks_always
def ecrire(request: HttpRequest) -> HttpResponse:
    """Mail the families without quotient to ask for it, once the agent has confirmed the preview, and go to the page
    that follows the mailing. A GET goes back to the list.
    """
    if request.method != "POST":
        return redirect(LISTE)
    demande = demander_sans_quotient(par=agent_of(request).pk, now=timezone.now())
    confirm(request, _apercu(demande))
    if demande.envoi is None:
        messages.info(request, f"Rien n’est parti{NBSP}: ces e-mails sont déjà en route, ou personne n’a d’adresse.")
        return redirect(LISTE)
    messages.success(request, "L’envoi est en route.")
    return redirect("admin:accounts_mailing_change", demande.envoi.pk)


def _apercu(demande: DemandeQuotient) -> Apercu:
    """Who would be written to; without a button when nobody would."""
    mails, familles = pluriel(len(demande.comptes), "e-mail,e-mails"), pluriel(demande.familles, "famille,familles")
    adresses = tuple((str(user), user.email) for user in demande.comptes[:MONTRES])
    reste = len(demande.comptes) - len(adresses)
    appels = tuple((nom,) for nom in demande.sans_courriel)
    en_route = pluriel(demande.en_route, "famille attend déjà cet e-mail,familles attendent déjà cet e-mail")
    return Apercu(
        titre="Demander les quotients",
        phrase=f"{familles}{NBSP}: {mails}, un par adresse." if demande.comptes else "Personne à qui écrire.",
        question=f"Envoyer {mails}{NBSP}?" if demande.comptes else "Rien à envoyer.",
        suites=(Suite("Envoyer"),) if demande.comptes else (),
        retour=reverse(LISTE),
        fil=(("Quotients des familles", reverse(LISTE)),),
        precision="L’e-mail dit où écrire le quotient, et de montrer l’attestation au guichet.",
        consequence="Un e-mail parti ne se rappelle pas." if demande.comptes else "",
        remarques=(f"{en_route}.",) if demande.en_route else (),
        tableaux=(
            *(
                (Tableau("À qui", ("Adulte", "E-mail"), adresses, f"et {reste} autres" if reste else ""),)
                if adresses
                else ()
            ),
            *((Tableau("Sans adresse e-mail qui marche\u00a0: à appeler", ("Famille",), appels),) if appels else ()),
        ),
        grave=bool(demande.comptes),
        travail="Envoi en cours…",
        marque=repr([user.pk for user in demande.comptes]),
    )


# --- On the home ------------------------------------------------------------------------------------------------------


def compter_sans(now: datetime) -> Compteur:
    """For the town hall's home: how many payers to be billed have no quotient, and some of their names."""
    return compter(foyers_sans_quotient(timezone.localdate(now)).order_by())
