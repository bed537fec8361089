"""Send temporary passwords to accounts: the town hall's way of « mot de passe oublié »."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Collection
from typing import Any

from django.core.management.base import CommandError
from django.utils import timezone

from accounts import passwords
from accounts.identifiants import canonical
from accounts.models import User
from accounts.passwords import Sending
from portail.commandes import FrenchCommand
from portail.francais import pluriel


class Command(FrenchCommand):
    help = "Envoie par e-mail un mot de passe temporaire, valable 24 heures, aux comptes demandés."
    example = "manage.py send_temporary_password --jamais-connectes"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Any number of identifiants, or `--jamais-connectes` in their place."""
        parser.add_argument("identifiants", nargs="*", metavar="IDENTIFIANT", help="un ou plusieurs identifiants")
        parser.add_argument(
            "--jamais-connectes",
            action="store_true",
            help="tous les comptes de parents qui ne se sont encore jamais connectés",
        )

    def handle(self, *, identifiants: list[str], jamais_connectes: bool, **options: Any) -> None:
        """Send temporary passwords to the accounts of these identifiants, or to all families that have never logged in;
        print what came of each. CommandError when one is unknown, closed, or (given by identifiant) without an address;
        a password that still serves is no error."""
        if bool(identifiants) == jamais_connectes:
            raise CommandError("Donnez des identifiants, ou bien --jamais-connectes.")
        now = timezone.now()
        if jamais_connectes:
            recipients = "parents qui ne se sont jamais connectés"
            _, report = passwords.send_temporary_passwords(
                User.objects.never_connected(), recipients=recipients, now=now
            )
            unknown = []
        else:
            wanted = {text: canonical(text) for text in identifiants}
            users = list(User.objects.filter(identifiant__in=filter(None, wanted.values())))
            known = {user.identifiant for user in users}
            unknown = [text for text, identifiant in wanted.items() if identifiant not in known]
            report = {sending: [] for sending in Sending}
            for user in users:
                report[passwords.send_temporary_password(user, now=now)].append(user)
        self.stdout.write(f"{pluriel(len(report[Sending.ASKED]), 'envoi demandé,envois demandés')}.")
        self._list("Sans adresse e-mail, à appeler", report[Sending.NO_ADDRESS])
        self._list("Déjà envoyé il y a moins de 10\u00a0minutes, encore valable", report[Sending.TOO_RECENT])
        self._list("Déjà envoyé il y a moins de 24\u00a0heures, encore valable", report[Sending.STILL_VALID])
        self._list("Déjà en route", report[Sending.WAITING])
        self._list("Comptes fermés", report[Sending.CLOSED])
        self._list("Identifiants inconnus", unknown)
        if unknown or report[Sending.CLOSED] or (identifiants and report[Sending.NO_ADDRESS]):
            raise CommandError("Certains envois n’ont pas pu être demandés.")

    def _list(self, title: str, lines: Collection[object]) -> None:
        if lines:
            self.stdout.write(f"{title} ({len(lines)})\u00a0:")
            for line in lines:
                self.stdout.write(f"  {line}")
