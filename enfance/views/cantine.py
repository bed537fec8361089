"""The association's pages: a day, a week, its list, its settings. It sees nothing else of the portal."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from functools import wraps
from typing import Any

from django.contrib import messages
from django.contrib.admin.models import DELETION, LogEntry
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts import journal
from accounts.confirmation import password_asked
from accounts.decorators import agent_of, staff_page
from accounts.exports import send
from enfance.calendrier import UN_JOUR, lundi
from enfance.cantine.changements import load_changements, load_repas_annules
from enfance.cantine.convives import (
    jour_ouvert,
    jours_voisins,
    lignes_csv,
    load_releve,
    par_semaine,
    titres_csv,
)
from enfance.cantine.forms import ApercuListe, ConfirmationForm, HeureForm, ListeForm, PeriodeForm, confirm, preview
from enfance.cantine.matin import load_reglage
from enfance.cantine.perimetre import Choix, Perimetre, load_choix
from enfance.cantine.reglages import choisir_heure
from enfance.cantine.retour import RetourRefuse, defaire, dernieres_listes
from enfance.cantines import load_adresses
from enfance.models import ListeRepas, load_calendrier
from portail.tables import ImportRefuse
from portail.tableur import TableSortante
from portail.vues import PAGE

SEMAINE = timedelta(days=7)
CONFIRMEE = "confirmee"  # the page of a file to come back to: a file itself leaves the reader where they were


def tenir_cantine(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Decorate a page of the canteen: its view also gets `choix`, the schools that the agent may see, narrowed to the
    one that `?ecole=` names (404 for another). An agent who works in no school, in a town of several, gets a page that
    says to ask the town hall (403).
    """

    @staff_page("enfance.tenir_cantine")
    @wraps(view)
    def wrapper(request: HttpRequest, **kwargs: Any) -> HttpResponseBase:
        choix = load_choix(agent_of(request))
        if choix is None:
            return render(request, "enfance/cantine/sans_ecole.html", {"onglet": ""}, status=403)
        if code := request.GET.get("ecole"):
            choix = choix.only(code)
            if choix is None:
                raise Http404
        return view(request, choix, **kwargs)

    return wrapper


@require_safe
@tenir_cantine
def cantine(request: HttpRequest, choix: Choix) -> HttpResponse:
    """The canteen's page of today, or of the next school day."""
    return _jour(request, choix, jour_ouvert(load_calendrier(), timezone.localdate()), "aujourdhui")


@require_safe
@tenir_cantine
def cantine_jour(request: HttpRequest, choix: Choix, jour: date) -> HttpResponse:
    """The canteen's page of that day; 404 outside every school year, but for today."""
    return _jour(request, choix, jour, "aujourdhui" if jour == timezone.localdate() else "")


def _jour(request: HttpRequest, choix: Choix, jour: date, onglet: str) -> HttpResponse:
    now, calendrier = timezone.now(), load_calendrier()
    today = timezone.localdate(now)
    if jour != today and calendrier.annee(jour) is None:
        raise Http404
    perimetre = choix.perimetre
    releve = load_releve(jour, jour, now=now, perimetre=perimetre)
    journee = releve.journees[0]
    avant, apres = jours_voisins(calendrier, jour)
    depuis = journee.liste.importee_le if journee.liste and journee.commune else None
    context = {
        "onglet": onglet,
        "choix": choix,
        "journee": journee,
        "avant": avant,
        "apres": apres,
        "a_venir": jour >= today,
        "semaine": lundi(jour),
        "depuis": depuis,
        "changements": load_changements(depuis, jour, jour, today=today, perimetre=perimetre) if depuis else [],
        "annonces": releve.annonces,
        "sorties": releve.sorties,
        "autres_annules": load_repas_annules(jour + UN_JOUR, perimetre) if jour >= today else [],
        "now": now,
    }
    return render(request, "enfance/cantine/jour.html", context)


@require_safe
@tenir_cantine
def cantine_semaine(request: HttpRequest, choix: Choix, jour: date | None = None) -> HttpResponse:
    """The number of meals by class for each day of the week that begins on the Monday `jour`, by default the week of
    today or of the next school day; 404 for another day of the week, or outside every school year.
    """
    now, calendrier = timezone.now(), load_calendrier()
    if jour and (jour != lundi(jour) or not any(lundi(a.debut) <= jour <= a.fin for a in calendrier.annees)):
        raise Http404
    debut = jour or lundi(jour_ouvert(calendrier, timezone.localdate(now)))
    fin = debut + SEMAINE - UN_JOUR
    releve = load_releve(debut, fin, now=now, perimetre=choix.perimetre)
    avant, apres = jours_voisins(calendrier, debut)[0], jours_voisins(calendrier, fin)[1]
    context = {
        "onglet": "semaine",
        "choix": choix,
        "debut": debut,
        "fin": fin,
        "journees": releve.journees,
        "classes": par_semaine(releve.journees),
        "avant": lundi(avant) if avant else None,
        "apres": lundi(apres) if apres else None,
        "annonces": releve.annonces,
        "sorties": releve.sorties,
        "form": PeriodeForm(initial={"du": debut, "au": fin}),
    }
    return render(request, "enfance/cantine/semaine.html", context)


@require_safe
@tenir_cantine
def cantine_csv(request: HttpRequest, choix: Choix, jour: date) -> HttpResponseBase:
    """The table of the meals of that day as a CSV file; 404 outside every school year."""
    if load_calendrier().annee(jour) is None:
        raise Http404
    return _csv(request, choix, jour, jour, f"cantine-{jour}")


@require_safe
@tenir_cantine
def cantine_export(request: HttpRequest, choix: Choix) -> HttpResponseBase:
    """The table of the meals of a period as a CSV file, once the agent has typed a password (ADM-05); the page of its
    form when the dates are wrong, or to press the button again after the password.
    """
    form = PeriodeForm(request.GET)
    if form.is_valid() and (answer := password_asked(request, back=f"{request.get_full_path()}&{CONFIRMEE}=1")):
        return answer
    if not form.is_valid() or CONFIRMEE in request.GET:
        context = {"onglet": "semaine", "form": form, "choix": choix}
        return render(request, "enfance/cantine/export.html", context)
    du, au = form.cleaned_data["du"], form.cleaned_data["au"]
    return _csv(request, choix, du, au, f"cantine-{du}-{au}")


def _csv(request: HttpRequest, choix: Choix, du: date, au: date, nom: str) -> HttpResponseBase:
    perimetre = choix.perimetre
    lignes = lignes_csv(load_releve(du, au, now=timezone.now(), perimetre=perimetre).journees, perimetre)
    table = TableSortante.of(f"{nom}{_suffixe(choix)}", "Cantine", titres_csv(perimetre), lignes)
    return send(request, "cantine", table, "csv")


def _suffixe(choix: Choix) -> str:
    return f"-{choix.ecole.code}" if choix.ecole else ""


@require_http_methods(PAGE)
@tenir_cantine
def cantine_importer(request: HttpRequest, choix: Choix) -> HttpResponse:
    """The import of the association's list of meals: the form for its file, then a preview of what it would do and
    asks, then the import itself.
    """
    if "confirmer" in request.POST:
        return _confirmer(request, choix)
    sent = (request.POST, request.FILES) if request.method == "POST" else ()
    form = ListeForm(*sent, siennes=choix.siennes)
    if not form.is_valid():
        return _importer(request, choix, form=form)
    try:
        return _importer(request, choix, form=form, apercu=preview(form, now=timezone.now()))
    except ImportRefuse as error:
        return _importer(request, choix, form=form, refus=error)


def _confirmer(request: HttpRequest, choix: Choix) -> HttpResponse:
    confirmation, now = ConfirmationForm(request.POST), timezone.now()
    if not confirmation.is_valid():
        perime = [error["message"] for error in confirmation.errors.get_json_data()["liste"]]
        return _importer(request, choix, perime=perime)
    try:
        bilan = confirm(confirmation, request.POST, user_id=request.user.pk, now=now, siennes=choix.siennes)
    except ImportRefuse as error:
        return _importer(request, choix, refus=error)
    if isinstance(bilan, ApercuListe):
        return _importer(request, choix, apercu=bilan)
    if bilan.liste:
        meals = len(bilan.ajoutes) + bilan.inchanges
        journal.event("meals_imported", user=request.user.pk, request=request, list=bilan.liste.pk, meals=meals)
    for texte in bilan.resume():
        messages.success(request, texte)
    jour = jour_ouvert(load_calendrier(), max(bilan.debut, timezone.localdate(now)))
    return redirect("enfance:cantine_jour", jour=jour if jour <= bilan.fin else bilan.debut)


def _importer(
    request: HttpRequest,
    choix: Choix,
    *,
    form: ListeForm | None = None,
    apercu: ApercuListe | None = None,
    refus: ImportRefuse | None = None,
    perime: Sequence[str] = (),
) -> HttpResponse:
    context = {
        "onglet": "importer",
        "choix": choix,
        "form": form or ListeForm(siennes=choix.siennes),
        "apercu": apercu,
        "refus": list(map(str, refus.refus)) if refus else perime,
        "dernieres": dernieres_listes(Perimetre(choix.siennes).pks),
    }
    return render(request, "enfance/cantine/importer.html", context)


@require_http_methods(PAGE)
@tenir_cantine
def cantine_defaire(request: HttpRequest, choix: Choix, pk: int) -> HttpResponse:
    """The page that undoes the last list of meals imported (primary key): what that would give back and take away,
    then, once confirmed, the undoing; the reason when it cannot be undone. 404 for a list of schools that the agent
    does not see.
    """
    agent, liste, confirme = agent_of(request).pk, get_object_or_404(ListeRepas, pk=pk), "confirmer" in request.POST
    if not choix.covers(liste.ecoles.values_list("pk", flat=True)):
        raise Http404
    context: dict[str, Any] = {"onglet": "importer", "choix": choix, "liste": liste, "retour": None, "refus": ""}
    try:
        with transaction.atomic():
            retour = context["retour"] = defaire(pk, simuler=not confirme)
            if confirme:
                LogEntry.objects.log_actions(agent, [liste], DELETION, f"Import annulé. {retour.phrase}")
    except RetourRefuse as error:
        context["refus"] = str(error)
    else:
        if confirme:
            journal.event("meals_import_undone", user=agent, request=request, list=pk)
            messages.success(request, f"{liste}\u00a0: import annulé. {retour.phrase}")
            return redirect("enfance:cantine_importer")
    return render(request, "enfance/cantine/defaire.html", context)


@require_http_methods(PAGE)
@tenir_cantine
def cantine_reglages(request: HttpRequest, choix: Choix) -> HttpResponse:
    """The page where the canteen chooses at which hour the mail of the morning leaves, for each address of the agent's
    schools. 404 for an address of other schools.
    """
    siennes = Perimetre(choix.siennes).pks
    adresses = [adresse for adresse in load_adresses() if not siennes or adresse.pks & siennes]
    visee = request.POST.get("adresse", "")
    if request.method == "POST" and visee not in {"", *(str(adresse.cle or "") for adresse in adresses)}:
        raise Http404
    reglages, fautif = [], None
    for adresse in adresses:
        reglage, envoye = load_reglage(adresse), request.method == "POST" and visee == str(adresse.cle or "")
        choisie = reglage.heure_courriel
        form = HeureForm(
            request.POST if envoye else None,
            initial={"heure": f"{choisie:%H:%M}" if choisie else ""},
            auto_id=f"id_%s-{adresse.cle}" if adresse.cle else "id_%s",
        )
        if form.is_valid():
            choisir_heure(form.cleaned_data["heure"], request.user.pk, adresse)
            journal.event("canteen_hour_chosen", user=request.user.pk, request=request)
            messages.success(request, "C’est enregistré.")
            return redirect("enfance:cantine_reglages")
        reglages.append({"adresse": adresse, "reglage": reglage, "form": form})
        fautif = form if form.errors else fautif
    context = {"onglet": "reglages", "choix": choix, "reglages": reglages, "form": fautif}
    return render(request, "enfance/cantine/reglages.html", context)
