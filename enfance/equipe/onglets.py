"""The créneaux of a day, as the sheet leads from one to the other. Reads, never writes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, F, FilteredRelation, OuterRef, Q, QuerySet, Subquery

from enfance.models import AdultesPresents, AnneeScolaire, Creneau, Fermeture, Inscription


@dataclass(frozen=True)
class Onglet:
    """A créneau of the day: how many hold a place, who closed its sheet, why it is closed to all if it is, how many
    adults somebody said were there, what the town declared for the year.
    """

    creneau: Creneau
    inscrits: int
    clos_le: datetime | None
    clos_par: str
    ferme: str
    adultes: int | None
    declaree: bool
    pedt: bool


def load_onglets(jour: date) -> list[Onglet]:
    """The créneaux of this weekday, in one query."""
    inscrits = Inscription.objects.inscrit().filter(creneau=OuterRef("pk"), jour=jour).order_by().values("creneau")
    fermetures = Fermeture.objects.filter(Q(creneaux=None) | Q(creneaux=OuterRef("pk")), classes=None)
    adultes = AdultesPresents.objects.filter(creneau=OuterRef("pk"), jour=jour)
    annee = AnneeScolaire.objects.filter(debut__lte=jour, fin__gte=jour)
    creneaux: QuerySet[Any] = Creneau.objects.annotate(
        inscrits=Subquery(inscrits.annotate(n=Count("*")).values("n")),
        ferme=Subquery(fermetures.filter(debut__lte=jour, fin__gte=jour).values("motif")[:1]),
        appel=FilteredRelation("appels", condition=Q(appels__jour=jour, appels__rouvert_le=None)),
        clos_le=F("appel__clos_le"),
        clos_prenom=F("appel__clos_par__first_name"),
        clos_nom=F("appel__clos_par__last_name"),
        adultes=Subquery(adultes.values("nombre")[:1]),
        declaree=Subquery(annee.values("declaree")[:1]),
        pedt=Subquery(annee.values("pedt")[:1]),
    )
    return [
        Onglet(
            creneau=c,
            inscrits=c.inscrits or 0,
            clos_le=c.clos_le,
            clos_par=f"{c.clos_prenom or ''} {c.clos_nom or ''}".strip(),
            ferme=c.ferme or "",
            adultes=c.adultes,
            declaree=bool(c.declaree),
            pedt=bool(c.pedt),
        )
        for c in creneaux
        if jour.weekday() in c.jours
    ]
