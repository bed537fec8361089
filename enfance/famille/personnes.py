"""Who may fetch a child, as each parent may read it: on the child's file, and in the mail that tells of a change."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from enfance.cantines import load_ecoles, mots_cantine
from enfance.models import Enfant, PersonneAutorisee, Responsable
from portail.dates import jour_long


@dataclass(frozen=True)
class PersonneVue:
    """As a parent sees it: the phone is for the foyer that gave it; `ailleurs`, the other parent added it and may alone
    withdraw it."""

    pk: int
    nom: str
    lien: str
    periode: str
    telephone: str
    ailleurs: bool


def personnes_vues(enfant: Enfant, lecteur: Responsable, today: date) -> list[PersonneVue]:
    personnes = enfant.personnes_autorisees.autorisees(today).select_related("ajoutee_par__responsable")
    return [
        PersonneVue(
            personne.pk,
            personne.nom,
            personne.lien,
            periode_texte(personne.debut, personne.fin),
            personne.telephone if _foyer_of(personne) == lecteur.foyer_id else "",
            is_from_elsewhere(personne, lecteur.foyer_id),
        )
        for personne in personnes
    ]


def _foyer_of(personne: PersonneAutorisee) -> int | None:
    """The foyer that added it; none for the town hall."""
    responsable = getattr(personne.ajoutee_par, "responsable", None)
    return responsable.foyer_id if responsable else None


def is_from_elsewhere(personne: PersonneAutorisee, foyer: int) -> bool:
    return _foyer_of(personne) not in (None, foyer)


def periode_texte(debut: date | None, fin: date | None) -> str:
    """« du lundi 7 décembre 2026 au vendredi 11 décembre 2026 », « à partir du… », « jusqu’au… »; empty for always."""
    premier, dernier = (f"{jour_long(jour)} {jour.year}" if jour else "" for jour in (debut, fin))
    if premier and dernier:
        return f"du {premier} au {dernier}"
    return f"à partir du {premier}" if premier else f"jusqu’au {dernier}" if dernier else ""


def recipients(enfant: int, auteur: User) -> list[User]:
    """Each other adult who may see the child, one an address, and none at the author's own."""
    adultes = User.objects.filter(
        responsable__responsabilites__enfant=enfant,
        responsable__responsabilites__suspendue=False,
        is_active=True,
    ).select_related("responsable")
    adultes = adultes.exclude(email="").exclude(pk=auteur.pk).order_by("-pk")
    par_adresse = {user.email.lower(): user for user in adultes}
    par_adresse.pop(auteur.email.lower(), None)
    return list(par_adresse.values())


def auteur_vu(auteur: User | None, lecteur: User) -> str:
    """Who made the change, in the words that this parent may read: the other foyer is never named."""
    responsable = getattr(auteur, "responsable", None)
    if auteur is None or responsable is None:
        return "La mairie"
    ensemble = responsable.foyer_id == lecteur.responsable.foyer_id
    return (auteur.first_name if ensemble else "") or "L’autre parent"


def mail_context(personne: PersonneAutorisee, auteur: User, lecteur: User, *, retiree: bool) -> dict[str, Any]:
    """The context of the mail « autorisation »: the name of who may fetch the child, never the phone."""
    return {
        "enfant": personne.enfant,
        "personne": personne.nom,
        "periode": periode_texte(personne.debut, personne.fin),
        "par": auteur_vu(auteur, lecteur),
        "retiree": retiree,
        "enfant_url": settings.SITE_URL + reverse("enfance:enfant", args=[personne.enfant_id]),
    }


def accord_context(enfant: Enfant, auteur: User, lecteur: User) -> dict[str, Any]:
    """The context of the mail « accord_cantine »: that something changed, not what; a mail tells no health."""
    return {
        "enfant": enfant,
        "par": auteur_vu(auteur, lecteur),
        "enfant_url": settings.SITE_URL + reverse("enfance:enfant", args=[enfant.pk]),
        **mots_cantine(load_ecoles([enfant.pk], timezone.localdate())),
    }
