"""What créneaux were on days gone by: their places, their hours. Written by `Creneau.save` when they change."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from operator import attrgetter
from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from enfance.models.garderie import Creneau


class Places:
    """How many places each créneau had on a day, from the rows of `PlacesPassees`."""

    def __init__(self, passees: Iterable[PlacesPassees]) -> None:
        self._passees: dict[int, list[PlacesPassees]] = {}
        for ligne in sorted(passees, key=attrgetter("jusqu_au")):
            self._passees.setdefault(ligne.creneau_id, []).append(ligne)

    def of(self, creneau: Creneau, jour: date) -> int | None:
        """How many places this créneau had on that day; None where they were not limited."""
        anciennes = (ligne.places for ligne in self._passees.get(creneau.pk, []) if jour <= ligne.jusqu_au)
        return next(anciennes, creneau.places)


class PlacesPasseesQuerySet(models.QuerySet["PlacesPassees"]):
    def since(self, jour: date) -> Places:
        """How many places each créneau had on the days from `jour` on."""
        return Places(self.filter(jusqu_au__gte=jour))


class PlacesPassees(models.Model):
    """How many places a créneau had until a day, this day included; written when they change."""

    creneau = models.ForeignKey(Creneau, models.CASCADE, related_name="places_passees", verbose_name="créneau")
    jusqu_au = models.DateField("jusqu’au")
    places = models.PositiveSmallIntegerField("places par jour", null=True)

    objects: ClassVar = PlacesPasseesQuerySet.as_manager()

    class Meta:
        verbose_name = "places passées"
        verbose_name_plural = "places passées"
        ordering = ["creneau", "jusqu_au"]
        constraints = [
            models.UniqueConstraint(
                fields=["creneau", "jusqu_au"],
                name="places_passees_unique",
                violation_error_message="Ce créneau a déjà ses places jusqu’à ce jour.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.creneau}, jusqu’au {self.jusqu_au}"


class HeuresPassees(models.Model):
    """From when to when a créneau was until a day, this day included; Paris time."""

    creneau = models.ForeignKey(Creneau, models.CASCADE, related_name="heures_passees", verbose_name="créneau")
    jusqu_au = models.DateField("jusqu’au")
    debut = models.TimeField("début")
    fin = models.TimeField("fin")

    class Meta:
        verbose_name = "heures passées"
        verbose_name_plural = "heures passées"
        ordering = ["creneau", "jusqu_au"]
        constraints = [
            models.UniqueConstraint(
                fields=["creneau", "jusqu_au"],
                name="heures_passees_unique",
                violation_error_message="Ce créneau a déjà ses heures jusqu’à ce jour.",
            ),
            models.CheckConstraint(
                condition=Q(fin__gt=F("debut")),
                name="heures_passees_fin_after_debut",
                violation_error_message="L’heure de fin doit suivre celle du début.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.creneau}, jusqu’au {self.jusqu_au}"
