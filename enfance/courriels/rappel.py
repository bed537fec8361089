"""Reminders: the evening before a limit, what is planned for the day that it closes, to who asked for it. One that was
missed is made up for in the morning, while there is still time.

Never two for a day (a row is written first), never for nothing: a child is at school and something is still to decide.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.db import transaction
from django.urls import reverse

from enfance import delais
from enfance.models import Rappel, Responsable
from enfance.planning.journee import EnfantJour, Jour, build_jour
from enfance.planning.limites import jour_limite, report_jour
from enfance.regles import Acteur, Situation
from enfance.situation import load_situation
from portail.dates import dernier_instant, jour_court, jour_long
from portail.francais import NBSP

TACHE = "enfance.courriels.tasks.send_rappels"
HORIZON = timedelta(days=150)  # 60 school days, the longest of all limits, with the holidays between them
SIGNER = Signer(salt="enfance.rappels")


@dataclass(frozen=True)
class JourRappele:
    """A day that may still be changed: until when, and what is planned, one line a child; why that is later than usual
    (`report_jour`).
    """

    jour: date
    limite: datetime
    lignes: list[str]
    reportee: str = ""


def jours_a_rappeler(*, now: datetime) -> list[date]:
    """The school days to remind of now: their next deadline is still to come, on the evening of the last planned run of
    reminders or the day after.

    From that hour on, these are deadlines later today and tomorrow. Before it, when the run of the evening before was
    missed: deadlines of later today alone, as this evening will tell tomorrow's.
    """
    situation = load_situation(Acteur.systeme(), now.date(), now.date(), now=now, enfants=(), places=False)
    jours = situation.calendrier.jours_ecole(situation.today, situation.today + HORIZON)
    return [jour for jour in jours if _is_proche(situation, jour)]


def _is_proche(situation: Situation, jour: date) -> bool:
    """Whether the next limit of this day is still to come, on the last evening of reminders or the day after."""
    soir = dernier_instant(settings.DAILY_TASKS[TACHE], now=situation.now).date()
    return situation.now < (limite := jour_limite(situation, jour)) and delais.is_proche(limite, soir)


def destinataires() -> list[Responsable]:
    """The adults who asked for reminders and can be reached; one of those who share an address and a home."""
    adultes = Responsable.objects.with_rappel().order_by("-pk")
    return list({(adulte.user.email.lower(), adulte.foyer_id): adulte for adulte in adultes}.values())[::-1]


def build_rappel(responsable: Responsable, jours: Collection[date], *, now: datetime) -> list[JourRappele]:
    """The days, among these, on which this adult may still change something for a child, each with its deadline and
    what is planned. Where another school has limits of its own, only the days whose own deadline is near.
    """
    if not jours:
        return []
    acteur = Acteur.parent(responsable)
    situation = load_situation(acteur, min(jours), max(jours), now=now, places=False)
    # where another school has other limits, the days of this one come on an evening of their own
    proches = [jour for jour in sorted(jours) if not situation.tenues or _is_proche(situation, jour)]
    vus = [build_jour(situation, jour) for jour in proches]
    return [
        JourRappele(vu.jour, jour_limite(situation, vu.jour), _lignes(vu), report_jour(situation, vu.jour))
        for vu in vus
        if vu.ouvert
    ]


def _lignes(jour: Jour) -> list[str]:
    """« Léa : matin, midi, soir », « Léa, École du Hameau : soir » where the family has several schools; a child who is
    elsewhere that day is not spoken of.
    """
    return [
        f"{_qui(vu)}{NBSP}: {', '.join(_moments(vu)) or 'rien de prévu'}"
        for vu in jour.enfants
        if any(moment.case.genre == "libre" for moment in vu.moments)
    ]


def _qui(vu: EnfantJour) -> str:
    return ", ".join(filter(None, [vu.enfant.nom, vu.enfant.ecole]))


def _moments(vu: EnfantJour) -> list[str]:
    suites = {"oui": "", "att": " (liste d’attente)"}
    return [f"{moment.creneau.nom_court}{suites[moment.etat]}" for moment in vu.moments if moment.etat in suites]


def rappel_context(jours: Sequence[JourRappele], responsable: Responsable) -> dict[str, Any]:
    """The template context of the mail « rappel » about these days, with the address that stops the reminders."""
    premier, dernier = jours[0].jour, jours[-1].jour
    return {
        "quand": f"du {jour_court(premier)}" + (f" au {jour_court(dernier)}" if len(jours) > 1 else ""),
        "limite": delais.instant_phrase(min(jour.limite for jour in jours)),
        "jours": [
            {
                "long": jour_long(jour.jour),
                "limite": delais.instant_phrase(jour.limite),
                "lignes": jour.lignes,
                "reportee": jour.reportee,
                "url": settings.SITE_URL + reverse("enfance:jour", args=[jour.jour]),
            }
            for jour in jours
        ],
        "stop_url": settings.SITE_URL + reverse("enfance:rappel_arret", args=[jeton(responsable)]),
    }


def retenir(responsable: Responsable, jours: Iterable[date], *, now: datetime) -> set[date]:
    """Note that this adult is reminded of these days, and return those that were not noted before: of two workers at
    once, only one gets each day.

    Call it before the mail leaves: if the worker is killed in between, a reminder is lost rather than sent twice.
    """
    with transaction.atomic():
        Responsable.objects.select_for_update(of=("self",)).get(pk=responsable.pk)
        deja = set(responsable.rappels.filter(jour__in=set(jours)).values_list("jour", flat=True))
        nouveaux = set(jours) - deja
        Rappel.objects.bulk_create(
            Rappel(responsable=responsable, jour=jour, envoye_le=now) for jour in sorted(nouveaux)
        )
    return nouveaux


def choisir(responsable: Responsable, voulu: bool) -> None:
    """Begin (`voulu`) or stop sending reminders to this adult."""
    responsable.rappel = voulu
    responsable.save(update_fields=["rappel"])


def arreter(responsable: Responsable) -> None:
    """Stop the reminders to this adult's address for every adult of the home who shares it."""
    Responsable.objects.filter(foyer=responsable.foyer_id, user__email__iexact=responsable.user.email).update(
        rappel=False
    )
    responsable.rappel = False


def jeton(responsable: Responsable) -> str:
    """The signed text that lets anybody who has it stop the reminders of this adult without a login; it never
    expires.
    """
    return SIGNER.sign(str(responsable.pk))


def find_by_jeton(texte: str) -> Responsable | None:
    """The adult whose reminders this signed text stops; None when the text is not valid, or when the adult is
    no more.
    """
    try:
        return Responsable.objects.select_related("user").filter(pk=int(SIGNER.unsign(texte))).first()
    except (BadSignature, ValueError):
        return None
