"""What was erased: keys, never names."""

from __future__ import annotations

import uuid
from typing import ClassVar, Self

from django.db import models


class EffacementQuerySet(models.QuerySet["Effacement"]):
    def not_written(self) -> Self:
        """The erasures that the list in the folder of backups (`effacements.jsonl`) does not tell yet."""
        return self.filter(ecrit_le=None)


class Effacement(models.Model):
    """The key of a row that was erased, written in the erasure's own transaction.

    It then joins `effacements.jsonl` in the folder of backups, so that a restore of an older archive erases it again.
    """

    id = models.UUIDField("numéro", primary_key=True, default=uuid.uuid4, editable=False)
    le = models.DateTimeField("effacé le")
    modele = models.CharField("table", max_length=100)  # as « enfance.Enfant »
    cle = models.BigIntegerField("clé")
    ecrit_le = models.DateTimeField("écrit dans le dossier des sauvegardes le", null=True, blank=True)

    objects: ClassVar = EffacementQuerySet.as_manager()

    class Meta:
        verbose_name = "effacement"
        verbose_name_plural = "effacements"
        ordering = ["-le", "modele", "cle"]
        default_permissions = ("view",)
        permissions = [("effacer_famille", "Peut effacer une famille")]

    def __str__(self) -> str:
        return f"{self.modele} {self.cle}"


class Reunion(models.Model):
    """Two rows that the town hall made one: the key that went and the one that stays. In an older archive they are two,
    and an erasure is of both.
    """

    modele = models.CharField("table", max_length=100)  # as « enfance.Enfant »
    double = models.BigIntegerField("clé du double")
    reste = models.BigIntegerField("clé qui reste")

    class Meta:
        verbose_name = "réunion de fiches"
        verbose_name_plural = "réunions de fiches"
        ordering = ["modele", "double"]
        default_permissions = ()
        indexes = [models.Index(fields=["modele", "reste"], name="reunion_reste")]

    def __str__(self) -> str:
        return f"{self.modele} {self.double} → {self.reste}"
