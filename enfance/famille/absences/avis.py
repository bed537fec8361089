"""The mail of an absence that a parent told, or took back: to each adult with access, in words that never name the
other foyer.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from django.conf import settings
from django.db.models import Count
from django.urls import reverse

from accounts.models import User
from enfance.cantines import load_ecoles
from enfance.ecoles import mots_garderie
from enfance.famille.ecoles import ecoles_of
from enfance.famille.personnes import auteur_vu
from enfance.models import Absence, Enfant
from portail.dates import jour_court, jour_long
from portail.francais import de, et


def load_absences(pks: Collection[int], *, retirees: bool) -> list[Absence]:
    """The absences, among these primary keys, that are still as the mail is to say: taken back (`retirees`), or told
    and not taken back.
    """
    absences = Absence.objects.filter(pk__in=pks, retiree_le__isnull=not retirees)
    return list(
        absences.select_related("enfant", "signalee_par__responsable", "retiree_par__responsable")
        .prefetch_related("creneaux")
        .order_by("pk")
    )


def auteur_of(absence: Absence, *, retirees: bool) -> User | None:
    """Who took this absence back (`retirees`), or who told it; None once that account is erased."""
    return absence.retiree_par if retirees else absence.signalee_par


def recipients(absences: Collection[Absence], *, retirees: bool) -> list[User]:
    """The accounts to write to about these absences: each adult who may see one of the children, the author included;
    of several who share an address, the author first, then who sees most children.
    """
    auteurs = {auteur.pk for absence in absences if (auteur := auteur_of(absence, retirees=retirees))}
    adultes = User.objects.filter(
        responsable__responsabilites__enfant__in={absence.enfant_id for absence in absences},
        responsable__responsabilites__suspendue=False,
        is_active=True,
    )
    vus = adultes.exclude(email="").annotate(vus=Count("responsable__responsabilites"))
    ordre = sorted(vus, key=lambda user: (user.pk in auteurs, user.vus, -user.pk))
    return list({user.email.lower(): user for user in ordre}.values())


def absence_context(absences: Collection[Absence], lecteur: User, *, retirees: bool) -> dict[str, Any] | None:
    """The template context of the mail « absence » for this adult; None when they may see none of these children any
    more.
    """
    vus = set(
        Enfant.objects.for_responsable(lecteur.responsable)
        .filter(pk__in={absence.enfant_id for absence in absences})
        .values_list("pk", flat=True)
    )
    siennes = [absence for absence in absences if absence.enfant_id in vus]
    if not siennes:
        return None
    auteur, ecoles = auteur_of(siennes[0], retirees=retirees), ecoles_of(lecteur, siennes[0].jour)
    premieres = {absence.enfant_id: absence for absence in reversed(siennes)}
    enfants = [absence for absence in siennes if premieres[absence.enfant_id] is absence]
    jours = sorted({absence.jour for absence in siennes})
    return {
        "noms": et([absence.enfant.prenom for absence in enfants]),
        "de_qui": et([_de_qui(absence, ecoles, moments=len(jours) == 1) for absence in enfants]),
        "plusieurs": len(enfants) > 1,
        "jours": jour_long(jours[0]) if len(jours) == 1 else et([jour_court(jour) for jour in jours]),
        "par": "Vous avez" if auteur == lecteur else f"{auteur_vu(auteur, lecteur)} a",
        "retiree": retirees,
        "accueil_url": settings.SITE_URL + reverse("enfance:accueil"),
        **mots_garderie(load_ecoles({absence.enfant_id for absence in siennes}, siennes[0].jour)),
    }


def _de_qui(absence: Absence, ecoles: Mapping[int, str], *, moments: bool) -> str:
    """« de Léa », « de Léa (École du Bourg, matin et midi) »."""
    dits = ", ".join(filter(None, [ecoles.get(absence.enfant_id), absence.moments if moments else ""]))
    return f"{de(absence.enfant.prenom)} ({dits})" if dits else de(absence.enfant.prenom)
