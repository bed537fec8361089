"""The silences of the portal: from when to when it did not answer, as the town hall declares it."""

from __future__ import annotations

from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from enfance.silences import Silence


class IndisponibiliteQuerySet(models.QuerySet["Indisponibilite"]):
    def standing(self) -> Self:
        """The silences that move deadlines: declared, and not taken back."""
        return self.filter(declaree_le__isnull=False, retiree_le=None)

    def proposed(self) -> Self:
        """Those that the portal saw itself and that wait for the town hall's word."""
        return self.filter(declaree_le=None, ecartee=False)


class Indisponibilite(models.Model):
    """From `du` to `au`, the portal did not answer. Proposed by the portal itself as long as nobody declared it; put
    aside where it was no outage; taken back, it is kept for the trace and moves nothing any more.
    """

    du = models.DateTimeField("du")
    au = models.DateTimeField("au")
    declaree_par = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, related_name="+", verbose_name="déclarée par", null=True, blank=True
    )
    declaree_le = models.DateTimeField("déclarée le", null=True, blank=True)
    retiree_le = models.DateTimeField("retirée le", null=True, blank=True)
    ecartee = models.BooleanField("écartée", default=False, db_default=False)

    objects: ClassVar = IndisponibiliteQuerySet.as_manager()

    class Meta:
        verbose_name = "silence du portail"
        verbose_name_plural = "silences du portail"
        ordering = ["-du", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(au__gt=F("du")),
                name="indisponibilite_au_after_du",
                violation_error_message="La fin doit suivre le début.",
            ),
            models.CheckConstraint(
                condition=Q(declaree_le=None) | Q(ecartee=False),
                name="indisponibilite_declaree_or_ecartee",
                violation_error_message="Un silence est déclaré ou écarté\u00a0: l’un des deux.",
            ),
            models.CheckConstraint(
                condition=Q(retiree_le=None) | Q(declaree_le__isnull=False),
                name="indisponibilite_retiree_once_declaree",
                violation_error_message="Seul un silence déclaré se retire.",
            ),
        ]

    def __str__(self) -> str:
        return f"Silence {self.silence.phrase}"

    @property
    def silence(self) -> Silence:
        """What the rules see of it."""
        return Silence(self.du, self.au)
