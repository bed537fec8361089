"""The weekly pattern of the children: choose, see what would change, fill the planning. Only the last step writes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from accounts.sessions import take_kept_form
from enfance.famille.acces import responsable_of
from enfance.models import Creneau, Evenement, Responsable
from enfance.planning.apercu import ApercuPlanning, build_apercu, periode_phrase
from enfance.planning.bilan import apercus_enfants, fermes_phrases
from enfance.planning.cases import mots_of, noms_enfants, partis_of
from enfance.planning.compte import compter, nombre_phrase, read_compte
from enfance.planning.ecriture import with_dits
from enfance.planning.envois import FormulaireRecu, envoi_of, redirect_to_held
from enfance.planning.forms import SemaineTypeForm, preuve_of
from enfance.planning.grilles import basculer, build_grilles, idem_phrase, jours_types
from enfance.planning.paires import idem_type
from enfance.planning.periodes import Fin, fins, rythmes
from enfance.planning.rangees_types import boxes_suivies
from enfance.planning.resultat import ResultatVu, load_resultat
from enfance.planning.semaines import changements, remplir, retenus, vides
from enfance.regles import Acteur, Situation, ouverture_phrase
from enfance.semaine_modele import HORIZON, Box, modele_now
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
        initial=initial(situation, periodes),
    )
    if envoi.data is None:
        noms = noms_enfants(situation)
        resultat = load_resultat(request.GET.get("enregistre", ""), responsable.user_id, noms, now=now)
        if resultat and resultat.annee and not resultat.annule:
            return render(request, "enfance/semaine_type_succes.html", succes(resultat) | mots_of(situation))
        return choose(request, situation, form, envoi, resultat=resultat)
    demande = read(situation, form, envoi.data)
    if envoi.posted and demande and demande.complete and "enregistrer" in envoi.posted:
        return save(form, responsable, preuve_of(envoi.posted), now)
    if envoi.posted and form.errors.keys() <= {"du", "au"} and (response := redirect_to_held(request, now)):
        return response
    if demande and demande.complete:
        return render(request, "enfance/semaine_type_apercu.html", preview(demande, form))
    return choose(request, situation, form, envoi, demande=demande)


@dataclass(frozen=True)
class Demande:
    """A form that asks for a preview or a save. `a_vider`: the children whose planning it empties; `a_confirmer`, those
    of whom « Vider le planning » was not pressed.
    """

    apercu: ApercuPlanning
    a_vider: set[int]
    a_confirmer: set[int]

    @property
    def complete(self) -> bool:
        """Whether what the form asks may be previewed and saved: it writes the pattern of at least one child, and «
        Vider le planning » was pressed for each child whose planning it empties.
        """
        return bool(retenus(self.apercu)) and not self.a_confirmer


def read(situation: Situation, form: SemaineTypeForm, data: QueryDict) -> Demande | None:
    """The preview or save that the form asks for; None when the form is wrong, or its button only ticks boxes or goes
    back to them.
    """
    if not form.is_valid() or {"idem", "titre", "revenir"} & data.keys():
        return None
    apercu = build_apercu(situation, form.modeles(), repris=form.repris)
    a_vider = vides(apercu)
    return Demande(apercu, a_vider, a_vider - form.vides)


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


def initial(situation: Situation, periodes: Sequence[Fin]) -> dict[str, Any]:
    """The period and the rhythm that the form of the weekly pattern opens with: those of the pattern that is followed
    now, else the first period, every week.
    """
    resultat: dict[str, Any] = {"fin": periodes[0].code, "rythme": "1"}
    suivis = (modele_now(situation.modeles, enfant, situation.today) for enfant in situation.enfants)
    suivi = next((suivi for suivi in suivis if suivi and suivi.boxes), None)
    if suivi is None:
        return resultat
    code = next((fin.code for fin in periodes if fin.fin == suivi.fin and suivi.debut <= fin.debut), None)
    dates = {"fin": "dates", "du": max(suivi.debut, situation.today), "au": suivi.fin}
    offerts = rythmes(situation, periodes[0].debut, periodes[-1].fin)
    codes = [r.code for r in offerts if suivi.depuis and r.lundi and not (r.lundi - suivi.depuis).days % 14]
    return resultat | ({"fin": code} if code else dates) | ({"rythme": codes[0]} if codes else {})


def choose(
    request: HttpRequest,
    situation: Situation,
    form: SemaineTypeForm,
    envoi: FormulaireRecu,
    *,
    resultat: ResultatVu | None = None,
    demande: Demande | None = None,
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


def preview(demande: Demande, form: SemaineTypeForm) -> dict[str, Any]:
    """The context of the page that shows, before the save, what the weekly pattern would change in the planning of each
    child, and what it would not.
    """
    apercu, situation = demande.apercu, demande.apercu.situation
    evenements, n = _evenements(apercu), len(apercu.complets)
    complets = nombre_phrase(situation, apercu.complets)
    return {
        "onglet": "semaine_type",
        "form": form,
        "preuve": preuve_of(form.data),
        "gestes": _gestes(demande, form),
        "periode": periode_phrase(situation, retenus(apercu)),
        "compte": compter(apercu),
        "enfants": apercus_enfants(apercu, evenements),
        "midis": any(evenement.creneau.moment == Creneau.Moment.MIDI for evenement in evenements),
        "complets": f"ces {complets}" if n > 1 else "ce moment" if n else "",
        "fermes": fermes_phrases(apercu),
    } | mots_of(situation)


def _gestes(demande: Demande, form: SemaineTypeForm) -> list[tuple[str, int]]:
    """What the buttons of the pages before have asked of each child, for the form to send again."""
    suivis = [("ajouter" if ajoute else "retirer", pk) for pk, ajoute in sorted(form.repris)]
    return [*(("vide", pk) for pk in sorted(demande.a_vider)), *suivis]


def _evenements(apercu: ApercuPlanning) -> list[Evenement]:
    """The events that the preview would leave, for the sentences of the canteen; never written."""
    situation = apercu.situation
    evenements = [
        Evenement(
            enfant_id=un.cle.enfant,
            jour=un.cle.jour,
            creneau=situation.creneaux[un.cle.creneau],
            avant=situation.etat(un.cle),
            apres=un.voulu,
        )
        for un in changements(apercu)
    ]
    return with_dits(evenements, situation)


def save(form: SemaineTypeForm, responsable: Responsable, preuve: str, now: datetime) -> HttpResponse:
    """Fill the planning with the weekly pattern of a valid form, then answer 303 to the page that says what was done («
    enregistre=0 » when nothing was saved). `preuve` is the word by which the parent's device knows that its ticks were
    saved; empty without one.
    """
    fait = remplir(
        form.modeles(),
        responsable,
        vider=form.vides,
        repris=form.repris,
        attente=form.cleaned_data["avec_attente"],
        annonce=read_compte(form.data.get("annonce", "")),
        preuve=preuve,
        now=now,
    )
    query = {"enregistre": fait.enregistrement.pk if fait.enregistrement else 0} | ({"recu": preuve} if preuve else {})
    return HttpResponseRedirect(reverse("enfance:semaine_type", query=query), status=303)


def succes(resultat: ResultatVu) -> dict[str, Any]:
    """The context of the page that says what a save of the weekly pattern did, counted by child, and what did not
    change.
    """
    return {"onglet": "semaine_type", "resultat": resultat, "annee": resultat.annee}
