"""Erase a family for good, from the number of one of its accounts (RGP-08)."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError
from django.utils import timezone

from accounts.identifiants import canonical
from accounts.management.accounts import find_account
from conservation.effaces import EffacesError, write_now
from enfance.famille.effacement import BilanFamille, apercu_famille, effacer_famille
from portail.commandes import FrenchCommand
from portail.effacements import EffacementRefuse
from portail.francais import NBSP, accord


class Command(FrenchCommand):
    help = (
        "Efface pour toujours une famille\u00a0: le foyer de cet identifiant, ses adultes, leurs comptes, ses enfants, "
        "et tout ce qui les nomme. Un enfant dont un autre foyer répond reste. Dit d’abord ce qui part et ce qui reste."
    )
    example = "manage.py effacer_famille 3816238 --simuler"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The arguments of the command that erases a family: an adult's identifiant, --simuler and --oui."""
        parser.add_argument("identifiant", metavar="IDENTIFIANT")
        parser.add_argument("--simuler", action="store_true", help="dit ce qui partirait, sans rien effacer")
        parser.add_argument("--oui", action="store_true", help="efface sans redemander l’identifiant, pour un script")

    def handle(self, *, identifiant: str, simuler: bool, oui: bool, **options: Any) -> None:
        """Print what erasing the family of this identifiant takes away and leaves, then erase it for good (RGP-08):
        once the identifiant is typed again, or with `oui`; without `oui`, refused outside a terminal. `simuler` erases
        nothing.
        """
        compte = find_account(identifiant)
        try:
            self._say(apercu_famille(compte.pk, now=timezone.now()))
            if simuler:
                self.stdout.write(f"\nSimulation{NBSP}: rien n’est effacé.")
                return
            if not oui:
                self._ask(compte.identifiant)
            bilan = effacer_famille(compte.pk, now=timezone.now(), by="command")
        except EffacementRefuse as refus:
            raise CommandError(str(refus)) from None
        self.stdout.write(f"\nFamille effacée{NBSP}: {accord(bilan.bilan.nombre, 'ligne')}.")
        try:
            said = write_now(now=timezone.now())
        except EffacesError as error:
            raise CommandError(f"La famille est effacée, mais {error}") from None
        self.stdout.write(said)

    def _say(self, bilan: BilanFamille) -> None:
        for titre, lignes in (
            ("Partent", bilan.famille.qui),
            ("À savoir", bilan.avis),
            ("Lignes effacées", [f"{nom}{NBSP}: {n}" for nom, n in bilan.bilan.effaces]),
            ("Lignes qui restent sans dire de qui", [f"{nom}{NBSP}: {n}" for nom, n in bilan.bilan.blanchis]),
            ("Reste", bilan.restes),
        ):
            if lignes:
                self.stdout.write(f"{titre}{NBSP}:")
                for ligne in lignes:
                    self.stdout.write(f"  - {ligne}")

    def _ask(self, identifiant: str) -> None:
        """The number once more, on a terminal; a script says --oui."""
        if not sys.stdin.isatty():
            raise CommandError(f"Rien n’est effacé{NBSP}: ajoutez --oui pour effacer sans question.")
        self.stdout.write(f"\nRien ne pourra être rendu. Retapez l’identifiant {identifiant} pour effacer{NBSP}:")
        try:
            typed = input()
        except (EOFError, KeyboardInterrupt):
            raise CommandError("Rien n’est effacé.") from None
        if canonical(typed) != identifiant:
            raise CommandError("Ce n’est pas cet identifiant. Rien n’est effacé.")
