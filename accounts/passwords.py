"""The only place where a password is asked for, sent, changed. The life of a temporary one is in `accounts.temporary`,
below the tasks that send it; this module is above them."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import nullcontext
from datetime import datetime
from enum import Enum

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group
from django.contrib.auth.password_validation import validate_password
from django.db import transaction
from django.db.models import Max
from django.views.decorators.debug import sensitive_variables

from accounts import devices, email_changes, groups, journal, mailings, sessions, tasks
from accounts.identifiants import canonical
from accounts.models import EmailChange, Mailing, TemporaryPassword, User
from accounts.temporary import StillSending, close, close_live, find_live, issue, mark_sent, was_sent_lately
from portail.certain import certain


class Sending(Enum):
    """What comes of the town hall's wish to send a temporary password."""

    ASKED = "asked"  # the worker sends it
    NO_ADDRESS = "no_address"  # nothing can be sent: the town hall's list has it
    TOO_RECENT = "too_recent"  # one sent less than 10 minutes ago still serves
    STILL_VALID = "still_valid"  # one sent less than 24 hours ago still serves, and a mailing does not close it
    WAITING = "waiting"  # a mailing that the worker has not ended holds it already
    CLOSED = "closed"  # the account is closed


def request_temporary_password(text: str) -> None:
    """Enqueue the request of somebody who typed this identifiant on the page of a forgotten password; the worker does
    the rest.

    Whatever was typed, the same one row is written and nothing is looked up: neither the page nor its time can tell
    whether the account exists (TMP-10). The account is not touched (TMP-03).
    """
    tasks.send_temporary_password.enqueue(canonical(text) or "")


def send_temporary_password(user: User, *, now: datetime) -> Sending:
    """Enqueue the mail of a temporary password to this account, for the town hall; what comes of it (`Sending`), which
    the town hall may know: not sent when the account is closed, when one is on its way, or when one was sent less than
    10 minutes ago. For an account without an address it is enqueued too: the worker puts it on the list of undelivered
    mails."""
    if not user.is_active:
        return Sending.CLOSED
    if mailings.waiting(Mailing.Mail.CREDENTIALS, now=now).filter(user=user).exists():
        return Sending.WAITING
    if was_sent_lately(user, now=now):
        return Sending.TOO_RECENT
    tasks.send_temporary_password.enqueue(user.identifiant)
    return Sending.ASKED if user.email else Sending.NO_ADDRESS


def send_temporary_passwords(
    users: Iterable[User], *, recipients: str, now: datetime, by: int | None = None, simulate: bool = False
) -> tuple[Mailing | None, dict[Sending, list[User]]]:
    """Enqueue a mail with a temporary password for each of these accounts, one task for each: the mailing, and the
    accounts by what comes of them, under each `Sending`, empty or not.

    An account that is closed, has no address, or whose temporary password still serves is left alone, and so is one
    whose mail is on its way: asked twice, or by two agents at once, each receives one mail. The mailing is None when
    nobody is to receive any. `recipients` says in words to whom, `by` is the key of the agent; `simulate` writes
    nothing.
    """
    with nullcontext() if simulate else transaction.atomic():
        chosen = User.objects.filter(pk__in=[user.pk for user in users])
        if not simulate:
            chosen = chosen.order_by("pk").select_for_update()
        report = _foresee(list(chosen), now=now)
        asked = report[Sending.ASKED]
        if simulate or not asked:
            return None, report
        mailing, lines = mailings.open_mailing(Mailing.Mail.CREDENTIALS, asked, recipients=recipients, by=by, now=now)
        for line in lines:
            tasks.send_temporary_password.enqueue(line.user.identifiant, line=line.pk)
            journal.event("temporary_password_asked", user=line.user_id, by=by, mailing=mailing.pk)
    return mailing, report


def _foresee(users: Iterable[User], *, now: datetime) -> dict[Sending, list[User]]:
    """What would come of a mailing for each of these accounts, by name."""
    on_their_way = set(mailings.waiting(Mailing.Mail.CREDENTIALS, now=now).values_list("user", flat=True))
    live = TemporaryPassword.objects.filter(closed_at=None, expires_at__gt=now, sent_at__isnull=False)
    served = set(live.values_list("user", flat=True))
    report: dict[Sending, list[User]] = {sending: [] for sending in Sending}
    for user in sorted(users, key=lambda user: (user.tri, user.pk)):
        if not user.is_active:
            sending = Sending.CLOSED
        elif not user.email:
            sending = Sending.NO_ADDRESS
        elif user.pk in on_their_way:
            sending = Sending.WAITING
        elif user.pk in served:
            sending = Sending.STILL_VALID
        else:
            sending = Sending.ASKED
        report[sending].append(user)
    return report


@sensitive_variables()
def print_temporary_password(user: User, *, after: int, now: datetime) -> tuple[TemporaryPassword, str] | None:
    """Make a temporary password to hand over at the counter, for somebody who has no e-mail (AUT-12): its row and its
    value, which is returned once and kept nowhere.

    `after` is the key of the account's last one (`last_temporary`) when the page was shown. None when another was made
    since, so that a page sent twice makes no second value, when one is leaving by mail this minute for an address just
    taken away, or when none may be printed for this account.
    """
    with transaction.atomic():
        user = User.objects.select_for_update().get(pk=user.pk)
        if not may_be_printed(user) or last_temporary(user) != after:
            return None
        try:
            issued = certain(issue(user, now=now, force=True, printed=True))  # as it is forced
        except StillSending:
            return None
        mark_sent(issued[0], now=now)
    return issued


def may_be_printed(user: User) -> bool:
    """Whether a temporary password of this account may be printed: it is open, without an e-mail address, and is a
    parent's, or that of an agent who has never chosen a password."""
    return user.is_active and not user.email and not (user.is_staff and user.password_changed_at)


def last_temporary(user: User) -> int:
    """The key of the last temporary password of this account, 0 when it never had one."""
    return user.temporary_passwords.aggregate(last=Max("pk"))["last"] or 0


def begin_anew(user: User, *, now: datetime) -> None:
    """End, for an account that was just closed or opened again, what opened it before: its sessions, remembered
    devices, temporary password and the new e-mail address that waited to be confirmed. The password stays, and so does
    an agent's phone, without which the password alone would be enough to enrol another."""
    sessions.end_all(user)
    close_live(user, TemporaryPassword.Reason.CLOSED, now=now)
    email_changes.close_live(user, EmailChange.Reason.CLOSED, now=now)


@sensitive_variables("password")
def open_staff_account(
    identifiant: str, password: str, *, group: str, now: datetime, last_name: str, first_name: str, email: str
) -> User:
    """Create and return the account of an agent, with this password, in the group of this name. Raises ValidationError
    when a value or the password is refused. The rights of all the groups are brought to the table of rights first."""
    user = _new_staff(identifiant, last_name=last_name, first_name=first_name, email=email)
    validate_password(password, user)
    user.set_password(password)
    user.password_changed_at = now
    with transaction.atomic():
        _save_staff(user, group)
    return user


@sensitive_variables()
def open_staff_account_to_print(
    identifiant: str, *, group: str, now: datetime, last_name: str, first_name: str, email: str
) -> tuple[User, str]:
    """Create the account of an agent, in the group of this name, without a password: the account and a temporary
    password, returned once, with which its agent chooses one, and which is read from the screen where the command was
    typed (AUT-11). Raises ValidationError when a value is refused. The rights of all the groups are brought to the
    table of rights first."""
    user = _new_staff(identifiant, last_name=last_name, first_name=first_name, email=email)
    with transaction.atomic():
        _save_staff(user, group)
        issued = certain(issue(user, now=now, printed=True))  # as none was sent before
        mark_sent(issued[0], now=now)
    return user, issued[1]


def _new_staff(identifiant: str, *, last_name: str, first_name: str, email: str) -> User:
    user = User(identifiant=identifiant, last_name=last_name, first_name=first_name, email=email, is_staff=True)
    user.set_unusable_password()
    user.full_clean()
    return user


def _save_staff(user: User, group: str) -> None:
    groups.sync()  # never a group without its rights, nor with those of before
    user.save()
    user.groups.add(Group.objects.get(name=group))


@sensitive_variables("new_password", "encoded")
def change_with_temporary(pk: int, new_password: str, *, now: datetime) -> User | None:
    """Choose a new password with the temporary one of the primary key `pk`, which then has served: one caller only
    succeeds, however many try (TMP-05).

    The account, whose sessions are all ended; None when the temporary password has served or is past; ValidationError
    when the new password is refused, and nothing has changed then.
    A new e-mail address that waits to be confirmed is dropped, and the owner is told by mail.
    """
    temporary = find_live(pk, now=now)
    if temporary is None:
        return None
    validate_password(new_password, temporary.user)
    encoded = make_password(new_password)  # before the transaction: SQLite has one writer, and this takes 50 ms
    with transaction.atomic():
        user = User.objects.select_for_update().get(pk=temporary.user_id)
        serves = user.is_active and temporary.expires_at > now
        if not serves or not close(temporary, TemporaryPassword.Reason.USED, now=now):
            return None
        _write(user, encoded, now)
    return user


@sensitive_variables("new_password", "encoded")
def change(user: User, new_password: str, *, now: datetime) -> bool:
    """Change the password of somebody who just gave the present one. Raises ValidationError when the new one is
    refused.

    False, and nothing changes, when the present one was changed meanwhile: whoever holds it no longer holds the
    account. Every session ends and every device is forgotten: the caller keeps its own. A new e-mail address that waits
    to be confirmed is dropped, and the owner is told by mail.
    """
    validate_password(new_password, user)
    encoded = make_password(new_password)
    with transaction.atomic():
        if User.objects.select_for_update().get(pk=user.pk).password != user.password:
            return False
        close_live(user, TemporaryPassword.Reason.CHANGED, now=now)
        _write(user, encoded, now)
    return True


@sensitive_variables("encoded")
def _write(user: User, encoded: str, now: datetime) -> None:
    """Write this hash, forget the devices, drop the new e-mail address that waits (AUT-13); the owner is told."""
    email_changes.close_live(user, EmailChange.Reason.PASSWORD, now=now)
    user.password = encoded
    user.password_changed_at = now
    user.save(update_fields=["password", "password_changed_at"])
    devices.forget_all(user)
    tasks.send_password_changed.enqueue(user.pk, now.isoformat())
