"""Who owes: a payer, its family quotients, and how a child's price is shared between two payers."""

from __future__ import annotations

from datetime import date
from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.lookups import Exact
from django.utils import timezone

from enfance.models import Enfant, Foyer, Responsable
from facturation.models.jours import JourDuMois
from facturation.models.tarifs import LieuResidence
from facturation.prix.tarifs import Residence
from portail.dates import quantieme_annee
from portail.signes import validate_ligne


class Compte(models.Model):
    """A payer: one a foyer. It outlives its foyer, for what was issued must stay ten years.

    `reuni_dans`: the payer that took over its balance, when two foyers were made one. `debiteur`: of the adults of the
    foyer, the one that the treasury is told; empty where it is not said, or where there is only one.
    """

    class Envoi(models.TextChoices):
        COURRIEL = "courriel", "par e-mail"
        PAPIER = "papier", "sur papier"

    foyer = models.OneToOneField(
        Foyer, models.SET_NULL, related_name="compte", verbose_name="foyer", null=True, blank=True
    )
    residence = models.CharField(
        "résidence", max_length=30, default=Residence.A_DIRE, blank=True, help_text="Le code d’une résidence."
    )
    residence_vue_le = models.DateTimeField("résidence confirmée le", null=True, blank=True)
    residence_vue_par = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, related_name="+", verbose_name="par", null=True, blank=True
    )
    envoi = models.CharField("envoi des factures", max_length=8, choices=Envoi, default=Envoi.COURRIEL)
    debiteur = models.ForeignKey(
        Responsable, models.SET_NULL, related_name="+", verbose_name="débiteur", null=True, blank=True
    )
    reuni_dans = models.ForeignKey(
        "self", models.PROTECT, related_name="reunis", verbose_name="réuni dans", null=True, blank=True
    )

    class Meta:
        verbose_name = "payeur"
        verbose_name_plural = "payeurs"
        ordering = ["pk"]
        permissions = [("tenir_regie", "Peut encaisser et verser"), ("arreter_mois", "Peut arrêter un mois")]
        constraints = [
            models.CheckConstraint(
                condition=Q(reuni_dans=None) | ~Q(reuni_dans=F("pk")),
                name="compte_reuni_dans_un_autre",
                violation_error_message="Un payeur se réunit à un autre.",
            ),
        ]

    def __str__(self) -> str:
        return str(self.foyer) if self.foyer else f"Payeur {self.pk}, sans foyer"

    def get_residence_display(self) -> str:
        """The residence as the town's list names it, with a small letter; « à dire » while nobody has said it. One
        query, none of a payer of whom it is not said, nor of one annotated with its name (`lieu`).
        """
        if not self.residence:
            return Residence.A_DIRE.label
        nom = getattr(self, "lieu", None)
        if nom is None:
            nom = LieuResidence.objects.filter(code=self.residence).values_list("nom", flat=True).first()
        dit = nom or dict(Residence.choices()).get(self.residence, self.residence)
        return f"{dit[:1].lower()}{dit[1:]}"


class QuotientQuerySet(models.QuerySet["Quotient"]):
    def seen(self) -> Self:
        """The quotients that count: their attestation was seen by the town hall, or they came from the State; cancelled
        ones are left out.
        """
        return self.exclude(vu_le=None).filter(annule_le=None)

    def declared(self, mois: date) -> Self:
        """The quotients that a parent typed and whose attestation nobody has seen yet, that do not end before this
        month; cancelled ones are left out.
        """
        return self._until(mois).filter(vu_le=None, annule_le=None)

    def holding(self, mois: date) -> Self:
        """The quotients seen by the town hall that hold on the first day of this month; of each payer, the first row is
        the one that counts.
        """
        tenus = self.seen()._until(mois).filter(debut__lte=mois.replace(day=1))
        return tenus.order_by("compte", "-debut", "-saisi_le", "-pk")

    def _until(self, mois: date) -> Self:
        return self.filter(Q(fin=None) | Q(fin__gte=mois.replace(day=1)))


class Quotient(models.Model):
    """What a family's quotient is, from a month on. Rows are never edited: the latest one that holds counts.

    Unknown is not 0: it is no row. `debut` is the first of a month, `fin` the last day of one.
    """

    class Source(models.TextChoices):
        CAF = "caf", "attestation CAF"
        MSA = "msa", "attestation MSA"
        IMPOT = "impot", "avis d’impôt"
        API = "api", "transmis par l’État"

    compte = models.ForeignKey(Compte, models.PROTECT, related_name="quotients", verbose_name="payeur")
    valeur = models.PositiveIntegerField("quotient familial")
    source = models.CharField("source", max_length=5, choices=Source)
    debut = models.DateField("compte à partir du")
    fin = models.DateField("compte jusqu’au", null=True, blank=True)
    saisi_le = models.DateTimeField("saisi le", default=timezone.now)
    saisi_par = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, related_name="+", verbose_name="saisi par", null=True, blank=True
    )
    vu_le = models.DateField("attestation vue le", null=True, blank=True)
    vu_par = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, related_name="+", verbose_name="vue par", null=True, blank=True
    )
    motif = models.CharField(
        "raison", max_length=200, blank=True, help_text="D’un mois déjà passé.", validators=[validate_ligne]
    )
    annule_le = models.DateTimeField("annulé le", null=True, blank=True)

    objects: ClassVar = QuotientQuerySet.as_manager()

    class Meta:
        verbose_name = "quotient"
        verbose_name_plural = "quotients"
        ordering = ["compte", "-debut", "-saisi_le", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(valeur__lte=99_999),
                name="quotient_valeur",
                violation_error_message="Un quotient va de 0 à 99\u202f999.",
            ),
            models.CheckConstraint(
                condition=Exact(JourDuMois("debut"), 1),
                name="quotient_premier_du_mois",
                violation_error_message="Un quotient compte à partir du premier d’un mois.",
            ),
            models.CheckConstraint(
                condition=Q(fin=None) | Q(fin__gt=F("debut")),
                name="quotient_fin",
                violation_error_message="Un quotient finit après avoir commencé.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.valeur}, à partir du {quantieme_annee(self.debut)}"


class NombreEnfants(models.Model):
    """How many children the home of a payer has on the town's list, from a month on, as the town said it.

    Rows are never edited: of those that have begun, the latest month's counts, then the last said. Unknown is no row.
    """

    compte = models.ForeignKey(
        Compte, models.PROTECT, related_name="nombres_enfants", verbose_name="payeur", db_constraint=False
    )
    nombre = models.PositiveSmallIntegerField("nombre d’enfants du foyer")
    debut = models.DateField("compte à partir du")
    saisi_le = models.DateTimeField("saisi le", default=timezone.now)
    saisi_par = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        related_name="+",
        verbose_name="saisi par",
        null=True,
        blank=True,
        db_constraint=False,
    )

    class Meta:
        verbose_name = "nombre d’enfants"
        verbose_name_plural = "nombres d’enfants"
        ordering = ["compte", "-debut", "-saisi_le", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(nombre__gte=1, nombre__lte=20),
                name="nombre_enfants_valeur",
                violation_error_message="Un foyer a de 1 à 20 enfants.",
            ),
            models.CheckConstraint(
                condition=Exact(JourDuMois("debut"), 1),
                name="nombre_enfants_premier_du_mois",
                violation_error_message="Un nombre d’enfants compte à partir du premier d’un mois.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.nombre}, à partir du {quantieme_annee(self.debut)}"


class Partage(models.Model):
    """Which part of a child's price a payer owes, between two dates, in per cent. Those of a day make 100.

    Without any, the foyer of the inscription owes all.
    """

    enfant = models.ForeignKey(Enfant, models.CASCADE, related_name="partages", verbose_name="enfant")
    compte = models.ForeignKey(Compte, models.PROTECT, related_name="partages", verbose_name="payeur")
    part = models.PositiveSmallIntegerField("part, en pour cent")
    debut = models.DateField("à partir du", null=True, blank=True, help_text="Vide\u00a0: depuis toujours.")
    fin = models.DateField("jusqu’au", null=True, blank=True, help_text="Vide\u00a0: sans fin.")

    class Meta:
        verbose_name = "partage"
        verbose_name_plural = "partages"
        ordering = ["enfant", "debut", "compte"]
        constraints = [
            models.CheckConstraint(
                condition=Q(part__gte=1, part__lte=100),
                name="partage_part",
                violation_error_message="Une part va de 1 à 100\u00a0%.",
            ),
            models.CheckConstraint(
                condition=Q(debut=None) | Q(fin=None) | Q(fin__gte=F("debut")),
                name="partage_fin",
                violation_error_message="Un partage finit après avoir commencé.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.enfant}, {self.part}\u00a0%"

    def holds(self, jour: date) -> bool:
        """Whether this share applies on that day; its dates are included, an empty one is no limit."""
        return (self.debut is None or self.debut <= jour) and (self.fin is None or jour <= self.fin)
