"""How many there were, once those of whom it was said are erased: figures alone, and no way back to a child."""

from __future__ import annotations

import uuid
from datetime import date
from typing import ClassVar, Self

from django.db import models
from django.db.models import F, Q

from enfance.models.annee import AnneeScolaire, Classe
from enfance.models.garderie import Creneau
from enfance.models.personnes import Foyer
from portail.dates import quantieme_annee


class DecompteQuerySet(models.QuerySet["Decompte"]):
    def between(self, debut: date, fin: date) -> Self:
        """The counts of the days from `debut` to `fin`, both included."""
        return self.filter(jour__gte=debut, jour__lte=fin)


class Decompte(models.Model):
    """The erased children of a class and of an age at one créneau of one day: to be added to the rows that are left.

    `famille.decomptes` alone writes it. Its numbers are drawn at random: in order, they would say which rows came
    together, of one child.
    """

    id = models.UUIDField("numéro", primary_key=True, default=uuid.uuid4, editable=False)
    jour = models.DateField("jour")
    creneau = models.ForeignKey(Creneau, models.PROTECT, related_name="+", verbose_name="créneau")
    classe = models.ForeignKey(
        Classe,
        models.PROTECT,
        related_name="+",
        verbose_name="classe",
        null=True,
        blank=True,
        help_text="Vide : aucune.",
    )
    moins_de_six = models.BooleanField("moins de six ans ce jour-là")
    inscrits = models.PositiveIntegerField("inscrits", default=0)
    venus = models.PositiveIntegerField("venus", default=0, help_text="Inscrits ou non.")
    inscrits_venus = models.PositiveIntegerField("inscrits et venus", default=0)
    signales = models.PositiveIntegerField("inscrits, absence signalée", default=0)

    objects: ClassVar = DecompteQuerySet.as_manager()

    CASE = ("jour", "creneau_id", "classe_id", "moins_de_six")
    NOMBRES = ("inscrits", "venus", "inscrits_venus", "signales")

    class Meta:
        verbose_name = "décompte"
        verbose_name_plural = "décomptes"
        ordering = ["jour", "creneau", "classe", "moins_de_six"]
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["jour", "creneau", "classe", "moins_de_six"],
                name="decompte_unique",
                violation_error_message="Ce décompte est déjà fait.",
            ),
            models.UniqueConstraint(  # two NULLs are not equal
                fields=["jour", "creneau", "moins_de_six"],
                condition=Q(classe=None),
                name="decompte_unique_sans_classe",
                violation_error_message="Ce décompte est déjà fait.",
            ),
            models.CheckConstraint(
                condition=Q(inscrits_venus__lte=F("venus")) & Q(inscrits__gte=F("inscrits_venus") + F("signales")),
                name="decompte_coherent",
                violation_error_message="Qui est venu et inscrit est parmi les venus, et parmi les inscrits.",
            ),
        ]

    def __str__(self) -> str:
        quand = quantieme_annee(self.jour)
        return f"{self.creneau.nom_court}, {quand}\u00a0: {self.inscrits} inscrits, {self.venus} venus"


class FoyerCompte(models.Model):
    """A home among those that paid in a year, some of whose bookings are erased: counted once, whatever is left of
    them. Its own erasure leaves a row of nobody, and the count of the year.
    """

    annee = models.ForeignKey(
        AnneeScolaire, models.PROTECT, related_name="foyers_comptes", verbose_name="année scolaire"
    )
    foyer = models.ForeignKey(
        Foyer, models.SET_NULL, related_name="annees_comptees", verbose_name="foyer", null=True, blank=True
    )

    class Meta:
        verbose_name = "foyer compté"
        verbose_name_plural = "foyers comptés"
        ordering = ["-annee__debut", "pk"]
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["annee", "foyer"],
                name="foyer_compte_unique",
                violation_error_message="Ce foyer est déjà compté cette année-là.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.annee}\u00a0: {self.foyer or 'un foyer effacé'}"
