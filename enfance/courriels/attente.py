"""The mail of places that came free: its subject, and who still waits."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date

from accounts.models import User
from enfance.courriels.ensemble import court, periode_courte
from enfance.models import Enfant, Evenement, Inscription
from portail.dates import jour_long
from portail.francais import NBSP

BONNE_NOUVELLE = f"Bonne nouvelle{NBSP}:"


def sujet_places(evenements: Sequence[Evenement], noms: Sequence[str]) -> str:
    """The subject of the mail for places that came free: « Bonne nouvelle : une place pour Léa, mardi 8 décembre,
    soir », « Bonne nouvelle : 3 places pour Léa et Tom, du 8 au 11 décembre ».
    """
    jours = [evenement.jour for evenement in evenements]
    if len(evenements) == 1:
        return court(
            f"{BONNE_NOUVELLE} une place", " ", noms, f", {jour_long(jours[0])}, {evenements[0].creneau.nom_court}"
        )
    periode = f", {periode_courte(min(jours), max(jours))}"
    return court(f"{BONNE_NOUVELLE} {len(evenements)}{NBSP}places", " ", noms, periode)


def en_attente(user: User, jours: Collection[date]) -> list[str]:
    """For the children of this account, the créneaux of these days for which they are on a waiting list, with their
    rank: « Tom, mardi 8 décembre, soir : n° 1 ».
    """
    enfants = Enfant.objects.filter(responsabilites__responsable__user=user, responsabilites__suspendue=False)
    attentes = Inscription.objects.filter(etat=Inscription.Etat.ATTENTE, jour__in=jours, enfant__in=enfants)
    en_ordre = (
        attentes.with_rang()
        .select_related("enfant", "creneau")
        .order_by("enfant__date_naissance", "enfant__prenom", "enfant", "jour", "creneau__ordre")
    )
    return [f"{i.enfant.prenom}, {jour_long(i.jour)}, {i.creneau.nom_court}{NBSP}: n°{NBSP}{i.rang}" for i in en_ordre]
