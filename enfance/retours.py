"""What a closure or a departure had cancelled is given back, once it is lifted or the pupil is back. With
`inscriptions`, the only writer of inscriptions.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from enfance.ecriture import give, keep_payeurs, note, origines_before, tell, write
from enfance.inscriptions import Refus, Resultat
from enfance.models import Creneau, Enregistrement, Inscription
from enfance.models.inscriptions import InscriptionQuerySet
from enfance.regles import MOTIF_REPAS, Acteur, Action, Cle, Obstacle, Situation, cle_suivie, obstacles_for
from enfance.situation import load_situation

Etat = Inscription.Etat
GARDE_PASSEE = Obstacle("garde", "le foyer qui l’avait inscrit n’a plus la garde ce jour-là.")


def retablir_departs(
    enfants: Iterable[int], acteur: Acteur, *, now: datetime, jours: tuple[date, date] | None = None
) -> Resultat:
    """Give back to these pupils, who are at school again, the inscriptions to come that their departure had cancelled,
    as far as there is place, on all days or from the first to the last of `jours` (both included); the families are
    told. What cannot be given back is among the refusals, and given up unless a closure covers it.
    """
    with transaction.atomic():
        enfants = set(enfants)
        Creneau.objects.for_enfants(enfants).lock()
        lignes = Inscription.objects.annulee_par(Inscription.Origine.IMPORT).filter(enfant__in=enfants)
        if jours:
            lignes = lignes.between(*jours)
        resultat = _retablir(lignes, acteur, now)
        if resultat.enregistrement:
            tell(resultat.enregistrement)
        return resultat


def retablir_fermeture(
    lignes: InscriptionQuerySet,
    libres: Collection[tuple[date, int]],
    acteur: Acteur,
    *,
    now: datetime,
    annule: Enregistrement | None,
) -> Resultat:
    """Give back the inscriptions `lignes`, which a closure that is no longer there had cancelled, then give the places
    left on its days (`libres`: day, primary key of the créneau) to those who waited. `annule` is the save of the
    closure. What cannot be given back is among the refusals, and given up unless another closure covers it.
    """
    with transaction.atomic():
        lignes.creneaux({creneau for _, creneau in libres}).lock()
        resultat = _retablir(lignes, acteur, now, annule=annule)
        if resultat.enregistrement:
            tell(resultat.enregistrement)
        give(libres, now=now)
        return resultat


@dataclass
class _Retour:
    """What is given back, by the box where the child goes now; the rows, by that box; what is not, and why; the rows
    (primary keys) of another school, which nothing is to be made of any more.
    """

    faits: dict[Cle, str] = field(default_factory=dict)
    sources: dict[Cle, Inscription] = field(default_factory=dict)
    refus: list[Refus] = field(default_factory=list)
    quittees: list[int] = field(default_factory=list)


def _retablir(
    lignes: InscriptionQuerySet, acteur: Acteur, now: datetime, *, annule: Enregistrement | None = None
) -> Resultat:
    """Give back these cancelled inscriptions as far as the rules hold, the limit apart: at the school where the child
    is that day. The créneaux are locked.

    What cannot be given back is given up, so that a later closure does not find it again; what another closure covers
    waits until that one is lifted.
    """
    a_venir = lignes.filter(jour__gte=timezone.localdate(now)).order_by("pk").select_related("creneau")
    par_cle = {Cle(ligne.enfant_id, ligne.jour, ligne.creneau.code): ligne for ligne in a_venir}
    if not par_cle:
        return Resultat(None, (), ())
    jours, enfants = [cle.jour for cle in par_cle], None if acteur.chez else {cle.enfant for cle in par_cle}
    situation = load_situation(acteur, min(jours), max(jours), now=now, enfants=enfants)
    situation, retour = _decide_retour(situation, par_cle)
    faits, refus = retour.faits, retour.refus
    enregistrement = note(acteur, now, annule=annule) if faits or (refus and annule) else None
    avant = dict.fromkeys(par_cle, Inscription.Origine.PORTAIL.value) | origines_before(par_cle)
    cles = {ligne.pk: cle for cle, ligne in par_cle.items()}
    origines = {vers: avant[cles[ligne.pk]] for vers, ligne in retour.sources.items()}
    situation, _, evenements = write(situation, faits, enregistrement, origines=origines)
    keep_payeurs(situation, {vers: ligne for vers, ligne in retour.sources.items() if ligne.pk in retour.quittees})
    perdues = [par_cle[un_refus.cle].pk for un_refus in refus if un_refus.obstacles[0].code != "fermeture"]
    Inscription.objects.filter(pk__in=[*perdues, *retour.quittees]).update(origine=Inscription.Origine.MAIRIE)
    return Resultat(enregistrement, tuple(evenements), tuple(refus))


def _decide_retour(situation: Situation, lignes: Mapping[Cle, Inscription]) -> tuple[Situation, _Retour]:
    """Which of these may be given back, and what stands in the way of the others. What is over is neither, nor what the
    child has in the meantime at its new school.
    """
    retour = _Retour()
    for cle, inscription in lignes.items():
        vers = cle_suivie(situation, cle)
        creneau = situation.creneaux[vers.creneau]
        if situation.is_over(cle.jour, creneau):
            continue
        if vers != cle and (vers in retour.faits or situation.etat(vers) != Etat.ANNULEE):
            retour.quittees.append(inscription.pk)
            continue
        souleves = [o for o in obstacles_for(situation, vers, Action.INSCRIRE) if o.code not in {"limite", "garde"}]
        obstacles = [obstacle for obstacle in souleves if not obstacle.repas]
        if inscription.foyer_id not in (None, *situation.foyers(cle.enfant, cle.jour, creneau)):
            obstacles.append(GARDE_PASSEE)
        if obstacles:
            retour.refus.append(Refus(cle, Etat.INSCRIT, tuple(obstacles)))
            continue
        if souleves and not situation.acteur.motif:  # only its meal puts it beyond the places: flagged
            situation = situation.with_motif(MOTIF_REPAS)
        retour.faits[vers], retour.sources[vers] = Etat.INSCRIT.value, inscription
        if vers != cle:
            retour.quittees.append(inscription.pk)
        situation = situation.with_places(vers, 1)
    return situation, retour
