"""Who may come in: the account, its temporary password, and what the town hall must see of mails that did not leave."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.hashers import check_password
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models import Q
from django.tasks import TaskResultStatus
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django_tasks_db.models import DBTaskResult

from accounts.identifiants import canonical, luhn_digit, validate_identifiant
from portail.signes import validate_ligne, validate_nom


class UserManager(BaseUserManager["User"]):
    def new_identifiant(self) -> str:
        """A free identifiant: six random digits, the first not 0, and their Luhn check digit."""
        while True:
            digits = str(100_000 + secrets.randbelow(900_000))
            identifiant = digits + luhn_digit(digits)
            if not self.is_taken(identifiant):
                return identifiant

    def is_taken(self, identifiant: str) -> bool:
        """Whether an account has this number, or had it: it is never given again."""
        former = FormerIdentifiant.objects.filter(identifiant=identifiant)
        return self.filter(identifiant=identifiant).exists() or former.exists()

    def create_user(self, identifiant: str | None = None, password: str | None = None, **fields: Any) -> User:
        """Save a new account. Without `identifiant` one is drawn; without `password` none is usable."""
        user = self.model(identifiant=identifiant or self.new_identifiant(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def never_connected(self) -> models.QuerySet[User]:
        """Families that have not come in yet: their first password may never have arrived."""
        return self.filter(is_staff=False, is_active=True, last_login=None)

    def present_identifiant(self, text: str) -> str | None:
        """The identifiant meant by what somebody typed: of a former one, that of its account now; None when it can be
        none. An unknown number is itself: the same one question is asked whoever it is (AUT-08)."""
        identifiant = canonical(text)
        former = FormerIdentifiant.objects.filter(identifiant=identifiant or "")
        return former.values_list("user__identifiant", flat=True).first() or identifiant

    def called(self, text: str) -> User | None:
        """The account that has this identifiant, or had it. The same questions are asked whoever it is (AUT-08)."""
        return self.filter(identifiant=self.present_identifiant(text) or "").first()

    def get_by_natural_key(self, identifiant: str | None) -> User:
        return self.get(identifiant=identifiant)


class User(AbstractBaseUser, PermissionsMixin):
    """An account. Its identifiant is its only login, never an e-mail address, never given twice."""

    identifiant = models.CharField(
        "identifiant",
        max_length=12,
        unique=True,
        validators=[validate_identifiant],
        error_messages={"unique": "Cet identifiant est déjà attribué."},
        help_text="Donné par la mairie : des chiffres, 12 au plus.",
    )
    first_name = models.CharField("prénom", max_length=100, blank=True, validators=[validate_nom])
    last_name = models.CharField("nom", max_length=100, blank=True, validators=[validate_nom])
    email = models.EmailField(
        "e-mail", blank=True, validators=[validate_ligne], help_text="Peut être vide, ou partagé par deux adultes."
    )
    is_active = models.BooleanField(
        "actif", default=True, help_text="Décochez pour fermer le compte : ses sessions s’arrêtent aussitôt."
    )
    is_staff = models.BooleanField(
        "agent", default=False, help_text="Travaille à la mairie, à la garderie ou à la cantine."
    )
    session_version = models.PositiveIntegerField("version des sessions", default=1, editable=False)
    password_changed_at = models.DateTimeField("mot de passe choisi le", null=True, blank=True, editable=False)
    created_at = models.DateTimeField("créé le", default=timezone.now, editable=False)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "identifiant"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name = "compte"
        verbose_name_plural = "comptes"
        ordering = ["last_name", "first_name", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(identifiant__regex=r"\A[0-9]{1,12}\Z"),  # « $ » would let a line break through
                name="user_identifiant_digits",
                violation_error_message="Un identifiant ne contient que des chiffres, 12 au plus.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_full_name() or 'Compte'} ({self.identifiant})"

    def get_full_name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()

    def get_short_name(self) -> str:
        return self.first_name

    def check_password(self, raw_password: str | None) -> bool:
        """Whether this is the password. An older hash is not rewritten here, as Django does: its sessions hang on it,
        the one that asks among them. The login does it (`accounts.backends`)."""
        return check_password(raw_password, self.password)

    def get_session_auth_hash(self) -> str:
        """Sessions end when the password changes or when `session_version` moves (SES-04)."""
        return self._session_hash(None)

    def get_session_auth_fallback_hash(self) -> Iterator[str]:
        for secret in settings.SECRET_KEY_FALLBACKS:
            yield self._session_hash(secret)

    def _session_hash(self, secret: str | bytes | None) -> str:
        return salted_hmac(
            "accounts.User.session", f"{self.session_version}:{self.password}", secret=secret, algorithm="sha256"
        ).hexdigest()


class FormerIdentifiant(models.Model):
    """A number that an account no longer has: given to nobody else, since it stands on paper somewhere."""

    identifiant = models.CharField(
        "identifiant",
        max_length=12,
        unique=True,
        validators=[validate_identifiant],
        error_messages={"unique": "Cet identifiant a déjà été attribué."},
    )
    user = models.ForeignKey(
        User, models.SET_NULL, related_name="former_identifiants", verbose_name="compte", null=True, blank=True
    )
    until = models.DateTimeField("jusqu’au", default=timezone.now)

    class Meta:
        verbose_name = "ancien identifiant"
        verbose_name_plural = "anciens identifiants"
        ordering = ["-until"]

    def __str__(self) -> str:
        return self.identifiant


class StaffUserManager(UserManager):
    def get_queryset(self) -> models.QuerySet[User]:
        return super().get_queryset().filter(is_staff=True)


class StaffUser(User):
    """An account of the town hall, which has permissions of its own: who handles agents need not see families."""

    objects: ClassVar[StaffUserManager] = StaffUserManager()

    class Meta:
        proxy = True
        verbose_name = "compte d’agent"
        verbose_name_plural = "comptes d’agents"
        ordering = ["last_name", "first_name", "pk"]


class TemporaryPassword(models.Model):
    """A single-use value sent by mail. Only the SHA-256 digest of its 128 random bits is kept (TMP-01)."""

    class Reason(models.TextChoices):
        USED = "used", "utilisé"
        REPLACED = "replaced", "remplacé par un autre"
        LOGIN = "login", "connexion avec le mot de passe habituel"
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
        return f"Mot de passe temporaire du {timezone.localtime(self.created_at):%d/%m/%Y à %H:%M}"


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
    former = models.EmailField("ancienne adresse", blank=True)
    email = models.EmailField("nouvelle adresse", blank=True)
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
        return f"Changement d’adresse du {timezone.localtime(self.asked_at):%d/%m/%Y à %H:%M}"


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
        return f"Code de secours du {timezone.localtime(self.created_at):%d/%m/%Y}"


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
    since = models.DateTimeField("reconnu depuis le")

    class Meta:
        verbose_name = "appareil reconnu"
        verbose_name_plural = "appareils reconnus"
        ordering = ["-since"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "kind", "digest"],
                name="remembered_device_once",
                violation_error_message="Ce compte connaît déjà cet appareil.",
            ),
        ]

    def __str__(self) -> str:
        return f"Appareil reconnu le {timezone.localtime(self.since):%d/%m/%Y}"


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
        ordering = ["user__last_name", "user__first_name", "pk"]
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


class Counter(models.Model):
    """An attempt counter of `accounts.ratelimit.CounterCache`, which alone reads and writes it."""

    cle = models.CharField("clé", max_length=255, primary_key=True)
    n = models.BigIntegerField("nombre")
    expire = models.FloatField("expire", db_index=True)

    class Meta:
        db_table = "accounts_counter"
        verbose_name = "compteur d’essais"
        verbose_name_plural = "compteurs d’essais"

    def __str__(self) -> str:
        return f"{self.cle} : {self.n}"


class Passage(models.Model):
    """One regular job of the worker and the time it was last done: `db_worker` takes it by a conditional UPDATE."""

    job = models.CharField("travail", max_length=50, primary_key=True)
    done_at = models.DateTimeField("fait le", null=True, blank=True)

    class Meta:
        verbose_name = "passage du service"
        verbose_name_plural = "passages du service"

    def __str__(self) -> str:
        return self.job


class FailedTaskManager(models.Manager["FailedTask"]):
    def get_queryset(self) -> models.QuerySet[FailedTask]:
        return super().get_queryset().filter(status=TaskResultStatus.FAILED)


class FailedTask(DBTaskResult):
    """A row of the queue that came to nothing, as it may be read without knowing whom it was about."""

    objects: ClassVar[FailedTaskManager] = FailedTaskManager()  # type: ignore[assignment]  # fewer rows than its base

    class Meta:
        proxy = True
        verbose_name = "tâche échouée"
        verbose_name_plural = "tâches échouées"

    def __str__(self) -> str:
        return self.task_path

    @property
    def where(self) -> str:
        """The places of its traceback: the message of an exception may tell what the data was."""
        lines = self.traceback.splitlines()
        return "\n".join(line.strip() for line in lines if line.startswith("  File "))
