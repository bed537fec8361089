"""The secretary's desk: what waits to be dealt with, and the day's figures. Reads, never writes.

What is counted here is what the lists show: both ask the same querysets.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count, Q, QuerySet

from accounts.models import UndeliveredMail
from enfance.mairie.destinataires import Public
from enfance.models import (
    Absence,
    Creneau,
    DemandeAutorisation,
    Enfant,
    Fermeture,
    Inscription,
    Repas,
    Responsable,
    Scolarite,
    load_calendrier,
)
from enfance.planning.ecarts import repas_sans_midi
from portail.dates import PARIS

Etat = Inscription.Etat
PAI_BIENTOT = timedelta(days=30)
DEPART_RECENT = timedelta(days=30)


# --- To deal with ---------------------------------------------------------------------------------------------------


def personnes_a_verifier() -> QuerySet[DemandeAutorisation]:
    """Those whom a parent asked to add under a name like that of a forbidden person, and who wait for an answer."""
    return DemandeAutorisation.objects.filter(decidee_le=None)


def sans_courriel(today: date) -> QuerySet[Responsable]:
    """Adults of the school's families to whom no mail can be sent: a letter or a call is for them."""
    return Public().responsables(today=today).filter(user__email="")


def jamais_connectes(today: date) -> QuerySet[Responsable]:
    """Adults of the school's families who have not come in yet."""
    return Public().responsables(today=today).filter(user__last_login=None)


def non_remis(today: date) -> QuerySet[Responsable]:
    """Adults whom a mail did not reach, until somebody notes it as settled; whatever the year."""
    courriels = UndeliveredMail.objects.filter(settled_at=None, created_at__date__lte=today)
    return Responsable.objects.filter(user__in=courriels.order_by().values("user"))


def sans_classe(today: date) -> QuerySet[Enfant]:
    """Pupils of the year in course whom no class has: they are on no teacher's list."""
    places = Scolarite.objects.not_over(today).filter(annee__debut__lte=today, classe=None)
    return Enfant.objects.filter(pk__in=places.order_by().values("enfant"))


def partis(today: date) -> QuerySet[Enfant]:
    """Pupils lately noted as gone, by ONDE or by hand: is it so?"""
    departs = Scolarite.objects.filter(depart__gt=today - DEPART_RECENT)
    return Enfant.objects.filter(pk__in=departs.order_by().values("enfant"))


def pai_a_revoir(today: date) -> QuerySet[Enfant]:
    """Pupils whose health plan is over, or will be soon: it is renewed with the school, or taken away."""
    eleves = Scolarite.objects.not_over(today).order_by().values("enfant")
    return Enfant.objects.filter(pai=True, pai_fin__lte=today + PAI_BIENTOT, pk__in=eleves)


def en_attente(today: date) -> QuerySet[Inscription]:
    """Those who wait for a place."""
    return Inscription.objects.waiting(today)


def repas_sans_pause(now: datetime) -> QuerySet[Repas]:
    """Meals to come without the lunch break that goes with them."""
    return repas_sans_midi(now=now)


# --- The day --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Moment:
    """A créneau of the day, with its numbers."""

    creneau: Creneau
    inscrits: int
    attente: int


@dataclass(frozen=True)
class Journee:
    """The numbers of a day of school, today or the next one (`prochaine`)."""

    jour: date
    prochaine: bool
    moments: list[Moment]
    repas: int
    absences: int
    fermetures: list[Fermeture]


def load_journee(*, now: datetime) -> Journee | None:
    """The numbers of today, or of the next school day; None when no year is known."""
    today = now.astimezone(PARIS).date()
    calendrier = load_calendrier()
    jour = today if calendrier.is_ecole(today) else calendrier.ecole_apres(today)
    if jour is None:
        return None
    inscrits, attente = (Count("pk", filter=Q(etat=etat)) for etat in (Etat.INSCRIT, Etat.ATTENTE))
    du_jour = Inscription.objects.filter(jour=jour).order_by().values_list("creneau")
    nombres = {pk: (n, m) for pk, n, m in du_jour.annotate(inscrits=inscrits, attente=attente)}
    creneaux = [creneau for creneau in Creneau.objects.all() if jour.weekday() in creneau.jours]
    fermetures = Fermeture.objects.filter(debut__lte=jour, fin__gte=jour).order_by("debut", "pk")
    return Journee(
        jour,
        jour != today,
        [Moment(creneau, *nombres.get(creneau.pk, (0, 0))) for creneau in creneaux],
        Repas.objects.filter(jour=jour).standing().count(),
        Absence.objects.filter(jour=jour).count(),
        list(fermetures.prefetch_related("creneaux", "classes")),
    )
