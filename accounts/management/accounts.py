"""The account that a command is about."""

from __future__ import annotations

from django.core.management.base import CommandError

from accounts.models import User


def find_account(text: str) -> User:
    """The account that has this identifiant, or had it. Raises CommandError when there is none."""
    user = User.objects.called(text)
    if user is None:
        raise CommandError(f"Aucun compte n’a l’identifiant «\u00a0{text}\u00a0».")
    return user
