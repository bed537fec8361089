"""The closures to come that touch a family's children, in words: the banner of the home page and of the planning."""

from __future__ import annotations

from collections.abc import Collection

from enfance.cases import noms_enfants
from enfance.delais import et
from enfance.regles import FermetureVue, Situation
from portail.dates import du_au


def annonces(situation: Situation, seulement: Collection[int] = ()) -> list[str]:
    """« mardi 15 décembre, soir (formation de l’équipe), pour Léa », the first to come first, until it is over.

    A child is touched by a closure of its class on a day and at a moment that the garderie would be open, whether or
    not it was registered. `seulement` keeps these children.
    """
    noms = {pk: nom for pk, nom in noms_enfants(situation).items() if not seulement or pk in seulement}
    phrases = []
    for fermeture in sorted(situation.annoncees, key=lambda f: (f.debut, f.fin)):
        touches = [nom for pk, nom in noms.items() if _touches(situation, fermeture, pk)]
        if touches:
            creneaux = [c.nom_court for c in situation.creneaux.values() if c.pk in fermeture.creneaux]
            moments = f", {et(creneaux)}" if creneaux else ""
            qui = "" if len(touches) == len(noms) else f", pour {et(touches)}"
            phrases.append(f"{du_au(fermeture.debut, fermeture.fin)}{moments} ({fermeture.motif}){qui}")
    return phrases


def _touches(situation: Situation, fermeture: FermetureVue, enfant: int) -> bool:
    """Whether the closure takes anything that is still to come from this child."""
    debut = max(fermeture.debut, situation.today)
    fin = min(fermeture.fin, max((annee.fin for annee in situation.calendrier.annees), default=debut))
    for jour in situation.calendrier.jours_ecole(debut, fin):
        scolarite = situation.scolarite(enfant, jour)
        if scolarite and any(
            fermeture.covers(jour, creneau.pk, scolarite.classe_id)
            for creneau in situation.creneaux.values()
            if jour.weekday() in creneau.jours and not situation.is_over(jour, creneau)
        ):
            return True
    return False
