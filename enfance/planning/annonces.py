"""The closures to come that touch a family's children, in words: the banner of the home page and of the planning."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from enfance.jours_fermes import fermes_phrase, jours_fermes, moments_fermes
from enfance.planning.cases import noms_enfants
from enfance.regles import FermetureVue, Situation
from portail.francais import et


def annonces(situation: Situation, seulement: Collection[int] = ()) -> list[str]:
    """« mardi 15 décembre, soir (formation de l’équipe), pour Léa », the first to come first, until it is over.

    A child is touched by a closure of its class on a day and at a moment that the garderie would be open, whether or
    not it was registered. `seulement` keeps these children.
    """
    noms = {pk: nom for pk, nom in noms_enfants(situation).items() if not seulement or pk in seulement}
    phrases = []
    for fermeture in sorted(situation.annoncees, key=lambda f: (f.debut, f.fin)):
        jours = _jours(situation, fermeture)
        touches = [nom for pk, nom in noms.items() if any(_touches(situation, fermeture, pk, jour) for jour in jours)]
        if touches:
            moments = moments_fermes(fermeture.creneaux, situation.creneaux.values())
            qui = "" if len(touches) == len(noms) else f", pour {et(touches)}"
            phrases.append(f"{fermes_phrase(jours)}{moments} ({fermeture.motif}){qui}")
    return phrases


def _jours(situation: Situation, fermeture: FermetureVue) -> list[date]:
    """The days on which it takes something that is still to come from the garderie."""
    creneaux = [c for c in situation.creneaux.values() if not fermeture.creneaux or c.pk in fermeture.creneaux]
    return [
        jour
        for jour in jours_fermes(situation.calendrier, creneaux, max(fermeture.debut, situation.today), fermeture.fin)
        if not all(situation.is_over(jour, creneau) for creneau in creneaux if jour.weekday() in creneau.jours)
    ]


def _touches(situation: Situation, fermeture: FermetureVue, enfant: int, jour: date) -> bool:
    scolarite = situation.scolarite(enfant, jour)
    return scolarite is not None and (not fermeture.classes or scolarite.classe_id in fermeture.classes)
