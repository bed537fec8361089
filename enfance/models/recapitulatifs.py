"""What a save told its author, kept as it was said."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from enfance.models.inscriptions import Enregistrement
from enfance.models.personnes import Enfant


class Recapitulatif(models.Model):
    """What the page said when a family's save was made: it belongs to its author alone, and nothing changes it.

    `chiffres` is of all the children together; `RecapitulatifEnfant` has what is of one child.
    """

    enregistrement = models.OneToOneField(
        Enregistrement, models.CASCADE, related_name="recapitulatif", verbose_name="enregistrement"
    )
    auteur = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="recapitulatifs", verbose_name="auteur"
    )
    courriel = models.EmailField("e-mail de la confirmation", blank=True)
    chiffres = models.JSONField("chiffres", default=dict, blank=True)

    class Meta:
        verbose_name = "récapitulatif"
        verbose_name_plural = "récapitulatifs"
        ordering = ["-enregistrement_id"]

    def __str__(self) -> str:
        return f"Récapitulatif de la référence {self.enregistrement_id}"


class RecapitulatifEnfant(models.Model):
    """The part of one child: figures and days, no words but its name and those of the créneaux."""

    recapitulatif = models.ForeignKey(
        Recapitulatif, models.CASCADE, related_name="enfants", verbose_name="récapitulatif"
    )
    enfant = models.ForeignKey(Enfant, models.CASCADE, related_name="recapitulatifs", verbose_name="enfant")
    contenu = models.JSONField("contenu")

    class Meta:
        verbose_name = "part d’un enfant dans un récapitulatif"
        verbose_name_plural = "parts des enfants dans les récapitulatifs"
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.enfant}, référence {self.recapitulatif.enregistrement_id}"
