"""What happens besides booking: absences told, calls asked for, closures that were read, reminders that were sent."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from enfance.models.garderie import Creneau, Fermeture
from enfance.models.personnes import Enfant, Responsable
from portail.dates import quantieme_annee
from portail.francais import et


class AbsenceQuerySet(models.QuerySet["Absence"]):
    def standing(self) -> Self:
        """The absences that the family has not taken back."""
        return self.filter(retiree_le=None)

    def covering(self, creneau: Any) -> Self:
        """The absences from this créneau (primary key, or an expression of the outer query): those that name it, and
        those of the whole day.
        """
        return self.filter(Q(creneaux=None) | Q(creneaux=creneau))


class Absence(models.Model):
    """« Léa est malade »: told by a parent, or by the agent who takes the call, once the limit has passed. It informs
    the team and cancels nothing. It is of the créneaux that it names; of the whole day where it names none.

    Taken back (« Léa vient finalement »), it is kept for the trace, and another one may be told for the same day.
    """

    enfant = models.ForeignKey(Enfant, models.CASCADE, related_name="absences", verbose_name="enfant")
    jour = models.DateField("jour", db_index=True)
    creneaux = models.ManyToManyField(
        Creneau, related_name="+", verbose_name="moments", blank=True, help_text="Aucun\u00a0: toute la journée."
    )
    signalee_par = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, related_name="+", verbose_name="signalée par", null=True
    )
    signalee_le = models.DateTimeField("signalée le", default=timezone.now)
    retiree_par = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, related_name="+", verbose_name="retirée par", null=True, blank=True
    )
    retiree_le = models.DateTimeField("retirée le", null=True, blank=True)

    objects: ClassVar = AbsenceQuerySet.as_manager()

    class Meta:
        verbose_name = "absence signalée"
        verbose_name_plural = "absences signalées"
        ordering = ["-jour", "-signalee_le"]
        constraints = [
            models.UniqueConstraint(
                fields=["enfant", "jour"],
                condition=Q(retiree_le=None),
                name="absence_unique",
                violation_error_message="Cette absence est déjà signalée.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.enfant} absent le {quantieme_annee(self.jour)}"

    @property
    def moments(self) -> str:
        """The créneaux of the absence in words, « matin et midi »; empty for the whole day."""
        noms = [creneau.nom_court for creneau in self.creneaux.all()]
        return et(noms) if noms else ""

    def widen(self, creneaux: Iterable[Creneau]) -> bool:
        """Make the absence one from these créneaux as well; from the whole day when none is given. One of the whole day
        stays so. Returns whether that changed anything.
        """
        nommes, avant = set(creneaux), set(self.creneaux.all())
        if not avant or (nommes and nommes <= avant):
            return False
        self.creneaux.set(avant | nommes if nommes else ())
        return True


class DemandeRappelQuerySet(models.QuerySet["DemandeRappel"]):
    def waiting(self) -> Self:
        """The requests for a call that the town hall has not answered, and that the parent has not taken back."""
        return self.filter(rappele_le=None, retiree_le=None)


class DemandeRappel(models.Model):
    """« Rappelez-moi »: a parent asks the town hall for a call about a child, from what its file says of health.

    Why is asked by telephone alone: there is no text, and nothing of health is kept. One waits, a child and a parent.
    """

    enfant = models.ForeignKey(Enfant, models.CASCADE, related_name="demandes_rappel", verbose_name="enfant")
    demandee_par = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="demandes_rappel", verbose_name="demandée par"
    )
    demandee_le = models.DateTimeField("demandée le", default=timezone.now)
    retiree_le = models.DateTimeField("retirée le", null=True, blank=True)
    rappele_le = models.DateField("rappelé le", null=True, blank=True)
    repondue_par = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, related_name="+", verbose_name="répondue par", null=True, blank=True
    )

    objects: ClassVar = DemandeRappelQuerySet.as_manager()

    class Meta:
        verbose_name = "demande de rappel"
        verbose_name_plural = "demandes de rappel"
        ordering = ["demandee_le", "pk"]
        default_permissions = ("view", "change")
        constraints = [
            models.UniqueConstraint(
                fields=["enfant", "demandee_par"],
                condition=Q(rappele_le=None, retiree_le=None),
                name="demande_rappel_waiting_once",
                violation_error_message="Cette demande est déjà envoyée.",
            ),
            models.CheckConstraint(
                condition=Q(rappele_le=None) | Q(retiree_le=None),
                name="demande_rappel_answered_or_withdrawn",
                violation_error_message="Une demande retirée n’a pas de réponse.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.demandee_par}, pour {self.enfant}"


class FermetureLue(models.Model):
    """A closure to come that a parent has read and put away: the home says it again once it is near."""

    responsable = models.ForeignKey(
        Responsable, models.CASCADE, related_name="fermetures_lues", verbose_name="responsable"
    )
    fermeture = models.ForeignKey(Fermeture, models.CASCADE, related_name="lectures", verbose_name="fermeture")
    lue_le = models.DateTimeField("lue le", default=timezone.now)

    class Meta:
        verbose_name = "fermeture lue"
        verbose_name_plural = "fermetures lues"
        constraints = [
            models.UniqueConstraint(
                fields=["responsable", "fermeture"],
                name="fermeture_lue_unique",
                violation_error_message="Cette fermeture est déjà lue.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.fermeture}, lue"


class Rappel(models.Model):
    """A reminder sent to an adult for a day: never two."""

    responsable = models.ForeignKey(Responsable, models.CASCADE, related_name="rappels", verbose_name="responsable")
    jour = models.DateField("jour rappelé")
    envoye_le = models.DateTimeField("envoyé le", default=timezone.now)

    class Meta:
        verbose_name = "rappel envoyé"
        verbose_name_plural = "rappels envoyés"
        constraints = [
            models.UniqueConstraint(
                fields=["responsable", "jour"],
                name="rappel_unique",
                violation_error_message="Ce rappel est déjà envoyé.",
            ),
        ]

    def __str__(self) -> str:
        return f"Rappel du {quantieme_annee(self.jour)}"
