"""An absence that may be excused: why the parent says that the child was away, and what the town hall answers."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone

from enfance.models import Creneau, Enfant
from portail.dates import quantieme_annee
from portail.signes import validate_ligne


class Justification(models.Model):
    """Why a child was away, chosen by a parent in a list. No free text: it would tell of health."""

    class Raison(models.TextChoices):
        MALADIE = "maladie", "maladie"
        FAMILLE = "famille", "urgence de famille"
        SORTIE = "sortie", "sortie de l’école"
        TRANSPORT = "transport", "transport ou route coupés"
        AUTRE = "autre", "autre raison"

    enfant = models.ForeignKey(Enfant, models.CASCADE, related_name="justifications", verbose_name="enfant")
    jour = models.DateField("jour")
    raison = models.CharField("raison", max_length=10, choices=Raison)
    dite_le = models.DateTimeField("dite le", default=timezone.now)
    dite_par = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, related_name="+", verbose_name="dite par", null=True, blank=True
    )

    class Meta:
        verbose_name = "justification"
        verbose_name_plural = "justifications"
        ordering = ["-jour", "enfant"]
        constraints = [
            models.UniqueConstraint(
                fields=["enfant", "jour"],
                name="justification_unique",
                violation_error_message="Ce jour a déjà sa raison.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.enfant}, {quantieme_annee(self.jour)}\u00a0: {self.get_raison_display()}"


class ReponseAbsence(models.Model):
    """What the town hall answered for an absence, créneau by créneau: excused, so not billed, or billed; dated.

    The latest answer counts; the earlier ones stay for the trace.
    """

    class Reponse(models.TextChoices):
        EXCUSEE = "excusee", "excusée"
        FACTUREE = "facturee", "facturée"

    enfant = models.ForeignKey(Enfant, models.CASCADE, related_name="reponses_absence", verbose_name="enfant")
    jour = models.DateField("jour")
    creneau = models.ForeignKey(Creneau, models.PROTECT, related_name="+", verbose_name="créneau")
    reponse = models.CharField("réponse", max_length=8, choices=Reponse)
    motif = models.CharField("raison lue par la famille", max_length=200, validators=[validate_ligne])
    repondue_le = models.DateTimeField("répondue le", default=timezone.now)
    repondue_par = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, related_name="+", verbose_name="répondue par", null=True, blank=True
    )

    class Meta:
        verbose_name = "réponse à une absence"
        verbose_name_plural = "réponses aux absences"
        ordering = ["-jour", "enfant", "creneau", "-repondue_le", "-pk"]
        indexes = [models.Index(fields=["jour", "enfant"], name="reponse_absence_jour")]

    def __str__(self) -> str:
        return f"{self.enfant}, {quantieme_annee(self.jour)}\u00a0: {self.get_reponse_display()}"
