"""Those who should not have come for a child, as the team noted it: what the town hall reads of each, and sees."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from accounts.models import User
from enfance.equipe.appel import heure_du
from enfance.equipe.eleves import e_of
from enfance.equipe.remises import Venu, load_remises, suite_dite
from enfance.models import RemiseEnfant
from portail.dates import jour_long
from portail.francais import NBSP


@dataclass(frozen=True)
class Inattendu:
    """One of them, with what is known of the departure that followed (`parti`), if any. `apres`: what was said since of
    whom the child left with, on the page alone.
    """

    remise: RemiseEnfant
    apres: RemiseEnfant | None = None

    @property
    def venu(self) -> str:
        """Who came, in words: « Gérard Dubreuil, personne interdite »; without the name once it is erased, « Une
        personne qui n’est pas sur la liste » when it is unknown.
        """
        if self.remise.venu == Venu.INCONNUE:
            return "Une personne qui n’est pas sur la liste"
        personne = self.remise.personne
        return f"{personne}, personne interdite" if personne else "Une personne interdite"

    @property
    def quand(self) -> str:
        """When it happened, in words, Paris time: « mardi 1er décembre, soir, à 17 h 13 »."""
        pointage = self.remise.pointage
        heure = heure_du(self.remise.fait_le, pointage.jour)
        return f"{jour_long(pointage.jour)}, {pointage.creneau.nom_court}" + (f", à {heure}" if heure else "")

    @property
    def e(self) -> str:
        """The « e » of the participles that agree with the child, for a girl; else empty."""
        return e_of(self.remise.pointage.enfant.sexe)

    @property
    def suite(self) -> str:
        """What followed, in words: « remis après appel à Isabelle Bailly », « non remis »."""
        return suite_dite(self.remise, self.e)

    @property
    def parti(self) -> str:
        """When the child left since and with whom: « 17 h 40, remise à Sophie Vidal »; empty while nobody
        noted either.
        """
        pointage = self.remise.pointage
        heure = heure_du(pointage.depart, pointage.jour)
        avec = suite_dite(self.apres, self.e) if self.apres and pointage.depart_recu else ""
        return ", ".join(filter(None, [heure, avec]))

    @property
    def ligne(self) -> str:
        """When it happened and what followed, in a sentence for the child's history; without the name of who came, as
        several people read it.
        """
        return f"{self.quand.capitalize()}{NBSP}: {self.suite}"


def load_inattendus() -> list[Inattendu]:
    """The persons who came for a child and should not have, that nobody at the town hall has seen yet, the latest
    first. One query.
    """
    lues = _a_voir().select_related("pointage__enfant", "pointage__creneau", "personne", "responsable__user", "auteur")
    return [Inattendu(remise) for remise in lues]


def with_suites(inattendus: Sequence[Inattendu]) -> list[Inattendu]:
    """The same unexpected visits, each with what was said since of whom the child left with. One query, none for an
    empty list.
    """
    if not inattendus:
        return []
    dites = load_remises(pointage__in={inattendu.remise.pointage_id for inattendu in inattendus})
    return [replace(inattendu, apres=_after(inattendu.remise, dites)) for inattendu in inattendus]


def _after(remise: RemiseEnfant, dites: Mapping[int, RemiseEnfant]) -> RemiseEnfant | None:
    """What stands of its child, where it was said after it."""
    dite = dites.get(remise.pointage_id)
    return dite if dite and _rang(dite) > _rang(remise) else None


def _rang(remise: RemiseEnfant) -> tuple[datetime, datetime, UUID]:
    return remise.fait_le, remise.recu_le, remise.pk


def mark_seen(pk: UUID, agent: User, *, now: datetime) -> Inattendu | None:
    """Note that the town hall has seen this unexpected visit (primary key); None when somebody had already seen it, or
    when it is no more. Call it inside a transaction.
    """
    lues = RemiseEnfant.objects.a_voir().select_for_update(of=("self",)).filter(pk=pk)
    remise = lues.select_related("pointage__enfant", "pointage__creneau", "responsable__user").first()
    if remise is None:
        return None
    remise.vue_le, remise.vue_par = now, agent
    remise.save(update_fields=["vue_le", "vue_par"])
    return Inattendu(remise)


def _a_voir() -> QuerySet[RemiseEnfant]:
    return RemiseEnfant.objects.a_voir().order_by("-fait_le", "-recu_le", "id")
