"""A pupil changes school in the commune: its place in the year, then what was booked, which follows it. With
`inscriptions`, the only writer of inscriptions.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from accounts import outbox
from enfance.ecriture import give, keep_payeurs, note, serve, write
from enfance.inscriptions import Resultat
from enfance.models import Creneau, Ecole, Evenement, Inscription, Scolarite
from enfance.regles import Acteur, Action, Cle, Situation, obstacles_for, pendant
from enfance.situation import load_situation

Etat = Inscription.Etat
MOTIF = "Changement d’école"
TELL = "enfance.courriels.tasks.tell_ecole"
PASSES = {"limite", "garde"}  # what a family cannot help: it has changed neither day nor home


@dataclass(frozen=True)
class ArriveeEcole:
    """A pupil in a school, from `jour` on; `avant` is the school that was left (primary key)."""

    enfant: int
    jour: date
    avant: int


def changer_place(place: Scolarite, ecole: Ecole, jour: date) -> tuple[Scolarite, ArriveeEcole]:
    """Move this pupil to another school from `jour` on, without a class yet: the former place ends that day and keeps
    the days spent there; it changes school itself when no day was spent.

    The places of later years that the rollover supposed in the school that is left move too, where the new school has
    their level. Returns the new place, and the arrival.
    """
    avant, premier = place.ecole_id, place.debut or place.annee.debut
    if jour <= premier:
        jour = premier
        place.ecole, place.classe, place.depart = ecole, None, None
        place.save()
        ici = place
    else:
        if place.depart is None or place.depart > jour:
            place.depart = jour
            place.save(update_fields=["depart"])
        ici = Scolarite.objects.create(
            enfant=place.enfant, annee=place.annee, ecole=ecole, niveau=place.niveau, debut=jour
        )
    supposees = Scolarite.objects.filter(
        enfant=place.enfant_id, annee__debut__gt=place.annee.debut, ecole=avant, classe=None, depart=None
    )
    supposees.filter(niveau__in=ecole.niveaux).update(ecole=ecole)
    return ici, ArriveeEcole(place.enfant_id, jour, avant)


def lock(arrivees: Iterable[ArriveeEcole], autres: Iterable[int] = ()) -> None:
    """Lock the créneaux where something of these arriving pupils, or of these `autres` children (primary keys), may be
    written, all in one order, as a family of both schools may be saving. It needs the school that each pupil left,
    which a place that changed school itself no longer tells.
    """
    avant = {arrivee.enfant: arrivee.avant for arrivee in arrivees}
    Creneau.objects.for_enfants({*avant, *autres}, quittees=set(avant.values())).lock()


def suivre(arrivees: Iterable[ArriveeEcole], acteur: Acteur, *, now: datetime) -> Resultat:
    """Move the inscriptions of these pupils to their new school, once their places are written: one save, one mail a
    family.

    What the new school holds stays. The rest goes to the same moment of the new school, where it has one with a place,
    even past the deadline; else it is cancelled, and so is what the new school holds on a day when it is closed. A
    child who waited gets a place, or waits no more. Several créneaux of one moment pair by their order of beginning.
    What is over stays as it was.
    """
    par_enfant = {arrivee.enfant: arrivee for arrivee in arrivees}
    if not par_enfant:
        return Resultat(None, (), ())
    with transaction.atomic():
        lock(par_enfant.values())
        premier = max(timezone.localdate(now), min(arrivee.jour for arrivee in par_enfant.values()))
        lues = Inscription.objects.active().filter(enfant__in=par_enfant.keys(), jour__gte=premier)
        lignes = [
            ligne
            for ligne in lues.select_related("creneau").order_by("jour", "creneau__debut", "pk")
            if ligne.jour >= par_enfant[ligne.enfant_id].jour
        ]
        if not lignes:
            return Resultat(None, (), ())
        fin = max(ligne.jour for ligne in lignes)
        situation = load_situation(acteur, premier, fin, now=now, enfants=par_enfant.keys())
        faits, sources = _decide(situation, lignes, par_enfant)
        attentes = {(ligne.jour, ligne.creneau_id) for ligne in lignes if ligne.etat == Etat.ATTENTE}
        if not faits:
            give(attentes, now=now)  # the school that was left may be closed that day: its pupils were not served
            return Resultat(None, (), ())
        origines = {cle: Inscription.Origine.MAIRIE.value for cle in faits}
        origines |= {cle: ligne.origine for cle, ligne in sources.items()}
        situation, enregistrement, evenements = write(situation, faits, note(acteur, now), origines=origines)
        keep_payeurs(situation, sources)
        _, servi = serve(situation, evenements)
        give(attentes, now=now, avec=servi)
        if enregistrement:
            outbox.enqueue(TELL, enregistrement.pk)
        return Resultat(enregistrement, tuple(evenements), ())


def deplacees(evenements: Iterable[Evenement]) -> list[Evenement]:
    """The changes, of a save that followed a change of school, by which a child got a place at the new school."""
    return [evenement for evenement in evenements if evenement.apres == Etat.INSCRIT]


def perdues(evenements: Collection[Evenement]) -> list[Evenement]:
    """The changes, of a save that followed a change of school, by which a place was cancelled with none in its stead at
    the same moment.
    """
    suivies = Counter((e.enfant_id, e.jour, e.creneau.moment) for e in deplacees(evenements))
    restes = []
    for evenement in evenements:
        moment = (evenement.enfant_id, evenement.jour, evenement.creneau.moment)
        if evenement.apres != Etat.ANNULEE:
            continue
        if suivies[moment]:
            suivies[moment] -= 1
        else:
            restes.append(evenement)
    return restes


def _decide(
    situation: Situation,
    lignes: Sequence[Inscription],
    arrivees: Mapping[int, ArriveeEcole],
) -> tuple[dict[Cle, str], dict[Cle, Inscription]]:
    """The state of each box that changes, and by new box the inscription that it takes the place of."""
    faits: dict[Cle, str] = {}
    sources: dict[Cle, Inscription] = {}
    for ligne in lignes:
        enfant, jour, creneau = ligne.enfant_id, ligne.jour, ligne.creneau
        tenu = situation.is_tenu(enfant, jour, creneau)
        ferme = ligne.etat == Etat.INSCRIT and situation.fermeture(enfant, jour, creneau)
        if situation.is_over(jour, creneau) or (tenu and not ferme):
            continue
        faits[Cle(enfant, jour, creneau.code)] = Etat.ANNULEE.value
        if tenu:
            continue
        nouveau = pendant(situation, enfant, jour, creneau, arrivees[enfant].avant)
        if nouveau is None or nouveau == creneau:
            continue
        vers = Cle(enfant, jour, nouveau.code)
        if vers in faits or situation.etat(vers) != Etat.ANNULEE:
            continue
        obstacles = obstacles_for(situation, vers, Action.INSCRIRE)
        if situation.is_over(jour, nouveau) or any(o.code not in PASSES for o in obstacles):
            continue
        faits[vers] = Etat.INSCRIT.value
        sources[vers] = ligne
        situation = situation.with_places(vers, 1)
    return faits, sources
