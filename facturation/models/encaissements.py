"""What was paid: receipts, which money paid which invoice, what was brought to the treasury.

Amounts are centimes. `encaissements` alone writes receipts, imputations and versements.
"""

from __future__ import annotations

from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q, Value
from django.utils import timezone

from facturation.models.factures import Facture
from facturation.models.payeurs import Compte
from portail.signes import validate_ligne, validate_nom


class Versement(models.Model):
    """What the régisseur brings to the treasury: cash, cheques, CESU. Its receipts are cancelled no more.

    `signe` freezes who signed it and under which act; `empreinte` seals all that it says, since `scelle_le`.
    """

    annee = models.PositiveSmallIntegerField("année")
    rang = models.PositiveIntegerField("rang")
    numero = models.CharField("numéro", max_length=20, unique=True)
    verse_le = models.DateField("versé le")
    ecrit_le = models.DateTimeField("écrit le", default=timezone.now)
    ecrit_par = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, related_name="+", verbose_name="écrit par", null=True, blank=True
    )
    total = models.PositiveIntegerField("total, en centimes")
    signe = models.JSONField("qui a signé", default=dict, db_default=Value({}, models.JSONField()), blank=True)
    empreinte = models.CharField("sceau", max_length=64, blank=True, default="", db_default="")
    scelle_le = models.DateTimeField("scellé le", null=True, blank=True)

    class Meta:
        verbose_name = "versement"
        verbose_name_plural = "versements"
        ordering = ["-verse_le", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["annee", "rang"],
                name="versement_rang_unique",
                violation_error_message="Ce numéro est déjà pris.",
            ),
        ]

    def __str__(self) -> str:
        return self.numero


class EncaissementQuerySet(models.QuerySet["Encaissement"]):
    def standing(self) -> Self:
        """The receipts that were not cancelled, without the entries that cancel others."""
        return self.filter(annule=None, annule_par=None)

    def for_compte(self, comptes: Any) -> Self:
        """The receipts of these payers: `Compte` rows or primary keys."""
        return self.filter(compte__in=comptes)


class MoyenEncaissement(models.TextChoices):
    ESPECES = "especes", "espèces"
    CHEQUE = "cheque", "chèque"
    CESU = "cesu", "CESU"
    VIREMENT = "virement", "virement"
    PAYFIP = "payfip", "carte ou prélèvement, sur PayFiP"
    REMBOURSEMENT = "remboursement", "remboursement"
    REPORT = "report", "report d’un autre payeur"


class Encaissement(models.Model):
    """Money received: a receipt with its number. Negative: a counter-entry (`annule`), a refund, a balance carried on.

    `payeur` freezes the name that the receipt says, `contenu` what it paid, `signe` who signed and received;
    `empreinte` seals all of it, since `scelle_le`. `cle`: the form that it came by, once.
    """

    Moyen = MoyenEncaissement

    annee = models.PositiveSmallIntegerField("année")
    rang = models.PositiveIntegerField("rang")
    numero = models.CharField("numéro", max_length=20, unique=True)
    compte = models.ForeignKey(Compte, models.PROTECT, related_name="encaissements", verbose_name="payeur")
    payeur = models.CharField("payeur, comme le dit le reçu", max_length=250, validators=[validate_nom])
    moyen = models.CharField("moyen", max_length=13, choices=Moyen)
    montant = models.IntegerField("montant, en centimes")
    recu_le = models.DateTimeField("reçu le")
    reference = models.CharField("n° du chèque ou référence", max_length=60, blank=True, validators=[validate_ligne])
    titres = models.PositiveSmallIntegerField("nombre de titres CESU", null=True, blank=True)
    part_famille = models.PositiveIntegerField(
        "part des CESU payée par la famille, en centimes", null=True, blank=True
    )  # what an employer did not pay of them; empty: nobody knows
    ecrit_le = models.DateTimeField("écrit le", default=timezone.now)
    ecrit_par = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, related_name="+", verbose_name="écrit par", null=True, blank=True
    )
    annule = models.OneToOneField(
        "self", models.PROTECT, related_name="annule_par", verbose_name="annule", null=True, blank=True
    )
    motif = models.CharField("raison", max_length=200, blank=True, validators=[validate_ligne])
    cle = models.UUIDField("clé du formulaire", unique=True, null=True, blank=True, editable=False)
    contenu = models.JSONField("ce que dit le reçu", default=dict, db_default=Value({}, models.JSONField()), blank=True)
    signe = models.JSONField("qui a signé", default=dict, db_default=Value({}, models.JSONField()), blank=True)
    empreinte = models.CharField("sceau", max_length=64, blank=True, default="", db_default="")
    scelle_le = models.DateTimeField("scellé le", null=True, blank=True)
    versement = models.ForeignKey(
        Versement, models.PROTECT, related_name="encaissements", verbose_name="versement", null=True, blank=True
    )

    objects: ClassVar = EncaissementQuerySet.as_manager()

    class Meta:
        verbose_name = "encaissement"
        verbose_name_plural = "encaissements"
        ordering = ["-ecrit_le", "-pk"]
        permissions = [("export_encaissement", "Peut exporter le journal")]
        indexes = [models.Index(fields=["compte", "recu_le"], name="encaissement_du_payeur")]
        constraints = [
            models.UniqueConstraint(
                fields=["annee", "rang"],
                name="encaissement_rang_unique",
                violation_error_message="Ce numéro est déjà pris.",
            ),
            models.CheckConstraint(
                condition=~Q(montant=0),
                name="encaissement_montant",
                violation_error_message="Un encaissement a un montant.",
            ),
            models.CheckConstraint(
                condition=Q(annule__isnull=False)
                | Q(moyen=MoyenEncaissement.REPORT)
                | Q(moyen=MoyenEncaissement.REMBOURSEMENT, montant__lt=0)
                | ~Q(moyen__in=[MoyenEncaissement.REMBOURSEMENT, MoyenEncaissement.REPORT]) & Q(montant__gt=0),
                name="encaissement_signe",
                violation_error_message="Seuls un remboursement, un report ou une annulation sont négatifs.",
            ),
            models.CheckConstraint(
                condition=Q(annule=None) | ~Q(motif=""),
                name="encaissement_annule_avec_motif",
                violation_error_message="Une annulation a une raison.",
            ),
            models.CheckConstraint(
                condition=Q(part_famille=None) | Q(moyen=MoyenEncaissement.CESU, part_famille__lte=F("montant")),
                name="encaissement_part_famille",
                violation_error_message="La part de la famille est d’un CESU, et de sa somme au plus.",
            ),
        ]

    def __str__(self) -> str:
        return self.numero


class Imputation(models.Model):
    """Which credit paid which debt: money or an avoir on one side, an invoice or a negative entry on the other.

    The sums never exceed either side.
    """

    encaissement = models.ForeignKey(
        Encaissement, models.PROTECT, related_name="imputations", verbose_name="encaissement", null=True, blank=True
    )
    avoir = models.ForeignKey(
        Facture, models.PROTECT, related_name="imputations_donnees", verbose_name="avoir", null=True, blank=True
    )
    facture = models.ForeignKey(
        Facture, models.PROTECT, related_name="imputations", verbose_name="facture", null=True, blank=True
    )
    sortie = models.ForeignKey(
        Encaissement, models.PROTECT, related_name="imputations_recues", verbose_name="sortie", null=True, blank=True
    )
    montant = models.PositiveIntegerField("montant, en centimes")
    faite_le = models.DateTimeField("faite le", default=timezone.now)

    class Meta:
        verbose_name = "imputation"
        verbose_name_plural = "imputations"
        ordering = ["faite_le", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(montant__gte=1),
                name="imputation_montant",
                violation_error_message="Une imputation a un montant.",
            ),
            models.CheckConstraint(
                condition=Q(encaissement__isnull=False, avoir=None) | Q(encaissement=None, avoir__isnull=False),
                name="imputation_source",
                violation_error_message="Une imputation vient d’un encaissement ou d’un avoir.",
            ),
            models.CheckConstraint(
                condition=Q(facture__isnull=False, sortie=None) | Q(facture=None, sortie__isnull=False),
                name="imputation_cible",
                violation_error_message="Une imputation paie une facture ou une sortie.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.encaissement or self.avoir} → {self.facture or self.sortie}\u00a0: {self.montant} centimes"
