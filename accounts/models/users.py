"""Who may come in: the account, the numbers that it had, those of the town hall."""

from __future__ import annotations

import secrets
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from typing import Any, ClassVar, Literal

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.hashers import check_password
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models import Func, Q, Value
from django.db.models.functions import Length
from django.db.models.lookups import Exact, GreaterThanOrEqual, LessThanOrEqual
from django.utils import timezone
from django.utils.crypto import salted_hmac

from accounts.identifiants import canonical, luhn_digit, validate_identifiant
from portail.select import ModelTable, read, select
from portail.signes import validate_ligne, validate_nom
from portail.tri import SortedByName, SortedQuerySet


class Refusal(models.TextChoices):
    """Why mails to an address come back (RFC 3463), in the words of who calls the family."""

    UNKNOWN = "unknown_address", "l’adresse n’existe pas"
    CLOSED = "mailbox_closed", "la boîte est fermée"
    FULL = "mailbox_full", "la boîte est pleine"
    BLOCKED = "sender_blocked", "son serveur refuse nos messages"
    SILENT = "server_silent", "son serveur ne répond pas"
    OTHER = "returned", "son serveur l’a renvoyé, sans raison connue"


class UserManager(BaseUserManager["User"]):
    def get_queryset(self) -> models.QuerySet[User]:
        """All accounts, in a queryset whose `update` also writes `tri`, the column that sorts names."""
        return SortedQuerySet(self.model, using=self._db)

    def new_identifiant(self) -> str:
        """A free identifiant: six random digits, the first not 0, and their Luhn check digit."""
        return self.new_identifiants(1)[0]

    def new_identifiants(self, number: int) -> list[str]:
        """This number of identifiants that nobody has or had, all different: each is six random digits and their Luhn
        check digit."""
        free: dict[str, None] = {}
        while len(free) < number:
            digits = [str(100_000 + secrets.randbelow(900_000)) for _ in range(number - len(free))]
            drawn = {six + luhn_digit(six) for six in digits}
            free |= dict.fromkeys(drawn - self.taken_among(drawn))
        return list(free)

    def is_taken(self, identifiant: str) -> bool:
        """Whether an account has this number, or had it: it is never given again, not even once erased."""
        return bool(self.taken_among({identifiant}))

    def taken_among(self, identifiants: set[str]) -> set[str]:
        """Those of these identifiants that an account has or had, even once erased; in two queries."""
        traces = {trace: number for number in identifiants for trace in FormerIdentifiant.traces_of(number)}
        former = FormerIdentifiant.objects.filter(identifiant__in=traces).values_list("identifiant", flat=True)
        present = self.filter(identifiant__in=identifiants).order_by().values_list("identifiant", flat=True)
        return {*present, *(traces[trace] for trace in former)}

    def create_user(self, identifiant: str | None = None, password: str | None = None, **fields: Any) -> User:
        """Save and return a new account. Without `identifiant` one is drawn; without `password` the account has no
        usable one."""
        user = self.model(identifiant=identifiant or self.new_identifiant(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def never_connected(self) -> models.QuerySet[User]:
        """The open accounts of families that have never logged in: their first password may never have arrived."""
        return self.filter(is_staff=False, is_active=True, last_login=None)

    def present_identifiant(self, text: str) -> str | None:
        """The identifiant meant by what somebody typed, where a former one of an account is replaced by its present
        one; None when the text can be no identifiant. An unknown number is returned as it is. One and the same query is
        made whoever it is (AUT-08)."""
        identifiant = canonical(text)
        sql = """
            SELECT u.identifiant FROM accounts_formeridentifiant f JOIN accounts_user u ON u.id = f.user_id
            WHERE f.identifiant = %s
        """
        return next(iter(select(str, sql, [identifiant or ""])), None) or identifiant

    def called(self, text: str) -> User | None:
        """The account that has the identifiant typed in `text`, or had it, closed or not; None when there is none. The
        same queries are made whoever it is (AUT-08)."""
        return load_account("identifiant", self.present_identifiant(text) or "")

    def addressee(self, **who: Any) -> User | None:
        """The account that has these values of its fields, if a mail may be written to it: it is open, and has an
        address; else None."""
        return self.filter(is_active=True, **who).exclude(email="").first()

    def get_by_natural_key(self, identifiant: str | None) -> User:
        return self.get(identifiant=identifiant)


class User(SortedByName, AbstractBaseUser, PermissionsMixin):
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
    email_refused_at = models.DateTimeField("e-mails revenus le", null=True, blank=True, editable=False)
    email_refused = models.CharField(
        "raison du retour des e-mails",
        max_length=20,
        choices=Refusal,
        blank=True,
        default="",
        db_default="",
        editable=False,
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

    NOMS = ("last_name", "first_name")
    USERNAME_FIELD = "identifiant"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name = "compte"
        verbose_name_plural = "comptes"
        ordering = ["tri", "pk"]
        indexes = [models.Index(fields=["tri"], name="user_tri")]
        constraints = [
            models.CheckConstraint(
                # Without a function of Django's own: the tools of SQLite check and reload the file as well.
                condition=Q(Exact(Func("identifiant", Value("0123456789"), function="LTRIM"), Value("")))
                & Q(GreaterThanOrEqual(Length("identifiant"), 1))
                & Q(LessThanOrEqual(Length("identifiant"), 12)),
                name="user_identifiant_digits",
                violation_error_message="Un identifiant ne contient que des chiffres, 12 au plus.",
            ),
            models.CheckConstraint(
                condition=Q(email_refused_at=None, email_refused="")
                | Q(email_refused_at__isnull=False) & ~Q(email_refused=""),
                name="user_email_refused_for_a_reason",
                violation_error_message="Une adresse dont les e-mails reviennent l’est pour une raison.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_full_name() or 'Compte'} ({self.identifiant})"

    @property
    def is_reached(self) -> bool:
        """Whether mails sent to many may leave for this account: it has an address, and mails to it do not come
        back."""
        return bool(self.email) and self.email_refused_at is None

    def get_full_name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()

    def get_short_name(self) -> str:
        return self.first_name

    def check_password(self, raw_password: str | None) -> bool:
        """Whether this is the password of the account. Unlike Django's method, it does not rewrite a hash made by an
        older method: that would end the account's sessions, the one that asks among them. The login does it
        (`accounts.backends`)."""
        return check_password(raw_password, self.password)

    def get_session_auth_hash(self) -> str:
        """The digest that a session keeps: the session ends when it changes, that is when the password or
        `session_version` changes, and for an agent when the groups or the superuser mark do (SES-04), since how long a
        session may rest and what a login asks depend on them. A change of what a group may do acts at the next request,
        and ends no session."""
        return self._session_hash(None)

    def get_session_auth_fallback_hash(self) -> Iterator[str]:
        """The digests that sessions keep (`get_session_auth_hash`), made with each former secret key, so that sessions
        outlive a change of key."""
        for secret in settings.SECRET_KEY_FALLBACKS:
            yield self._session_hash(secret)

    @property
    def device_token(self) -> str:
        """The name under which the pages store something of this account on a device: a keyed digest of 24 hexadecimal
        digits, that says nothing of the account and is written nowhere but in its pages."""
        return salted_hmac("accounts.device_token", str(self.pk), algorithm="sha256").hexdigest()[:24]

    def _session_hash(self, secret: str | bytes | None) -> str:
        marks = f"{self.session_version}:{self.password}"
        if self.is_staff:
            marks += f":{self.is_superuser}:{','.join(self._group_keys())}"
        return salted_hmac("accounts.User.session", marks, secret=secret, algorithm="sha256").hexdigest()

    def _group_keys(self) -> list[str]:
        """The keys of its groups: those that came with the account (`load_account`), or asked."""
        if "group_keys" in vars(self):
            return sorted((vars(self)["group_keys"] or "").split(","))
        return sorted(map(str, self.groups.order_by().values_list("pk", flat=True))) or [""]


class FormerIdentifiant(models.Model):
    """A number that an account no longer has: given to nobody else, since it stands on paper somewhere.

    That of an account which was erased is kept as its digest under the portal's key, which tells no number.
    """

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

    @staticmethod
    def digest_of(identifiant: str, secret: str | bytes | None = None) -> str:
        """The keyed digest that stays of an erased identifiant, under this secret key (by default the present one):
        « # » and 66 bits in base64, which cannot be anybody's number."""
        digest = salted_hmac("accounts.FormerIdentifiant", identifiant, secret=secret, algorithm="sha256").digest()
        return "#" + urlsafe_b64encode(digest)[:11].decode()

    @classmethod
    def traces_of(cls, identifiant: str) -> set[str]:
        """All the values by which the table of former identifiants may hold this number: itself, and its digests under
        the present key and the former ones."""
        keys = [None, *settings.SECRET_KEY_FALLBACKS]
        return {identifiant, *(cls.digest_of(identifiant, key) for key in keys)}


class StaffUserManager(UserManager):
    def get_queryset(self) -> models.QuerySet[User]:
        """The accounts of agents alone."""
        return super().get_queryset().filter(is_staff=True)


class StaffUser(User):
    """An account of the town hall, which has permissions of its own: who handles agents need not see families."""

    objects: ClassVar[StaffUserManager] = StaffUserManager()

    class Meta:
        proxy = True
        verbose_name = "compte d’agent"
        verbose_name_plural = "comptes d’agents"
        ordering = ["tri", "pk"]


ACCOUNT = ModelTable(User, "u")


def load_account(column: Literal["id", "identifiant"], valeur: Any) -> User | None:
    """The account that has this value in this column, closed or not; None when there is none. For an agent, the keys of
    the groups come in the same query, so that the session is checked without another."""
    sql = f"""
        SELECT {ACCOUNT.columns}, CASE WHEN u.is_staff THEN (
            SELECT STRING_AGG(CAST(g.group_id AS text), ',') FROM accounts_user_groups g WHERE g.user_id = u.id
        ) END
        FROM accounts_user u WHERE u.{column} = %s
    """  # noqa: S608 (names of columns alone)
    for ligne in select(lambda *ligne: ligne, sql, [valeur]):
        user: Any
        user, user.group_keys = read(ligne, ACCOUNT)
        return user  # type: ignore[no-any-return]
    return None
