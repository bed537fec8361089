"""What happened at the gate: who was there, from when to when, and the taps that said so."""

from __future__ import annotations

from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from enfance.gestes import QuoiGeste
from enfance.models.garderie import Creneau
from enfance.models.personnes import Enfant
from portail.dates import quantieme_annee
from portail.signes import validate_ligne


class AppelQuerySet(models.QuerySet["Appel"]):
    def clos(self) -> Self:
        """The closings that stand: those of sheets that nobody has opened again."""
        return self.filter(rouvert_le=None)


class Appel(models.Model):
    """The sheet of a créneau on a day, once the team has said that it is complete: who is not ticked was absent.

    Opened again by the town hall, it is kept for the trace, and another one may close the sheet anew.
    """

    jour = models.DateField("jour")
    creneau = models.ForeignKey(Creneau, models.PROTECT, related_name="appels", verbose_name="créneau")
    clos_le = models.DateTimeField("terminé le", default=timezone.now)
    clos_par = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, related_name="+", verbose_name="terminé par", null=True, blank=True
    )
    rouvert_le = models.DateTimeField("rouvert le", null=True, blank=True)
    rouvert_par = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, related_name="+", verbose_name="rouvert par", null=True, blank=True
    )
    motif = models.CharField(
        "motif", max_length=200, blank=True, help_text="Pourquoi la mairie l’a rouvert.", validators=[validate_ligne]
    )

    objects: ClassVar = AppelQuerySet.as_manager()

    class Meta:
        verbose_name = "appel terminé"
        verbose_name_plural = "appels terminés"
        ordering = ["-jour", "creneau__ordre", "-clos_le"]
        constraints = [
            models.UniqueConstraint(
                fields=["jour", "creneau"],
                condition=Q(rouvert_le=None),
                name="appel_unique",
                violation_error_message="Cet appel est déjà terminé.",
            ),
            models.CheckConstraint(
                condition=Q(rouvert_le=None, motif="") | Q(rouvert_le__isnull=False) & ~Q(motif=""),
                name="appel_motif_when_rouvert",
                violation_error_message="Un appel se rouvre avec un motif.",
            ),
        ]

    def __str__(self) -> str:
        return f"Appel du {quantieme_annee(self.jour)}, {self.creneau.nom_court}"


class PointageQuerySet(models.QuerySet["Pointage"]):
    def of(self, jour: object, creneau: Creneau) -> Self:
        """The rows of the attendance sheet of this day and créneau."""
        return self.filter(jour=jour, creneau=creneau)

    def encore_la(self) -> Self:
        """The rows of children who came and have not left."""
        return self.filter(present=True, depart_recu=None)


class Pointage(models.Model):
    """One child on one sheet. `equipe.pointages` alone writes it, from the taps; registered or not, it may be there.

    `arrivee` and `depart` are instants of that day, Paris time, None as well where nobody knows the hour; `…_recue`,
    `…_recu` when the server learned of them, None where they did not happen. `sans_arrivee`: when somebody tapped
    « Parti » of a child whom nobody had ticked; it is asked what was meant, and the child is there until it is said.
    """

    enfant = models.ForeignKey(Enfant, models.PROTECT, related_name="pointages", verbose_name="enfant")
    jour = models.DateField("jour")
    creneau = models.ForeignKey(
        Creneau, models.PROTECT, related_name="pointages", verbose_name="créneau", db_index=False
    )
    present = models.BooleanField("présent", default=False)
    arrivee = models.DateTimeField("arrivée", null=True, blank=True)
    arrivee_recue = models.DateTimeField("arrivée reçue le", null=True, blank=True)
    depart = models.DateTimeField("départ", null=True, blank=True)
    depart_recu = models.DateTimeField("départ reçu le", null=True, blank=True)
    sans_arrivee = models.DateTimeField("départ sans arrivée", null=True, blank=True)

    objects: ClassVar = PointageQuerySet.as_manager()

    class Meta:
        verbose_name = "pointage"
        verbose_name_plural = "pointages"
        ordering = ["-jour", "creneau__ordre", "enfant"]
        permissions = [
            ("tenir_feuille", "Peut tenir la feuille d’appel"),
            ("corriger_feuille", "Peut corriger une feuille d’appel terminée"),
            ("export_pointage", "Peut exporter les pointages"),
        ]
        indexes = [models.Index(fields=["jour", "creneau", "present", "enfant"], name="pointage_seance")]
        constraints = [
            models.UniqueConstraint(
                fields=["enfant", "jour", "creneau"],
                name="pointage_unique",
                violation_error_message="Cet enfant est déjà sur cette feuille.",
            ),
            models.CheckConstraint(
                condition=Q(present=True, arrivee_recue__isnull=False)
                | Q(present=False, arrivee_recue=None, depart_recu=None),
                name="pointage_arrivee_when_present",
                violation_error_message="Un enfant présent est arrivé, un absent ni arrivé ni parti.",
            ),
            models.CheckConstraint(
                condition=Q(depart=None) | Q(arrivee=None) | Q(depart__gte=F("arrivee")),
                name="pointage_depart_after_arrivee",
                violation_error_message="Un enfant part après être arrivé.",
            ),
            models.CheckConstraint(
                condition=(Q(arrivee=None) | Q(arrivee_recue__isnull=False))
                & (Q(depart=None) | Q(depart_recu__isnull=False)),
                name="pointage_recu",
                violation_error_message="Une heure pointée a une heure de réception.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.enfant}, {self.creneau.nom_court}, {quantieme_annee(self.jour)}"


class Geste(models.Model):
    """One tap on a sheet, kept for the trace. Its `id` is drawn by the phone: a tap that comes twice counts once.
    `cible` is the one that it undoes.

    `heure`: what somebody wrote afterwards, an instant of the day of the sheet. A tap that was not made on that day,
    or that corrects a closed sheet, tells no hour of its own.
    """

    Quoi = QuoiGeste

    id = models.UUIDField("numéro", primary_key=True)
    pointage = models.ForeignKey(Pointage, models.CASCADE, related_name="gestes", verbose_name="pointage")
    quoi = models.CharField("geste", max_length=10, choices=Quoi.choices())
    coche = models.BooleanField("coché")
    cible = models.UUIDField("geste annulé", null=True, blank=True)
    heure = models.DateTimeField("heure écrite", null=True, blank=True)
    fait_le = models.DateTimeField("fait le")
    recu_le = models.DateTimeField("reçu le", default=timezone.now)
    auteur = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, related_name="+", verbose_name="auteur", null=True, blank=True
    )
    motif = models.CharField(
        "motif", max_length=200, blank=True, help_text="D’une correction de la mairie.", validators=[validate_ligne]
    )

    class Meta:
        verbose_name = "geste"
        verbose_name_plural = "gestes"
        ordering = ["fait_le", "recu_le"]

    def __str__(self) -> str:
        return f"{self.get_quoi_display()} : {'coché' if self.coche else 'décoché'}"


class AdultesPresents(models.Model):
    """How many adults somebody said were there, on the sheet of a créneau. The latest said is the one that counts.

    Its `id` is drawn by the phone, as that of a tap: said twice, it is once.
    """

    id = models.UUIDField("numéro", primary_key=True)
    jour = models.DateField("jour")
    creneau = models.ForeignKey(Creneau, models.PROTECT, related_name="+", verbose_name="créneau", db_index=False)
    nombre = models.PositiveSmallIntegerField("adultes")
    fait_le = models.DateTimeField("dit le")
    recu_le = models.DateTimeField("reçu le", default=timezone.now)
    auteur = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, related_name="+", verbose_name="auteur", null=True, blank=True
    )

    class Meta:
        verbose_name = "nombre d’adultes"
        verbose_name_plural = "nombres d’adultes"
        ordering = ["-fait_le", "-recu_le", "-id"]
        indexes = [models.Index(fields=["jour", "creneau"], name="adultes_jour_creneau")]
        constraints = [
            models.CheckConstraint(
                condition=Q(nombre__lte=99),
                name="adultes_presents_nombre",
                violation_error_message="Indiquez un nombre d’adultes, de 0 à 99.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.nombre} adultes, {self.creneau.nom_court}, {quantieme_annee(self.jour)}"


class EcartVu(models.Model):
    """A difference between a closed sheet and the bookings, once the town hall has seen it.

    It says which one: what a corrected sheet says otherwise is to be seen in its turn.
    """

    class Genre(models.TextChoices):
        ABSENT = "absent", "inscrit, absent"
        SIGNALE = "signale", "inscrit, absence signalée"
        NON_INSCRIT = "non_inscrit", "présent sans inscription"
        NON_REPARTI = "non_reparti", "présent, départ non noté"

    enfant = models.ForeignKey(Enfant, models.CASCADE, related_name="ecarts_vus", verbose_name="enfant")
    jour = models.DateField("jour")
    creneau = models.ForeignKey(Creneau, models.CASCADE, related_name="+", verbose_name="créneau", db_index=False)
    genre = models.CharField("écart", max_length=11, choices=Genre)
    vu_le = models.DateTimeField("vu le", default=timezone.now)
    vu_par = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, related_name="+", verbose_name="vu par", null=True, blank=True
    )

    class Meta:
        verbose_name = "écart vu"
        verbose_name_plural = "écarts vus"
        ordering = ["-jour", "creneau__ordre", "enfant"]
        constraints = [
            models.UniqueConstraint(
                fields=["enfant", "jour", "creneau", "genre"],
                name="ecart_vu_unique",
                violation_error_message="Cet écart est déjà vu.",
            ),
        ]

    def __str__(self) -> str:
        return (
            f"{self.enfant}, {self.creneau.nom_court}, {quantieme_annee(self.jour)}\u00a0: {self.get_genre_display()}"
        )
