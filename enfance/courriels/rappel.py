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
from enfance.planning.limites import jour_limite
from enfance.regles import Acteur, Situation
from enfance.situation import load_situation
from portail.dates import dernier_instant, jour_court, jour_long
from portail.francais import NBSP

TACHE = "enfance.courriels.tasks.send_rappels"
HORIZON = timedelta(days=150)  # 60 school days, the longest of all limits, with the holidays between them
SIGNER = Signer(salt="enfance.rappels")


@dataclass(frozen=True)
class JourRappele:
    """A day that may still be changed: until when, and what is planned, one line a child."""

    jour: date
    limite: datetime
    lignes: list[str]


def jours_a_rappeler(*, now: datetime) -> list[date]:
    """The school days whose next limit is still to come, on the last evening of reminders or the day after.

    In the evening: later today, or tomorrow. Before the hour, a passage that was missed is made up for: later today
    alone, since this evening will tell tomorrow's.
    """
    situation = load_situation(Acteur.systeme(), now.date(), now.date(), now=now, enfants=(), places=False)
    jours = situation.calendrier.jours_ecole(situation.today, situation.today + HORIZON)
    return [jour for jour in jours if _is_proche(situation, jour)]


def _is_proche(situation: Situation, jour: date) -> bool:
    """Whether the next limit of this day is still to come, on the last evening of reminders or the day after."""
    soir = dernier_instant(settings.DAILY_TASKS[TACHE], now=situation.now).date()
    return situation.now < (limite := jour_limite(situation, jour)) and delais.is_proche(limite, soir)


def destinataires() -> list[Responsable]:
    """Who wants reminders; of the adults of a foyer who share an address, one."""
    adultes = Responsable.objects.with_rappel().order_by("-pk")
    return list({(adulte.user.email.lower(), adulte.foyer_id): adulte for adulte in adultes}.values())[::-1]


def build_rappel(responsable: Responsable, jours: Collection[date], *, now: datetime) -> list[JourRappele]:
    """Of these days, those on which this adult may still decide something for a child."""
    if not jours:
        return []
    acteur = Acteur.parent(responsable)
    situation = load_situation(acteur, min(jours), max(jours), now=now, places=False)
    # where another school has other limits, the days of this one come on an evening of their own
    proches = [jour for jour in sorted(jours) if not situation.tenues or _is_proche(situation, jour)]
    vus = [build_jour(situation, jour) for jour in proches]
    return [JourRappele(jour.jour, jour_limite(situation, jour.jour), _lignes(jour)) for jour in vus if jour.ouvert]


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
    """The context of the mail « rappel »."""
    premier, dernier = jours[0].jour, jours[-1].jour
    return {
        "quand": f"du {jour_court(premier)}" + (f" au {jour_court(dernier)}" if len(jours) > 1 else ""),
        "limite": delais.instant_phrase(min(jour.limite for jour in jours)),
        "jours": [
            {
                "long": jour_long(jour.jour),
                "limite": delais.instant_phrase(jour.limite),
                "lignes": jour.lignes,
                "url": settings.SITE_URL + reverse("enfance:jour", args=[jour.jour]),
            }
            for jour in jours
        ],
        "stop_url": settings.SITE_URL + reverse("enfance:rappel_arret", args=[jeton(responsable)]),
    }


def retenir(responsable: Responsable, jours: Iterable[date], *, now: datetime) -> set[date]:
    """Note that these days are reminded of; those that nobody had noted before. Two workers at once: one has each.

    Written before the mail leaves: killed in between, a worker loses a reminder rather than send it twice.
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
    """Begin or stop reminding this adult."""
    responsable.rappel = voulu
    responsable.save(update_fields=["rappel"])


def arreter(responsable: Responsable) -> None:
    """Stop the reminders that arrive at this adult's address, whoever of the foyer asked for them."""
    Responsable.objects.filter(foyer=responsable.foyer_id, user__email__iexact=responsable.user.email).update(
        rappel=False
    )
    responsable.rappel = False


def jeton(responsable: Responsable) -> str:
    """What stops the reminders of this adult without a login, from any mail, for ever."""
    return SIGNER.sign(str(responsable.pk))


def find_by_jeton(texte: str) -> Responsable | None:
    try:
        return Responsable.objects.select_related("user").filter(pk=int(SIGNER.unsign(texte))).first()
    except (BadSignature, ValueError):
        return None
