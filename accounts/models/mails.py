"""What the town hall must see of mails: those that did not leave, or came back, those sent to many."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models.users import Refusal, User
from portail.dates import quantieme_annee


class UndeliveredMail(models.Model):
    """A mail that could not leave, or came back: the town hall's list of people to call."""

    class Reason(models.TextChoices):
        NO_ADDRESS = "no_address", "pas d’adresse e-mail"
        REFUSED = "refused", "refusé par le serveur de mail"
        UNREACHABLE = "unreachable", "serveur de mail injoignable"
        # It came back: the values of `Refusal`.
        UNKNOWN_ADDRESS = Refusal.UNKNOWN.value, "revenu\u00a0: l’adresse n’existe pas"
        MAILBOX_CLOSED = Refusal.CLOSED.value, "revenu\u00a0: la boîte est fermée"
        MAILBOX_FULL = Refusal.FULL.value, "revenu\u00a0: la boîte est pleine"
        SENDER_BLOCKED = Refusal.BLOCKED.value, "revenu\u00a0: son serveur refuse nos messages"
        SERVER_SILENT = Refusal.SILENT.value, "revenu\u00a0: son serveur ne répond pas"
        RETURNED = Refusal.OTHER.value, "revenu, sans raison connue"
        STOPPED = "stopped", "pas envoyé\u00a0: les e-mails à cette adresse reviennent"

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


class MailSent(models.Model):
    """A mail that the server took, so that one that comes back can be told from a forged one. Kept thirty days.

    Nobody can guess its Message-ID. Of the address, only a digest under the portal's key is kept.
    """

    message_id = models.CharField("Message-ID", max_length=200, unique=True)
    user = models.ForeignKey(User, models.DB_CASCADE, related_name="mails_sent", verbose_name="compte")
    address = models.CharField("empreinte de l’adresse", max_length=64, editable=False)
    mail = models.CharField("message", max_length=100)
    sent_at = models.DateTimeField("envoyé le", default=timezone.now)
    returned_at = models.DateTimeField("revenu le", null=True, blank=True)
    status = models.CharField("code", max_length=11, blank=True)  # of RFC 3463, « 5.1.1 »

    class Meta:
        verbose_name = "e-mail envoyé"
        verbose_name_plural = "e-mails envoyés"
        ordering = ["-sent_at", "-pk"]
        indexes = [models.Index(fields=["address"], condition=~Q(returned_at=None), name="mail_sent_returned")]
        constraints = [
            models.CheckConstraint(
                condition=Q(returned_at=None, status="") | Q(returned_at__isnull=False) & ~Q(status=""),
                name="mail_sent_status_when_returned",
                violation_error_message="Un e-mail revenu l’est avec un code.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.mail}, le {quantieme_annee(timezone.localtime(self.sent_at))}"


class Mailing(models.Model):
    """One kind of mail that an agent asked for many accounts at once. Its lines say what became of each."""

    class Mail(models.TextChoices):
        CREDENTIALS = "temporary_password", "identifiants"
        MESSAGE = "message", "message"
        INVOICE = "facture", "factures"
        QUOTIENT = "quotient", "quotient familial"
        CERTIFICATE = "attestation", "attestations fiscales"

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


class MailingState(models.TextChoices):
    WAITING = "waiting", "en attente"
    SENT = "sent", "envoyé"
    FAILED = "failed", "non remis"
    SKIPPED = "skipped", "sans objet"


class MailingLine(models.Model):
    """One mail of a mailing: waiting until the worker has sent it, or given up."""

    State = MailingState

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
                condition=Q(state=MailingState.WAITING, settled_at=None)
                | ~Q(state=MailingState.WAITING) & Q(settled_at__isnull=False),
                name="mailing_line_settled_when_not_waiting",
                violation_error_message="Un e-mail qui n’attend plus a une heure.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} : {self.get_state_display()}"
