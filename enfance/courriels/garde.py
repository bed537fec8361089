"""The mail of a change of garde: to each home only what concerns it, in the words of the child's file."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.conf import settings
from django.urls import reverse

from accounts.models import User
from enfance.courriels import confirmation, fermeture
from enfance.garde import garde_phrases
from enfance.models import Enfant, Enregistrement, Responsabilite, Responsable
from portail.dates import date_heure
from portail.francais import et


@dataclass(frozen=True)
class EnfantGarde:
    """A child: where it is from now on, and the inscriptions that are cancelled with the change."""

    prenom: str
    garde: list[str]
    annulees: list[str]


def mots_by_adulte(enfants: Collection[int], *, today: date) -> dict[tuple[int, int], list[str]]:
    """The sentences that each adult with access reads about where a child lives (garde), by pair of account and child
    (primary keys), for these children.
    """
    liens = Responsabilite.objects.filter(enfant__in=enfants, suspendue=False).select_related("responsable", "enfant")
    return {
        (lien.responsable.user_id, lien.enfant_id): garde_phrases(
            lien.enfant.prenom, list(lien.enfant.gardes.all()), lien.responsable.foyer_id, today
        )
        for lien in liens.prefetch_related("enfant__gardes").order_by("enfant__date_naissance", "enfant", "pk")
    }


def recipients(enfants: Mapping[int, Collection[int]]) -> list[int]:
    """The accounts (primary keys) to write to, one for each address and home, given the children that each account is
    to be told of (closed ones, and those without an address, are left out); of several, the one told of most children.
    """
    adultes = User.objects.filter(pk__in=enfants, is_active=True).exclude(email="").select_related("responsable")
    ordre = sorted(adultes, key=lambda user: (len(enfants[user.pk]), -user.pk))
    return sorted({(user.email.lower(), user.responsable.foyer_id): user.pk for user in ordre}.values())


def garde_context(
    user: User, enfants: Collection[int], enregistrement_pk: int | None, *, today: date
) -> dict[str, Any] | None:
    """The template context of the mail « garde », on a change of where children live; None when this account may see
    none of these children any more.
    """
    responsable = Responsable.objects.filter(user=user).first()
    siens = list(Enfant.objects.for_responsable(responsable).filter(pk__in=enfants)) if responsable else []
    if responsable is None or not siens:
        return None
    enregistrement = Enregistrement.objects.filter(pk=enregistrement_pk).first() if enregistrement_pk else None
    evenements = list(confirmation.visible_events(enregistrement, user)) if enregistrement else []
    vus = [
        EnfantGarde(
            enfant.prenom,
            garde_phrases(enfant.prenom, list(enfant.gardes.all()), responsable.foyer_id, today),
            [
                ligne
                for vu in fermeture.par_enfant((e for e in evenements if e.enfant_id == enfant.pk), {})
                for ligne in vu.lignes
            ],
        )
        for enfant in siens
    ]
    return {
        "noms": et([vu.prenom for vu in vus]),
        "enfants": vus,
        "reference": enregistrement.pk if enregistrement else None,
        "quand": date_heure(enregistrement.quand) if enregistrement else "",
        "planning_url": settings.SITE_URL + reverse("enfance:planning"),
    }
