"""What the town hall says to the families and keeps of its own work; the canteen's own choice of an hour."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from accounts.models import Mailing
from enfance.models.annee import AnneeScolaire, Classe
from enfance.models.ecoles import PREMIERE, Ecole
from enfance.models.garderie import Creneau
from portail.dates import du_au, jour_long, quantieme_annee
from portail.signes import validate_ligne, validate_texte


class ActualiteQuerySet(models.QuerySet["Actualite"]):
    def du(self, jour: date) -> Self:
        """The news that families read on that day: begun, not ended, not withdrawn."""
        return self.filter(Q(fin=None) | Q(fin__gte=jour), debut__lte=jour, retiree_le=None)


class Actualite(models.Model):
    """A banner that every family reads on its home page, between two dates."""

    texte = models.CharField("texte", max_length=300, validators=[validate_ligne])
    debut = models.DateField("à partir du", default=timezone.localdate)
    fin = models.DateField("jusqu’au", null=True, blank=True, help_text="Vide : jusqu’à ce que vous la retiriez.")
    retiree_le = models.DateTimeField("retirée le", null=True, blank=True, editable=False)

    objects: ClassVar = ActualiteQuerySet.as_manager()

    class Meta:
        verbose_name = "actualité"
        verbose_name_plural = "actualités"
        ordering = ["-debut", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(fin=None) | Q(fin__gte=F("debut")),
                name="actualite_fin_after_debut",
                violation_error_message="Le dernier jour doit suivre le premier, ou être le même.",
            ),
        ]

    def __str__(self) -> str:
        return self.texte[:60]

    @property
    def periode(self) -> str:
        """The days of the news in words: « du jeudi 3 décembre au samedi 5 décembre 2026 », « à partir du vendredi 4
        décembre 2026 ».
        """
        if self.fin is None:
            return f"à partir du {jour_long(self.debut)} {self.debut.year}"
        return f"{du_au(self.debut, self.fin)} {self.fin.year}"


class Message(models.Model):
    """A mail to everyone, to some classes or schools, or to the families of a créneau on a day. A draft until sent,
    then kept.
    """

    objet = models.CharField("objet", max_length=150, validators=[validate_ligne])
    texte = models.TextField("texte", max_length=5000, validators=[validate_texte])
    classes = models.ManyToManyField(Classe, related_name="+", verbose_name="classes", blank=True)
    ecoles = models.ManyToManyField(Ecole, related_name="+", verbose_name="écoles", blank=True)
    creneau = models.ForeignKey(
        Creneau, models.SET_NULL, related_name="+", verbose_name="créneau", null=True, blank=True
    )
    jour = models.DateField("jour", null=True, blank=True)
    destinataires = models.CharField("destinataires", max_length=200, blank=True)  # in words, as they were chosen
    nombre = models.PositiveIntegerField("nombre d’envois", default=0)
    auteur = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, related_name="+", verbose_name="auteur", null=True, blank=True
    )
    ecrit_le = models.DateTimeField("écrit le", default=timezone.now, editable=False)
    envoye_le = models.DateTimeField("envoyé le", null=True, blank=True, editable=False, help_text="Vide : brouillon.")
    depart = models.DateTimeField("part le", null=True, blank=True, editable=False)  # as long as it can be called back
    envoi = models.OneToOneField(
        Mailing, models.SET_NULL, related_name="message", verbose_name="envoi", null=True, blank=True, editable=False
    )

    class Meta:
        verbose_name = "message"
        verbose_name_plural = "messages"
        ordering = ["-ecrit_le", "-pk"]

    def __str__(self) -> str:
        return self.objet


class ImportOndeQuerySet(models.QuerySet["ImportOnde"]):
    def abandonnes(self, now: datetime) -> Self:
        """The imports whose files were laid down more than a day before `now` and never applied: they hold a whole
        school, and nobody needs them any more.
        """
        return self.filter(applique_le=None, depose_le__lt=now - timedelta(days=1))


class ImportOnde(models.Model):
    """Two ONDE files laid down by the town hall: read, looked at, then applied. The files go once they have served."""

    annee = models.ForeignKey(AnneeScolaire, models.PROTECT, related_name="imports", verbose_name="année scolaire")
    ecole = models.ForeignKey(Ecole, models.PROTECT, related_name="imports", verbose_name="école", db_default=PREMIERE)
    depose_par = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, related_name="+", verbose_name="déposé par", null=True, blank=True
    )
    depose_le = models.DateTimeField("déposé le", default=timezone.now)
    nom_eleves = models.CharField("fichier des élèves", max_length=200)
    nom_responsables = models.CharField("fichier des responsables", max_length=200)
    eleves = models.BinaryField("contenu des élèves", default=bytes, blank=True)
    responsables = models.BinaryField("contenu des responsables", default=bytes, blank=True)
    choix = models.JSONField("choix", default=dict, blank=True, help_text="De la mairie, là où ONDE est ambigu.")
    applique_le = models.DateTimeField("appliqué le", null=True, blank=True)
    bilan = models.JSONField("bilan", default=list, blank=True)

    objects: ClassVar = ImportOndeQuerySet.as_manager()

    class Meta:
        verbose_name = "import ONDE"
        verbose_name_plural = "imports ONDE"
        ordering = ["-depose_le", "-pk"]

    def __str__(self) -> str:
        return f"Import ONDE du {quantieme_annee(timezone.localtime(self.depose_le))}"

    @property
    def complet(self) -> bool:
        """Whether both ONDE files, of pupils and of adults, are there."""
        return bool(self.eleves and self.responsables)


class ReglageCantine(models.Model):
    """What a canteen chose: at what time its mail of the school morning leaves; none without an hour. The town's is the
    first row; that of a school which has an address of its own follows it, under the number of the school and one.
    """

    ecole = models.OneToOneField(
        Ecole, models.CASCADE, related_name="+", verbose_name="école", null=True, blank=True, editable=False
    )
    heure_courriel = models.TimeField("heure du courriel", null=True, blank=True)
    dernier_courriel = models.DateTimeField("dernier courriel", null=True, blank=True, editable=False)
    choisie_par = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, related_name="+", verbose_name="choisie par", null=True, blank=True
    )

    class Meta:
        verbose_name = "réglage de la cantine"
        verbose_name_plural = "réglages de la cantine"
        permissions = [("tenir_cantine", "Peut tenir la page de la cantine")]
        constraints = [
            models.CheckConstraint(
                condition=Q(pk=1, ecole=None) | Q(ecole__isnull=False, pk=F("ecole") + 1),
                name="reglage_cantine_single",
                violation_error_message="Il n’y a qu’un réglage.",
            ),
        ]

    def __str__(self) -> str:
        return "Réglages de la cantine"
