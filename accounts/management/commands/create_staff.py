"""Open an account for somebody of the town hall (AUT-11). Its password is typed here, or chosen by its agent with a
temporary one, which is shown once."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from getpass import getpass
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import CommandError
from django.db import transaction
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from accounts import journal, passwords
from accounts.extensions import AccountsExtension
from accounts.models import User
from portail.commandes import FrenchCommand
from portail.groupes import GROUPES


class Command(FrenchCommand):
    help = "Ouvre un compte d’agent. Son mot de passe est demandé deux fois : 14 caractères au moins."
    example = "manage.py create_staff 1000033 --groupe Équipe --prenom Inès --nom Durand --courriel ines@mairie.example"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The identifiant, `--groupe` (required), `--nom`, `--prenom`, `--courriel`, `--temporaire`, `--si-absent`, and
        the options that other apps ask for (`AccountOption`)."""
        parser.add_argument("identifiant", metavar="IDENTIFIANT", help="des chiffres, 12 au plus")
        parser.add_argument("--groupe", required=True, choices=list(GROUPES), help="ce que l’agent peut voir et faire")
        parser.add_argument("--nom", default="", help="nom de famille")
        parser.add_argument("--prenom", default="", help="prénom")
        parser.add_argument("--courriel", default="", help="adresse e-mail")
        parser.add_argument(
            "--temporaire",
            action="store_true",
            help="ne demande rien\u00a0: affiche un mot de passe temporaire, bon une fois et 24\u00a0heures, avec "
            "lequel l’agent choisit le sien",
        )
        parser.add_argument(
            "--si-absent", action="store_true", help="ne fait rien, et le dit, si ce compte d’agent existe déjà"
        )
        for option in AccountsExtension.installed().options:
            parser.add_argument(
                f"--{option.name}", action="append", default=[], metavar=option.metavar, help=option.help
            )

    @sensitive_variables("value", "asked")
    def handle(
        self,
        *,
        identifiant: str,
        groupe: str,
        nom: str,
        prenom: str,
        courriel: str,
        temporaire: bool,
        si_absent: bool,
        **options: Any,
    ) -> None:
        """Open the account of an agent in its group, with a password typed on the terminal, or read from stdin when it
        is no terminal, or, with `temporaire`, a temporary one that is shown once. With `si_absent`, do nothing but say
        so when the agent's account exists. CommandError when a value is refused."""
        if si_absent and User.objects.filter(identifiant=identifiant, is_staff=True).exists():
            self.stdout.write(f"Compte {identifiant}\u00a0: déjà ouvert.")
            return
        value = ""
        now, names = timezone.now(), {"last_name": nom, "first_name": prenom, "email": courriel}
        asked = "" if temporaire else self._ask_password()
        try:
            with transaction.atomic():
                if temporaire:
                    user, value = passwords.open_staff_account_to_print(identifiant, group=groupe, now=now, **names)
                else:
                    user = passwords.open_staff_account(identifiant, asked, group=groupe, now=now, **names)
                asked_for = AccountsExtension.installed().options
                notes = [option.keep(user, options[option.name]) for option in asked_for]
        except ValidationError as refusal:
            raise CommandError(" ".join(refusal.messages)) from None
        journal.event("staff_created", user=user.pk, by="command")
        self.stdout.write(f"Compte {user.identifiant} ouvert dans le groupe {groupe}.")
        for note in filter(None, notes):
            self.stdout.write(note)
        if value:
            journal.event("temporary_password_printed", user=user.pk, by="command")
            self.stdout.write(f"Mot de passe temporaire, bon une fois et 24\u00a0heures\u00a0: {value}")

    def _ask_password(self) -> str:
        """The password: typed twice, unseen, on a terminal, else one line of stdin. CommandError if the two differ."""
        if not sys.stdin.isatty():
            return sys.stdin.readline().rstrip("\r\n")
        password = getpass("Mot de passe : ")
        if getpass("Confirmation mot de passe : ") != password:
            raise CommandError("Les deux mots de passe ne sont pas identiques.")
        return password
