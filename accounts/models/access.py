"""What lets an account in beside its password, and what changes where it is reached. No secret is kept: digests are."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models.users import User
from portail.dates import instant_annee, quantieme_annee
from portail.signes import validate_ligne


class TemporaryPassword(models.Model):
    """A single-use value sent by mail. Only the SHA-256 digest of its 128 random bits is kept (TMP-01)."""

    class Reason(models.TextChoices):
        USED = "used", "utilisé"
        REPLACED = "replaced", "remplacé par un autre"
        CHANGED = "changed", "mot de passe changé autrement"
        ADDRESS = "address", "adresse e-mail changée"
        LOGIN = "login", "connexion avec le mot de passe habituel"  # of old rows: a login closes nothing any more
        FAILED = "failed", "envoi échoué"
        EXPIRED = "expired", "plus de 24 heures"
        CLOSED = "closed", "compte fermé ou rouvert"

    user = models.ForeignKey(User, models.CASCADE, related_name="temporary_passwords", verbose_name="compte")
    digest = models.CharField("empreinte", max_length=64, editable=False)
    created_at = models.DateTimeField("créé le")
    sent_at = models.DateTimeField("envoyé le", null=True, blank=True)
    expires_at = models.DateTimeField("expire le")
    closed_at = models.DateTimeField("fermé le", null=True, blank=True)
    reason = models.CharField("raison", max_length=10, choices=Reason, blank=True)

    class Meta:
        verbose_name = "mot de passe temporaire"
        verbose_name_plural = "mots de passe temporaires"
        ordering = ["-created_at"]
        permissions = [("print_temporarypassword", "Peut imprimer un mot de passe au guichet")]
        constraints = [
            models.UniqueConstraint(
                fields=["user"],
                condition=Q(closed_at=None),
                name="temporary_password_one_live",
                violation_error_message="Ce compte a déjà un mot de passe temporaire en cours.",
            ),
            models.CheckConstraint(
                condition=Q(closed_at=None, reason="") | Q(closed_at__isnull=False) & ~Q(reason=""),
                name="temporary_password_reason_when_closed",
                violation_error_message="Un mot de passe temporaire fermé l’est pour une raison.",
            ),
        ]

    def __str__(self) -> str:
        return f"Mot de passe temporaire du {instant_annee(self.created_at)}"


class EmailChange(models.Model):
    """Another e-mail address of an account: it waits for its owner to confirm it, or has acted at once (AUT-13)."""

    class Reason(models.TextChoices):
        CONFIRMED = "confirmed", "confirmée"
        AT_ONCE = "at_once", "valable aussitôt"  # typed by the town hall, or brought by an import
        REPLACED = "replaced", "remplacée par une autre"
        DROPPED = "dropped", "abandonnée"
        PASSWORD = "password", "mot de passe changé"
        CLOSED = "closed", "compte fermé, rouvert ou réuni"
        EXPIRED = "expired", "plus de 24 heures"

    user = models.ForeignKey(User, models.CASCADE, related_name="email_changes", verbose_name="compte")
    former = models.EmailField("ancienne adresse", blank=True, validators=[validate_ligne])
    email = models.EmailField("nouvelle adresse", blank=True, validators=[validate_ligne])
    asked_at = models.DateTimeField("demandée le")
    sent_at = models.DateTimeField("e-mail envoyé le", null=True, blank=True)
    expires_at = models.DateTimeField("expire le")
    closed_at = models.DateTimeField("fermée le", null=True, blank=True)
    reason = models.CharField("raison", max_length=10, choices=Reason, blank=True)

    class Meta:
        verbose_name = "changement d’adresse e-mail"
        verbose_name_plural = "changements d’adresse e-mail"
        ordering = ["-asked_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["user"],
                condition=Q(closed_at=None),
                name="email_change_one_live",
                violation_error_message="Une nouvelle adresse attend déjà pour ce compte.",
            ),
            models.CheckConstraint(
                condition=Q(closed_at=None, reason="") | Q(closed_at__isnull=False) & ~Q(reason=""),
                name="email_change_reason_when_closed",
                violation_error_message="Un changement d’adresse fermé l’est pour une raison.",
            ),
        ]

    def __str__(self) -> str:
        return f"Changement d’adresse du {instant_annee(self.asked_at)}"


class RecoveryCode(models.Model):
    """A code on paper that replaces an agent's phone once. Hashed like a password: it is too short for less."""

    user = models.ForeignKey(User, models.CASCADE, related_name="recovery_codes", verbose_name="compte")
    digest = models.CharField("empreinte", max_length=128, editable=False)
    created_at = models.DateTimeField("tiré le")
    used_at = models.DateTimeField("utilisé le", null=True, blank=True)

    class Meta:
        verbose_name = "code de secours"
        verbose_name_plural = "codes de secours"
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"Code de secours du {quantieme_annee(timezone.localtime(self.created_at))}"


class RememberedDevice(models.Model):
    """A browser that an account has come in by; `accounts.devices` alone reads and writes it.

    Only the digest of the random value in its cookie is kept.
    """

    class Kind(models.TextChoices):
        KNOWN = "known", "s’est déjà connecté"
        SECOND_FACTOR = "second_factor", "a donné le code d’un agent"

    user = models.ForeignKey(User, models.CASCADE, related_name="devices", verbose_name="compte")
    kind = models.CharField("nature", max_length=15, choices=Kind)
    digest = models.CharField("empreinte", max_length=64, editable=False)
    bound = models.CharField("empreinte de ce qui ne doit pas changer", max_length=64, editable=False)
    since = models.DateTimeField("reconnu depuis le")

    class Meta:
        verbose_name = "appareil reconnu"
        verbose_name_plural = "appareils reconnus"
        ordering = ["-since"]
        constraints = [
            models.UniqueConstraint(
                fields=["digest"],
                name="remembered_device_once",
                violation_error_message="Cette valeur est déjà celle d’un appareil.",
            ),
        ]

    def __str__(self) -> str:
        return f"Appareil reconnu le {quantieme_annee(timezone.localtime(self.since))}"
