"""`manage.py importer_identifiants FICHIER`: the numbers that parents know from the former portal."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError
from django.utils import timezone

from enfance.mairie.envois.identifiants import importer
from enfance.mairie.envois.liste_identifiants import lire
from portail.commandes import FrenchCommand
from portail.tables import Fichier, ImportRefuse


class Command(FrenchCommand):
    help = (
        "Donne aux responsables les identifiants qu’ils connaissent, pris d’un CSV (point-virgule ou virgule) à trois "
        "colonnes, nom, prénom, identifiant."
    )
    example = "manage.py importer_identifiants anciens.csv --simuler"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The arguments of the command that imports numbers known from the former portal: the CSV file,
        and --simuler.
        """
        parser.add_argument("fichier", type=Path, help="fichier CSV de la liste")
        parser.add_argument("--simuler", action="store_true", help="dit ce qui serait fait, sans rien écrire")

    def handle(self, *args: Any, **options: Any) -> None:
        """Give the adults of a CSV list the numbers that they know from the former portal, and print the report; with
        `simuler`, only print it. A line refused is reported and the others are applied; an error when not one could be.
        """
        try:
            bilan = importer(lire(Fichier.open(options["fichier"])), now=timezone.now(), simuler=options["simuler"])
        except ImportRefuse as error:
            raise CommandError(f"Import refusé, rien n’a été changé.\n{error}") from None
        self.stdout.write("\n".join(bilan.lignes()))
        if bilan.refus and not bilan.changes and not bilan.inchanges:
            raise CommandError("Aucune ligne n’a pu être appliquée.")
