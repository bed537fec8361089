"""Whether a meal and the lunch break of its day agree. Pure."""

from __future__ import annotations

from datetime import date
from enum import Enum

from enfance.models import Inscription
from enfance.regles.obstacles import obstacles_jour
from enfance.regles.situation import Situation


class Ecart(Enum):
    """How a meal and the lunch break of its day disagree."""

    SANS_MIDI = "mange, pas inscrit"
    SANS_REPAS = "inscrit, pas de repas"


def ecart(situation: Situation, enfant: int, jour: date) -> Ecart | None:
    """How the meal and the lunch break of this child (primary key) disagree on that day. None when they agree, on a day
    without lunch break (closed, holidays…), and once the lunch break is over.
    """
    midi = situation.creneaux.get(situation.cle_midi(enfant, jour).creneau)
    return None if midi and situation.is_over(jour, midi) else desaccord(situation, enfant, jour)


def desaccord(situation: Situation, enfant: int, jour: date) -> Ecart | None:
    """How the meal and the lunch break of this child (primary key) disagree on that day, even if it is over and nobody
    can put it right. None when they agree, and on a day without lunch break. A lunch break without a meal counts only
    where a list of meals covers the day.
    """
    cle = situation.cle_midi(enfant, jour)
    midi = situation.creneaux.get(cle.creneau)
    mange, inscrit = situation.has_repas(cle), situation.etat(cle) == Inscription.Etat.INSCRIT
    if midi is None or mange == inscrit or not (mange or situation.is_listed(enfant, jour)):
        return None
    if obstacles_jour(situation, cle, midi):
        return None
    return Ecart.SANS_MIDI if mange else Ecart.SANS_REPAS
