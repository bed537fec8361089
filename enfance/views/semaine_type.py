"""The weekly pattern of the children: choose, see what would change, fill the planning. Only the last step writes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from accounts.sessions import take_kept_form
from enfance.famille.acces import responsable_of
from enfance.models import Responsable
from enfance.planning.apercu import build_apercu
from enfance.planning.cases import mots_of, noms_enfants, partis_of
from enfance.planning.compte import compter, read_compte
from enfance.planning.envois import FormulaireRecu, envoi_of, redirect_to_held
from enfance.planning.forms import SemaineTypeForm, preuve_of
from enfance.planning.grilles import basculer, build_grilles, idem_phrase, jours_types
from enfance.planning.paires import idem_type
from enfance.planning.periodes import fins, rythmes
from enfance.planning.rangees_types import boxes_suivies
from enfance.planning.resultat import ResultatVu, load_resultat
from enfance.planning.semaine_demandee import SemaineDemandee, context_apercu, initial, read_demande
from enfance.planning.semaines import remplir
from enfance.regles import Acteur, Situation, ouverture_phrase
from enfance.semaine_modele import HORIZON, Box
from enfance.situation import load_situation, with_occupation


def semaine_type(request: HttpRequest) -> HttpResponse:
    """The parent's page of the weekly pattern (semaine type): the form, the preview of what it would change, the save,
    and what the save did.
    """
    responsable, now = responsable_of(request), timezone.now()
    today = timezone.localdate(now)
    situation = load_situation(
        Acteur.semaine_type(responsable), today, today + HORIZON, now=now, occupation=False, modeles=True
    )
    situation, partis = situation.with_eleves(today), partis_of(situation, today)
    periodes = fins(situation)
    if not periodes or not situation.enfants or not situation.creneaux:
        return render(request, "enfance/semaine_type_absente.html", context_absente(situation) | {"partis": partis})
    envoi = envoi_of(request, now)
    if situation.modeles or envoi.data is not None:  # places are counted for what would change, not for the boxes
        situation = with_occupation(situation, today, today + HORIZON)
    form = SemaineTypeForm(
        take_kept_form(request, now=now) if envoi.data is None else envoi.data,
        fins=periodes,
        enfants=list(situation.enfants),
        creneaux=situation.creneaux,
        initial=initial(situation, periodes, situation.enfants),
    )
    if envoi.data is None:
        noms = noms_enfants(situation)
        resultat = load_resultat(request.GET.get("enregistre", ""), responsable.user_id, noms, now=now)
        if resultat and resultat.annee and not resultat.annule:
            return render(request, "enfance/semaine_type_succes.html", succes(resultat) | mots_of(situation))
        return choose(request, situation, form, envoi, resultat=resultat)
    demande = read_demande(situation, form, envoi.data)
    if envoi.posted and demande and demande.complete and "enregistrer" in envoi.posted:
        return save(form, responsable, preuve_of(envoi.posted), now)
    if envoi.posted and form.errors.keys() <= {"du", "au"} and (response := redirect_to_held(request, now)):
        return response
    if demande and demande.complete:
        return render(request, "enfance/semaine_type_apercu.html", preview(demande, form))
    return choose(request, situation, form, envoi, demande=demande)


def context_absente(situation: Situation) -> dict[str, Any]:
    """The context of the page that says why there is no weekly pattern to choose yet: no child, no créneau, or no
    school year open to parents.
    """
    a_venir = [annee.ouverture for annee in situation.calendrier.annees if annee.fin >= situation.today]
    prochaine = min((jour for jour in a_venir if jour), default=None)
    return {
        "onglet": "semaine_type",
        "enfants": situation.enfants,
        "ouverture": ouverture_phrase(prochaine) if a_venir else "",
    }


def choose(
    request: HttpRequest,
    situation: Situation,
    form: SemaineTypeForm,
    envoi: FormulaireRecu,
    *,
    resultat: ResultatVu | None = None,
    demande: SemaineDemandee | None = None,
) -> HttpResponse:
    """The page where the weekly pattern is chosen, with the boxes as they were sent, else as they are in the database.
    `demande` is what was asked and still lacks a confirmation; `resultat`, what a save did.
    """
    data = QueryDict() if envoi.data is None else envoi.data
    a_vider = demande.a_confirmer if demande else set()
    boxes: Mapping[int, frozenset[Box]] = boxes_suivies(situation)
    gardees = boxes
    if form.is_bound and "t" not in form.errors:
        boxes = form.cleaned_data["t"]
        if "idem" in data:
            boxes = idem_type(situation, boxes)
        boxes = basculer(situation, data.get("titre", ""), boxes)
    grilles = build_grilles(situation, boxes, gardees, vides=a_vider)
    offre = build_apercu(situation, situation.modeles) if situation.modeles and not form.is_bound else None
    context = {
        "onglet": "semaine_type",
        "form": form,
        "reprises": sum(grille.modifs for grille in grilles) if form.is_bound and envoi.data is None else 0,
        "plus_garde": envoi.gone,
        "resultat": resultat,
        "grilles": grilles,
        "jours": jours_types(situation),
        "idem": idem_phrase(grilles),
        "fins": form.fins,
        "rythmes": rythmes(situation, form.today, form.dernier),
        "vide": demande is not None,
        "a_vider": a_vider,
        "confirmes": sorted(form.vides & situation.enfants.keys()) if form.is_bound else [],
        "offre": compter(offre) if offre and offre.change else None,
    } | mots_of(situation)
    return render(request, "enfance/semaine_type.html", context)


def preview(demande: SemaineDemandee, form: SemaineTypeForm) -> dict[str, Any]:
    """The context of the parent's preview, with the word by which their device will know that its ticks were saved."""
    return context_apercu(demande, form) | {"onglet": "semaine_type", "preuve": preuve_of(form.data)}


def save(form: SemaineTypeForm, responsable: Responsable, preuve: str, now: datetime) -> HttpResponse:
    """Fill the planning with the weekly pattern of a valid form, then answer 303 to the page that says what was done («
    enregistre=0 » when nothing was saved). `preuve` is the word by which the parent's device knows that its ticks were
    saved; empty without one.
    """
    fait = remplir(
        form.modeles(),
        Acteur.semaine_type(responsable, preuve),
        vider=form.vides,
        repris=form.repris,
        attente=form.cleaned_data["avec_attente"],
        annonce=read_compte(form.data.get("annonce", "")),
        now=now,
    )
    query = {"enregistre": fait.enregistrement.pk if fait.enregistrement else 0} | ({"recu": preuve} if preuve else {})
    return HttpResponseRedirect(reverse("enfance:semaine_type", query=query), status=303)


def succes(resultat: ResultatVu) -> dict[str, Any]:
    """The context of the page that says what a save of the weekly pattern did, counted by child, and what did not
    change.
    """
    return {"onglet": "semaine_type", "resultat": resultat, "annee": resultat.annee}
