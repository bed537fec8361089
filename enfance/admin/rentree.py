"""« Préparer la rentrée »: what a year still needs, what goes on, who leaves, when parents may begin, what ONDE said.

Opened as often as one likes: it shows what is still to be made, and makes it only when it is told to.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.widgets import AdminDateWidget
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone

from accounts import journal
from enfance.mairie.annee import AnneeInconnue
from enfance.mairie.rentree import (
    Changements,
    Rentree,
    annee_a_preparer,
    load_rentree,
    ouverture_hors,
    ouvrir,
    preparer,
    zone_of_the_town,
)
from enfance.models import AnneeScolaire
from enfance.regles import planning_ouverture_phrase
from portail.formulaires import WholeForm

PREMIERE, DERNIERE = 2000, 2100  # what an address may name


class OuvertureForm(WholeForm):
    ouverture = forms.DateField(
        label="Les parents inscrivent à partir du",
        required=False,
        widget=AdminDateWidget,
        help_text="Vide\u00a0: ils ne peuvent pas encore inscrire.",
    )

    def __init__(self, *args: Any, annee: AnneeScolaire, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.annee = annee

    def clean_ouverture(self) -> date | None:
        jour = self.cleaned_data["ouverture"]
        if jour and (phrase := ouverture_hors(self.annee.debut, self.annee.fin, jour)):
            raise forms.ValidationError(phrase)
        return jour


def rentree_view(model_admin: admin.ModelAdmin, request: HttpRequest, debut: int | None) -> HttpResponse:
    """The page of the year that begins in September `debut`; without it, of the one to prepare."""
    if not model_admin.has_view_permission(request):
        raise PermissionDenied
    now = timezone.now()
    if debut is None:
        return redirect("admin:enfance_anneescolaire_rentree_de", annee_a_preparer(timezone.localdate(now)))
    if not PREMIERE <= debut <= DERNIERE:
        raise Http404
    peut_changer = model_admin.has_add_permission(request) and model_admin.has_change_permission(request)
    if request.method == "POST" and not peut_changer:
        raise PermissionDenied
    if "preparer" in request.POST:
        return _prepare(model_admin, request, debut)
    rentree = load_rentree(debut, zone_of_the_town(), now=now)
    form = None
    if rentree.annee and rentree.existe:
        annee = rentree.annee
        data = request.POST if "ouvrir" in request.POST else None
        form = OuvertureForm(data, initial={"ouverture": annee.ouverture}, annee=annee)
        if form.is_valid():
            return _open(model_admin, request, annee, form.cleaned_data["ouverture"])
    context = {
        **model_admin.admin_site.each_context(request),
        "title": f"Préparer la rentrée {debut}",
        "opts": model_admin.opts,
        "media": model_admin.media + (form.media if form else forms.Media()),
        "rentree": rentree,
        "form": form,
        "ouverture": _ouverture_phrase(rentree),
        "peut_changer": peut_changer,
        "peut_importer": request.user.has_perm("enfance.add_importonde"),
    }
    return TemplateResponse(request, "admin/enfance/anneescolaire/rentree.html", context)


def _ouverture_phrase(rentree: Rentree) -> str:
    annee = rentree.annee
    return planning_ouverture_phrase(annee.debut, annee.ouverture) if annee else ""


def _prepare(model_admin: admin.ModelAdmin, request: HttpRequest, debut: int) -> HttpResponse:
    try:
        faits = preparer(debut, zone_of_the_town(), now=timezone.now(), user_id=request.user.pk)
    except AnneeInconnue as error:
        model_admin.message_user(request, str(error), messages.ERROR)
    else:
        texte = _dit(faits)
        if faits.is_empty:
            model_admin.message_user(request, f"La rentrée {debut} était déjà prête\u00a0: rien n’a été changé.")
        else:
            annee = faits.preparation.annee
            model_admin.log_change(request, annee, f"Rentrée préparée. {texte}")
            model_admin.message_user(request, f"La rentrée {debut} est prête. {texte}", messages.SUCCESS)
            journal.event(
                "year_prepared",
                user=request.user.pk,
                request=request,
                year=debut,
                pupils=faits.preparation.scolarites,
                gone=len(faits.partis),
                back=len(faits.revenus),
            )
    return redirect("admin:enfance_anneescolaire_rentree_de", debut)


def _dit(faits: Changements) -> str:
    preparation = faits.preparation
    nombres = {
        "congés": len(preparation.vacances),
        "jours fériés": preparation.feries,
        "créneaux": preparation.creneaux,
        "élèves qui montent": preparation.scolarites,
        "partis": len(faits.partis),
        "revenus": len(faits.revenus),
    }
    texte = ", ".join(f"{mot}\u00a0: {n}" for mot, n in nombres.items() if n)
    return f"{texte[:1].upper()}{texte[1:]}." if texte else ""


def _open(model_admin: admin.ModelAdmin, request: HttpRequest, annee: AnneeScolaire, jour: date | None) -> HttpResponse:
    if jour != annee.ouverture:
        ouvrir(annee, jour)
        phrase = planning_ouverture_phrase(annee.debut, jour)
        model_admin.log_change(request, annee, phrase)
        journal.event("year_opening_changed", user=request.user.pk, request=request, year=annee.debut.year)
        model_admin.message_user(request, phrase, messages.SUCCESS)
    return redirect("admin:enfance_anneescolaire_rentree_de", annee.debut.year)
