"""Who came for a child at the gate, as the team said it."""

from __future__ import annotations

from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from enfance.models.personnes import PersonneAutorisee, Responsable
from enfance.models.pointage import Geste, Pointage


class RemiseQuerySet(models.QuerySet["RemiseEnfant"]):
    def a_voir(self) -> Self:
        """The visits of persons who should not have come for a child and whom the town hall has not seen yet; a visit
        whose own tap was undone is left out.
        """
        annules = Geste.objects.filter(pointage=OuterRef("pointage"), quoi=Geste.Quoi.ANNULE, cible=OuterRef("pk"))
        return self.filter(~Exists(annules), venu__in=RemiseEnfant.INATTENDUS, vue_le=None)


class VenuRemise(models.TextChoices):
    PARENT = "parent", "un parent"
    AUTORISEE = "autorisee", "une personne autorisée"
    INTERDITE = "interdite", "une personne interdite"
    INCONNUE = "inconnue", "une personne qui n’est pas sur la liste"
    RIEN = "rien", "personne de dit"


class SuiteRemise(models.TextChoices):
    REMIS = "remis", "remis"
    NON_REMIS = "non_remis", "non remis"
    APPEL = "appel", "remis après appel"


class RemiseEnfant(models.Model):
    """Who came for a child, as the team tapped it: for the team and the town hall alone, never for a parent.

    Its `id` is drawn by the phone, as that of a tap. The latest that was said of a departure is the one that counts;
    that somebody unexpected came stays, whatever is said after it, unless that very tap is undone. No word is written:
    keys of the child's own adults.

    Its columns hold no constraint on tables that the version before knows, which may delete of them without knowing it.
    """

    Venu = VenuRemise

    Suite = SuiteRemise

    INATTENDUS = (Venu.INTERDITE, Venu.INCONNUE)

    id = models.UUIDField("numéro", primary_key=True)
    pointage = models.ForeignKey(
        Pointage, models.CASCADE, related_name="remises", verbose_name="pointage", db_constraint=False
    )
    venu = models.CharField("venu", max_length=9, choices=Venu)
    suite = models.CharField("suite", max_length=9, choices=Suite)
    responsable = models.ForeignKey(
        Responsable,
        models.SET_NULL,
        related_name="+",
        verbose_name="parent",
        null=True,
        blank=True,
        help_text="À qui l’enfant est remis, ou que l’équipe a appelé.",
        db_constraint=False,
    )
    personne = models.ForeignKey(
        PersonneAutorisee,
        models.SET_NULL,
        related_name="+",
        verbose_name="personne autorisée ou interdite",
        null=True,
        blank=True,
        db_constraint=False,
    )
    fait_le = models.DateTimeField("dit le")
    recu_le = models.DateTimeField("reçu le", default=timezone.now)
    auteur = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        related_name="+",
        verbose_name="auteur",
        null=True,
        blank=True,
        db_constraint=False,
    )
    vue_le = models.DateTimeField("vue le", null=True, blank=True)
    vue_par = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        related_name="+",
        verbose_name="vue par",
        null=True,
        blank=True,
        db_constraint=False,
    )

    objects: ClassVar = RemiseQuerySet.as_manager()

    class Meta:
        verbose_name = "remise d’enfant"
        verbose_name_plural = "remises d’enfants"
        ordering = ["fait_le", "recu_le", "id"]
        default_permissions = ("view", "change")
        constraints = [
            models.CheckConstraint(
                condition=Q(venu__in=[VenuRemise.INTERDITE, VenuRemise.INCONNUE]) & ~Q(suite=SuiteRemise.REMIS)
                | ~Q(venu__in=[VenuRemise.INTERDITE, VenuRemise.INCONNUE]) & Q(suite=SuiteRemise.REMIS),
                name="remise_suite_of_venu",
                violation_error_message="Une personne inattendue ne repart qu’après un appel, une autre est attendue.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_venu_display()} : {self.get_suite_display()}"
