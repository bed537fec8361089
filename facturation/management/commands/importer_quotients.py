"""`manage.py importer_quotients FICHIER`: the quotients of a list, by identifiant or by child."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError
from django.utils import timezone

from facturation.quotients.importation import importer
from facturation.quotients.liste import lire
from portail.commandes import FrenchCommand
from portail.tables import Fichier, ImportRefuse


class Command(FrenchCommand):
    help = (
        "Donne aux familles leurs quotients, pris d’un CSV (point-virgule ou virgule)\u00a0: l’identifiant d’un "
        "adulte, ou le nom et le prénom d’un enfant, et le quotient. Facultatifs\u00a0: à partir du, source, "
        "attestation vue le."
    )
    example = "manage.py importer_quotients quotients.csv --simuler"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The arguments of the command that imports quotients: the CSV file, and --simuler."""
        parser.add_argument("fichier", type=Path, help="fichier CSV de la liste")
        parser.add_argument("--simuler", action="store_true", help="dit ce qui serait fait, sans rien écrire")

    def handle(self, *args: Any, **options: Any) -> None:
        """Read the CSV list, write its quotients (not with `--simuler`), and print the report. CommandError when the
        file is refused, or when no line could be applied.
        """
        try:
            bilan = importer(lire(Fichier.open(options["fichier"])), now=timezone.now(), simuler=options["simuler"])
        except ImportRefuse as error:
            raise CommandError(f"Import refusé, rien n’a été changé.\n{error}") from None
        self.stdout.write("\n".join(bilan.lignes()))
        if bilan.refus and not bilan.ecrits and not bilan.inchanges:
            raise CommandError("Aucune ligne n’a pu être appliquée.")
