"""The only writer of inscriptions: lock, ask the rules again, write, trace, enqueue the mail, in one transaction.

Three doors lead here: the parent's page, the admin, the commands. All valid changes are saved, each refused one is
returned with its reason. What is already as wanted changes nothing, so a double click is harmless.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime

from django.db import transaction

from enfance.models import Creneau, Enregistrement, Evenement, Inscription
from enfance.regles import Acteur, Action, Cle, Obstacle, Situation, obstacles_for
from enfance.situation import load_situation, refresh_rangs
from enfance.tasks import send_confirmation, tell_family

Etat = Inscription.Etat
ORIGINES = {
    Enregistrement.Porte.PORTAIL: Inscription.Origine.PORTAIL,
    Enregistrement.Porte.MAIRIE: Inscription.Origine.MAIRIE,
    Enregistrement.Porte.IMPORT: Inscription.Origine.IMPORT,
    Enregistrement.Porte.SYSTEME: Inscription.Origine.LISTE_ATTENTE,
}


@dataclass(frozen=True)
class Changement:
    """The state wanted for a box: inscrit, annulée, or attente (« on the list, or a place if one has come free »)."""

    cle: Cle
    voulu: str


@dataclass(frozen=True)
class Refus:
    """A change that was not made, and why: the first obstacle is the most telling."""

    cle: Cle
    voulu: str
    obstacles: tuple[Obstacle, ...]


@dataclass(frozen=True)
class Resultat:
    """What a save did, and the situation as it now is. `enregistrement` is None when nothing changed."""

    enregistrement: Enregistrement | None
    evenements: tuple[Evenement, ...]
    refus: tuple[Refus, ...]
    situation: Situation | None = None


def enregistrer(
    changements: Iterable[Changement], acteur: Acteur, *, now: datetime, jours: tuple[date, date] | None = None
) -> Resultat:
    """Make these changes, as far as the rules let `acteur` make them at `now` (aware).

    `jours` widens the situation that is returned to the days that a page shows.

    Cancellations come first: the places that they free go to the waiting list, and what is left may serve the rest of
    the same save. A full créneau is refused to who wanted a place and did not choose the list.
    """
    voulus = {changement.cle: Etat(changement.voulu) for changement in changements}
    if not voulus:
        return Resultat(None, (), ())
    lots: list[dict[Cle, Etat]] = [{}, {}]
    for cle, voulu in voulus.items():
        lots[voulu != Etat.ANNULEE][cle] = voulu
    enregistrement, evenements, refus = None, [], []
    with transaction.atomic():
        Creneau.objects.lock({cle.creneau for cle in voulus})
        situation = _load(voulus, acteur, now, jours)
        for lot in lots:
            situation, faits, refuses = _decide_all(situation, lot)
            enregistrement, ecrits = _write(situation, faits, enregistrement)
            situation = _serve(situation, ecrits)
            evenements += ecrits
            refus += refuses
        if enregistrement:
            _tell(enregistrement)
            situation = refresh_rangs(situation)
    return Resultat(enregistrement, tuple(evenements), tuple(refus), situation)


def annuler_departs(enfants: Iterable[int], depuis: date, acteur: Acteur, *, now: datetime) -> Resultat:
    """Cancel every inscription from `depuis` on of pupils who have left. No rule is asked and no mail is sent.

    The rows keep `origine` import, by which a return finds what to offer again.
    """
    with transaction.atomic():
        Creneau.objects.lock()  # all of them, so that no save slips in between the look and the writing
        lignes = Inscription.objects.filter(enfant__in=set(enfants), jour__gte=depuis).exclude(etat=Etat.ANNULEE)
        cles = {
            Cle(enfant, jour, creneau)
            for enfant, jour, creneau in lignes.values_list("enfant", "jour", "creneau__code")
        }
        if not cles:
            return Resultat(None, (), ())
        situation = _load(cles, acteur, now)
        faits = {cle: Etat.ANNULEE.value for cle in cles if situation.etat(cle) != Etat.ANNULEE}
        enregistrement, evenements = _write(situation, faits)
        _serve(situation, evenements)
    return Resultat(enregistrement, tuple(evenements), ())


def _load(cles: Collection[Cle], acteur: Acteur, now: datetime, jours: tuple[date, date] | None = None) -> Situation:
    dates = [*(cle.jour for cle in cles), *(jours or ())]
    enfants = None if acteur.responsable else {cle.enfant for cle in cles}
    return load_situation(acteur, min(dates), max(dates), now=now, enfants=enfants)


def _decide_all(situation: Situation, voulus: dict[Cle, Etat]) -> tuple[Situation, dict[Cle, str], list[Refus]]:
    """What of this is a change that the rules allow, what is refused, and the situation with its places taken."""
    faits: dict[Cle, str] = {}
    refus = []
    for cle, voulu in sorted(voulus.items()):
        avant = situation.etat(cle)
        if voulu == avant or (voulu, avant) == (Etat.ATTENTE, Etat.INSCRIT):
            continue
        apres, obstacles = decide(situation, cle, voulu)
        if obstacles:
            refus.append(Refus(cle, voulu, tuple(obstacles)))
        elif apres != avant:
            faits[cle] = apres
            situation = _occupy(situation, cle, (apres == Etat.INSCRIT) - (avant == Etat.INSCRIT))
    return situation, faits, refus


def decide(situation: Situation, cle: Cle, voulu: str) -> tuple[str, list[Obstacle]]:
    """The state to give, and the obstacles that forbid it to the situation's actor. Writes nothing."""
    avant = situation.etat(cle)
    action = Action.ANNULER if voulu == Etat.ANNULEE else Action.INSCRIRE
    obstacles = [o for o in obstacles_for(situation, cle, action) if not situation.acteur.passes(o)]
    if voulu == Etat.ATTENTE and any(o.code == "complet" for o in obstacles):
        return Etat.ATTENTE, [o for o in obstacles if o.code != "complet"]
    if voulu == Etat.ANNULEE and avant == Etat.ATTENTE:
        return Etat.ANNULEE, [o for o in obstacles if o.code in {"enfant", "creneau", "garde"}]  # at any time
    return Etat.ANNULEE if voulu == Etat.ANNULEE else Etat.INSCRIT, obstacles


def _occupy(situation: Situation, cle: Cle, places: int) -> Situation:
    """The same situation with so many places more taken."""
    key = (cle.jour, situation.creneaux[cle.creneau].pk)
    return replace(situation, occupation={**situation.occupation, key: situation.occupation.get(key, 0) + places})


def _write(
    situation: Situation, faits: dict[Cle, str], enregistrement: Enregistrement | None = None
) -> tuple[Enregistrement | None, list[Evenement]]:
    """Write these states and their trace, under `enregistrement` or a new one."""
    if not faits:
        return enregistrement, []
    acteur = situation.acteur
    enregistrement = enregistrement or Enregistrement.objects.create(
        auteur_id=acteur.user_id, foyer=acteur.foyer, porte=acteur.porte, quand=situation.now, motif=acteur.motif
    )
    nouvelles, connues, evenements = [], [], []
    for cle, etat in sorted(faits.items()):
        creneau = situation.creneaux[cle.creneau]
        inscription = situation.inscriptions.get(cle)
        evenements.append(
            Evenement(
                enregistrement=enregistrement,
                enfant_id=cle.enfant,
                jour=cle.jour,
                creneau=creneau,
                avant=inscription.etat if inscription else "",
                apres=etat,
            )
        )
        if inscription is None:
            inscription = Inscription(enfant_id=cle.enfant, jour=cle.jour, creneau=creneau)
            situation.inscriptions[cle] = inscription
            nouvelles.append(inscription)
        else:
            connues.append(inscription)
        if etat != Etat.ANNULEE:
            inscription.foyer_id = _payer(situation, cle)
        inscription.etat = etat
        inscription.origine = ORIGINES[Enregistrement.Porte(acteur.porte)]
        inscription.attente_depuis = situation.now if etat == Etat.ATTENTE else None
    Inscription.objects.bulk_create(nouvelles)
    Inscription.objects.bulk_update(connues, ["etat", "origine", "foyer", "attente_depuis"])
    Evenement.objects.bulk_create(evenements)
    return enregistrement, evenements


def _serve(situation: Situation, evenements: Collection[Evenement]) -> Situation:
    """Give each place that these changes free to the first in rank for whom every rule still holds, before the limit
    to cancel; one save and one mail a place. The créneaux are locked; the situation comes back with its places taken.
    """
    liberees = {(e.jour, e.creneau_id) for e in evenements if (e.avant, e.apres) == (Etat.INSCRIT, Etat.ANNULEE)}
    attentes = [i for i in Inscription.objects.attente_for(liberees) if (i.jour, i.creneau_id) in liberees]
    if not attentes:
        return situation
    jours, enfants = [i.jour for i in attentes], {i.enfant_id for i in attentes}
    now = situation.now
    liste = load_situation(Acteur.systeme(), min(jours), max(jours), now=now, enfants=enfants)
    for inscription in attentes:
        cle = Cle(inscription.enfant_id, inscription.jour, inscription.creneau.code)
        creneau = liste.creneaux[cle.creneau]
        obstacles = [o for o in obstacles_for(liste, cle, Action.INSCRIRE) if o.code != "limite"]
        if obstacles or now >= liste.limite(cle.jour, creneau, Action.ANNULER):
            continue
        if inscription.foyer_id not in (None, *liste.foyers(cle.enfant, cle.jour, creneau)):
            continue  # who chose the list has garde no more, and the other foyer asked for nothing
        enregistrement, _ = _write(liste, {cle: Etat.INSCRIT.value})
        liste, situation = _occupy(liste, cle, 1), _occupy(situation, cle, 1)
        if cle in situation.inscriptions:  # a child of the same save
            situation.inscriptions[cle] = liste.inscriptions[cle]
        if enregistrement:
            _tell(enregistrement)
    return situation


def _tell(enregistrement: Enregistrement) -> None:
    """One mail to its author; each adult with access is told of what the town hall changed."""
    if enregistrement.porte == Enregistrement.Porte.PORTAIL and enregistrement.auteur_id:
        send_confirmation.enqueue(enregistrement.pk, enregistrement.auteur_id)
    else:
        tell_family.enqueue(enregistrement.pk)


def _payer(situation: Situation, cle: Cle) -> int | None:
    """The foyer that pays: whoever has garde that day; if several, the one that books or had chosen the list."""
    foyers = situation.foyers(cle.enfant, cle.jour, situation.creneaux[cle.creneau])
    foyer, inscription = situation.acteur.foyer, situation.inscriptions.get(cle)
    if foyer and foyer.pk in foyers:
        return foyer.pk
    if inscription and situation.etat(cle) == Etat.ATTENTE and inscription.foyer_id in foyers:
        return inscription.foyer_id
    return foyers[0] if foyers else None
