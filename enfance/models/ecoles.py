"""The schools of the commune, and the agents who work in each. Most communes have one, and then nothing shows."""

from __future__ import annotations

from typing import Any, ClassVar, Self

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models

from portail.signes import validate_ligne, validate_nom

PREMIERE: Any = 1  # the primary key of the school that every database has: what an older version writes goes there


class Niveau(models.TextChoices):
    PS = "PS", "Petite section"
    MS = "MS", "Moyenne section"
    GS = "GS", "Grande section"
    CP = "CP", "CP"
    CE1 = "CE1", "CE1"
    CE2 = "CE2", "CE2"
    CM1 = "CM1", "CM1"
    CM2 = "CM2", "CM2"


class EcoleQuerySet(models.QuerySet["Ecole"]):
    def of_agent(self, agent: object) -> Self:
        """The schools in which this agent is said to work (`Affectation`)."""
        return self.filter(affectations__agent=agent)


class Ecole(models.Model):
    """A school. An empty telephone, name or address of the canteen is the town's."""

    nom = models.CharField("nom", max_length=100, unique=True, validators=[validate_nom])
    code = models.SlugField("code", max_length=20, unique=True, help_text="En minuscules : hameau, jules-ferry…")
    uai = models.CharField(
        "UAI",
        max_length=8,
        blank=True,
        help_text="Numéro de l’établissement\u202f: sept chiffres et une lettre.",
        validators=[RegexValidator(r"\A[0-9]{7}[A-Z]\Z", "Un UAI a sept chiffres et une lettre.")],
    )
    premier_niveau = models.CharField("du niveau", max_length=3, choices=Niveau, default=Niveau.PS)
    dernier_niveau = models.CharField("au niveau", max_length=3, choices=Niveau, default=Niveau.CM2)
    adresse = models.CharField("adresse", max_length=200, blank=True, validators=[validate_ligne])
    telephone = models.CharField("téléphone de la garderie", max_length=20, blank=True, validators=[validate_ligne])
    cantine_nom = models.CharField("nom de la cantine", max_length=100, blank=True, validators=[validate_nom])
    cantine_telephone = models.CharField(
        "téléphone de la cantine", max_length=20, blank=True, validators=[validate_ligne]
    )
    cantine_courriel = models.EmailField("e-mail de la cantine", blank=True)
    ordre = models.PositiveSmallIntegerField("ordre", default=0)

    objects: ClassVar = EcoleQuerySet.as_manager()

    class Meta:
        verbose_name = "école"
        verbose_name_plural = "écoles"
        ordering = ["ordre", "nom"]

    def __str__(self) -> str:
        return self.nom

    @property
    def niveaux(self) -> tuple[Niveau, ...]:
        """The levels of the school, the youngest first; empty when its last level comes before its first."""
        tous = list(Niveau)
        return tuple(tous[tous.index(Niveau(self.premier_niveau)) : tous.index(Niveau(self.dernier_niveau)) + 1])


class Affectation(models.Model):
    """An agent of the team or of the canteen works in this school. Who has none sees all of them while there is one."""

    agent = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.DB_CASCADE, related_name="affectations", verbose_name="agent"
    )
    ecole = models.ForeignKey(Ecole, models.DB_CASCADE, related_name="affectations", verbose_name="école")

    class Meta:
        verbose_name = "affectation"
        verbose_name_plural = "affectations"
        ordering = ["ecole", "agent"]
        constraints = [
            models.UniqueConstraint(
                fields=["agent", "ecole"],
                name="affectation_unique",
                violation_error_message="Cet agent travaille déjà dans cette école.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.agent}, {self.ecole}"
