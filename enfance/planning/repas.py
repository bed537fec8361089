"""A meal that its family says it cancelled with the association, and the same taken back: written, traced, told.

The commune owns no meal: it only notes what was said, until the association's next list.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime

from django.db import transaction

from enfance.ecriture import note, tell
from enfance.inscriptions import Changement, Refus, Resultat
from enfance.models import Creneau, Enregistrement, EvenementRepas, Inscription, Repas
from enfance.planning.ecriture import enregistrer_famille, retenir
from enfance.planning.historique import jours_phrase
from enfance.regles import REPAS, Acteur, Action, Cle, Obstacle, Situation, obstacles_for
from enfance.situation import load_situation
from portail.dates import PARIS
from portail.francais import de, et

Etat = Inscription.Etat
NOT_ONES_OWN = {"enfant", "creneau", "annee", "scolarite", "ouverture", "garde"}
LISTE = Obstacle("liste", "l’association a donné une nouvelle liste depuis.")


def annuler(jours: Collection[Cle], acteur: Acteur, *, now: datetime) -> Resultat:
    """Note that the family has cancelled these meals with the association: they no longer lock the lunch break.

    Only the foyer whose day it is may say so, until the lunch is over. The association reads it until its next list. A
    day without a meal changes nothing. Refused meals are in the result.
    """
    if not jours:
        return Resultat(None, (), ())
    with transaction.atomic():
        situation, boxes = _load(jours, acteur, now)
        obstacles = {un_jour: _obstacles(situation, un_jour) for un_jour in boxes}
        refus = [Refus(un_jour, Etat.ANNULEE, siens) for un_jour, siens in obstacles.items() if siens]
        dits = [un_jour for un_jour, siens in obstacles.items() if not siens and situation.has_repas(un_jour)]
        return _write(dits, refus, situation, dit_annule=True)


def inscrire(
    repas: Collection[Cle], acteur: Acteur, *, now: datetime, jours: tuple[date, date] | None = None
) -> Resultat:
    """Register the children for the lunch breaks that go with these meals. `jours` widens the returned situation to the
    days that the page shows.
    """
    dates = [un_repas.jour for un_repas in repas] or [now.astimezone(PARIS).date()]
    situation = load_situation(acteur, min(dates), max(dates), now=now, places=False)
    boxes = [situation.cle_midi(un_repas.enfant, un_repas.jour) for un_repas in repas]
    return enregistrer_famille([Changement(box, Etat.INSCRIT) for box in boxes], acteur, now=now, jours=jours)


def retablir(annule: Enregistrement, acteur: Acteur, *, now: datetime) -> Resultat:
    """Undo the save `annule`, by which a family said that it cancelled meals: these meals are ordered again, and lock
    their lunch breaks.

    A meal that a newer list of the association covers stays as this list says. The caller has locked the save.
    """
    jours = [Cle(enfant, jour, REPAS) for enfant, jour in annule.repas.values_list("enfant", "jour")]
    with transaction.atomic():
        situation, boxes = _load(jours, acteur, now)
        obstacles = retablissables(boxes, situation)
        refus = [Refus(un_jour, Etat.INSCRIT, siens) for un_jour, siens in obstacles.items() if siens]
        return _write(
            [un_jour for un_jour, siens in obstacles.items() if not siens],
            refus,
            situation,
            dit_annule=False,
            annule=annule,
        )


def retablissables(jours: Collection[Cle], situation: Situation) -> dict[Cle, tuple[Obstacle, ...]]:
    """For each of these meals that a family said it cancelled, what stands in the way of taking that back; empty where
    nothing does. Meals of children outside the situation are left out.
    """
    siens = sorted(un_jour for un_jour in jours if un_jour.enfant in situation.enfants)
    dits = Repas.objects.filter(enfant__in={un.enfant for un in siens}, jour__in={un.jour for un in siens})
    notes = set(dits.exclude(annule_le=None).values_list("enfant", "jour"))
    return {
        un_jour: _obstacles(situation, un_jour) if (un_jour.enfant, un_jour.jour) in notes else (LISTE,)
        for un_jour in siens
    }


def load_sans_midi(dits: Sequence[EvenementRepas]) -> dict[int, list[date]]:
    """By child (primary key), the days, sorted, on which these events restored a meal for which no lunch break is
    booked now.
    """
    jours = {(dit.enfant_id, dit.jour) for dit in dits if not dit.annule}
    if not jours:
        return {}
    manquent = Repas.objects.filter(enfant__in={pk for pk, _ in jours}, jour__in={jour for _, jour in jours})
    par_enfant: dict[int, list[date]] = {}
    for enfant, jour in manquent.without_midi().order_by("jour").values_list("enfant", "jour"):
        if (enfant, jour) in jours:
            par_enfant.setdefault(enfant, []).append(jour)
    return par_enfant


def sans_midi_phrase(dits: Sequence[EvenementRepas], noms: Mapping[int, str], today: date) -> str:
    """What is missing for the meals that these events restored: « Il manque la pause méridienne de Tom (mardi 8) »;
    empty when each has its lunch break.
    """
    par_enfant = load_sans_midi(dits)
    siens = [f"{de(nom)} ({jours_phrase(par_enfant[pk], today)})" for pk, nom in noms.items() if pk in par_enfant]
    return f"Il manque la pause méridienne {et(siens)}" if siens else ""


def midi_reste(dits: Sequence[EvenementRepas]) -> bool:
    """Whether a lunch break is still booked, or waited for, on a day whose meal these events say is cancelled."""
    jours = {(dit.enfant_id, dit.jour) for dit in dits if dit.annule}
    if not jours:
        return False
    midis = Inscription.objects.active().filter(
        enfant__in={pk for pk, _ in jours}, jour__in={jour for _, jour in jours}, creneau__moment=Creneau.Moment.MIDI
    )
    return not jours.isdisjoint(midis.values_list("enfant", "jour"))


def _load(jours: Collection[Cle], acteur: Acteur, now: datetime) -> tuple[Situation, list[Cle]]:
    """The situation of these meals, whose lunch breaks are locked; and the boxes that go with them, in order."""
    Creneau.objects.midis().for_enfants({un_jour.enfant for un_jour in jours}).lock()
    dates = [un_jour.jour for un_jour in jours]
    situation = load_situation(acteur, min(dates), max(dates), now=now, places=False)
    return situation, sorted(situation.cle_midi(un_jour.enfant, un_jour.jour) for un_jour in jours)


def _obstacles(situation: Situation, un_jour: Cle) -> tuple[Obstacle, ...]:
    midi = situation.creneaux.get(un_jour.creneau)
    refusants = NOT_ONES_OWN | {"limite"} if midi and situation.is_over(un_jour.jour, midi) else NOT_ONES_OWN
    return tuple(o for o in obstacles_for(situation, un_jour, Action.ANNULER) if o.code in refusants)


def _write(
    jours: Collection[Cle],
    refus: Iterable[Refus],
    situation: Situation,
    *,
    dit_annule: bool,
    annule: Enregistrement | None = None,
) -> Resultat:
    """Write what is said of these meals, and its trace, under a save of its own."""
    if not jours:
        return Resultat(None, (), tuple(refus))
    acteur, now = situation.acteur, situation.now
    enregistrement = note(acteur, now, annule=annule)
    for un_jour in jours:
        meals = Repas.objects.filter(enfant=un_jour.enfant, jour=un_jour.jour)
        meals.update(annule_le=now if dit_annule else None)
    traces = EvenementRepas.objects.bulk_create(
        EvenementRepas(enregistrement=enregistrement, enfant_id=un.enfant, jour=un.jour, annule=dit_annule)
        for un in jours
    )
    tell(enregistrement)
    fait = Resultat(enregistrement, (), tuple(refus), repas=tuple(traces))
    retenir(fait, acteur, situation, restes=load_sans_midi(traces), midi_reste=midi_reste(traces))
    return fait
