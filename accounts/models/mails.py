"""What the town hall must see of mails: those that did not leave, those sent to many."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models.users import User


class UndeliveredMail(models.Model):
    """A mail that could not leave: the town hall's list of people to call."""

    class Reason(models.TextChoices):
        NO_ADDRESS = "no_address", "pas d’adresse e-mail"
        REFUSED = "refused", "refusé par le serveur de mail"
        UNREACHABLE = "unreachable", "serveur de mail injoignable"

    user = models.ForeignKey(User, models.CASCADE, related_name="undelivered_mails", verbose_name="compte")
    mail = models.CharField("message", max_length=100)
    reason = models.CharField("raison", max_length=20, choices=Reason)
    created_at = models.DateTimeField("le", default=timezone.now)
    settled_at = models.DateTimeField("réglé le", null=True, blank=True)

    class Meta:
        verbose_name = "courriel non remis"
        verbose_name_plural = "courriels non remis"
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.mail} : {self.get_reason_display()}"


class Mailing(models.Model):
    """One kind of mail that an agent asked for many accounts at once. Its lines say what became of each."""

    class Mail(models.TextChoices):
        CREDENTIALS = "temporary_password", "identifiants"
        MESSAGE = "message", "message"

    mail = models.CharField("nature", max_length=20, choices=Mail)
    recipients = models.CharField("destinataires", max_length=200)  # in words, as they were chosen
    asked_by = models.ForeignKey(
        User, models.SET_NULL, related_name="+", verbose_name="demandé par", null=True, blank=True
    )
    asked_at = models.DateTimeField("demandé le", default=timezone.now)

    class Meta:
        verbose_name = "envoi"
        verbose_name_plural = "envois"
        ordering = ["-asked_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.get_mail_display().capitalize()}\u00a0: {self.recipients}"


class MailingLine(models.Model):
    """One mail of a mailing: waiting until the worker has sent it, or given up."""

    class State(models.TextChoices):
        WAITING = "waiting", "en attente"
        SENT = "sent", "envoyé"
        FAILED = "failed", "non remis"
        SKIPPED = "skipped", "sans objet"

    mailing = models.ForeignKey(Mailing, models.CASCADE, related_name="lines", verbose_name="envoi")
    user = models.ForeignKey(User, models.CASCADE, related_name="mailing_lines", verbose_name="compte")
    state = models.CharField("état", max_length=10, choices=State, default=State.WAITING)
    settled_at = models.DateTimeField("le", null=True, blank=True)

    class Meta:
        verbose_name = "e-mail d’un envoi"
        verbose_name_plural = "e-mails d’un envoi"
        ordering = ["user__tri", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["mailing", "user"],
                name="mailing_line_once",
                violation_error_message="Ce compte est déjà dans cet envoi.",
            ),
            models.CheckConstraint(
                condition=Q(state="waiting", settled_at=None) | ~Q(state="waiting") & Q(settled_at__isnull=False),
                name="mailing_line_settled_when_not_waiting",
                violation_error_message="Un e-mail qui n’attend plus a une heure.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} : {self.get_state_display()}"
