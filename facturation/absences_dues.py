"""Absences that are billed unless the town hall excuses them: which inscriptions, of which days. Reads only.

Judged créneau by créneau, for an inscription that a closed sheet, a parent or a reason says nobody came for.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from enfance.models import Absence, Appel, Creneau, Inscription, Pointage
from facturation.models import Justification, Mois, ReponseAbsence, Tarif
from portail.dates import mois_suivant

TARDIVES = timedelta(days=92)  # a reason told after its month was closed is still read


def premier_ouvert(today: date) -> date:
    """The first day that no closed month holds: of the month after the last closed one, else of the first tariff."""
    clos = Mois.objects.order_by("-premier").values_list("premier", flat=True).first()
    if clos is not None:
        return mois_suivant(clos)
    debut = Tarif.objects.order_by("debut").values_list("debut", flat=True).first()
    return min(debut or today, today.replace(day=1)).replace(day=1)


def absences_facturees(debut: date, fin: date) -> QuerySet[Any]:
    """The inscriptions from `debut` to `fin`, both included, that are billed though the child was away: nobody came,
    and a sheet was closed, a parent told it or gave a reason. `dite`, `justifiee`: whether one did.
    """
    jour = {"enfant": OuterRef("enfant"), "jour": OuterRef("jour")}
    venu = Pointage.objects.filter(present=True, creneau=OuterRef("creneau"), **jour)
    close = Appel.objects.clos().filter(jour=OuterRef("jour"), creneau=OuterRef("creneau"))
    lignes = Inscription.objects.inscrit().filter(jour__range=(debut, fin), foyer__isnull=False)
    lignes = lignes.filter(creneau__in=creneaux_factures(fin)).annotate(
        dite=Exists(Absence.objects.standing().filter(**jour)),
        justifiee=Exists(Justification.objects.filter(**jour)),
    )
    return lignes.filter(~Exists(venu)).filter(Q(dite=True) | Q(justifiee=True) | Exists(close))


def absences_a_juger(today: date) -> QuerySet[Any]:
    """Those until today that nobody answered: of open months; of closed ones, those with a reason."""
    ouvert = premier_ouvert(today)
    lignes = absences_facturees(ouvert - TARDIVES, today).filter(Q(jour__gte=ouvert) | Q(justifiee=True))
    return lignes.exclude(Exists(reponses()))


def creneaux_factures(jour: date) -> QuerySet[Creneau, Any]:
    """The créneaux that a tariff of that day, or before, bills to who is registered."""
    tarifs = Tarif.objects.filter(debut__lte=jour).exclude(base=Tarif.Base.PRESENCE)
    nommes = tarifs.order_by().values("creneaux")
    moments = tarifs.exclude(moment="").order_by().values("moment")
    return Creneau.objects.filter(Q(pk__in=nommes) | Q(moment__in=moments)).order_by().values("pk")


def reponses() -> QuerySet[ReponseAbsence]:
    """The answers of an inscription, for `Exists`."""
    case = {nom: OuterRef(nom) for nom in ("enfant", "jour", "creneau")}
    return ReponseAbsence.objects.filter(**case)
