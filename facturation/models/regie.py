"""The régie: the act that made it, who is named to keep it. Amounts are centimes."""

from __future__ import annotations

from datetime import date

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q

from portail.signes import validate_ligne, validate_nom


class Regie(models.Model):
    """What the act of the town says of its régie: it receives alone, or gives back too (`avances`); the most cash that
    it keeps in hand, how many days at most its money waits for a versement (`frequence`). One row.
    """

    acte = models.CharField("acte qui a créé la régie", max_length=120, validators=[validate_ligne])
    acte_du = models.DateField("du")
    avances = models.BooleanField("régie d’avances", default=False)
    plafond_especes = models.PositiveIntegerField("au plus en caisse, en centimes", null=True, blank=True)
    frequence = models.PositiveSmallIntegerField(
        "un versement au moins tous les… jours", default=31, db_default=31, validators=[MinValueValidator(1)]
    )

    class Meta:
        verbose_name = "régie"
        verbose_name_plural = "régies"

    def __str__(self) -> str:
        return self.acte


class Nomination(models.Model):
    """Somebody named to keep the régie, from a day to another (included): the one who signs, who stands in, or who may
    receive. `compte`: the account that writes for them, where there is one.
    """

    class Fonction(models.TextChoices):
        TITULAIRE = "titulaire", "régisseur ou régisseuse titulaire"
        SUPPLEANT = "suppleant", "mandataire suppléant ou suppléante"
        MANDATAIRE = "mandataire", "mandataire, qui peut recevoir"

    nom = models.CharField("nom", max_length=80, validators=[validate_nom])
    fonction = models.CharField("fonction", max_length=10, choices=Fonction)
    compte = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, related_name="+", verbose_name="compte", null=True, blank=True
    )
    debut = models.DateField("du")
    fin = models.DateField("au", null=True, blank=True, help_text="Vide\u00a0: toujours en fonction.")

    class Meta:
        verbose_name = "nomination"
        verbose_name_plural = "nominations"
        ordering = ["-debut", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(fin=None) | Q(fin__gte=F("debut")),
                name="nomination_fin",
                violation_error_message="Une nomination finit après avoir commencé.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.nom}, {self.get_fonction_display()}"

    def holds(self, jour: date) -> bool:
        """Whether this nomination holds on that day; its dates are included, an empty end is no limit."""
        return self.debut <= jour and (self.fin is None or jour <= self.fin)
