"""Let an agent who lost both phone and recovery codes enrol again (ADM-01), once somebody has seen who is asking."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError
from django.utils import timezone

from accounts import journal, second_factor
from accounts.management.accounts import find_account
from portail.commandes import FrenchCommand

SHORTEST = 10  # characters: « vu » says nothing to whoever reads the journal later


class Command(FrenchCommand):
    help = (
        "Remet à zéro le deuxième facteur d’un agent qui n’a plus ni téléphone ni code de secours. Il est déconnecté "
        "partout, prévenu par e-mail, et inscrit un téléphone à la connexion suivante."
    )
    example = 'manage.py reset_second_factor 1000009 --identite "carte d’identité vue au guichet"'

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The identifiant of the agent, and `--identite` (required)."""
        parser.add_argument("identifiant", metavar="IDENTIFIANT")
        parser.add_argument(
            "--identite",
            required=True,
            metavar="TEXTE",
            help="comment vous avez vérifié l’identité de l’agent\u00a0: cette phrase entre au journal",
        )

    def handle(self, *, identifiant: str, identite: str, **options: Any) -> None:
        """Forget the phone and recovery codes of the agent, once `identite` says in a few words how their identity was
        checked. CommandError when it says less than ten characters, or when there is no phone."""
        proof = " ".join(identite.split())
        if len(proof) < SHORTEST:
            raise CommandError(
                "Dites en quelques mots, après --identite, comment vous avez vérifié l’identité de l’agent."
            )
        user = find_account(identifiant)
        if not second_factor.reset(user, now=timezone.now()):
            raise CommandError(f"Le compte {user.identifiant} n’a pas de deuxième facteur.")
        journal.event("second_factor_reset", user=user.pk, by="command", identity_check=proof[:300])
        told = "un e-mail le prévient" if user.email else "sans adresse e-mail, prévenez-le vous-même"
        self.stdout.write(
            f"Compte {user.identifiant}\u00a0: deuxième facteur remis à zéro, {told}. "
            "Il inscrira un téléphone à sa prochaine connexion."
        )
