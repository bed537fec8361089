"""What follows an invoice: a parent's word that it is wrong, reminders, the yearly certificate; the town's settings."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from facturation.models.factures import Facture, Prestation
from facturation.models.payeurs import Compte
from portail.dates import quantieme_annee
from portail.signes import validate_ligne, validate_nom, validate_texte


class ReglageFacturation(models.Model):
    """What the town sets once for money: dates of reminders, whom to call, how cheques are made out. One row.

    `imputations`: where the treasury collects, by primary key of a créneau (text), its `imputation` (budget line) and
    its `code` (code produit local). `rappel_minimum`: centimes under which a payer has no reminder, all their late
    invoices together; 0: always one.
    """

    jour_echeance = models.PositiveSmallIntegerField(
        "à payer avant le", default=20, help_text="Jour du mois qui suit celui de la facture."
    )
    rappel_1 = models.PositiveSmallIntegerField("premier rappel, jours après", default=7)
    rappel_2 = models.PositiveSmallIntegerField("deuxième rappel, jours après", default=21)
    rappel_minimum = models.PositiveIntegerField(
        "pas de rappel en dessous de, en centimes", default=15_00, db_default=15_00
    )
    tresorerie = models.PositiveSmallIntegerField("liste pour la trésorerie, jours après", default=60)
    ccas_telephone = models.CharField("téléphone du CCAS", max_length=20, blank=True, validators=[validate_ligne])
    ordre_cheque = models.CharField("ordre des chèques", max_length=80, blank=True, validators=[validate_nom])
    regisseur = models.CharField("régisseur ou régisseuse", max_length=80, blank=True, validators=[validate_nom])
    tresorerie_nom = models.CharField("trésorerie", max_length=120, blank=True, validators=[validate_ligne])
    imputations = models.JSONField("imputations des titres", null=True, blank=True)
    iban = models.CharField("IBAN de la régie", max_length=34, blank=True, validators=[validate_ligne])

    class Meta:
        verbose_name = "réglage des factures"
        verbose_name_plural = "réglages des factures"
        constraints = [
            models.CheckConstraint(
                condition=Q(jour_echeance__gte=1, jour_echeance__lte=28),
                name="reglage_facturation_echeance",
                violation_error_message="Un jour du mois, de 1 à 28.",
            ),
            models.CheckConstraint(
                condition=Q(rappel_1__gte=1) & Q(rappel_2__gt=F("rappel_1")) & Q(tresorerie__gt=F("rappel_2")),
                name="reglage_facturation_rappels",
                violation_error_message="Le deuxième rappel suit le premier, la trésorerie vient après.",
            ),
        ]

    def __str__(self) -> str:
        return "Réglages des factures"


class SignalementFacture(models.Model):
    """« Signaler une erreur »: what a parent says of an invoice, or of one line of it, and the dated answer."""

    facture = models.ForeignKey(Facture, models.PROTECT, related_name="signalements", verbose_name="facture")
    prestation = models.ForeignKey(
        Prestation, models.PROTECT, related_name="signalements", verbose_name="ligne", null=True, blank=True
    )
    texte = models.TextField("ce qui ne va pas", max_length=1000, validators=[validate_texte])
    dit_le = models.DateTimeField("dit le", default=timezone.now)
    dit_par = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, related_name="+", verbose_name="dit par", null=True, blank=True
    )
    reponse = models.TextField("réponse", max_length=1000, blank=True, validators=[validate_texte])
    repondu_le = models.DateTimeField("répondu le", null=True, blank=True)
    repondu_par = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, related_name="+", verbose_name="répondu par", null=True, blank=True
    )

    class Meta:
        verbose_name = "erreur signalée"
        verbose_name_plural = "erreurs signalées"
        ordering = ["-dit_le", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(repondu_le=None, reponse="") | Q(repondu_le__isnull=False) & ~Q(reponse=""),
                name="signalement_facture_reponse",
                violation_error_message="Une réponse a ses mots et sa date.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.facture}, {quantieme_annee(self.dit_le)}"


class GenreRelance(models.TextChoices):
    PREMIER = "premier", "premier rappel"
    DEUXIEME = "deuxieme", "deuxième rappel"
    TRESORERIE = "tresorerie", "remise à la trésorerie"
    DE_COTE = "de_cote", "mise de côté"


class Relance(models.Model):
    """A reminder sent for an invoice, the first or the second; the invoice put aside, with a reason; or a list for the
    treasury that it was on.

    `montant`: what that list claimed of it, in centimes; negative, what it takes off an earlier one. An invoice may be
    on several: all of them together claim what remained to pay. Empty of the lists of before this was kept. `titre`:
    what that list said of who owes (`civilite`, `nom`, `prenom`) and of the accounts (`imputations`), where it did.
    """

    Genre = GenreRelance

    facture = models.ForeignKey(Facture, models.PROTECT, related_name="relances", verbose_name="facture")
    genre = models.CharField("genre", max_length=10, choices=Genre)
    faite_le = models.DateTimeField("faite le", default=timezone.now)
    faite_par = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, related_name="+", verbose_name="par", null=True, blank=True
    )
    motif = models.CharField("raison", max_length=200, blank=True, validators=[validate_ligne])
    montant = models.IntegerField("réclamé, en centimes", null=True, blank=True)
    titre = models.JSONField("ce que la liste dit du titre", null=True, blank=True)

    class Meta:
        verbose_name = "relance"
        verbose_name_plural = "relances"
        ordering = ["facture", "faite_le", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["facture", "genre"],
                condition=~Q(genre=GenreRelance.TRESORERIE),
                name="relance_unique",
                violation_error_message="Ce rappel est déjà parti.",
            ),
            models.CheckConstraint(
                condition=~Q(genre=GenreRelance.DE_COTE) | ~Q(motif=""),
                name="relance_de_cote_avec_motif",
                violation_error_message="Une facture se met de côté avec une raison.",
            ),
            models.CheckConstraint(
                condition=Q(montant=None) | Q(genre=GenreRelance.TRESORERIE) & ~Q(montant=0),
                name="relance_montant",
                violation_error_message="Seule une liste pour la trésorerie réclame une somme.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.facture}, {self.get_genre_display()}"


class Attestation(models.Model):
    """What a payer paid in a calendar year that gives the tax credit. Issued once; what comes later makes a new one.

    `contenu` freezes names, children and lines as the paper says them.
    """

    annee_payee = models.PositiveSmallIntegerField("année payée")
    annee = models.PositiveSmallIntegerField("année d’émission")
    rang = models.PositiveIntegerField("rang")
    numero = models.CharField("numéro", max_length=20, unique=True)
    compte = models.ForeignKey(Compte, models.PROTECT, related_name="attestations", verbose_name="payeur")
    emise_le = models.DateTimeField("émise le", default=timezone.now)
    total = models.IntegerField("total, en centimes")
    contenu = models.JSONField("ce que dit le papier", default=dict)
    remplace = models.OneToOneField(
        "self", models.PROTECT, related_name="remplacee_par", verbose_name="remplace", null=True, blank=True
    )

    objects: ClassVar = models.Manager()

    class Meta:
        verbose_name = "attestation"
        verbose_name_plural = "attestations"
        ordering = ["-annee_payee", "-emise_le", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["annee", "rang"],
                name="attestation_rang_unique",
                violation_error_message="Ce numéro est déjà pris.",
            ),
            models.UniqueConstraint(
                fields=["compte", "annee_payee"],
                condition=Q(remplace=None),
                name="attestation_premiere_unique",
                violation_error_message="Ce payeur a déjà son attestation de cette année.",
            ),
        ]

    def __str__(self) -> str:
        return self.numero
