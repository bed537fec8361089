"""The only writer of an account's e-mail address, where its passwords are sent (AUT-13)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts import tasks
from accounts.models import User


def change_email(user: User, email: str, *, now: datetime) -> bool:
    """Change the address of somebody who just gave the present password; whether it was another one.

    The former and the new address are told, and no password goes to the new one for 24 hours unless `confirm` says
    that it is theirs. Changed twice in that time, the address to come back to is still the one before the first.
    """
    with transaction.atomic():
        current = User.objects.select_for_update().get(pk=user.pk)
        if email == current.email:
            return False
        if current.trusts_email(now=now):
            current.email_before = current.email
        current.email, current.email_changed_at = email, now
        if current.email_before and email.lower() == current.email_before.lower():
            current.email_changed_at = None
        current.save(update_fields=["email", "email_before", "email_changed_at"])
        for to_former in (True, False):
            tasks.send_email_changed.enqueue(user.pk, now.isoformat(), to_former)
    user.refresh_from_db(fields=["email", "email_before", "email_changed_at"])
    return True


def correct_email(user: User, former: str, *, now: datetime) -> None:
    """The town hall has just written down another address than `former`, and knows that it is theirs: both are told,
    and passwords may go to the new one at once. `email_before` is then what the notice needs, and nothing to come
    back to.
    """
    with transaction.atomic():
        User.objects.filter(pk=user.pk).update(email_before=former, email_changed_at=None)
        for to_former in (True, False):
            tasks.send_email_changed.enqueue(user.pk, now.isoformat(), to_former)
    user.refresh_from_db(fields=["email_before", "email_changed_at"])


def confirm(user: User) -> None:
    """The town hall knows that this address is theirs: passwords may be sent there again."""
    User.objects.filter(pk=user.pk).update(email_before="", email_changed_at=None)
    user.refresh_from_db(fields=["email_before", "email_changed_at"])
