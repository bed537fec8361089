"""Attempts to pay on PayFiP. Amounts are centimes; `paiements` alone writes them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from facturation.models.encaissements import Encaissement
from facturation.models.factures import Facture
from facturation.models.payeurs import Compte

ATTENTE = timedelta(minutes=20)  # before another attempt, unless PayFiP has answered


class EssaiQuerySet(models.QuerySet["EssaiPaiement"]):
    def of_facture(self, facture: Any) -> Self:
        """The attempts that would pay this invoice (or the invoice that an outer column names), alone or with others;
        an attempt may come twice.
        """
        return self.filter(Q(facture=facture) | Q(parts__facture=facture))

    def of_recu(self, recu: Encaissement) -> Self:
        """The attempt to pay on PayFiP that made this receipt; empty for a receipt that did not come from PayFiP."""
        return self.filter(Q(encaissement=recu) | Q(parts__encaissement=recu)).distinct()

    def begun(self, depuis: Any) -> Self:
        """The attempts that may be paid at this very moment, so that nobody must pay a second time: asked after the
        instant `depuis` (`ATTENTE` before now) and without an end yet, or that the régie has still to check, however
        old.
        """
        recents = Q(etat__in=[EssaiPaiement.Etat.DEMANDE, EssaiPaiement.Etat.EN_COURS], demande_le__gt=depuis)
        return self.filter(recents | Q(etat=EssaiPaiement.Etat.A_VERIFIER))


class EtatEssai(models.TextChoices):
    DEMANDE = "demande", "demandé"
    EN_COURS = "en_cours", "en cours"
    PAYE = "paye", "payé"
    REFUSE = "refuse", "refusé"
    ABANDONNE = "abandonne", "abandonné"
    PERIME = "perime", "sans suite"
    A_VERIFIER = "a_verifier", "à vérifier"


class EssaiPaiement(models.Model):
    """One attempt to pay on PayFiP: what was asked, what it answered to our own question.

    `facture` is the first invoice that it would pay, and `encaissement` its receipt; where it would pay several at
    once, the others are its `parts`, each with its own receipt. `montant`: of all of them.
    """

    Etat = EtatEssai

    facture = models.ForeignKey(Facture, models.PROTECT, related_name="essais", verbose_name="facture")
    compte = models.ForeignKey(Compte, models.PROTECT, related_name="essais", verbose_name="payeur")
    id_op = models.CharField("numéro de PayFiP", max_length=64, null=True, blank=True, unique=True)
    numcli = models.CharField("numéro de client", max_length=6)
    exer = models.CharField("exercice", max_length=4)
    refdet = models.CharField("référence", max_length=30)
    objet = models.CharField("objet", max_length=99)
    montant = models.PositiveIntegerField("montant, en centimes")
    saisie = models.CharField("mode", max_length=1)
    mel = models.EmailField("e-mail du ticket", max_length=80)
    etat = models.CharField("état", max_length=10, choices=Etat, default=Etat.DEMANDE)
    resultrans = models.CharField("code de PayFiP", max_length=10, blank=True)
    demande_le = models.DateTimeField("demandé le", default=timezone.now)
    demande_par = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, related_name="+", verbose_name="par", null=True, blank=True
    )
    interroge_le = models.DateTimeField("interrogé le", null=True, blank=True)
    conclu_le = models.DateTimeField("conclu le", null=True, blank=True)
    reponse = models.JSONField("réponse de PayFiP", default=dict, blank=True)
    encaissement = models.OneToOneField(
        Encaissement, models.PROTECT, related_name="essai", verbose_name="encaissement", null=True, blank=True
    )

    objects: ClassVar = EssaiQuerySet.as_manager()

    class Meta:
        verbose_name = "essai de paiement"
        verbose_name_plural = "essais de paiement"
        ordering = ["-demande_le", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(montant__gte=100, montant__lte=10_000_000),
                name="essai_paiement_montant",
                violation_error_message="PayFiP prend de 1\u202f€ à 100\u202f000\u202f€.",
            ),
            models.CheckConstraint(
                condition=Q(etat=EtatEssai.PAYE, encaissement__isnull=False)
                | ~Q(etat=EtatEssai.PAYE) & Q(encaissement=None),
                name="essai_paiement_encaisse",
                violation_error_message="Un essai payé a son encaissement, les autres n’en ont pas.",
            ),
        ]

    def __str__(self) -> str:
        return f"PayFiP, {self.refdet}, {self.get_etat_display()}"

    @property
    def factures(self) -> list[Facture]:
        """All the invoices that this attempt would pay, its first one first."""
        return [self.facture, *(part.facture for part in self.parts.all())]

    @property
    def encaissements(self) -> list[Encaissement]:
        """The receipts of what was paid by this attempt, in the order of its invoices; none while it is not paid."""
        recus = [self.encaissement, *(part.encaissement for part in self.parts.all())]
        return [recu for recu in recus if recu is not None]


class PartPaiement(models.Model):
    """Of an attempt to pay several invoices at once: one that follows the first, how much is for it, its receipt.

    No constraint in the database leads to tables from which the version before deletes rows.
    """

    essai = models.ForeignKey(
        EssaiPaiement, models.CASCADE, related_name="parts", verbose_name="essai", db_constraint=False
    )
    facture = models.ForeignKey(
        Facture, models.CASCADE, related_name="parts", verbose_name="facture", db_constraint=False
    )
    montant = models.PositiveIntegerField("montant, en centimes")
    encaissement = models.OneToOneField(
        Encaissement,
        models.CASCADE,
        related_name="part",
        verbose_name="encaissement",
        null=True,
        blank=True,
        db_constraint=False,
    )

    class Meta:
        verbose_name = "part d’un paiement"
        verbose_name_plural = "parts d’un paiement"
        ordering = ["essai", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["essai", "facture"],
                name="part_paiement_unique",
                violation_error_message="Cette facture est déjà dans ce paiement.",
            ),
            models.CheckConstraint(
                condition=Q(montant__gte=1),
                name="part_paiement_montant",
                violation_error_message="Une part a un montant.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.facture}, {self.montant} centimes"
