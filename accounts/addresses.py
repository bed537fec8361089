"""The only writer of an account's e-mail address, where its passwords are sent (AUT-13)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.views.decorators.debug import sensitive_variables

from accounts import email_changes, tasks, temporary
from accounts.models import EmailChange, TemporaryPassword, User
from accounts.rebonds import marks


def ask(user: User, email: str, *, now: datetime) -> EmailChange | None:
    """Ask for another address, by somebody who just gave the present password; None when it is the present one, or
    when the password was changed meanwhile.

    Nothing changes before its owner confirms it: the present address is told, the new one receives a link that serves
    once, for 24 hours. Asked again for the same address, the same link is mailed again; for another, the first stops.
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
    """Mail to the present address, from which mails came back, the link that says that it is good; None when it is not
    marked any more. No password: nothing new is asked for."""
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
    """This account has just come in by a temporary password: one that was mailed was read, so that mails arrive there.

    `user` is that of `temporary.accept`: its address is the one of the instant when the value was still good.
    """
    if not temporary.looks_printed(value):
        marks.clear(user.email, now=now)


def send_again(user: User, *, now: datetime) -> EmailChange | None:
    """Mail its link again to the address that waits; None when none does. No password: nothing new is asked for."""
    change = email_changes.live_of(user, now=now)
    if change is not None:
        tasks.send_email_confirmation.enqueue(change.pk)
    return change


def give_up(user: User, *, now: datetime) -> bool:
    """Keep the present address: the link of the other one serves no more. Whether one waited."""
    return email_changes.close_live(user, EmailChange.Reason.DROPPED, now=now)


def confirm(change: EmailChange, *, now: datetime) -> bool:
    """The owner of the new address says that it is theirs: it acts from now on, and the former one is told.

    True for one caller only, however many try; False when the change has served, was dropped or is past 24 hours, or
    when the account is closed.
    """
    with transaction.atomic():
        user = User.objects.select_for_update().filter(pk=change.user_id, is_active=True).first()
        if user is None or now >= change.expires_at:
            return False
        if not email_changes.close(change, EmailChange.Reason.CONFIRMED, now=now):
            return False
        let_act(user, change.email, now=now)
        marks.clear(change.email, now=now)
        if change.former and change.former != change.email:
            tasks.send_address_changed.enqueue(change.pk, True)
    return True


def correct_email(user: User, email: str, *, now: datetime) -> None:
    """The town hall, or an import, writes down another address: it acts at once, what the account itself had asked for
    is dropped, and both addresses are told. Nothing when it is the present one.
    """
    with transaction.atomic():
        user.refresh_from_db(fields=["email"], from_queryset=User.objects.select_for_update())
        if email == user.email:
            return
        former = user.email
        let_act(user, email, now=now)
        change = email_changes.note(user, former, now=now)
        for to_former, address in ((True, former), (False, email)):
            if address:
                tasks.send_address_changed.enqueue(change.pk, to_former)


def let_act(user: User, email: str, *, now: datetime) -> None:
    """From now on mails to this account go to this address, and what was mailed to another opens nothing (TMP-07).

    A password printed at the counter was read in no mailbox: it stays good when the account had no address. The caller
    holds the lock of the account, and tells who must be told.
    """
    if email == user.email:
        return
    if user.email:
        temporary.close_live(user, TemporaryPassword.Reason.ADDRESS, now=now)
    User.objects.filter(pk=user.pk).update(email=email)
    user.email = email
    marks.follow(user, now=now)
