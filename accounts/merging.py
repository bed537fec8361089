"""Two accounts of one person made one: the only place where an account goes. Who they are is not asked here."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from accounts import addresses, email_changes, tasks, temporary
from accounts.models import EmailChange, FormerIdentifiant, TemporaryPassword, UndeliveredMail, User

# The tables of accounts that lead to one: each has its line below. Those of others are the caller's to bring along.
LINKS = frozenset(
    {
        "accounts.EmailChange.user",
        "accounts.FormerIdentifiant.user",
        "accounts.MailSent.user",
        "accounts.MailingLine.user",
        "accounts.TemporaryPassword.user",
        "accounts.UndeliveredMail.user",
    }
)
# These go with the double: its owner comes in once more, by the number that leads to the other account.
GONE = frozenset({"accounts.RememberedDevice.user"})
# Agents alone have these, and the account of an agent is merged with none.
STAFF_LINKS = frozenset({"accounts.Mailing.asked_by", "accounts.RecoveryCode.user", "otp_totp.TOTPDevice.user"})


class NotMerged(Exception):
    """Raised when one of the two accounts is an agent's: its rights must not go to the other."""


def merge(kept: User, double: User, values: Mapping[str, str], *, email_of: User, now: datetime) -> None:
    """Merge the account `double` into `kept`, which receives what it has. `double` is deleted: its sessions end, and
    its identifiant opens `kept` from now on. Raises NotMerged when one of them is an agent's.

    `values` are the names to keep; `email_of` is whichever of the two accounts has the e-mail address that stays. The
    password of `kept` stays too; if it has none, that of `double` serves. A new address that waits to be confirmed is
    dropped. Each address is told.
    """
    with transaction.atomic():
        both = User.objects.select_for_update().order_by("pk").in_bulk([kept.pk, double.pk])
        kept, double, chosen = both[kept.pk], both[double.pk], both[email_of.pk]
        if kept.is_staff or double.is_staff:
            raise NotMerged
        given_up = {user.email for user in (kept, double)} - {chosen.email, ""}
        former, email = double.identifiant, chosen.email
        for user in (kept, double):
            addresses.use_address(user, email, now=now)
        _bring(kept, double, now)
        for name, value in values.items():
            setattr(kept, name, value)
        if not kept.has_usable_password():
            kept.password, kept.password_changed_at = double.password, double.password_changed_at
        kept.last_login = max(filter(None, [kept.last_login, double.last_login]), default=None)
        double.delete()
        kept.save(update_fields=[*values, "password", "password_changed_at", "last_login"])
        FormerIdentifiant.objects.create(identifiant=former, user=kept, until=now)
        if kept.email:
            tasks.send_accounts_merged.enqueue(kept.pk, former)
        for address in sorted(given_up):
            tasks.send_accounts_merged.enqueue(kept.pk, former, address)


def _bring(kept: User, double: User, now: datetime) -> None:
    """Move the rows of `double` to `kept`. A temporary password just mailed still serves, unless `kept` has one too.
    One on paper does not, since its digest hangs on the account: closed, it lets another be had at once."""
    kept_has_one = TemporaryPassword.objects.filter(user=kept, closed_at=None).exists()
    if kept_has_one or temporary.live_paper_of(double, now=now):
        temporary.close_live(double, TemporaryPassword.Reason.REPLACED, now=now)
    double.temporary_passwords.update(user=kept)
    double.former_identifiants.update(user=kept)
    for user in (kept, double):  # the town hall has just chosen between their addresses
        email_changes.close_live(user, EmailChange.Reason.CLOSED, now=now)
    double.email_changes.update(user=kept)
    double.mailing_lines.filter(mailing__in=kept.mailing_lines.values("mailing")).delete()
    double.mailing_lines.update(user=kept)
    if kept.email or double.email:
        lacking = UndeliveredMail.objects.filter(user__in=[kept, double], reason=UndeliveredMail.Reason.NO_ADDRESS)
        lacking.filter(settled_at=None).update(settled_at=now)
    double.undelivered_mails.update(user=kept)
    double.mails_sent.update(user=kept)
