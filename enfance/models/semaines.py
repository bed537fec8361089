"""The weekly pattern that a foyer chose for a child. `enfance.planning.semaines` applies it."""

from __future__ import annotations

from datetime import date
from typing import ClassVar, Self

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from enfance.models.garderie import Creneau, RegleDelai
from enfance.models.personnes import Enfant, Foyer
from portail.dates import quantieme_annee


class SemaineTypeQuerySet(models.QuerySet["SemaineType"]):
    def current(self, today: date) -> Self:
        """The weekly patterns that are not over on `today`, the latest first: on each day, the first one that covers it
        counts.
        """
        return self.filter(fin__gte=today).order_by("-modifiee_le", "-pk")


class SemaineType(models.Model):
    """A pattern over a period: every week, or one week in two counted from the Monday `depuis` (never by parity).

    Rows are added, never changed: a later one hides an earlier one on the days that it covers, and undoing it is
    deleting it. One without moments says that the child comes no more.
    """

    foyer = models.ForeignKey(Foyer, models.CASCADE, related_name="semaines_types", verbose_name="foyer")
    enfant = models.ForeignKey(Enfant, models.CASCADE, related_name="semaines_types", verbose_name="enfant")
    debut = models.DateField("à partir du")
    fin = models.DateField("jusqu’au")
    depuis = models.DateField("une semaine sur deux, à partir du lundi", null=True, blank=True)
    modifiee_le = models.DateTimeField("modifiée le", default=timezone.now)

    objects: ClassVar = SemaineTypeQuerySet.as_manager()

    class Meta:
        verbose_name = "semaine type"
        verbose_name_plural = "semaines types"
        ordering = ["-debut"]
        constraints = [
            models.UniqueConstraint(
                fields=["foyer", "enfant", "modifiee_le"],
                name="semaine_type_unique",
                violation_error_message="Ce foyer vient de choisir une semaine type pour cet enfant.",
            ),
            models.CheckConstraint(
                condition=Q(fin__gte=F("debut")),
                name="semaine_type_fin_after_debut",
                violation_error_message="La date de fin doit être après celle du début.",
            ),
        ]

    def __str__(self) -> str:
        return f"Semaine type de {self.enfant} à partir du {quantieme_annee(self.debut)}"


class MomentType(models.Model):
    """One box of a pattern: a weekday and a créneau."""

    semaine_type = models.ForeignKey(SemaineType, models.CASCADE, related_name="moments", verbose_name="semaine type")
    jour_semaine = models.PositiveSmallIntegerField("jour de la semaine", choices=RegleDelai.JourSemaine)
    creneau = models.ForeignKey(Creneau, models.CASCADE, related_name="+", verbose_name="créneau")

    class Meta:
        verbose_name = "moment de la semaine type"
        verbose_name_plural = "moments de la semaine type"
        constraints = [
            models.UniqueConstraint(
                fields=["semaine_type", "jour_semaine", "creneau"],
                name="moment_type_unique",
                violation_error_message="Ce moment est déjà dans la semaine type.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_jour_semaine_display()}, {self.creneau.nom_court}"
