"""What was issued: months closed for ever, invoices and avoirs with their numbers, and every line of them.

Amounts are centimes. An issued row is never updated: `arrete` alone writes here, a correction is a new row.
"""

from __future__ import annotations

from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.lookups import Exact
from django.utils import timezone

from enfance.models import Creneau, Enfant
from facturation.models.jours import JourDuMois
from facturation.models.payeurs import Compte
from facturation.models.tarifs import LigneTarif, Plafond, Supplement, Tarif
from facturation.prix.mois import NaturePrestation
from portail.dates import quantieme_annee
from portail.signes import validate_ligne


class Serie(models.Model):
    """The last number given, by series and year. Who takes the next one locks its row: no number is missing."""

    class Code(models.TextChoices):
        FACTURE = "F", "factures"
        AVOIR = "AV", "avoirs"
        RECU = "R", "reçus"
        PAIEMENT = "P", "paiements de plusieurs factures"
        VERSEMENT = "V", "versements"
        ATTESTATION = "A", "attestations"

    code = models.CharField("série", max_length=2, choices=Code)
    annee = models.PositiveSmallIntegerField("année")
    dernier = models.PositiveIntegerField("dernier numéro", default=0)

    class Meta:
        verbose_name = "série de numéros"
        verbose_name_plural = "séries de numéros"
        ordering = ["code", "annee"]
        constraints = [
            models.UniqueConstraint(
                fields=["code", "annee"], name="serie_unique", violation_error_message="Cette série existe déjà."
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code}-{self.annee}"


class Mois(models.Model):
    """A calendar month that is closed (arrêté): once, for ever. A month without a row is open."""

    premier = models.DateField("mois", unique=True)
    arrete_le = models.DateTimeField("arrêté le", default=timezone.now)
    arrete_par = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, related_name="+", verbose_name="arrêté par", null=True, blank=True
    )
    echeance = models.DateField("à payer avant le")
    bilan = models.JSONField("totaux", default=dict, blank=True)

    class Meta:
        verbose_name = "mois arrêté"
        verbose_name_plural = "mois arrêtés"
        ordering = ["-premier"]
        constraints = [
            models.CheckConstraint(
                condition=Exact(JourDuMois("premier"), 1),
                name="mois_premier_jour",
                violation_error_message="Un mois se dit par son premier jour.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.premier:%m/%Y}"


class FactureQuerySet(models.QuerySet["Facture"]):
    def factures(self) -> Self:
        """The invoices alone, without the avoirs (credit notes)."""
        return self.filter(genre=Facture.Genre.FACTURE)

    def avoirs(self) -> Self:
        """The avoirs (credit notes) alone, without the invoices."""
        return self.filter(genre=Facture.Genre.AVOIR)

    def for_compte(self, comptes: Any) -> Self:
        """The invoices and avoirs of these payers: `Compte` rows or primary keys."""
        return self.filter(compte__in=comptes)

    def update(self, **kwargs: Any) -> int:
        """Always raises TypeError: an issued invoice is never updated."""
        raise TypeError("An issued invoice is never updated")


class GenreFacture(models.TextChoices):
    FACTURE = "F", "facture"
    AVOIR = "AV", "avoir"


class Facture(models.Model):
    """An issued invoice, or an avoir, whose total is negative and which names its origin.

    `entete` freezes what its paper says of people: name and address of the payer, accounts, children with their birth
    dates, quotient and residence. `empreinte` is the SHA-256 of `entete` and the lines, which `verifier_factures`
    computes again. `annee` is that of the issue.
    """

    Genre = GenreFacture

    genre = models.CharField("genre", max_length=2, choices=Genre, default=Genre.FACTURE)
    annee = models.PositiveSmallIntegerField("année")
    rang = models.PositiveIntegerField("rang")
    numero = models.CharField("numéro", max_length=20, unique=True)
    compte = models.ForeignKey(Compte, models.PROTECT, related_name="factures", verbose_name="payeur")
    mois = models.ForeignKey(Mois, models.PROTECT, related_name="factures", verbose_name="mois", null=True, blank=True)
    origine = models.ForeignKey(
        "self", models.PROTECT, related_name="avoirs_sur_elle", verbose_name="facture corrigée", null=True, blank=True
    )
    emise_le = models.DateTimeField("émise le")
    emise_par = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, related_name="+", verbose_name="émise par", null=True, blank=True
    )
    echeance = models.DateField("à payer avant le", null=True, blank=True)
    total = models.IntegerField("total, en centimes")
    motif = models.CharField("raison", max_length=300, blank=True, validators=[validate_ligne])
    entete = models.JSONField("ce que dit le papier", default=dict)
    empreinte = models.CharField("empreinte", max_length=64)

    objects: ClassVar = FactureQuerySet.as_manager()

    class Meta:
        verbose_name = "facture"
        verbose_name_plural = "factures"
        ordering = ["-emise_le", "-rang", "-pk"]
        permissions = [("export_facture", "Peut exporter les factures")]
        indexes = [models.Index(fields=["compte", "emise_le"], name="facture_du_payeur")]
        constraints = [
            models.UniqueConstraint(
                fields=["genre", "annee", "rang"],
                name="facture_rang_unique",
                violation_error_message="Ce numéro est déjà pris.",
            ),
            models.UniqueConstraint(
                fields=["compte", "mois"],
                condition=Q(genre=GenreFacture.FACTURE),
                name="facture_une_par_mois",
                violation_error_message="Ce payeur a déjà sa facture de ce mois.",
            ),
            models.CheckConstraint(
                condition=Q(genre=GenreFacture.FACTURE, total__gt=0, origine=None, echeance__isnull=False)
                | Q(genre=GenreFacture.AVOIR, total__lt=0),
                name="facture_total_de_son_genre",
                violation_error_message="Une facture demande une somme, un avoir en rend une.",
            ),
        ]

    def __str__(self) -> str:
        return self.numero

    @property
    def reference(self) -> str:
        """The number of this invoice as PayFiP takes it, letters and digits alone: « F20260349 »."""
        return self.numero.replace("-", "")


class PrestationQuerySet(models.QuerySet["Prestation"]):
    def waiting(self) -> Self:
        """The lines that are on no invoice yet: of a closed month, or corrections."""
        return self.filter(facture=None)


class Prestation(models.Model):
    """One line: what one payer owes for one child, one day, one créneau and one nature, and why.

    Frozen when its month is closed. `montant` = what this payer owes of `entier`, the price before any share; both are
    `quantite` × `prix`, but for a first duration that has a price of its own (`prix_dit`). A line of nature `plafond`
    is below 0: what a cap takes off the lines of its séance that give the tax credit as it does. `facture` is empty
    while the line waits under the threshold, and set once. `faits` tells who registered and when, what the gate saw,
    the time counted, an absence and its answer; `prix_dit` the tariff's words (délibération, tranche), so that nothing
    is lost when live rows go.
    """

    Nature = NaturePrestation

    mois = models.ForeignKey(
        Mois, models.PROTECT, related_name="prestations", verbose_name="mois arrêté", null=True, blank=True
    )
    facture = models.ForeignKey(
        Facture, models.PROTECT, related_name="prestations", verbose_name="facture", null=True, blank=True
    )
    compte = models.ForeignKey(Compte, models.PROTECT, related_name="prestations", verbose_name="payeur")
    enfant = models.ForeignKey(
        Enfant, models.SET_NULL, related_name="prestations", verbose_name="enfant", null=True, blank=True
    )
    cle_enfant = models.PositiveBigIntegerField("clé de l’enfant")
    jour = models.DateField("jour")
    creneau = models.ForeignKey(
        Creneau, models.PROTECT, related_name="+", verbose_name="créneau", null=True, blank=True, db_index=False
    )
    nature = models.CharField("nature", max_length=16, choices=Nature.choices())
    quantite = models.PositiveSmallIntegerField("quantité", default=1)
    prix = models.IntegerField("prix, en centimes")
    entier = models.IntegerField("somme avant partage, en centimes")
    part = models.PositiveSmallIntegerField("part, en pour cent", default=100)
    montant = models.IntegerField("montant, en centimes")
    credit_impot = models.BooleanField("compte pour le crédit d’impôt", default=True)
    quotient = models.PositiveIntegerField("quotient", null=True, blank=True)
    residence = models.CharField("résidence", max_length=30, blank=True)
    rang = models.PositiveSmallIntegerField("rang de l’enfant", null=True, blank=True)
    tarif = models.ForeignKey(
        Tarif, models.PROTECT, related_name="prestations", verbose_name="tarif", null=True, blank=True
    )
    ligne = models.ForeignKey(
        LigneTarif,
        models.PROTECT,
        related_name="+",
        verbose_name="ligne de tarif",
        null=True,
        blank=True,
        db_index=False,
    )
    supplement = models.ForeignKey(
        Supplement, models.PROTECT, related_name="prestations", verbose_name="supplément", null=True, blank=True
    )
    plafond = models.ForeignKey(
        Plafond,
        models.PROTECT,
        related_name="prestations",
        verbose_name="plafond",
        null=True,
        blank=True,
        db_index=False,
    )
    faits = models.JSONField("ce qui s’est passé", default=dict)
    prix_dit = models.JSONField("le prix, en mots", default=dict)
    corrige = models.ForeignKey(
        "self", models.PROTECT, related_name="corrections", verbose_name="ligne corrigée", null=True, blank=True
    )
    motif = models.CharField("raison", max_length=300, blank=True, validators=[validate_ligne])

    objects: ClassVar = PrestationQuerySet.as_manager()

    class Meta:
        verbose_name = "prestation"
        verbose_name_plural = "prestations"
        ordering = ["jour", "pk"]
        indexes = [
            models.Index(fields=["jour", "cle_enfant"], name="prestation_jour_enfant"),
            models.Index(fields=["compte"], condition=Q(facture=None), name="prestation_en_attente"),
            models.Index(fields=["plafond"], condition=~Q(plafond=None), name="prestation_d_un_plafond"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["cle_enfant", "jour", "creneau", "compte", "nature"],
                condition=~Q(
                    nature__in=[
                        NaturePrestation.CORRECTION,
                        NaturePrestation.REPORT,
                        NaturePrestation.FORFAIT,
                        NaturePrestation.PLAFOND,
                    ]
                ),
                name="prestation_unique",
                violation_error_message="Cette séance est déjà comptée.",
            ),
            models.UniqueConstraint(
                fields=["cle_enfant", "jour", "creneau", "compte", "plafond", "credit_impot"],
                condition=Q(nature=NaturePrestation.PLAFOND),
                name="prestation_plafond_unique",
                violation_error_message="Ce plafond est déjà compté.",
            ),
            models.CheckConstraint(
                condition=Q(part__gte=1, part__lte=100),
                name="prestation_part",
                violation_error_message="Une part va de 1 à 100\u00a0%.",
            ),
            models.CheckConstraint(
                condition=Q(nature__in=[NaturePrestation.CORRECTION, NaturePrestation.REPORT])
                | Q(nature=NaturePrestation.PLAFOND, entier__lt=0, plafond__isnull=False)
                | ~Q(nature=NaturePrestation.PLAFOND) & Q(montant__gte=0, entier__gte=0, plafond=None),
                name="prestation_montant",
                violation_error_message="Seuls une correction et un plafond rendent de l’argent.",
            ),
            models.CheckConstraint(
                condition=Q(nature__in=[NaturePrestation.CORRECTION, NaturePrestation.REPORT]) | Q(mois__isnull=False),
                name="prestation_mois",
                violation_error_message="Une ligne est d’un mois arrêté.",
            ),
        ]

    def __str__(self) -> str:
        return f"{quantieme_annee(self.jour)}, {self.get_nature_display()}, {self.montant} centimes"
