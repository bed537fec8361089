"""The only writer of an account's e-mail address, where its passwords are sent (AUT-13)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.views.decorators.debug import sensitive_variables

from accounts import email_changes, tasks, temporary
from accounts.models import EmailChange, TemporaryPassword, User
from accounts.rebonds import marks


def ask(user: User, email: str, *, now: datetime) -> EmailChange | None:
    """Ask to replace the e-mail address of this account by another, for somebody who just gave the present password;
    the change that waits is returned, None when this is already the address, or when the password was changed
    meanwhile.

    Nothing changes before the owner of the new address confirms it: the present address is told, the new one receives a
    link that serves once, for 24 hours. Asked again for the same new address, the same link is mailed again, but not
    within ten minutes of the last; for a different one, the link mailed before serves no more.
    """
    with transaction.atomic():
        current = User.objects.select_for_update().get(pk=user.pk)
        if email == current.email or current.password != user.password:
            return None
        change = email_changes.live_of(current, now=now)
        if change is None or change.email != email:
            change = email_changes.begin(current, email, now=now)
            if current.email:
                tasks.send_email_change_asked.enqueue(change.pk)
        tasks.send_email_confirmation.enqueue(change.pk)
    return change


def verify(user: User, *, now: datetime) -> EmailChange | None:
    """Mail to the present address of this account, from which mails came back, a link by which its owner confirms that
    it is good; the change that waits is returned. None when the account has no address, or when mails are not known to
    come back from it. No password is asked, as the address stays the same."""
    with transaction.atomic():
        current = User.objects.select_for_update().get(pk=user.pk)
        if not current.email or current.is_reached:
            return None
        change = email_changes.live_of(current, now=now)
        if change is None or change.email != current.email:
            change = email_changes.begin(current, current.email, now=now)
        tasks.send_email_confirmation.enqueue(change.pk)
    return change


@sensitive_variables()
def prove(user: User, value: str, *, now: datetime) -> None:
    """Note that mails reach this account, which has just come in by the temporary password `value`: one that was mailed
    was read in that mailbox, so its address is no longer marked as refusing mails. Nothing for a value printed at the
    counter.

    `user` is the account that `temporary.accept` has read, whose e-mail is that of the instant when the value was still
    good.
    """
    if not temporary.looks_printed(value):
        marks.clear(user.email, now=now)


def send_again(user: User, *, now: datetime) -> EmailChange | None:
    """Mail again the confirmation link of the new e-mail address that waits for this account; that change, or None when
    no address waits. A mail that left less than ten minutes ago is not followed by another. No password is asked, as
    nothing new is asked for."""
    change = email_changes.live_of(user, now=now)
    if change is not None:
        tasks.send_email_confirmation.enqueue(change.pk)
    return change


def give_up(user: User, *, now: datetime) -> bool:
    """Drop the new e-mail address that this account waits to have confirmed: its link serves no more, the present
    address stays. Whether one was waiting."""
    return email_changes.close_live(user, EmailChange.Reason.DROPPED, now=now)


def confirm(change: EmailChange, *, now: datetime) -> bool:
    """Give the account its new e-mail address, which its owner has just confirmed by the link: it is used from now on,
    the former address is told, and mails that came back from the new one no longer stop those to come.

    True for one caller only, however many try; False when the change has served, was dropped or is past 24 hours, or
    when the account is closed.
    """
    with transaction.atomic():
        user = User.objects.select_for_update().filter(pk=change.user_id, is_active=True).first()
        if user is None or now >= change.expires_at:
            return False
        if not email_changes.close(change, EmailChange.Reason.CONFIRMED, now=now):
            return False
        use_address(user, change.email, now=now)
        marks.clear(change.email, now=now)
        if change.former and change.former != change.email:
            tasks.send_address_changed.enqueue(change.pk, True)
    return True


def correct_email(user: User, email: str, *, now: datetime) -> None:
    """Write down another e-mail address of this account for the town hall or an import: it is used at once, a change
    that the account itself had asked for is dropped, and both addresses are told. Nothing when it is the present
    address."""
    with transaction.atomic():
        user.refresh_from_db(fields=["email"], from_queryset=User.objects.select_for_update())
        if email == user.email:
            return
        former = user.email
        use_address(user, email, now=now)
        change = email_changes.note(user, former, now=now)
        for to_former, address in ((True, former), (False, email)):
            if address:
                tasks.send_address_changed.enqueue(change.pk, to_former)


def use_address(user: User, email: str, *, now: datetime) -> None:
    """Send the mails of this account to `email` from now on, and close the temporary password that was mailed to the
    former address (TMP-07). Nothing when it is the present address.

    A password printed at the counter was read in no mailbox: it stays good when the account had no address. The caller
    holds the lock of the account, and tells who must be told. The account takes the mark of refused mails that its new
    address has, or loses its own (`inherit_mark`).
    """
    if email == user.email:
        return
    if user.email:
        temporary.close_live(user, TemporaryPassword.Reason.ADDRESS, now=now)
    User.objects.filter(pk=user.pk).update(email=email)
    user.email = email
    marks.inherit_mark(user, now=now)
