"""The gate: the sheet of a créneau, its taps, and what the team may know of a child that day.

Without script the sheet is one form; with it, each tap is sent alone as it is made, and kept by the phone until the
server has answered for it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from functools import partial
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.backends import ModelBackend
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import journal
from accounts.decorators import agent_of, renews_nothing
from accounts.search import keep_search, kept_search
from accounts.sessions import take_kept_form
from enfance.ecoles import creneaux_of, ecoles_of
from enfance.equipe.acces import CORRIGER, TENIR, adresse_of, creneau_of, refuse, require_school, suite_of, team_page
from enfance.equipe.appareil import decalage_of, keep_for
from enfance.equipe.eleves import noms_of
from enfance.equipe.etat import etat_of
from enfance.equipe.feuille import Feuille, load_feuille
from enfance.equipe.fiche import load_fiche
from enfance.equipe.forms import AppelForm, RechercheEnfantForm, parse_envoi
from enfance.equipe.heures import FauteHeure, HeuresEcrites
from enfance.equipe.jours import jour_propose
from enfance.equipe.pointages import encore_la, enregistrer, noter_adultes, rouvrir, terminer
from enfance.equipe.qui_vient import QuiModele
from enfance.equipe.reception import SUITE, BilanGestes, RefusGeste
from enfance.equipe.recherche import chercher
from enfance.equipe.refus import refuse_taps
from enfance.equipe.remises import load_departs, noter_remises
from enfance.famille.sante import keep_lecture, sees_sante
from enfance.models import Creneau
from enfance.regles.cles import PK_MAX
from portail.certain import certain
from portail.dates import PARIS
from portail.formulaires import INCOMPLETE
from portail.francais import de
from portail.vues import PAGE

AUCUNE: Mapping[str, str] = {}
COLLEGUES_MAX = 10  # whose taps wait on one phone


@require_safe
@team_page
def equipe(request: HttpRequest) -> HttpResponse:
    """Redirect to the attendance sheet of today; on a day without school, or without garderie in the agent's schools,
    to that of the next one.
    """
    jour = jour_propose(timezone.localdate(), agent_of(request), request.GET.get("ecole", ""))
    if jour is None:
        return render(request, "enfance/equipe/sans_annee.html", {"onglet": "feuille", "jour": None})
    return HttpResponseRedirect(reverse("enfance:feuille", args=[jour], query=ecole_of(request)))


@require_http_methods(PAGE)
@team_page
def feuille(request: HttpRequest, jour: date) -> HttpResponse:
    """The attendance sheet of a day, at the créneau that `?creneau=` names or at that of the hour; a POST saves it. A
    form that an ended session was sending is shown again, and not saved.
    """
    now = timezone.now()
    if request.method == "POST":
        with transaction.atomic():  # what ends in a page that does not exist has written nothing
            return save(request, jour, now)
    return show(request, jour, now, take_kept_form(request, now=now))


def show(
    request: HttpRequest,
    jour: date,
    now: datetime,
    data: QueryDict | None,
    fautes: Sequence[FauteHeure] = (),
) -> HttpResponse:
    """The page of an attendance sheet, as the database has it, or ticked as a form that is not saved (`data`);
    `fautes`: the errors in its hours, which keep it from being saved.
    """
    form = AppelForm(data)
    gardes = form.is_valid()
    saisie = form.saisie if gardes else {}
    code, ecole, agent = (data or request.GET).get("creneau", ""), request.GET.get("ecole", ""), agent_of(request)
    feuille = load_feuille(jour, code, now=now, agent=agent, ecole=ecole, saisie=saisie)
    if feuille is None:
        refuse(request, code)
    require_school(feuille, agent)
    asks = {request.GET[nom]: nom for nom in ("remis", "personne") if nom in request.GET}
    if asks:
        lignes = [ligne.with_suite(asks[cle]) if (cle := ligne.valeur) in asks else ligne for ligne in feuille.lignes]
        feuille = replace(feuille, lignes=lignes)
    corrige = bool(feuille.clos) and request.user.has_perm(CORRIGER)
    inerte = not (feuille.ouverte or corrige)
    heures = not inerte and (feuille.passee or corrige)
    if gardes and heures and data is not None and "heures" in data:
        feuille = with_heures(feuille, form.ecrites, fautes)
    if gardes and inerte and feuille.onglet:
        messages.error(request, "L’appel a été terminé entre-temps\u00a0: vos cases n’ont pas été enregistrées.")
        return redirect_to_sheet(request, jour, feuille.onglet.creneau.code)
    context = {
        "onglet": "feuille",
        "jour": jour,
        "feuille": feuille,
        **adresse_of(feuille),
        "corrige": corrige,
        "inerte": inerte,
        "form": form,
        "gardes": gardes,
        "heures": heures,
        "fautes": fautes,
        "justes": form.ecrites.jetons(fautes) if fautes else "",
        "modele": QuiModele(),
        "asks": bool(asks),
        "clore": "clore" in request.GET and feuille.ouverte and bool(feuille.encore),
        "ajoute": request.GET.get("ajoute", ""),
    }
    response = render(request, "enfance/equipe/feuille.html", context)
    if jour == feuille.today and not (gardes or asks or context["clore"] or context["ajoute"]):
        keep_for(request, jour, response)
    return response


def with_heures(feuille: Feuille, ecrites: HeuresEcrites, fautes: Sequence[FauteHeure]) -> Feuille:
    """This attendance sheet, with the hours that a form has typed, each beside its error if it has one."""
    ancres = {faute.cle: faute.ancre for faute in fautes}
    return replace(feuille, lignes=[ligne.with_heures(ecrites.textes, ancres) for ligne in feuille.lignes])


def save(request: HttpRequest, jour: date, now: datetime) -> HttpResponse:
    """Save the ticks and hours of the posted attendance sheet, then close it, or open it again, when the pressed button
    says so; the answer is a redirection, or the page with its errors.
    """
    creneau, auteur = creneau_of(request, request.POST.get("creneau", "")), agent_of(request)
    form = AppelForm(request.POST)
    if not form.is_valid() and not form.has_error("motif", "invisible"):
        raise Http404
    motif = form.cleaned_data.get("motif", "").strip()
    corrige = {"corriger", "rouvrir"} & request.POST.keys()
    trace = partial(journal.event, user=auteur.pk, request=request, day=jour.isoformat(), slot=creneau.pk)
    if "avant" not in request.POST:  # what the page showed: every form of it says it
        messages.error(request, INCOMPLETE)
    elif form.errors:
        messages.error(request, f"{form.errors['motif'][0]} Rien n’est changé.")
    elif corrige and not (request.user.has_perm(CORRIGER) and motif):
        messages.error(request, "Dites pourquoi\u00a0: le motif reste avec la correction. Rien n’est changé.")
        if request.user.has_perm(CORRIGER):
            return show(request, jour, now, request.POST)
    elif "rouvrir" in request.POST:
        if rouvrir(jour, creneau.code, auteur, motif, now=now):
            trace("sheet_reopened")
        messages.success(request, "L’appel est rouvert\u00a0: l’équipe peut de nouveau pointer.")
    else:
        correction, dites, details = motif if corrige else "", "", dict[str, Any]()
        gestes, demandes = form.gestes(now), form.partis_decoches
        if "heures" in request.POST and (correction or jour < now.astimezone(PARIS).date()):
            noms = noms_of(jour, creneau, {enfant for enfant, _ in form.ecrites.cases})
            justes = form.cleaned_data["justes"].split()
            if fautes := form.ecrites.check(jour, creneau, noms, now=now, justes=justes):
                return show(request, jour, now, request.POST, fautes)
            gestes, demandes, dites = form.ecrites.gestes(now, jour), set(), form.ecrites.dites(noms)
            details = {"hours": form.ecrites.trace()} if dites else {}
        bilan = enregistrer(gestes, jour, creneau.code, auteur, now=now, correction=correction)
        if bilan.recus and (correction or details):
            trace("sheet_corrected" if correction else "sheet_written", count=len(bilan.recus), **details)
        bilan += noter_adultes(form.adultes_recus(now), jour, creneau.code, auteur, now=now)
        bilan += noter_remises(form.remises(now), jour, creneau.code, auteur, now=now + len(gestes) * SUITE)
        bilan += ask_of_departures(demandes, jour, creneau)
        if form.noter_seul:
            bilan.refus.append(RefusGeste(uuid4(), "Dites qui se présente\u00a0: rien n’en est noté."))
        termine = "terminer" in request.POST and not bilan.refus
        if termine and not encore_la(jour, creneau.code) <= form.cleaned_data["encore"]:
            return redirect_to_sheet(request, jour, creneau.code, {"clore": "1"}, "clore")
        if "ajout" in request.POST and not bilan.refus:
            return redirect_to_sheet(request, jour, creneau.code, {"ajoute": request.POST.get("present", "")})
        tell(request, bilan, dites)
        if termine:
            try:
                terminer(jour, creneau.code, auteur, now=now)
            except ValueError as error:
                raise Http404(str(error)) from None  # the page offers no such thing
            trace("sheet_closed")
        elif suite := form.suite_of(gestes):
            return redirect_to_sheet(request, jour, creneau.code, suite, "suite" if suite else None)
    return redirect_to_sheet(request, jour, creneau.code)


def ask_of_departures(enfants: Collection[int], jour: date, creneau: Creneau) -> BilanGestes:
    """One refusal for each of these children who have left and whose « Présent » alone was unticked: it says which box
    to untick instead.
    """
    phrases = [
        f"Le départ {de(nom)} est déjà noté\u00a0: décochez «\u00a0Parti\u00a0» si cet enfant est encore là, les deux "
        "cases s’il n’est pas venu. Rien n’est changé pour cet enfant."
        for nom in noms_of(jour, creneau, set(enfants)).values()
    ]
    return BilanGestes(refus=[RefusGeste(uuid4(), phrase) for phrase in phrases])


def ecole_of(request: HttpRequest) -> dict[str, str]:
    """The query parameter `ecole` of this request, to pass it on to another address; empty when it has none."""
    return {name: request.GET[name] for name in ["ecole"] if name in request.GET}


def redirect_to_sheet(
    request: HttpRequest, jour: date, code: str, etat: Mapping[str, str] = AUCUNE, fragment: str | None = None
) -> HttpResponse:
    """Redirect (303) to the attendance sheet of this day and créneau (`code`), of the school that was shown.

    `etat` adds to the query: `clore`, to ask before closing on children who are still there; `remis` or `personne`, the
    primary key of the child about whom it asks; `ajoute`, that of the child just added.
    """
    query = {"creneau": code} | ecole_of(request) | dict(etat)
    return HttpResponseRedirect(reverse("enfance:feuille", args=[jour], query=query, fragment=fragment), status=303)


def tell(request: HttpRequest, bilan: BilanGestes, dites: str = "") -> None:
    """Tell the agent, in messages, what became of a save: the refusals, or that it is saved, with the hours written
    (`dites`).
    """
    phrases = list(dict.fromkeys(refus.phrase for refus in bilan.refus))
    for phrase in phrases:
        messages.error(request, phrase)
    if not phrases:
        messages.success(request, f"Appel enregistré. {dites}".strip())


@require_POST
@team_page
def pointage(request: HttpRequest, jour: date) -> HttpResponse:
    """One or several taps for one créneau, as a phone sends them; the answer is JSON. A refused tap is told one by one
    and is not to be sent again; the state of the sheet comes with the answer.
    """
    now = timezone.now()
    auteur, code, envoi = agent_of(request), request.POST.get("creneau", ""), parse_envoi(request.POST)
    creneau = creneaux_of(auteur).filter(code=code).first()
    autre = Creneau.objects.filter(code=code).first() if creneau is None else None
    if envoi is None or not (creneau or autre):
        return JsonResponse({"refus": [], "avis": ["Ce pointage ne se lit pas."]}, status=400)
    decalage = decalage_of(request, envoi.envoye, now)
    if creneau is None:
        if not ecoles_of(auteur).exists():
            raise PermissionDenied  # the device keeps its taps
        bilan = refuse_taps(request, envoi, jour, certain(autre), now=now, decalage=decalage)
        return JsonResponse({"recus": [], "refus": refus_of(bilan), "avis": [], "etat": None})
    bilan = enregistrer(envoi.gestes, jour, creneau.code, auteur, now=now, decalage=decalage)
    bilan += noter_adultes(envoi.adultes, jour, creneau.code, auteur, now=now, decalage=decalage)
    apres = now + len(envoi.gestes) * SUITE
    bilan += noter_remises(envoi.remises, jour, creneau.code, auteur, now=apres, decalage=decalage)
    etat = etat_of(jour, creneau, now=now)
    return JsonResponse({"recus": bilan.recus, "refus": refus_of(bilan), "avis": bilan.avis, "etat": etat})


def refus_of(bilan: BilanGestes) -> list[dict[str, Any]]:
    """The refused taps as JSON values: the `id` of each, and why (`phrase`)."""
    return [{"id": refus.id, "phrase": refus.phrase} for refus in bilan.refus]


@renews_nothing
@require_safe
@team_page
def etat(request: HttpRequest, jour: date) -> HttpResponse:
    """The state of an attendance sheet as JSON, for the other phones: primary keys and hours, no name of a child; and
    the first names of the agents (`?agents=3+7`) whose taps wait on a shared phone.
    """
    creneau = creneau_of(request, request.GET.get("creneau", ""))
    return JsonResponse(etat_of(jour, creneau, now=timezone.now()) | {"agents": prenoms_of(request.GET)})


def prenoms_of(demande: QueryDict) -> dict[int, dict[str, str]]:
    """The first names of the agents of the garderie's team that `agents=3+7` asks for, ten at most, by primary key of
    the account; an agent without a first name is left out.
    """
    numeros = {int(numero) for numero in demande.get("agents", "").split() if numero.isdecimal() and len(numero) < 10}
    if not numeros:
        return {}
    agents = ModelBackend().with_perm(TENIR).filter(pk__in=sorted(numeros)[:COLLEGUES_MAX]).exclude(first_name="")
    return {agent.pk: {"prenom": agent.first_name, "de": de(agent.first_name)} for agent in agents}


@require_safe
@team_page
def service_worker(request: HttpRequest) -> HttpResponse:
    """The script by which the phone opens the attendance sheets of the day without network, for twelve hours at most
    (SES-02).
    """
    context = {"vie": settings.SESSION_LIFE}
    return render(request, "enfance/equipe/service-worker.js", context, content_type="text/javascript")


@require_safe
@team_page
def hors_ligne(request: HttpRequest) -> HttpResponse:
    """The page that the device shows without network in place of one that it has not kept."""
    response = render(request, "enfance/equipe/hors_ligne.html", {"onglet": "", "jour": None})
    return keep_for(request, timezone.localdate(), response)


@require_http_methods(PAGE)
@team_page
def ajouter(request: HttpRequest, jour: date) -> HttpResponse:
    """Search a child who came without being registered; the button beside its name ticks it on the attendance sheet.

    The name is sent by POST, and the answer redirects to an address without it, which may be reloaded.
    """
    envoi = request.POST if request.method == "POST" else take_kept_form(request, now=timezone.now())
    creneau = creneau_of(request, (envoi or request.GET).get("creneau", ""))
    if envoi is not None:
        query = {"creneau": creneau.code, "q": keep_search(request.session, envoi.get("nom", ""))} | ecole_of(request)
        return HttpResponseRedirect(reverse("enfance:feuille_ajouter", args=[jour], query=query), status=303)
    nom = kept_search(request.session, request.GET.get("q", ""))
    form = RechercheEnfantForm(None if nom is None else {"nom": nom})
    trouves = chercher(form.cleaned_data["nom"], jour, creneau) if form.is_valid() else None
    context = {"onglet": "feuille", "jour": jour, "creneau": creneau, "form": form, "trouves": trouves}
    context |= {"suite": suite_of(request.GET.get("ecole", ""))}
    return render(request, "enfance/equipe/ajouter.html", context)


@require_safe
@team_page
def fiche(request: HttpRequest, jour: date, pk: int) -> HttpResponse:
    """The card of a child of that day: who may fetch it. What to know of its health is shown with `?consigne`, and each
    such reading is kept (ADM-03).
    """
    fiche = load_fiche(pk, jour, agent_of(request)) if pk <= PK_MAX else None
    if fiche is None:
        raise Http404
    lit = "consigne" in request.GET and bool(fiche.sante) and sees_sante(request)
    if lit:
        keep_lecture(request, [pk])
    context: dict[str, Any] = {"onglet": "feuille", "jour": jour, "fiche": fiche, "lit": lit}
    context |= {"creneau": request.GET.get("creneau", ""), "suite": suite_of(request.GET.get("ecole", ""))}
    context |= {"departs": load_departs(pk, jour, agent_of(request))}
    return render(request, "enfance/equipe/fiche.html", context)
