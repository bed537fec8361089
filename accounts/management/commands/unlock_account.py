"""Free an account that too many tries have paused (LIM-10)."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from accounts import journal, ratelimit, second_factor
from accounts.management.accounts import find_account
from portail.commandes import FrenchCommand


class Command(FrenchCommand):
    help = "Remet à zéro les essais de connexion et les demandes de mot de passe d’un compte."
    example = "manage.py unlock_account 3816238"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The identifiant of the account."""
        parser.add_argument("identifiant", metavar="IDENTIFIANT")

    def handle(self, *, identifiant: str, **options: Any) -> None:
        """Reset all the counts of tries of the account, so that it can log in at once."""
        user = find_account(identifiant)
        ratelimit.reset_account(user)
        second_factor.forget_wrong_codes(user)
        journal.event("account_unlocked", user=user.pk, by="command")
        self.stdout.write(f"Compte {user.identifiant}\u00a0: les essais sont remis à zéro, la connexion est possible.")
