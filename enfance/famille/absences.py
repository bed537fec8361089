"""« Léa est malade »: told once the limit has passed, and taken back. It informs the team, cancels nothing; its only
writer.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef

from enfance.famille.tasks import tell_absences
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
        if cle.enfant == enfant and cle.jour >= situation.today and _is_kept(situation, cle):
            jours.setdefault(cle.jour, []).append(situation.creneaux[cle.creneau].nom_court)
    return dict(list(jours.items())[:MONTRES])


def is_awaited(situation: Situation, enfant: int, jour: date) -> bool:
    """Whether an absence of the child may be told of that day: it is one of those."""
    cles = [Cle(enfant, jour, creneau) for creneau in situation.creneaux]
    return jour >= situation.today and any(_is_kept(situation, cle) for cle in cles)


def _is_kept(situation: Situation, cle: Cle) -> bool:
    """Whether nothing but the limit, or the meal that stands, keeps this inscription from being cancelled."""
    if situation.etat(cle) != Inscription.Etat.INSCRIT or situation.is_over(cle.jour, situation.creneaux[cle.creneau]):
        return False
    codes = {obstacle.code for obstacle in obstacles_for(situation, cle, Action.ANNULER)}
    return "limite" in codes and codes <= {"limite", "repas"}


# --- What a page offers -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class AbsencesVues:
    """Of a child: the days on which an absence may be told, with the créneaux; the days on which one is, and whether it
    may be taken back.
    """

    a_signaler: dict[date, list[str]]
    signalees: list[tuple[date, bool]]


@dataclass(frozen=True)
class AbsencesJour:
    """Of a day: the children whose absence may be told; those whose absence was, and may be taken back (`retour`), or
    not any more, a sheet having been closed meanwhile (`clos`). Who is at the other parent's is in none of them.
    """

    a_signaler: list[EnfantVu]
    retour: list[EnfantVu]
    clos: list[EnfantVu]

    @property
    def tous(self) -> str:
        """What the button for all of them sends."""
        return " ".join(str(enfant.pk) for enfant in self.a_signaler)


def load_absences_enfant(responsable: Responsable, enfant: Enfant, *, now: datetime) -> AbsencesVues:
    """The days of this child on which something is to be told, or was."""
    debut = now.date() - timedelta(days=1)  # whatever the zone of `now`
    acteur = Acteur.parent(responsable)
    situation = load_situation(acteur, debut, debut + HORIZON, now=now, enfants=[enfant.pk], places=False)
    jours, retirables = jours_a_signaler(situation, enfant.pk), load_retirables(situation)
    signalees = sorted(jour for pk, jour in situation.absences if pk == enfant.pk and jour >= situation.today)
    return AbsencesVues(
        {jour: noms for jour, noms in jours.items() if jour not in signalees},
        [(jour, (enfant.pk, jour) in retirables) for jour in signalees],
    )


def load_absences_jour(situation: Situation, jour: date) -> AbsencesJour:
    """What may be told of that day, or taken back. One query, none without an absence."""
    retirables = load_retirables(situation)
    attendus = [enfant for enfant in fratrie(situation) if is_awaited(situation, enfant.pk, jour)]
    dits = [enfant for enfant in attendus if (enfant.pk, jour) in situation.absences]
    return AbsencesJour(
        [enfant for enfant in attendus if enfant not in dits],
        [enfant for enfant in dits if (enfant.pk, jour) in retirables],
        [enfant for enfant in dits if (enfant.pk, jour) not in retirables],
    )


def load_retirables(situation: Situation) -> set[tuple[int, date]]:
    """The absences, by child and day, that this parent may take back: the child is awaited in their home, and no sheet
    that awaited it was closed since it was told. What a closed sheet said stays. One query, none without an absence.
    """
    possibles = {(enfant, jour) for enfant, jour in situation.absences if is_awaited(situation, enfant, jour)}
    if not possibles:
        return set()
    close = Inscription.objects.inscrit().filter(
        enfant=OuterRef("enfant"),
        jour=OuterRef("jour"),
        creneau__appels__jour=OuterRef("jour"),
        creneau__appels__rouvert_le=None,
        creneau__appels__clos_le__gte=OuterRef("signalee_le"),
    )
    enfants, jours = {enfant for enfant, _ in possibles}, {jour for _, jour in possibles}
    ouvertes = Absence.objects.standing().filter(~Exists(close), enfant__in=enfants, jour__in=jours)
    return possibles & set(ouvertes.values_list("enfant", "jour"))


# --- What a parent does -----------------------------------------------------------------------------------------------


def signaler(responsable: Responsable, enfants: Collection[int], jour: date, *, now: datetime) -> list[EnfantVu]:
    """Tell the team and each adult with access that these children (primary keys) do not come; who of them is told.

    A child who is not awaited that day, or whose day may still be cancelled, is left out. Twice is once.
    """
    situation = load_situation(Acteur.parent(responsable), jour, jour, now=now, enfants=enfants, places=False)
    attendus = [enfant for enfant in fratrie(situation) if is_awaited(situation, enfant.pk, jour)]
    dit = {"signalee_par_id": responsable.user_id, "signalee_le": now}
    with transaction.atomic():
        rows = [
            Absence.objects.get_or_create(enfant_id=enfant.pk, jour=jour, retiree_le=None, defaults=dit)
            for enfant in attendus
        ]
        if nouvelles := [absence.pk for absence, is_new in rows if is_new]:
            tell_absences.enqueue(nouvelles, False)
    return attendus


def retirer(responsable: Responsable, enfant: int, jour: date, *, now: datetime) -> EnfantVu | None:
    """« Léa vient finalement »: take the absence back, and tell who was told. None when that cannot be done any more,
    or is not this parent's to do. Twice is once.
    """
    situation = load_situation(Acteur.parent(responsable), jour, jour, now=now, enfants=[enfant], places=False)
    if (enfant, jour) not in load_retirables(situation):
        return None
    with transaction.atomic():
        debout = Absence.objects.standing().select_for_update().filter(enfant=enfant, jour=jour)
        retirees = list(debout.values_list("pk", flat=True))
        Absence.objects.filter(pk__in=retirees).update(retiree_le=now, retiree_par=responsable.user_id)
        if retirees:
            tell_absences.enqueue(retirees, True)
    return next(vu for vu in fratrie(situation) if vu.pk == enfant)
