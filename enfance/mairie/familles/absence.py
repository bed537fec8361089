"""« Absent », on the page of a family: what its form offers, and the absence that the agent notes after a call or takes
back, under their own name. A parent's absences are written by the same writer, and read by the same readers.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.contrib.admin.models import ADDITION, CHANGE, LogEntry
from django.db import transaction

from enfance.calendrier import UN_JOUR
from enfance.famille.absences.ecriture import (
    AbsenceDite,
    is_ours,
    moments_a_annuler,
    moments_gardes,
    retirer,
    signaler,
)
from enfance.mairie.familles.guichet import load_autres_foyers
from enfance.models import Inscription
from enfance.planning.cases import EnfantVu, fratrie
from enfance.regles import Acteur, Cle, Situation, obstacles_jour
from enfance.situation import load_situation
from portail.dates import jour_long
from portail.francais import NBSP, et


@dataclass(frozen=True)
class Offre:
    """What the form offers: the children who are at school on the day `jour`, today or the next school day; the codes
    of the créneaux by the name that they share, the schools' own apart.
    """

    today: date
    jour: date
    enfants: list[EnfantVu]
    moments: Mapping[str, frozenset[str]]

    @property
    def codes(self) -> frozenset[str]:
        """The codes of all the créneaux."""
        return frozenset().union(*self.moments.values())


@dataclass(frozen=True)
class DemandeAbsence:
    """An absence that is asked: of which children (primary keys), of which créneaux (codes) of each day, from `jour` to
    `jusqua` included; `valeurs`: the answers to the questions of other apps.
    """

    enfants: Collection[int]
    codes: Collection[str]
    jour: date
    jusqua: date
    valeurs: Mapping[str, str]


def build_offre(situation: Situation) -> Offre:
    """What the form of absence offers for the home of this situation."""
    calendrier, today = situation.calendrier, situation.today
    jour = today if calendrier.is_ecole(today) else calendrier.ecole_apres(today) or today
    enfants = [enfant for enfant in fratrie(situation) if situation.scolarite(enfant.pk, jour)]
    moments: dict[str, frozenset[str]] = {}
    for creneau in situation.creneaux.values():
        if any(situation.is_tenu(enfant.pk, jour, creneau) for enfant in enfants):
            moments[creneau.nom_court] = moments.get(creneau.nom_court, frozenset()) | {creneau.code}
    return Offre(today, jour, enfants, moments)


def noter(demande: DemandeAbsence, acteur: Acteur, *, now: datetime) -> list[AbsenceDite]:
    """Note this absence as the agent of `acteur` is told of it, in the history as well. Returns the absences told, by
    now or before; none where nobody is awaited.
    """
    demandes = dict.fromkeys(demande.enfants, demande.codes)
    with transaction.atomic():
        dites = signaler(
            acteur, demandes, demande.jour, demande.jusqua, demande.valeurs, suivants=demande.codes, now=now
        )
        _log(acteur, dites, ADDITION, "Absence notée pour la famille.")
    return dites


def reprendre(acteur: Acteur, enfant: int, jour: date, *, now: datetime) -> list[AbsenceDite]:
    """« Tom vient finalement »: take back the absence of the child (primary key) on that day, with those of the days
    after that were told with it. Returns what was taken back, none when it cannot be any more.
    """
    with transaction.atomic():
        retirees = retirer(acteur, enfant, jour, now=now)
        _log(acteur, retirees, CHANGE, "Absence retirée pour la famille.")
    return retirees


def _log(acteur: Acteur, dites: Collection[AbsenceDite], flag: int, message: str) -> None:
    if acteur.user_id and (absences := [dite.absence for dite in dites if dite.changee]):
        LogEntry.objects.log_actions(acteur.user_id, absences, flag, message)


# --- Why nothing is noted ---------------------------------------------------------------------------------------------


def load_refus(demande: DemandeAbsence, acteur: Acteur, notes: Collection[int], *, now: datetime) -> list[str]:
    """Why nothing is noted of the other children of this request than `notes` (primary keys): a sentence each. No query
    where all are.
    """
    restent = [pk for pk in demande.enfants if pk not in notes]
    if not restent:
        return []
    situation = load_situation(acteur, demande.jour, demande.jusqua, now=now, enfants=restent, places=False)
    autres = load_autres_foyers(situation, acteur.pour) if acteur.pour else {}
    return [f"{enfant.nom}{NBSP}: {_pourquoi(situation, enfant.pk, demande, autres)}" for enfant in fratrie(situation)]


def _pourquoi(situation: Situation, enfant: int, demande: DemandeAbsence, autres: Mapping[int, str]) -> str:
    jours = [demande.jour + UN_JOUR * n for n in range((demande.jusqua - demande.jour).days + 1)]
    quand = jour_long(demande.jour)
    if len(jours) > 1:
        quand = f"du {quand} au {jour_long(demande.jusqua)}"
    if encore := list(_a_annuler(situation, enfant, jours, demande.codes)):
        verbe = "s’annule" if len(encore) == 1 else "s’annulent"
        return f"{et(encore)} {verbe} encore. Décochez dans le planning{NBSP}: rien n’en sera compté."
    for jour in jours:
        if commences := [c for c in moments_gardes(situation, enfant, jour) if c.code in demande.codes]:
            noms = et([f"le {creneau.nom_court}" for creneau in commences])
            return f"{noms} {'a' if len(commences) == 1 else 'ont'} commencé, l’équipe fait l’appel. Appelez-la."
        inscrits = [cle for cle in _cles(enfant, jour, demande.codes) if _is_inscrit(situation, cle)]
        if inscrits and not is_ours(situation, enfant, jour):
            foyers = situation.foyers(enfant, jour, situation.creneaux[inscrits[0].creneau])
            if not foyers:
                return f"aucun foyer n’a la garde, {jour_long(jour)}. Notez d’abord la garde."
            return f"{jour_long(jour)}, {et([autres[foyer] for foyer in foyers])}. Notez-le sur la page de ce foyer."
    fermes = [_ferme(situation, enfant, jour, demande.codes) for jour in jours]
    if all(fermes):
        return f"{quand}, {fermes[0]}"
    return f"aucun moment réservé, {quand}. Rien à noter."


def _a_annuler(situation: Situation, enfant: int, jours: Collection[date], codes: Collection[str]) -> Iterator[str]:
    for jour in jours:
        if noms := [c.nom_court for c in moments_a_annuler(situation, enfant, jour) if c.code in codes]:
            yield f"{jour_long(jour)} ({et(noms)})"


def _cles(enfant: int, jour: date, codes: Collection[str]) -> list[Cle]:
    return [Cle(enfant, jour, code) for code in codes]


def _is_inscrit(situation: Situation, cle: Cle) -> bool:
    return cle.creneau in situation.creneaux and situation.etat(cle) == Inscription.Etat.INSCRIT


def _ferme(situation: Situation, enfant: int, jour: date, codes: Collection[str]) -> str:
    """Why nobody is received on that day, in a sentence; empty where one of the créneaux is held."""
    raisons = [
        [obstacle.message for obstacle in obstacles_jour(situation, cle, situation.creneaux[cle.creneau])]
        for cle in _cles(enfant, jour, codes)
        if cle.creneau in situation.creneaux
    ]
    return raisons[0][0] if raisons and all(raisons) else ""
