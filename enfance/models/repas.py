"""Meals: what the association's list says. The commune owns none of it; it only compares it with the lunch break."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from enfance.models.ecoles import Ecole
from enfance.models.garderie import Creneau
from enfance.models.inscriptions import Enregistrement, Inscription
from enfance.models.personnes import Enfant
from portail.dates import quantieme_annee


class ListeRepasQuerySet(models.QuerySet["ListeRepas"]):
    def over(self, debut: date, fin: date) -> Self:
        """The lists of meals that cover at least one of the days from `debut` to `fin`, both included."""
        return self.filter(debut__lte=fin, fin__gte=debut)

    def about(self, ecoles: Collection[int]) -> Self:
        """The lists of meals that are about one of these schools (primary keys), or name none; all the lists when no
        school is given.
        """
        if not ecoles:
            return self
        dites = ListeRepas.ecoles.through._default_manager.filter(listerepas=OuterRef("pk"))
        return self.filter(Exists(dites.filter(ecole__in=ecoles)) | ~Exists(dites))


class ListeRepas(models.Model):
    """One list of the association, for the days from `debut` to `fin`: a new one replaces what it covers, of the
    children of its schools.
    """

    debut = models.DateField("premier jour")
    fin = models.DateField("dernier jour")
    ecoles = models.ManyToManyField(
        Ecole, related_name="+", verbose_name="écoles", blank=True, help_text="Aucune : toutes."
    )
    importee_le = models.DateTimeField("importée le", default=timezone.now)
    importee_par = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, related_name="+", verbose_name="par", null=True, blank=True
    )
    avant = models.JSONField("repas d’avant", null=True, editable=False)  # of the last list alone, to undo it

    objects: ClassVar = ListeRepasQuerySet.as_manager()

    class Meta:
        verbose_name = "liste de repas"
        verbose_name_plural = "listes de repas"
        ordering = ["-importee_le"]
        constraints = [
            models.CheckConstraint(
                condition=Q(fin__gte=F("debut")),
                name="liste_repas_fin_after_debut",
                violation_error_message="Le dernier jour doit suivre le premier, ou être le même.",
            ),
        ]

    def __str__(self) -> str:
        return f"Repas du {quantieme_annee(self.debut)} au {quantieme_annee(self.fin)}"


class RepasQuerySet(models.QuerySet["Repas"]):
    def between(self, debut: date, fin: date) -> Self:
        """The meals of the days from `debut` to `fin`, both included."""
        return self.filter(jour__gte=debut, jour__lte=fin)

    def standing(self) -> Self:
        """The meals that no family has said it cancelled."""
        return self.filter(annule_le=None)

    def without_midi(self, jours: models.QuerySet[Any, date] | None = None) -> Self:
        """The meals, not said to be cancelled, of days when the child has no place at the lunch break, whether or not
        there is one that day.

        For a whole town, give `jours`, a queryset of the days of all these meals: without it, the lunch breaks of years
        are read.
        """
        midi = Inscription.objects.inscrit().filter(enfant=OuterRef("enfant"), jour=OuterRef("jour"))
        if jours is not None:  # an index has their days and créneaux together: the mornings and evenings are not read
            midi = midi.filter(jour__in=jours, creneau__in=Creneau.objects.midis().order_by().values("pk"))
        else:
            midi = midi.filter(creneau__moment=Creneau.Moment.MIDI)
        return self.standing().filter(~Exists(midi))


class Repas(models.Model):
    """A child eats at the canteen on that day. It locks the lunch break, until its family says that it cancelled it."""

    enfant = models.ForeignKey(Enfant, models.CASCADE, related_name="repas", verbose_name="enfant")
    jour = models.DateField("jour", db_index=True)
    liste = models.ForeignKey(ListeRepas, models.CASCADE, related_name="repas", verbose_name="liste")
    annule_le = models.DateTimeField(
        "dit annulé par la famille le",
        null=True,
        blank=True,
        help_text="Signalé à l’association jusqu’à sa prochaine liste.",
    )

    objects: ClassVar = RepasQuerySet.as_manager()

    class Meta:
        verbose_name = "repas"
        verbose_name_plural = "repas"
        ordering = ["jour", "enfant"]
        indexes = [models.Index(fields=["jour"], name="repas_annule", condition=Q(annule_le__isnull=False))]
        constraints = [
            models.UniqueConstraint(
                fields=["enfant", "jour"],
                name="repas_unique",
                violation_error_message="Cet enfant a déjà un repas ce jour-là.",
            ),
        ]

    def __str__(self) -> str:
        return f"Repas de {self.enfant}, {quantieme_annee(self.jour)}"


class EvenementRepasQuerySet(models.QuerySet["EvenementRepas"]):
    def in_force(self) -> Self:
        """The traces by which a family said that it cancelled a meal, and that were not undone."""
        return self.filter(annule=True, enregistrement__annule_par=None)


class EvenementRepas(models.Model):
    """The trace of what a family said of a meal: that it cancelled it, or by undoing, that it did not. Never changed.

    It outlives the meal, which the association's next list takes away or gives back.
    """

    enregistrement = models.ForeignKey(
        Enregistrement, models.CASCADE, related_name="repas", verbose_name="enregistrement"
    )
    enfant = models.ForeignKey(Enfant, models.PROTECT, related_name="evenements_repas", verbose_name="enfant")
    jour = models.DateField("jour")
    annule = models.BooleanField("dit annulé")

    objects: ClassVar = EvenementRepasQuerySet.as_manager()

    class Meta:
        verbose_name = "changement de repas"
        verbose_name_plural = "changements de repas"
        ordering = ["-enregistrement_id", "enfant_id", "jour"]
        indexes = [models.Index(fields=["enfant", "jour"], name="evenement_repas_jour")]

    def __str__(self) -> str:
        mot = "repas dit annulé" if self.annule else "repas qui n’est plus dit annulé"
        return f"{self.enfant}, {quantieme_annee(self.jour)} : {mot}"
