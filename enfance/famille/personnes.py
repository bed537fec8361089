"""Who may fetch a child, as each parent may read it: on the child's file, and in the mail that tells of a change."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from enfance.cantines import load_ecoles, mots_cantine
from enfance.famille.destinataires import adultes_of, one_an_address
from enfance.models import Enfant, PersonneAutorisee, Responsable
from portail.dates import jour_annee
from portail.francais import et


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
    """The persons who may fetch this child today or later, as this parent may read them: the telephone only where their
    home gave it.
    """
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
    """Whether another home than `foyer` (primary key) added this person; False when the town hall did."""
    return _foyer_of(personne) not in (None, foyer)


def periode_texte(debut: date | None, fin: date | None) -> str:
    """The days of an authorisation in words: « du lundi 7 décembre 2026 au vendredi 11 décembre 2026 », « à partir
    du… », « jusqu’au… »; empty when it holds always.
    """
    if debut and fin:
        return f"du {jour_annee(debut)} au {jour_annee(fin)}"
    return f"à partir du {jour_annee(debut)}" if debut else f"jusqu’au {jour_annee(fin)}" if fin else ""


def recipients(enfants: Collection[int], auteur: User) -> list[User]:
    """The accounts to write to about a change that `auteur` made: each other adult who may see one of these children
    (primary keys), one an address, none at the author's own address.
    """
    sienne = auteur.email.lower()
    adultes = adultes_of(enfants).items()
    return one_an_address({u: vus for u, vus in adultes if u.pk != auteur.pk and u.email.lower() != sienne})


def auteur_vu(auteur: User | None, lecteur: User) -> str:
    """Who made a change, in words that `lecteur` may read: « La mairie », a first name of one's own home, else
    « L’autre parent »: the other home is never named.
    """
    responsable = getattr(auteur, "responsable", None)
    if auteur is None or responsable is None:
        return "La mairie"
    ensemble = responsable.foyer_id == lecteur.responsable.foyer_id
    return (auteur.first_name if ensemble else "") or "L’autre parent"


def par_vu(auteur: User | None, lecteur: User) -> str:
    """Who made a change, in words that fit inside a sentence after « par » and that `lecteur` may read: « la mairie »,
    « l’autre parent », « Dominique ».
    """
    texte = auteur_vu(auteur, lecteur)
    named = auteur is not None and texte == auteur.first_name
    return texte if named else texte[0].lower() + texte[1:]


def mail_context(
    personnes: Collection[PersonneAutorisee], auteur: User, lecteur: User, *, retiree: bool
) -> dict[str, Any] | None:
    """The template context of the mail « autorisation »: who may fetch children from now on, or no more (`retiree`);
    the name, never the telephone. `personnes`: the rows that one gesture wrote of one person, one a child. None when
    `lecteur` may see none of these children.
    """
    vus = set(Enfant.objects.for_responsable(lecteur.responsable).values_list("pk", flat=True))
    siennes = [personne for personne in personnes if personne.enfant_id in vus]
    if not siennes:
        return None
    premiere, seule = siennes[0], len(siennes) == 1
    page = reverse("enfance:enfant", args=[premiere.enfant_id]) if seule else reverse("enfance:accueil")
    return {
        "enfants": et([personne.enfant.prenom for personne in siennes]),
        "plusieurs": not seule,
        "personne": premiere.nom,
        "periode": periode_texte(premiere.debut, premiere.fin),
        "par": auteur_vu(auteur, lecteur),
        "retiree": retiree,
        "page_url": settings.SITE_URL + page,
    }


def accord_context(enfant: Enfant, auteur: User, lecteur: User) -> dict[str, Any]:
    """The template context of the mail « accord_cantine »: that what the canteen knows of this child's health has
    changed, not what, as a mail must tell no health.
    """
    return {
        "enfant": enfant,
        "par": auteur_vu(auteur, lecteur),
        "enfant_url": settings.SITE_URL + reverse("enfance:enfant", args=[enfant.pk]),
        **mots_cantine(load_ecoles([enfant.pk], timezone.localdate())),
    }
