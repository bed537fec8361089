"""Whom the town hall writes to: the adults who answer for the pupils of the school, of classes, or of a créneau on a
day. Agents, closed accounts, pupils who have gone and links that a judge suspended are never among them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from django.conf import settings
from django.db.models import QuerySet

from accounts.models import User
from enfance.ecoles import plusieurs
from enfance.mairie.ecoles import noms_ecoles
from enfance.mairie.effectifs import effectifs
from enfance.models import Classe, Creneau, Ecole, Inscription, Message, Responsable, Scolarite
from portail.dates import jour_long
from portail.francais import et

Etat = Inscription.Etat


@dataclass(frozen=True)
class Public:
    """A choice of families: all of them unless it names classes, or a créneau and its day, or schools."""

    classes: tuple[Classe, ...] = ()
    creneau: Creneau | None = None
    jour: date | None = None
    ecoles: tuple[Ecole, ...] = ()

    @classmethod
    def of(cls, message: Message) -> Public:
        """The families whom this message of the town hall is for, by the classes, créneau, day and schools that it
        names.
        """
        return cls(tuple(message.classes.all()), message.creneau, message.jour, tuple(message.ecoles.all()))

    @property
    def phrase(self) -> str:
        """This choice of families in words: « les familles de la classe CE1-CE2 Mme Sorbier », « toutes
        les familles ». Said by the first of these alone: classes, créneau and its day, schools.
        """
        if self.classes:
            mots = "de la classe" if len(self.classes) == 1 else "des classes"
            return f"les familles {mots} {et([str(classe) for classe in self.classes])}"
        if self.creneau and self.jour:
            nom = self.creneau.nom_court + (f" ({noms_ecoles(self.creneau.ecoles.all())})" if plusieurs() else "")
            return f"les familles inscrites le {jour_long(self.jour)} {self.jour.year}, {nom}"
        if self.ecoles:
            return f"les familles ({et([ecole.nom for ecole in self.ecoles])})"
        return "toutes les familles"

    def scolarites(self, *, today: date) -> QuerySet[Scolarite]:
        """The scolarités of these pupils, of the school years that are not over on `today`. With a créneau and its day,
        of the children registered, not of those who wait. Classes, créneau and schools narrow together.
        """
        scolarites = Scolarite.objects.not_over(today)
        if self.classes:
            scolarites = scolarites.filter(classe__in=self.classes)
        if self.ecoles:
            scolarites = scolarites.nearest(today).filter(ecole__in=self.ecoles)
        if self.creneau and self.jour:
            inscrits = Inscription.objects.filter(creneau=self.creneau, jour=self.jour, etat=Etat.INSCRIT)
            scolarites = scolarites.filter(enfant__in=inscrits.order_by().values("enfant"))
        return scolarites

    def effectifs(self, *, today: date) -> tuple[str, ...]:
        """Of which children this choice is, in words, class by class or else year by year, each child where it is now
        or goes first: « CM1 M. Frêne de 2026-2027, 24 enfants : Léa Morel, Tom Roux, Zoé Petit et 21 autres ».
        """
        scolarites = self.scolarites(today=today)
        if not self.classes:
            scolarites = scolarites.filter(pk__in=Scolarite.objects.nearest(today).order_by().values("pk"))
        return effectifs(scolarites, par_classe=bool(self.classes))

    def responsables(self, *, today: date) -> QuerySet[Responsable]:
        """The adults of these families who have an open account and answer for a pupil of a year that is not over on
        `today`, by name, with their account and their home; agents and links that a judge suspended are left out.
        """
        enfants = self.scolarites(today=today).order_by().values("enfant")
        adultes = Responsable.objects.filter(
            responsabilites__suspendue=False,
            responsabilites__enfant__in=enfants,
            user__is_active=True,
            user__is_staff=False,
        )
        return (
            Responsable.objects.filter(pk__in=adultes.order_by().values("pk"))
            .select_related("user", "foyer")
            .order_by("user__tri", "pk")
        )


@dataclass(frozen=True)
class Courrier:
    """The same families, sorted by how they are reached. One mail an address: two adults who share one read it once."""

    adultes: tuple[Responsable, ...]

    @classmethod
    def of(cls, public: Public, *, today: date) -> Courrier:
        """The adults of these families, as they are on `today`, ready to be sorted by how they are reached."""
        return cls(tuple(public.responsables(today=today)))

    @cached_property
    def comptes(self) -> list[User]:
        """The accounts to which a mail is sent: one for each address that works, the first adult who has it."""
        par_adresse: dict[str, User] = {}
        for adulte in self.adultes:
            if adulte.user.is_reached:
                par_adresse.setdefault(adulte.user.email.lower(), adulte.user)
        return list(par_adresse.values())

    @cached_property
    def sans_courriel(self) -> list[Responsable]:
        """The adults who have no e-mail address."""
        return [adulte for adulte in self.adultes if not adulte.user.email]

    @cached_property
    def refuses(self) -> list[Responsable]:
        """The adults whose mails come back: nothing is sent to them."""
        return [adulte for adulte in self.adultes if adulte.user.email and not adulte.user.is_reached]

    @property
    def partages(self) -> int:
        """How many adults get no mail of their own because another adult of these families has the same address."""
        return len(self.adultes) - len(self.comptes) - len(self.sans_courriel) - len(self.refuses)


def message_context(message: Message) -> dict[str, Any]:
    """The template context of the mail « message »: what the agent typed, and nothing about the reader, for two adults
    may share the address.
    """
    return {"objet": message.objet, "texte": message.texte}


def message_headers() -> dict[str, str]:
    """The headers of the mail « message »: answers go to the town hall's address (COMMUNE_COURRIEL), for a person wrote
    it; but mail programs are asked to send no automatic answer of absence.
    """
    headers = {"Auto-Submitted": "no", "Precedence": "bulk", "X-Auto-Response-Suppress": "OOF"}
    return headers | ({"Reply-To": settings.COMMUNE_COURRIEL} if settings.COMMUNE_COURRIEL else {})
