"""The association's mail of each school morning: when it leaves, and what it says. No health in it: a mail travels."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from django.conf import settings
from django.db.models import Q
from django.urls import reverse

from enfance.calendrier import UN_JOUR
from enfance.cantine.changements import load_changements, load_repas_annules
from enfance.cantine.convives import load_releve
from enfance.models import Creneau, ReglageCantine, load_calendrier
from portail.dates import PARIS, jour_long

FIN = time(12)  # later, the meal is over
UNIQUE = 1  # primary key of the only row


@dataclass(frozen=True)
class Envoi:
    """A mail that is to leave, for one task alone. `depuis`: when the one before left, None for the first."""

    jour: date
    depuis: datetime | None


def load_reglage() -> ReglageCantine:
    """What the association chose; nothing yet when no row is there."""
    return ReglageCantine.objects.select_related("choisie_par").filter(pk=UNIQUE).first() or ReglageCantine(pk=UNIQUE)


def depart(*, now: datetime) -> datetime | None:
    """When the mail of today is to leave, now when its hour has passed; None when there is none to send any more."""
    reglage, local = load_reglage(), now.astimezone(PARIS)
    if reglage.heure_courriel is None or not settings.CANTINE_COURRIEL or not is_morning(local.date(), now=now):
        return None
    if reglage.dernier_courriel and reglage.dernier_courriel.astimezone(PARIS).date() == local.date():
        return None
    ouvert = any(local.weekday() in midi.jours for midi in Creneau.objects.midis())
    if not ouvert or not load_calendrier().is_ecole(local.date()):
        return None
    return max(datetime.combine(local.date(), reglage.heure_courriel, PARIS), local)


def is_morning(jour: date, *, now: datetime) -> bool:
    """Whether a mail about this day may still leave."""
    local = now.astimezone(PARIS)
    return local.date() == jour and local.time() < FIN


def take(jour: date, *, now: datetime) -> Envoi | None:
    """Take the mail of this day, so that nobody else sends it: None when it is taken, or when its hour was moved."""
    local, depuis = now.astimezone(PARIS), load_reglage().dernier_courriel
    free = Q(dernier_courriel=None) | Q(dernier_courriel__lt=datetime.combine(local.date(), time.min, PARIS))
    chosen = ReglageCantine.objects.filter(free, pk=UNIQUE, heure_courriel__lte=local.time())
    if not is_morning(jour, now=now) or depart(now=now) is None or not chosen.update(dernier_courriel=now):
        return None
    return Envoi(jour, depuis)


def give_back(envoi: Envoi) -> None:
    """It could not leave: the next one tells the changes since the last that did."""
    ReglageCantine.objects.filter(pk=UNIQUE).update(dernier_courriel=envoi.depuis)


def matin_context(envoi: Envoi, *, now: datetime) -> dict[str, Any]:
    """The context of the mail « cantine ». Changes are of today and of all the days to come."""
    releve = load_releve(envoi.jour, envoi.jour, now=now)
    changements = (
        load_changements(envoi.depuis, envoi.jour, date.max, today=envoi.jour) if envoi.depuis is not None else []
    )
    return {
        "jour": jour_long(envoi.jour),
        "journee": releve.journees[0],
        "changements": changements,
        "depuis": envoi.depuis,
        "autres_annules": load_repas_annules(envoi.jour + UN_JOUR),
        "annonces": releve.annonces,
        "cantine_url": settings.SITE_URL + reverse("enfance:cantine_jour", args=[envoi.jour]),
    }
