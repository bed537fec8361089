"""The association's mail of each school morning: when it leaves, and what it says. No health in it: a mail travels."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from django.conf import settings
from django.db.models import Q
from django.urls import reverse

from enfance.calendrier import UN_JOUR
from enfance.cantine.changements import absences_changees, load_changements, load_repas_annules
from enfance.cantine.convives import load_releve
from enfance.cantine.perimetre import Perimetre
from enfance.cantines import Adresse, load_adresse, load_adresses
from enfance.models import Creneau, ReglageCantine, load_calendrier
from portail.dates import PARIS, jour_long
from portail.francais import et

FIN = time(12)  # later, the meal is over
UNIQUE = 1  # primary key of the town's row


@dataclass(frozen=True)
class Envoi:
    """A mail that is to leave, for one task alone. `depuis`: when the one before left, None for the first. `cle`: of
    its `Adresse`. `suite`: it is the second of its day, or a later one.
    """

    jour: date
    depuis: datetime | None
    cle: int | None = None
    suite: bool = False


def load_reglage(adresse: Adresse) -> ReglageCantine:
    """The settings of the canteen mail at this address; a new row, not saved, when nothing was chosen yet. A school
    that has just got an address of its own takes over the town's hour.
    """
    lignes = {ligne.pk: ligne for ligne in ReglageCantine.objects.select_related("choisie_par")}
    commun = lignes.get(UNIQUE) or ReglageCantine(pk=UNIQUE)
    if adresse.commune:
        return commun
    siens = [lignes[UNIQUE + ecole.pk] for ecole in adresse.ecoles if UNIQUE + ecole.pk in lignes]
    return (
        siens[0]
        if siens
        else ReglageCantine(
            pk=UNIQUE + adresse.ecoles[0].pk,
            ecole=adresse.ecoles[0],
            heure_courriel=commun.heure_courriel,
            choisie_par=commun.choisie_par,
        )
    )


def departs(*, now: datetime) -> list[tuple[Adresse, datetime]]:
    """The canteen mails of today that are still to leave: for each, its address and the instant (Paris) at which it
    leaves.
    """
    vus = ((adresse, depart(adresse, now=now)) for adresse in load_adresses())
    return [(adresse, quand) for adresse, quand in vus if quand]


def depart(adresse: Adresse, *, now: datetime) -> datetime | None:
    """When today's canteen mail to this address is to leave (Paris), `now` if its hour has passed; None when none is to
    leave any more: no hour chosen, no e-mail address, already sent, no lunch today, or noon has passed.
    """
    reglage, local = load_reglage(adresse), now.astimezone(PARIS)
    if reglage.heure_courriel is None or not adresse.courriel or not is_morning(local.date(), now=now):
        return None
    if reglage.dernier_courriel and reglage.dernier_courriel.astimezone(PARIS).date() == local.date():
        return None
    midis = Creneau.objects.midis().held_by(adresse.pks) if adresse.ecoles else Creneau.objects.midis()
    ouvert = any(local.weekday() in midi.jours for midi in midis)
    if not ouvert or not load_calendrier().is_ecole(local.date()):
        return None
    return max(datetime.combine(local.date(), reglage.heure_courriel, PARIS), local)


def is_morning(jour: date, *, now: datetime) -> bool:
    """Whether the canteen mail about this day may still leave: it is that day in Paris, before noon."""
    local = now.astimezone(PARIS)
    return local.date() == jour and local.time() < FIN


def take(jour: date, cle: int | None = None, *, now: datetime) -> Envoi | None:
    """Claim today's canteen mail to the address of this key (None: the town's), so that no other task sends it; its
    details are returned.

    None from noon on, when it is already claimed or not to leave, when its hour was moved later, or when no address has
    this key any more.
    """
    adresse = load_adresse(cle)
    if adresse is None or not is_morning(jour, now=now):
        return None
    local, reglage = now.astimezone(PARIS), load_reglage(adresse)
    free = Q(dernier_courriel=None) | Q(dernier_courriel__lt=datetime.combine(local.date(), time.min, PARIS))
    chosen = ReglageCantine.objects.filter(free, pk=reglage.pk, heure_courriel__lte=local.time())
    if depart(adresse, now=now) is None:
        return None
    if reglage.ecole and reglage._state.adding:  # from now on the hour is its own
        ReglageCantine.objects.get_or_create(
            pk=reglage.pk,
            defaults={
                "ecole": reglage.ecole,
                "heure_courriel": reglage.heure_courriel,
                "choisie_par": reglage.choisie_par,
            },
        )
    return Envoi(jour, reglage.dernier_courriel, cle) if chosen.update(dernier_courriel=now) else None


def adresses_a_reprevenir(jours: Collection[date], *, now: datetime) -> list[Adresse]:
    """The addresses that already received today's canteen mail, if today is one of these days of absence: what the mail
    said has changed. Empty from noon on.
    """
    today = now.astimezone(PARIS).date()
    if today not in jours or not is_morning(today, now=now):
        return []
    return [adresse for adresse in load_adresses() if _has_left(load_reglage(adresse), now)]


def _has_left(reglage: ReglageCantine, now: datetime) -> bool:
    """Whether its mail of today has, and it still wants one."""
    dernier = reglage.dernier_courriel
    if dernier is None or reglage.heure_courriel is None:
        return False
    return dernier.astimezone(PARIS).date() == now.astimezone(PARIS).date()


def take_again(jour: date, cle: int | None = None, *, now: datetime) -> Envoi | None:
    """Claim one more canteen mail of today to the address of this key (None: the town's), so that no other task sends
    it; its details are returned.

    None from noon on, when no absence has changed since the mail before, when that one has not left, or when no address
    has this key any more.
    """
    adresse = load_adresse(cle)
    if adresse is None or not adresse.courriel or not is_morning(jour, now=now):
        return None
    reglage = load_reglage(adresse)
    dernier = reglage.dernier_courriel
    if dernier is None or not _has_left(reglage, now):
        return None
    if not any(absences_changees(dernier, jour, jour, Perimetre(adresse.ecoles))):
        return None
    chosen = ReglageCantine.objects.filter(pk=reglage.pk, dernier_courriel=dernier)
    return Envoi(jour, dernier, cle, suite=True) if chosen.update(dernier_courriel=now) else None


def give_back(envoi: Envoi) -> None:
    """Undo the claim of this canteen mail, which could not leave: the next one will tell the changes since the last
    that did.
    """
    if adresse := load_adresse(envoi.cle):
        ReglageCantine.objects.filter(pk=load_reglage(adresse).pk).update(dernier_courriel=envoi.depuis)


def matin_context(envoi: Envoi, adresse: Adresse, *, now: datetime) -> dict[str, Any]:
    """The template context of the mail « cantine »: who has lunch on its day, and what has changed, for that day and
    all the days to come, since the mail before.
    """
    perimetre = Perimetre(adresse.ecoles)
    releve = load_releve(envoi.jour, envoi.jour, now=now, perimetre=perimetre)
    changements = (
        load_changements(envoi.depuis, envoi.jour, date.max, today=envoi.jour, perimetre=perimetre, absences=True)
        if envoi.depuis is not None
        else []
    )
    return {
        "jour": jour_long(envoi.jour),
        "ecoles": et([ecole.nom for ecole in adresse.ecoles]) if adresse.ecoles else "",
        "journee": releve.journees[0],
        "changements": changements,
        "depuis": envoi.depuis,
        "suite": envoi.suite,
        "autres_annules": load_repas_annules(envoi.jour + UN_JOUR, perimetre),
        "annonces": releve.annonces,
        "sorties": releve.sorties,
        "cantine_url": settings.SITE_URL + reverse("enfance:cantine_jour", args=[envoi.jour]),
    }
