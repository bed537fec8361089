"""Why a parent says the child was away, what the town hall answers: the latest answer counts, the earlier ones stay.

The only writer of both; no free text of a parent, ever.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import BigIntegerField, DateField, Exists, OuterRef, QuerySet, TimeField

from enfance.models import Absence, Enfant, Inscription, Responsable
from facturation.absences.courriels import readers_of
from facturation.absences.tasks import send_reponse_absence
from facturation.absences_dues import absences_between, absences_facturees, instant, reponses
from facturation.models import Justification, ReponseAbsence
from portail.dates import PARIS
from portail.requetes import Inconnue, Requete

Reponse = ReponseAbsence.Reponse
RECENTES = timedelta(days=31)  # days past, that a parent may still give a reason for


# --- What a parent says -----------------------------------------------------------------------------------------------


def absences_of(responsable: Responsable, now: datetime) -> QuerySet[Any]:
    """The absences that the foyer of this adult pays, of children that they may see, for which a reason may still be
    given or is read: of the last month, and those told of days to come.
    """
    return _absences_of(responsable, responsable.foyer_id, **_bornes(now), **instant(now))


def _bornes(now: datetime) -> dict[str, Any]:
    today = now.astimezone(PARIS).date()
    return {"debut": today - RECENTES, "fin": today + RECENTES}


def _absences_of(responsable: Any, foyer: Any, debut: Any, fin: Any, today: Any, heure: Any) -> QuerySet[Any]:
    vus = Enfant.objects.for_responsable(responsable).order_by().values("pk")
    return absences_between(debut, fin, today, heure).filter(foyer=foyer, enfant__in=vus)


def _build_a_expliquer() -> QuerySet[Any, Any]:
    adulte, foyer = Inconnue("responsable", BigIntegerField()), Inconnue("foyer", BigIntegerField())
    quand: Any = {nom: Inconnue(nom, DateField()) for nom in ("debut", "fin", "today")}
    siennes = _absences_of(adulte, foyer, **quand, heure=Inconnue("heure", TimeField()))
    attendent = siennes.exclude(Exists(reponses())).filter(dite=True, justifiee=False)
    return attendent.order_by("jour", "enfant__date_naissance", "pk").values_list("jour", "enfant__prenom")


_A_EXPLIQUER = Requete(_build_a_expliquer)


def absences_a_expliquer(responsable: Responsable, now: datetime) -> list[tuple[date, str]]:
    """The day and the child's first name of each of them that was told of, has no reason, and no answer. One query."""
    qui = {"responsable": responsable.pk, "foyer": responsable.foyer_id}
    return list(_A_EXPLIQUER(qui | _bornes(now) | instant(now)))


def justifier(responsable: Responsable, enfant: int, jour: date, raison: str, *, now: datetime) -> Justification | None:
    """Keep why this child (primary key) was away that day, in the words of a list. None when nothing of that day is
    this adult's to explain, or when all of it has its answer.
    """
    with transaction.atomic():
        siennes = absences_of(responsable, now).filter(enfant=enfant, jour=jour)
        _lock(siennes)
        if not siennes.exclude(Exists(reponses())).exists():
            return None
        dit = {"raison": Justification.Raison(raison), "dite_le": now, "dite_par_id": responsable.user_id}
        justification, _ = Justification.objects.update_or_create(enfant_id=enfant, jour=jour, defaults=dit)
        return justification


def oublier(enfants: Collection[int], jours: Collection[date], *, now: datetime) -> None:
    """Their absence is taken back: its reason goes with it, whoever gave it, in the caller's transaction. It stays
    where it still explains something: another absence of that day, or what the town hall has answered.
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
    jour: date,
    creneaux: Collection[int],
    reponse: str,
    motif: str,
    *,
    par: int,
    now: datetime,
    changer: bool = False,
) -> list[ReponseAbsence]:
    """Answer for these créneaux (primary keys) of a child's day, with the reason that the family reads; what was
    written.

    A créneau that has its answer keeps it, unless one asks to change it; the same answer again is nothing. Only what is
    an absence to bill is answered. In the same transaction, one mail tells each adult who pays some of it of that, and
    who told the absence of all of it.
    """
    if not motif:
        raise ValueError("An answer has its reason")
    today = now.astimezone(PARIS).date()
    with transaction.atomic():
        absentes = absences_facturees(jour, jour, now=now).filter(enfant=enfant, creneau__in=creneaux, jour__lte=today)
        _lock(absentes)
        lignes = list(absentes.order_by("creneau__ordre", "pk"))
        dernieres = _dernieres(enfant, jour)
        ecrites = [
            ReponseAbsence(
                enfant_id=enfant,
                jour=jour,
                creneau_id=ligne.creneau_id,
                reponse=Reponse(reponse),
                motif=motif,
                repondue_le=now,
                repondue_par_id=par,
            )
            for ligne in lignes
            if _is_new(dernieres.get(ligne.creneau_id), reponse, motif, changer=changer)
        ]
        ReponseAbsence.objects.bulk_create(ecrites)
        if ecrites:
            payees = {ligne.creneau_id: ligne.foyer_id for ligne in lignes}
            dites = {creneau: lue.pk for creneau, lue in _dernieres(enfant, jour).items()}
            foyers = {une.creneau_id: payees.get(une.creneau_id) for une in ecrites}
            for user, siens in readers_of(enfant, foyers, _auteurs(enfant, jour)):
                send_reponse_absence.enqueue(user.pk, sorted(dites[creneau] for creneau in siens))
        return ecrites


def _lock(absentes: QuerySet[Any]) -> None:
    """Whoever answers or explains one of these absences waits from now on: what they wrote before is read after."""
    cles = list(absentes.order_by().values_list("pk", flat=True))
    list(Inscription.objects.select_for_update(of=("self",)).filter(pk__in=cles).order_by("pk").values_list("pk"))


def _auteurs(enfant: int, jour: date) -> set[int | None]:
    """The accounts that told this absence, or why."""
    which = {"enfant": enfant, "jour": jour}
    dites = Absence.objects.standing().filter(**which).values_list("signalee_par", flat=True)
    return {*dites, *Justification.objects.filter(**which).values_list("dite_par", flat=True)}


def _dernieres(enfant: int, jour: date) -> dict[int, ReponseAbsence]:
    lues = ReponseAbsence.objects.filter(enfant=enfant, jour=jour).order_by("repondue_le", "pk")
    return {lue.creneau_id: lue for lue in lues}


def _is_new(avant: ReponseAbsence | None, reponse: str, motif: str, *, changer: bool) -> bool:
    return avant is None or (changer and (avant.reponse, avant.motif) != (reponse, motif))
