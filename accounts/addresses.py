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


def confirm(user: User) -> None:
    """The town hall knows that this address is theirs: passwords may be sent there again."""
    User.objects.filter(pk=user.pk).update(email_before="", email_changed_at=None)
    user.refresh_from_db(fields=["email_before", "email_changed_at"])
