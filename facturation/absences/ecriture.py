"""Why a parent says the child was away, what the town hall answers: the latest answer counts, the earlier ones stay.

The only writer of both; no free text of a parent, ever.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime, timedelta
from functools import reduce
from operator import or_
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from enfance.models import Absence, Enfant, Inscription, Responsable
from enfance.regles import Acteur
from facturation.absences.courriels import SeanceDite, readers_of
from facturation.absences.tasks import send_reponse_absence
from facturation.absences_dues import absences_facturees, reponses
from facturation.models import Justification, ReponseAbsence, Tarif
from portail.dates import PARIS
from portail.select import select

Reponse = ReponseAbsence.Reponse
RECENTES = timedelta(days=31)  # days past, that a parent may still give a reason for


# --- What a parent says -----------------------------------------------------------------------------------------------


def absences_of(acteur: Acteur, now: datetime) -> QuerySet[Any]:
    """The inscriptions billed though the child was away for which this actor may give a reason, or read the one given:
    a parent, of children whom they may see, those that their foyer pays; the town hall, all those of the children of
    the home for which it acts.

    They go from 31 days before `now` to 31 days after, since an absence may be told beforehand.
    """
    lignes = absences_facturees(*_bornes(now), now=now)
    if responsable := acteur.responsable:
        vus = Enfant.objects.for_responsable(responsable)
        lignes = lignes.filter(foyer=responsable.foyer_id)
    else:
        vus = Enfant.objects.for_foyer(acteur.pour) if acteur.pour else Enfant.objects.none()
    return lignes.filter(enfant__in=vus.order_by().values("pk"))


def _bornes(now: datetime) -> tuple[date, date]:
    today = now.astimezone(PARIS).date()
    return today - RECENTES, today + RECENTES


class AExpliquer(NamedTuple):
    """A day when a child (first name) was away."""

    jour: date
    prenom: str


def absences_a_expliquer(responsable: Responsable, now: datetime) -> list[AExpliquer]:
    """The absences that this adult's family told of, that have neither a reason nor an answer of the town hall yet: a
    line for each créneau, by day, then from the eldest child to the youngest.

    Only the ones that the adult's foyer pays, of the same days as `absences_of` (31 days before `now` to 31 days
    after). One query.
    """
    sql = """
        SELECT i.jour, e.prenom
        FROM enfance_inscription i
        JOIN enfance_creneau c ON c.id = i.creneau_id
        JOIN enfance_enfant e ON e.id = i.enfant_id
        WHERE i.etat = %s AND i.foyer_id = %s AND i.jour BETWEEN %s AND %s
            AND i.enfant_id IN (
                SELECT enfant_id FROM enfance_responsabilite WHERE responsable_id = %s AND NOT suspendue
            )
            AND EXISTS (
                SELECT 1 FROM facturation_tarif t LEFT JOIN facturation_tarif_creneaux n ON n.tarif_id = t.id
                WHERE t.debut <= %s AND t.base <> %s AND (n.creneau_id = c.id OR t.moment <> '' AND t.moment = c.moment)
            )
            AND EXISTS (
                SELECT 1 FROM enfance_absence a LEFT JOIN enfance_absence_creneaux m ON m.absence_id = a.id
                WHERE a.enfant_id = i.enfant_id AND a.jour = i.jour AND a.retiree_le IS NULL
                    AND (m.creneau_id IS NULL OR m.creneau_id = c.id)
            )
            AND NOT EXISTS (
                SELECT 1 FROM enfance_pointage p
                WHERE p.enfant_id = i.enfant_id AND p.creneau_id = c.id AND p.jour = i.jour AND p.present
            )
            AND NOT EXISTS (
                SELECT 1 FROM facturation_reponseabsence r
                WHERE r.enfant_id = i.enfant_id AND r.creneau_id = c.id AND r.jour = i.jour
            )
            AND NOT EXISTS (
                SELECT 1 FROM facturation_justification j WHERE j.enfant_id = i.enfant_id AND j.jour = i.jour
            )
        ORDER BY i.jour, e.date_naissance, i.id
    """
    debut, fin = _bornes(now)
    siennes = [Inscription.Etat.INSCRIT.value, responsable.foyer_id, debut, fin, responsable.pk]
    return select(AExpliquer, sql, [*siennes, fin, Tarif.Base.PRESENCE.value])


def justifier(acteur: Acteur, enfant: int, jour: date, raison: str, *, now: datetime) -> Justification | None:
    """Keep the reason that this actor gives for the absence of this child (primary key) on that day.

    `raison` is a code of `Justification.Raison`; it replaces an earlier reason of that day. None, and nothing is
    written, when no absence of that day is this actor's to explain, or when the town hall has answered all of it.
    """
    with transaction.atomic():
        siennes = absences_of(acteur, now).filter(enfant=enfant, jour=jour)
        _lock(siennes)
        if not siennes.exclude(Exists(reponses())).exists():
            return None
        dit = {"raison": Justification.Raison(raison), "dite_le": now, "dite_par_id": acteur.user_id}
        justification, _ = Justification.objects.update_or_create(enfant_id=enfant, jour=jour, defaults=dit)
        return justification


def oublier_raisons(enfants: Collection[int], jours: Collection[date], *, now: datetime) -> None:
    """Delete the reasons given for the absences of these children (primary keys) on these days, because
    the absences were taken back; whoever gave the reason. In the caller's transaction; `jours` must not be empty.

    A reason stays where it still explains something: another absence of that day, or one that the town hall has
    answered.
    """
    which = {"enfant__in": enfants, "jour__in": jours}
    _lock(Inscription.objects.filter(**which))
    restent = absences_facturees(min(jours), max(jours), now=now).filter(
        enfant=OuterRef("enfant"), jour=OuterRef("jour")
    )
    repondues = ReponseAbsence.objects.filter(enfant=OuterRef("enfant"), jour=OuterRef("jour"))
    Justification.objects.filter(~Exists(restent), ~Exists(repondues), **which).delete()


# --- What the town hall answers ---------------------------------------------------------------------------------------


def repondre(
    enfant: int,
    journees: Mapping[date, Collection[int]],
    reponse: str,
    motif: str,
    *,
    par: int,
    now: datetime,
    changer: bool = False,
) -> list[ReponseAbsence]:
    """Write one answer of the town hall (excused or billed) for these days of a child, each with its créneaux (primary
    keys), with the reason that the family reads (`motif`). Returns the answers that were written.

    A créneau that has an answer already keeps it, unless `changer` is true; the same answer again writes nothing. Only
    a créneau that is an absence to bill, today or earlier, is answered. In the same transaction, one mail is queued for
    each adult who may see the child, whatever the days: who pays for some of these créneaux is told of those, who told
    the absence of a day or its reason is told of all of that day. `par` is the agent's account (primary key).
    ValueError without a `motif`.
    """
    if not motif:
        raise ValueError("An answer has its reason")
    today = now.astimezone(PARIS).date()
    passees = {jour: creneaux for jour, creneaux in journees.items() if jour <= today}
    if not passees:
        return []
    with transaction.atomic():
        voulues = reduce(or_, (Q(jour=jour, creneau__in=creneaux) for jour, creneaux in passees.items()))
        facturees = absences_facturees(min(passees), max(passees), now=now)
        absentes = facturees.filter(voulues, enfant=enfant)
        _lock(absentes)
        lignes = list(absentes.order_by("jour", "creneau__ordre", "pk"))
        dernieres = _dernieres(enfant, passees)
        ecrites = [
            ReponseAbsence(
                enfant_id=enfant,
                jour=ligne.jour,
                creneau_id=ligne.creneau_id,
                reponse=Reponse(reponse),
                motif=motif,
                repondue_le=now,
                repondue_par_id=par,
            )
            for ligne in lignes
            if _is_new(dernieres.get((ligne.jour, ligne.creneau_id)), reponse, motif, changer=changer)
        ]
        ReponseAbsence.objects.bulk_create(ecrites)
        if ecrites:
            payees = {(ligne.jour, ligne.creneau_id): ligne.foyer_id for ligne in lignes}
            dites = {seance: lue.pk for seance, lue in _dernieres(enfant, passees).items()}
            foyers = {(une.jour, une.creneau_id): payees.get((une.jour, une.creneau_id)) for une in ecrites}
            for user, siennes in readers_of(enfant, foyers, _auteurs(enfant, passees)):
                send_reponse_absence.enqueue(user.pk, sorted(dites[seance] for seance in siennes))
        return ecrites


def _lock(absentes: QuerySet[Any]) -> None:
    """Whoever answers or explains one of these absences waits from now on: what they wrote before is read after."""
    cles = list(absentes.order_by().values_list("pk", flat=True))
    list(Inscription.objects.select_for_update(of=("self",)).filter(pk__in=cles).order_by("pk").values_list("pk"))


def _auteurs(enfant: int, jours: Collection[date]) -> dict[date, set[int | None]]:
    """The accounts that told the absence of each of these days, or why."""
    which = {"enfant": enfant, "jour__in": jours}
    auteurs: dict[date, set[int | None]] = {jour: set() for jour in jours}
    dites = Absence.objects.standing().filter(**which).values_list("jour", "signalee_par")
    for jour, auteur in [*dites, *Justification.objects.filter(**which).values_list("jour", "dite_par")]:
        auteurs[jour].add(auteur)
    return auteurs


def _dernieres(enfant: int, jours: Collection[date]) -> dict[SeanceDite, ReponseAbsence]:
    lues = ReponseAbsence.objects.filter(enfant=enfant, jour__in=jours).order_by("repondue_le", "pk")
    return {(lue.jour, lue.creneau_id): lue for lue in lues}


def _is_new(avant: ReponseAbsence | None, reponse: str, motif: str, *, changer: bool) -> bool:
    return avant is None or (changer and (avant.reponse, avant.motif) != (reponse, motif))
