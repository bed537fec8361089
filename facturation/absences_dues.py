"""Absences that are billed unless the town hall excuses them: which inscriptions, of which days. Reads only.

Judged créneau by créneau, for an inscription that a parent, or a closed sheet once its hour is over, says nobody came
for. A reason alone says nothing of the gate.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from enfance.models import Absence, Appel, Creneau, Inscription, Pointage
from facturation.models import Justification, Mois, ReponseAbsence, Tarif
from portail.dates import PARIS, mois_suivant

TARDIVES = timedelta(days=92)  # a reason told after its month was closed is still read


def premier_ouvert(today: date) -> date:
    """The first day of the first month that is not closed: the month after the last closed one, else the month of the
    first tariff, never later than the month of `today`.
    """
    clos = Mois.objects.order_by("-premier").values_list("premier", flat=True).first()
    if clos is not None:
        return mois_suivant(clos)
    debut = Tarif.objects.order_by("debut").values_list("debut", flat=True).first()
    return min(debut or today, today.replace(day=1)).replace(day=1)


def absences_facturees(debut: date, fin: date, *, now: datetime) -> QuerySet[Any]:
    """The inscriptions from `debut` to `fin`, both included, that are billed though the child was away: the gate saw
    nobody, and a parent told the absence, or the sheet was closed and the créneau is over at `now` (aware).

    Each row says two things more: `dite`, whether a parent told the absence; `justifiee`, whether a reason was given
    for that day.
    """
    local = now.astimezone(PARIS)
    jour = {"enfant": OuterRef("enfant"), "jour": OuterRef("jour")}
    venu = Pointage.objects.filter(present=True, creneau=OuterRef("creneau"), **jour)
    close = Appel.objects.clos().filter(jour=OuterRef("jour"), creneau=OuterRef("creneau"))
    lignes = Inscription.objects.inscrit().filter(jour__range=(debut, fin), foyer__isnull=False)
    lignes = lignes.filter(creneau__in=creneaux_factures(fin)).annotate(
        dite=Exists(Absence.objects.standing().filter(**jour).covering(OuterRef("creneau"))),
        justifiee=Exists(Justification.objects.filter(**jour)),
    )
    finie = Q(jour__lt=local.date()) | Q(jour=local.date(), creneau__fin__lte=local.time())
    return lignes.filter(~Exists(venu)).filter(Q(dite=True) | finie & Exists(close))


def absences_a_juger(now: datetime) -> QuerySet[Any]:
    """The inscriptions of days until today, billed though the child was away, that the town hall has not answered yet:
    all those of open months, and those with a reason of the 92 days before the first open month.
    """
    today = now.astimezone(PARIS).date()
    ouvert = premier_ouvert(today)
    lignes = absences_facturees(ouvert - TARDIVES, today, now=now).filter(Q(jour__gte=ouvert) | Q(justifiee=True))
    return lignes.exclude(Exists(reponses()))


def creneaux_factures(jour: date) -> QuerySet[Creneau, Any]:
    """The primary keys, as a query, of the créneaux for which a tariff begun on that day or before bills the child who
    is registered, whether or not they come.
    """
    tarifs = Tarif.objects.filter(debut__lte=jour).exclude(base=Tarif.Base.PRESENCE)
    nommes = tarifs.order_by().values("creneaux")
    moments = tarifs.exclude(moment="").order_by().values("moment")
    return Creneau.objects.filter(Q(pk__in=nommes) | Q(moment__in=moments)).order_by().values("pk")


def reponses() -> QuerySet[ReponseAbsence]:
    """The answers of the town hall about the inscription of an outer query, same child, day and créneau: to be used
    inside `Exists`.
    """
    case = {nom: OuterRef(nom) for nom in ("enfant", "jour", "creneau")}
    return ReponseAbsence.objects.filter(**case)
