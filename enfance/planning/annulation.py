"""« Annuler ces changements »: the save opposite to one's own last one, under all the rules, within 15 minutes."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from enfance.ecriture import ORIGINES
from enfance.inscriptions import Changement, Refus, decide, enregistrer
from enfance.models import (
    Enregistrement,
    Evenement,
    EvenementRepas,
    Inscription,
    Responsable,
    SemaineType,
)
from enfance.planning.apercu import cles_phrases
from enfance.planning.ecriture import retenir
from enfance.planning.historique import annulable_jusqua, annulation_of
from enfance.planning.repas import retablir, retablissables
from enfance.regles import Acteur, Cle, Obstacle, Situation, cle_suivie
from enfance.situation import load_situation
from portail.francais import NBSP

Etat = Inscription.Etat
RANG = Obstacle("rang", "votre rang sur la liste d’attente est perdu.")
CHANGE = Obstacle("change", "changé depuis, laissé tel quel.")


@dataclass(frozen=True)
class Annulation:
    """What an undoing did. `par` is its save, None when nothing could be given back; `a_temps`, whether it was asked
    in time."""

    annule: Enregistrement
    par: Enregistrement | None
    refus: tuple[Refus, ...] = ()
    a_temps: bool = True


def annuler(reference: int, lecteur: Responsable, *, now: datetime) -> Annulation | None:
    """Undo the save of primary key `reference`, made by `lecteur`; None when this parent did not make it.

    A box changed since is left as it is. A place that somebody else has taken meanwhile, and a rank on a waiting list
    that was given up, cannot be found again: they are among the refusals. Past the 15 minutes, nothing is undone
    (`a_temps` is False). Once something is undone, a second click changes nothing: it gets the save that undid this
    one, without the refusals, and `a_temps` is False. A weekly pattern kept by the save is deleted.
    """
    with transaction.atomic():
        # What undoes it is read once the row is locked: joined here, it would be as it was before the wait.
        siens = Enregistrement.objects.filter(auteur=lecteur.user_id)
        annule = siens.select_for_update(of=("self",), no_key=True).filter(pk=reference).first()
        if annule is None:
            return None
        if annulable_jusqua(annule, lecteur.user_id, now) is None:
            return Annulation(annule, annulation_of(annule), a_temps=False)
        if annule.repas.exists():  # a save tells of meals or of boxes, never of both
            fait = retablir(annule, Acteur.parent(lecteur), now=now)
            return Annulation(annule, fait.enregistrement, fait.refus)
        return _undo(annule, lecteur, now)


def _undo(annule: Enregistrement, lecteur: Responsable, now: datetime) -> Annulation:
    evenements = list(annule.evenements.select_related("creneau"))
    acteur = Acteur.parent(lecteur)
    jours = [evenement.jour for evenement in evenements]
    lignes = Inscription.objects.filter(
        enfant__in={evenement.enfant_id for evenement in evenements}, jour__in=set(jours)
    )
    lignes.creneaux({evenement.creneau_id for evenement in evenements}).lock()
    situation = load_situation(acteur, min(jours), max(jours), now=now)
    changements, refus = _opposite(evenements, situation, _origines_before(annule, evenements))
    resultat = enregistrer(changements, acteur, now=now, annule=annule)
    retenir(resultat, acteur, resultat.situation)
    if annule.porte == Enregistrement.Porte.SEMAINE_TYPE:
        SemaineType.objects.filter(foyer=lecteur.foyer_id, modifiee_le=annule.quand).delete()
    return Annulation(annule, resultat.enregistrement, (*refus, *resultat.refus))


def _opposite(
    evenements: Iterable[Evenement], situation: Situation, origines: Mapping[Cle, str]
) -> tuple[list[Changement], list[Refus]]:
    """The changes that undo these, at the school where the child is by now; and what is given up beforehand: changed
    since, a rank.
    """
    changements, refus = [], []
    for evenement in evenements:
        avant = Cle(evenement.enfant_id, evenement.jour, evenement.creneau.code)
        if avant.enfant not in situation.enfants:  # no longer theirs to see
            continue
        cle = cle_suivie(situation, avant)
        voulu = Etat(evenement.avant or Etat.ANNULEE)
        if situation.etat(cle) != evenement.apres:
            refus.append(Refus(cle, voulu, (CHANGE,)))
            continue
        if voulu == Etat.ATTENTE:
            refus.append(Refus(cle, voulu, (RANG,)))
            voulu = Etat.ANNULEE
        if voulu != evenement.apres:
            nobody = Inscription.Origine.SEMAINE_TYPE if voulu == Etat.ANNULEE else ""
            changements.append(Changement(cle, voulu, origines.get(avant, nobody)))
    return changements, refus


@dataclass(frozen=True)
class Prevision:
    """What undoing a save would do by now: whether anything could be given back, and what could not, in sentences."""

    possible: bool
    perdus: list[str]


def prevoir(
    enregistrements: Iterable[Enregistrement], lecteur: Responsable, *, now: datetime, connue: Situation | None = None
) -> dict[int, Prevision]:
    """What undoing each of these saves would do by now, by primary key of the save; only the saves that `lecteur` may
    still undo are in it.

    Nine queries in all, none without such a save; two where `connue`, a situation of this parent's read before, holds
    all these children and days. It promises nothing: the next minute may take a place, and `annuler` asks the rules
    again.
    """
    a_temps = [un for un in enregistrements if annulable_jusqua(un, lecteur.user_id, now)]
    if not a_temps:
        return {}
    evenements: dict[int, list[Evenement]] = {}
    dits: dict[int, list[EvenementRepas]] = {}
    for evenement in Evenement.objects.filter(enregistrement__in=a_temps).select_related("creneau"):
        evenements.setdefault(evenement.enregistrement_id, []).append(evenement)
    for dit in EvenementRepas.objects.filter(enregistrement__in=a_temps):
        dits.setdefault(dit.enregistrement_id, []).append(dit)
    jours = [evenement.jour for siens in evenements.values() for evenement in siens]
    jours += [dit.jour for siens_dits in dits.values() for dit in siens_dits]
    if not jours:
        return {}
    pks = {evenement.enfant_id for siens in evenements.values() for evenement in siens}
    pks |= {dit.enfant_id for siens_dits in dits.values() for dit in siens_dits}
    sienne = connue is not None and connue.acteur == Acteur.parent(lecteur)
    if connue is not None and sienne and connue.says_all_of(pks, min(jours), max(jours)):
        situation = connue
    else:
        situation = load_situation(Acteur.parent(lecteur), min(jours), max(jours), now=now)
    return {un.pk: _prevision(situation, evenements.get(un.pk, []), dits.get(un.pk, [])) for un in a_temps}


def _essayer(changements: Iterable[Changement], situation: Situation) -> list[Refus]:
    """What the writer would refuse of these changes, as it makes them: cancellations first, whose places go to those
    who wait."""
    refus = []
    for un in sorted(changements, key=lambda un: (un.voulu != Etat.ANNULEE, un.cle)):
        avant = situation.etat(un.cle)
        apres, obstacles = decide(situation, un.cle, un.voulu)
        if obstacles:
            refus.append(Refus(un.cle, un.voulu, tuple(obstacles)))
        elif not situation.is_cedee(un.cle):
            situation = situation.with_places(un.cle, (apres == Etat.INSCRIT) - (avant == Etat.INSCRIT))
    return refus


def _prevision(situation: Situation, evenements: list[Evenement], dits: list[EvenementRepas]) -> Prevision:
    changements, refus = _opposite(evenements, situation, {})
    essais = _essayer(changements, situation)
    meals = retablissables([situation.cle_midi(dit.enfant_id, dit.jour) for dit in dits], situation)
    refus += essais
    refus += [Refus(cle, Etat.INSCRIT, siens) for cle, siens in meals.items() if siens]
    possibles = len(changements) - len(essais) + sum(not siens for siens in meals.values())
    return Prevision(possibles > 0, refus_phrases(refus, situation))


def _origines_before(annule: Enregistrement, evenements: Collection[Evenement]) -> dict[Cle, str]:
    """Who had written each box before, so that a box undone is as free as it was. Without an entry, nobody had."""
    lignes = (
        Evenement.objects.filter(
            enregistrement__lt=annule,
            enregistrement__annule=None,
            enregistrement__annule_par=None,
            rang_apres=None,
            enfant__in={evenement.enfant_id for evenement in evenements},
            jour__gte=min(evenement.jour for evenement in evenements),
            jour__lte=max(evenement.jour for evenement in evenements),
        )
        .order_by("enregistrement_id")
        .values_list("enfant", "jour", "creneau__code", "enregistrement__porte")
    )
    return {
        Cle(enfant, jour, creneau): ORIGINES[Enregistrement.Porte(porte)]
        for enfant, jour, creneau, porte in lignes
        if Enregistrement.Porte(porte) in ORIGINES
    }


def refus_phrases(refus: Iterable[Refus], situation: Situation) -> list[str]:
    """The refusals as sentences, for what an undoing could not give back: one for each reason, child and créneau, with
    the days.
    """
    par_motif: dict[str, list[Cle]] = {}
    for un_refus in refus:
        par_motif.setdefault(un_refus.obstacles[0].message, []).append(un_refus.cle)
    return [
        f"{phrase}{NBSP}: {motif}"
        for motif, cles in par_motif.items()
        for phrase in cles_phrases(situation, cles, lien=", ")
    ]
