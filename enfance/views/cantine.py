"""The association's pages: a day, a week, its list, its settings. It sees nothing else of the portal."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.admin.models import DELETION, LogEntry
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts import journal
from accounts.decorators import staff_page
from accounts.views import password_asked
from enfance.calendrier import UN_JOUR, lundi
from enfance.cantine.changements import load_changements, load_repas_annules
from enfance.cantine.convives import (
    TITRES,
    Journee,
    jour_ouvert,
    jours_voisins,
    lignes_csv,
    load_releve,
    par_semaine,
)
from enfance.cantine.forms import ApercuListe, ConfirmationForm, HeureForm, ListeForm, PeriodeForm, confirm, preview
from enfance.cantine.matin import load_reglage
from enfance.cantine.reglages import choisir_heure
from enfance.cantine.retour import RetourRefuse, defaire, derniere_liste
from enfance.models import ListeRepas, load_calendrier
from portail.tables import ImportRefuse
from portail.tableur import to_csv

tenir_cantine = staff_page("enfance.tenir_cantine")
SEMAINE = timedelta(days=7)
CONFIRMEE = "confirmee"  # the page of a file to come back to: a file itself leaves the reader where they were


@require_safe
@tenir_cantine
def cantine(request: HttpRequest) -> HttpResponse:
    """Today, or the next school day."""
    return _jour(request, jour_ouvert(load_calendrier(), timezone.localdate()), "aujourdhui")


@require_safe
@tenir_cantine
def cantine_jour(request: HttpRequest, jour: date) -> HttpResponse:
    return _jour(request, jour, "aujourdhui" if jour == timezone.localdate() else "")


def _jour(request: HttpRequest, jour: date, onglet: str) -> HttpResponse:
    now, calendrier = timezone.now(), load_calendrier()
    today = timezone.localdate(now)
    if jour != today and calendrier.annee(jour) is None:
        raise Http404
    releve = load_releve(jour, jour, now=now)
    journee = releve.journees[0]
    avant, apres = jours_voisins(calendrier, jour)
    depuis = journee.liste.importee_le if journee.liste else None
    context = {
        "onglet": onglet,
        "journee": journee,
        "avant": avant,
        "apres": apres,
        "a_venir": jour >= today,
        "semaine": lundi(jour),
        "depuis": depuis,
        "changements": load_changements(depuis, jour, jour, today=today) if depuis else [],
        "annonces": releve.annonces,
        "autres_annules": load_repas_annules(jour + UN_JOUR) if jour >= today else [],
        "now": now,
    }
    return render(request, "enfance/cantine/jour.html", context)


@require_safe
@tenir_cantine
def cantine_semaine(request: HttpRequest, jour: date | None = None) -> HttpResponse:
    """The numbers by class of each day of the week that holds `jour`, this one by default."""
    now, calendrier = timezone.now(), load_calendrier()
    if jour and (jour != lundi(jour) or not any(lundi(a.debut) <= jour <= a.fin for a in calendrier.annees)):
        raise Http404
    debut = jour or lundi(jour_ouvert(calendrier, timezone.localdate(now)))
    fin = debut + SEMAINE - UN_JOUR
    releve = load_releve(debut, fin, now=now)
    avant, apres = jours_voisins(calendrier, debut)[0], jours_voisins(calendrier, fin)[1]
    context = {
        "onglet": "semaine",
        "debut": debut,
        "fin": fin,
        "journees": releve.journees,
        "classes": par_semaine(releve.journees),
        "avant": lundi(avant) if avant else None,
        "apres": lundi(apres) if apres else None,
        "annonces": releve.annonces,
        "form": PeriodeForm(initial={"du": debut, "au": fin}),
    }
    return render(request, "enfance/cantine/semaine.html", context)


@require_safe
@tenir_cantine
def cantine_csv(request: HttpRequest, jour: date) -> HttpResponse:
    if load_calendrier().annee(jour) is None:
        raise Http404
    return _csv(request, load_releve(jour, jour, now=timezone.now()).journees, f"cantine-{jour}")


@require_safe
@tenir_cantine
def cantine_export(request: HttpRequest) -> HttpResponse:
    """The table of a period; or what is wrong with its dates, or the button again, the password given (ADM-05)."""
    form = PeriodeForm(request.GET)
    if form.is_valid() and (answer := password_asked(request, back=f"{request.get_full_path()}&{CONFIRMEE}=1")):
        return answer
    if not form.is_valid() or CONFIRMEE in request.GET:
        return render(request, "enfance/cantine/export.html", {"onglet": "semaine", "form": form})
    du, au = form.cleaned_data["du"], form.cleaned_data["au"]
    return _csv(request, load_releve(du, au, now=timezone.now()).journees, f"cantine-{du}-{au}")


def _csv(request: HttpRequest, journees: list[Journee], nom: str) -> HttpResponse:
    lignes = lignes_csv(journees)
    journal.event("export", user=request.user.pk, request=request, model="cantine", rows=len(lignes))
    return HttpResponse(
        to_csv(TITRES, lignes),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{nom}.csv"'},
    )


@require_http_methods(["GET", "HEAD", "POST"])
@tenir_cantine
def cantine_importer(request: HttpRequest) -> HttpResponse:
    """The association's list: the file, then what it would do and what it asks, then the import."""
    if "confirmer" in request.POST:
        return _confirmer(request)
    form = ListeForm(request.POST or None, request.FILES or None)
    if not form.is_valid():
        return _importer(request, form=form)
    try:
        return _importer(request, form=form, apercu=preview(form, now=timezone.now()))
    except ImportRefuse as error:
        return _importer(request, form=form, refus=error)


def _confirmer(request: HttpRequest) -> HttpResponse:
    confirmation, now = ConfirmationForm(request.POST), timezone.now()
    if not confirmation.is_valid():
        perime = [error["message"] for error in confirmation.errors.get_json_data()["liste"]]
        return _importer(request, perime=perime)
    try:
        bilan = confirm(confirmation, request.POST, user_id=request.user.pk, now=now)
    except ImportRefuse as error:
        return _importer(request, refus=error)
    if isinstance(bilan, ApercuListe):
        return _importer(request, apercu=bilan)
    if bilan.liste:
        meals = len(bilan.ajoutes) + bilan.inchanges
        journal.event("meals_imported", user=request.user.pk, request=request, list=bilan.liste.pk, meals=meals)
    for texte in bilan.resume():
        messages.success(request, texte)
    jour = jour_ouvert(load_calendrier(), max(bilan.debut, timezone.localdate(now)))
    return redirect("enfance:cantine_jour", jour=jour if jour <= bilan.fin else bilan.debut)


def _importer(
    request: HttpRequest,
    *,
    form: ListeForm | None = None,
    apercu: ApercuListe | None = None,
    refus: ImportRefuse | None = None,
    perime: Sequence[str] = (),
) -> HttpResponse:
    context = {
        "onglet": "importer",
        "form": form or ListeForm(),
        "apercu": apercu,
        "refus": list(map(str, refus.refus)) if refus else perime,
        "derniere": derniere_liste(),
    }
    return render(request, "enfance/cantine/importer.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@tenir_cantine
def cantine_defaire(request: HttpRequest, pk: int) -> HttpResponse:
    """The last list undone: what it would give back and take away, then that."""
    agent, liste, confirme = request.user.pk, get_object_or_404(ListeRepas, pk=pk), "confirmer" in request.POST
    assert agent is not None
    context: dict[str, Any] = {"onglet": "importer", "liste": liste, "retour": None, "refus": ""}
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


@require_http_methods(["GET", "HEAD", "POST"])
@tenir_cantine
def cantine_reglages(request: HttpRequest) -> HttpResponse:
    """The hour of the mail of the morning."""
    reglage = load_reglage()
    choisie = reglage.heure_courriel
    form = HeureForm(request.POST or None, initial={"heure": f"{choisie:%H:%M}" if choisie else ""})
    if form.is_valid():
        choisir_heure(form.cleaned_data["heure"], request.user.pk)
        journal.event("canteen_hour_chosen", user=request.user.pk, request=request)
        messages.success(request, "C’est enregistré.")
        return redirect("enfance:cantine_reglages")
    context = {"onglet": "reglages", "form": form, "reglage": reglage, "adresse": settings.CANTINE_COURRIEL}
    return render(request, "enfance/cantine/reglages.html", context)
