"""Open an account for somebody of the town hall. Its password is typed here, never drawn nor shown (AUT-11)."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from getpass import getpass
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import CommandError
from django.utils import timezone

from accounts import journal, passwords
from portail.commandes import FrenchCommand
from portail.groupes import GROUPES


class Command(FrenchCommand):
    help = "Ouvre un compte d’agent. Son mot de passe est demandé deux fois : 14 caractères au moins."
    example = "manage.py create_staff 1000033 --groupe Équipe --prenom Inès --nom Durand --courriel ines@mairie.example"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("identifiant", metavar="IDENTIFIANT", help="des chiffres, 12 au plus")
        parser.add_argument("--groupe", required=True, choices=list(GROUPES), help="ce que l’agent peut voir et faire")
        parser.add_argument("--nom", default="", help="nom de famille")
        parser.add_argument("--prenom", default="", help="prénom")
        parser.add_argument("--courriel", default="", help="adresse e-mail")

    def handle(self, *, identifiant: str, groupe: str, nom: str, prenom: str, courriel: str, **options: Any) -> None:
        try:
            user = passwords.open_staff_account(
                identifiant,
                self._ask_password(),
                group=groupe,
                now=timezone.now(),
                last_name=nom,
                first_name=prenom,
                email=courriel,
            )
        except ValidationError as refusal:
            raise CommandError(" ".join(refusal.messages)) from None
        journal.event("staff_created", user=user.pk, by="command")
        self.stdout.write(f"Compte {user.identifiant} ouvert dans le groupe {groupe}.")

    def _ask_password(self) -> str:
        """The password: typed twice, unseen, on a terminal, else one line of stdin. CommandError if the two differ."""
        if not sys.stdin.isatty():
            return sys.stdin.readline().rstrip("\r\n")
        password = getpass("Mot de passe : ")
        if getpass("Confirmation mot de passe : ") != password:
            raise CommandError("Les deux mots de passe ne sont pas identiques.")
        return password
