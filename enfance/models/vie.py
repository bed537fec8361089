"""What happens besides booking: absences that parents tell, closures that they have read, reminders that were sent."""

from __future__ import annotations

from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from enfance.models.garderie import Fermeture
from enfance.models.personnes import Enfant, Responsable


class AbsenceQuerySet(models.QuerySet["Absence"]):
    def standing(self) -> Self:
        """Those that their family has not taken back."""
        return self.filter(retiree_le=None)


class Absence(models.Model):
    """« Léa est malade »: told by a parent once the limit has passed. It informs the team and cancels nothing.

    Taken back (« Léa vient finalement »), it is kept for the trace, and another one may be told for the same day.
    """

    enfant = models.ForeignKey(Enfant, models.CASCADE, related_name="absences", verbose_name="enfant")
    jour = models.DateField("jour", db_index=True)
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
        return f"{self.enfant} absent le {self.jour:%d/%m/%Y}"


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
        return f"Rappel du {self.jour:%d/%m/%Y}"
