"""Disconnect an account everywhere (SES-04)."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.utils import timezone

from accounts import addresses, journal, sessions
from accounts.management.accounts import find_account
from portail.commandes import FrenchCommand


class Command(FrenchCommand):
    help = "Déconnecte un compte de tous ses appareils, dès leur prochaine page."
    example = "manage.py close_sessions 3816238"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The identifiant of the account."""
        parser.add_argument("identifiant", metavar="IDENTIFIANT")

    def handle(self, *, identifiant: str, **options: Any) -> None:
        """End every session of the account, and drop the new e-mail address that waits to be confirmed."""
        user = find_account(identifiant)
        sessions.end_all(user)
        addresses.give_up(user, now=timezone.now())  # somebody else may have asked for it
        journal.event("sessions_closed", user=user.pk, by="command")
        self.stdout.write(f"Compte {user.identifiant}\u00a0: déconnecté de tous ses appareils.")
