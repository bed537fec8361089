"""The only writer of an account's identifiant, once it is drawn: the number that its owner knows from elsewhere."""

from __future__ import annotations

from datetime import datetime

from accounts import journal
from accounts.models import FormerIdentifiant, User


def change_identifiant(user: User, identifiant: str, *, now: datetime, by: int | None = None) -> None:
    """Give this account another identifiant, which nobody has or had: the caller has checked it in the same
    transaction. `by` is the key of the agent who asked for it, for the journal.

    The former identifiant still leads to the account, so that a mail on its way, a letter or a temporary password that
    show it go on serving (`UserManager.called`). Sessions and passwords are untouched.
    """
    FormerIdentifiant.objects.create(identifiant=user.identifiant, user=user, until=now)
    user.identifiant = identifiant
    user.save(update_fields=["identifiant"])
    journal.event("identifiant_changed", user=user.pk, by=by)
