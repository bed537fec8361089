"""The mail of a change of school: what followed the child, what could not."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.conf import settings
from django.urls import reverse

from accounts.models import User
from enfance.changement_ecole import deplacees, perdues
from enfance.courriels import confirmation
from enfance.models import Creneau, Enregistrement, Evenement, Scolarite
from enfance.planning.historique import jours_phrase
from portail.dates import date_heure
from portail.francais import NBSP, et


@dataclass(frozen=True)
class EnfantEcole:
    """A child: its school now, what it is registered for there, what was cancelled."""

    prenom: str
    ecole: str
    deplacees: list[str]
    annulees: list[str]


def ecole_context(enregistrement: Enregistrement, user: User) -> dict[str, Any] | None:
    """The template context of the mail « ecole », on a change of school: what followed each child, what was cancelled;
    None when this account may see none of these children any more.
    """
    evenements = list(confirmation.visible_events(enregistrement, user))
    if not evenements:
        return None
    par_enfant: dict[int, list[Evenement]] = {}
    for evenement in evenements:
        par_enfant.setdefault(evenement.enfant_id, []).append(evenement)
    enfants = [
        EnfantEcole(siens[0].enfant.prenom, _ecole(siens), _lignes(deplacees(siens)), _lignes(perdues(siens)))
        for siens in par_enfant.values()
    ]
    return {
        "noms": et([enfant.prenom for enfant in enfants]),
        "enfants": enfants,
        "midi": any(evenement.creneau.moment == Creneau.Moment.MIDI for evenement in evenements),
        "quand": date_heure(enregistrement.quand),
        "reference": enregistrement.pk,
        "planning_url": settings.SITE_URL
        + reverse("enfance:planning_mois", args=[min(e.jour for e in evenements).replace(day=1)]),
    }


def _ecole(evenements: list[Evenement]) -> str:
    """The school of the child on the first of these days."""
    premier = min(evenements, key=lambda evenement: evenement.jour)
    place = Scolarite.objects.on(premier.jour).filter(enfant=premier.enfant_id).select_related("ecole").first()
    return str(place.ecole) if place else ""


def _lignes(evenements: Iterable[Evenement]) -> list[str]:
    """« soir (16 h 30 – 18 h 30) : lundi 7 et mardi 8 décembre », by créneau."""
    jours: dict[int, list[date]] = {}
    creneaux: dict[int, Creneau] = {}
    for evenement in evenements:
        creneaux[evenement.creneau_id] = evenement.creneau
        jours.setdefault(evenement.creneau_id, []).append(evenement.jour)
    ordre = sorted(creneaux.values(), key=lambda creneau: (creneau.ordre, creneau.debut, creneau.pk))
    return [f"{c.nom_court} ({c.heures}){NBSP}: {jours_phrase(jours[c.pk], date.min)}" for c in ordre]
