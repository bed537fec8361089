"""« Léa est malade »: told once the limit has passed. It informs the team, cancels nothing; its only writer."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from enfance.models import Absence, Enfant, Inscription, Responsable
from enfance.planning.cases import EnfantVu, fratrie
from enfance.regles import Acteur, Action, Cle, Situation, obstacles_for
from enfance.situation import load_situation

HORIZON = timedelta(days=62)  # the limit of a month ahead is the longest that parents meet
MONTRES = 10


def jours_a_signaler(situation: Situation, enfant: int) -> dict[date, list[str]]:
    """The days from today on that can no more be cancelled, and which créneaux the child is awaited at."""
    jours: dict[date, list[str]] = {}
    ordre = list(situation.creneaux)
    for cle in sorted(situation.inscriptions, key=lambda cle: (cle.jour, ordre.index(cle.creneau))):
        if cle.enfant == enfant and cle.jour >= situation.today and _is_awaited(situation, cle):
            jours.setdefault(cle.jour, []).append(situation.creneaux[cle.creneau].nom_court)
    return dict(list(jours.items())[:MONTRES])


def _is_awaited(situation: Situation, cle: Cle) -> bool:
    """Whether nothing but the limit, or the meal that stands, keeps this inscription from being cancelled."""
    if situation.etat(cle) != Inscription.Etat.INSCRIT or situation.is_over(cle.jour, situation.creneaux[cle.creneau]):
        return False
    codes = {obstacle.code for obstacle in obstacles_for(situation, cle, Action.ANNULER)}
    return "limite" in codes and codes <= {"limite", "repas"}


def load_jours_a_signaler(responsable: Responsable, enfant: Enfant, *, now: datetime) -> dict[date, list[str]]:
    """The days on which the absence of this child may be told, without those that are told already."""
    debut = now.date() - timedelta(days=1)  # whatever the zone of `now`
    acteur = Acteur.parent(responsable)
    situation = load_situation(acteur, debut, debut + HORIZON, now=now, enfants=[enfant.pk], places=False)
    jours = jours_a_signaler(situation, enfant.pk)
    return {jour: noms for jour, noms in jours.items() if (enfant.pk, jour) not in situation.absences}


def enfants_a_signaler(situation: Situation, jour: date) -> list[EnfantVu]:
    """The children whose absence that day may be told, and is not yet."""
    return [
        enfant
        for enfant in fratrie(situation)
        if (enfant.pk, jour) not in situation.absences and jour in jours_a_signaler(situation, enfant.pk)
    ]


def signaler(responsable: Responsable, enfant: Enfant, jour: date, *, now: datetime) -> bool:
    """Tell the team; False when the child is not awaited that day, or the day may still be cancelled. Twice is once."""
    situation = load_situation(Acteur.parent(responsable), jour, jour, now=now, enfants=[enfant.pk], places=False)
    if jour not in jours_a_signaler(situation, enfant.pk):
        return False
    Absence.objects.get_or_create(
        enfant=enfant, jour=jour, defaults={"signalee_par_id": responsable.user_id, "signalee_le": now}
    )
    return True
