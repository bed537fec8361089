"""What stands in the way of an action: the same call locks a box on GET and refuses it on POST. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date

from enfance import delais
from enfance.models import Creneau, Inscription
from enfance.regles.acteur import Acteur
from enfance.regles.cles import Cle
from enfance.regles.situation import Action, Obstacle, Regle, Situation
from portail.dates import MOIS, jour_long
from portail.francais import de

# What hides the rest: no rule is asked of a box that is not there, or of a day on which it is not held.
CODES_JOUR = frozenset(
    {"creneau", "enfant", "annee", "ouverture", "vacances", "ferie", "ecole", "jour", "scolarite", "fermeture"}
)


def obstacles_for(situation: Situation, cle: Cle, action: Action) -> list[Obstacle]:
    """What stands in the way of registering or cancelling this box, the most telling first; empty when nothing does.
    What the actor may pass over is in it too.

    On a day when the créneau is not held, that reason alone is returned; it does not keep the town hall from cancelling
    what a closure or a corrected calendar left there.
    """
    creneau = situation.creneaux.get(cle.creneau)
    if creneau is None:
        return [Obstacle("creneau", "ce moment de garderie n’existe pas.")]
    if cle.enfant not in situation.enfants:
        return [Obstacle("enfant", _enfant_phrase(situation.acteur))]
    jour = obstacles_jour(situation, cle, creneau)
    if jour and (action is Action.INSCRIRE or situation.acteur.responsable):
        return jour  # the town hall may cancel what a closure or a corrected calendar left there
    return [obstacle for regle in situation.regles for obstacle in regle.ask(situation, cle, creneau, action)]


def tardif_of(obstacles: Sequence[Obstacle]) -> str:
    """The supplement, in words, for which a parent may book late in spite of these obstacles; empty where there is
    none, or where another one stands.
    """
    return obstacles[0].tardif if len(obstacles) == 1 else ""


def obstacles_depart(situation: Situation, cle: Cle) -> list[Obstacle]:
    """What stands in the way of giving up the rank on the waiting list of this box; empty when it may be given up. That
    may be done at any time, on a closed day too, but only on the days of one's own home.
    """
    return _obstacles_garde(situation, cle, situation.creneaux[cle.creneau], Action.ANNULER)


def obstacles_jour(situation: Situation, cle: Cle, creneau: Creneau) -> list[Obstacle]:
    """Why this créneau is not held on the day of this box for its child (no school, closure, not its school's…): one
    obstacle at most; only for a parent, that the year is not open yet; empty when it is held.
    """
    return list(situation.once(("jour", cle), lambda: _obstacles_jour(situation, cle, creneau)))


def _obstacles_jour(situation: Situation, cle: Cle, creneau: Creneau) -> list[Obstacle]:
    obstacle = situation.once((cle.jour, creneau.code), lambda: _obstacle_jour(situation, cle.jour, creneau))
    if (obstacle is None or obstacle.code != "annee") and situation.scolarite(cle.enfant, cle.jour) is None:
        return [Obstacle("scolarite", "cet enfant n’est pas à l’école ce jour-là.")]
    if not situation.is_tenu(cle.enfant, cle.jour, creneau):
        return [Obstacle("creneau", "ce moment de garderie n’est pas celui de son école.")]
    if obstacle:
        return [obstacle]
    if fermeture := situation.fermeture(cle.enfant, cle.jour, creneau):
        return [Obstacle("fermeture", f"{fermeture.mots.etat} ({fermeture.motif}).")]
    return []


def _obstacle_jour(situation: Situation, jour: date, creneau: Creneau) -> Obstacle | None:
    calendrier = situation.calendrier
    annee = calendrier.annee(jour)
    if annee is None:
        return Obstacle("annee", "ce jour n’est pas dans une année scolaire préparée par la mairie.")
    if situation.acteur.responsable and not annee.is_open(situation.today):
        return Obstacle("ouverture", ouverture_phrase(annee.ouverture))
    if vacances := calendrier.vacances(jour):
        return Obstacle("vacances", f"pas de garderie pendant les congés ({vacances.nom}).")
    if jour in calendrier.feries:
        return Obstacle("ferie", f"jour férié ({calendrier.feries[jour]}).")
    if not calendrier.is_ecole(jour):
        return Obstacle("ecole", "il n’y a pas école ce jour-là.")
    if jour.weekday() not in creneau.jours:
        return Obstacle("jour", "ce moment de garderie n’est pas ouvert ce jour-là.")
    return None


def _obstacles_limite(situation: Situation, cle: Cle, creneau: Creneau, action: Action) -> list[Obstacle]:
    limite = situation.limite(cle.jour, creneau, action)
    if situation.now.astimezone(UTC) < limite:  # two Paris times would be compared without their fold
        return []
    repas = action is Action.INSCRIRE and situation.wants_repas(cle) and not situation.is_over(cle.jour, creneau)
    message = f"la date limite est passée ({_limite_phrase(situation, cle.jour, creneau, action)})."
    tardive = situation.tardive(cle.jour, creneau) if action is Action.INSCRIRE and not repas else None
    if tardive is None or situation.now.astimezone(UTC) >= tardive.jusqu_a:
        return [Obstacle("limite", message, overridable=True, repas=repas)]
    supplement = tardive.supplement.long
    message = f"{message.rstrip('.')}\u00a0: à cocher de nouveau, en retard, {supplement}."
    return [Obstacle("limite", message, overridable=True, tardif=supplement)]


def _limite_phrase(situation: Situation, jour: date, creneau: Creneau, action: Action) -> str:
    """When it was, and why it was later than its rule says, where a silence of the portal moved it."""
    reporte = situation.report(jour, creneau, action)
    suite = f", {reporte.phrase_on(situation.today)}" if reporte else ""
    return f"{delais.instant_phrase(situation.limite(jour, creneau, action))}{suite}"


def _obstacles_garde(situation: Situation, cle: Cle, creneau: Creneau, action: Action) -> list[Obstacle]:
    acteur, foyer = situation.acteur, situation.acteur.chez
    foyers = situation.foyers(cle.enfant, cle.jour, creneau)
    if not foyers:
        suite = "\u00a0: appelez la mairie" if acteur.responsable else ""
        return [Obstacle("garde", f"aucun foyer n’a la garde ce jour-là{suite}.", overridable=True)]
    if foyer is None or foyer.pk in foyers:  # without a home of its own, the town hall acts for whoever has garde
        return []
    return [
        Obstacle(
            "garde", f"{situation.enfants[cle.enfant].prenom} est chez l’autre parent ce jour-là.", overridable=True
        )
    ]


def _obstacles_places(situation: Situation, cle: Cle, creneau: Creneau, action: Action) -> list[Obstacle]:
    if action is Action.ANNULER or situation.places(cle.jour, creneau) != 0:
        return []
    return [Obstacle("complet", "il n’y a plus de place.", overridable=True, repas=situation.wants_repas(cle))]


def _obstacles_repas(situation: Situation, cle: Cle, creneau: Creneau, action: Action) -> list[Obstacle]:
    """A lunch break is kept as long as its meal stands, unless the child has a place at another one of that day; a rank
    on its waiting list may be given up at any time.
    """
    inscrit = situation.etat(cle) == Inscription.Etat.INSCRIT
    if action is Action.INSCRIRE or not inscrit or not situation.wants_repas(cle):
        return []
    message = "un repas de cantine est commandé. Annulez d’abord le repas auprès de l’association."
    return [Obstacle("repas", message, overridable=True)]


REGLES = (
    Regle(("limite",), _obstacles_limite),
    Regle(("garde",), _obstacles_garde),
    Regle(("repas",), _obstacles_repas),
    Regle(("complet",), _obstacles_places),
)


def _enfant_phrase(acteur: Acteur) -> str:
    suite = "pas rattaché à votre compte" if acteur.responsable else "dans aucune année scolaire"
    return f"cet enfant n’est {suite}."


def ouverture_phrase(ouverture: date | None) -> str:
    """That parents cannot register yet for a school year, which opens on the day `ouverture`, or on an unknown day
    (None).
    """
    if ouverture is None:
        return "la mairie n’a pas encore ouvert les inscriptions de cette année scolaire."
    return f"les inscriptions ouvrent le {jour_long(ouverture)}."


def planning_ouverture_phrase(mois: date, ouverture: date | None) -> str:
    """When the planning of a month opens, for parents: « Le planning de septembre ouvre le mardi 1er juin. », or that
    the town hall will say so (`ouverture` None). `mois`: any day of the month.
    """
    nom = f"Le planning {de(MOIS[mois.month - 1])}"
    if ouverture is None:
        return f"{nom} n’est pas encore ouvert\u00a0: la mairie dira quand."
    return f"{nom} ouvre le {jour_long(ouverture)}."
