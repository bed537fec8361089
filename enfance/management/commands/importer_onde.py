"""`manage.py importer_onde ELEVES RESPONSABLES`: the school's two ONDE files into the portal."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError
from django.utils import timezone
from tqdm import tqdm

from enfance.models import AnneeScolaire
from enfance.onde.depots import choix_connus
from enfance.onde.importation import DepartsAConfirmer, EcoleAConfirmer, choose_ecole, importer
from enfance.onde.lecture import lire
from portail.commandes import FrenchCommand
from portail.tables import Fichier, ImportRefuse

CONFIRMER = "Si ces élèves sont vraiment partis, recommencez en confirmant les départs (--confirmer-departs)."
SUITES = {
    DepartsAConfirmer: CONFIRMER,
    EcoleAConfirmer: "Si c’est bien leur école, recommencez avec --confirmer-ecole.",
}
RETABLIR = "Pour rétablir les inscriptions des élèves de retour, recommencez avec --retablir-retours."


class Command(FrenchCommand):
    help = "Importe les élèves et leurs responsables depuis les deux fichiers CSV d’ONDE."
    example = "manage.py importer_onde ELEVES.csv RESPONSABLES.csv --simuler"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The arguments of the command that imports ONDE: the two files, --annee, --ecole, --simuler,
        --confirmer-departs, --confirmer-ecole and --retablir-retours.
        """
        parser.add_argument("eleves", type=Path, help="fichier CSV des élèves")
        parser.add_argument("responsables", type=Path, help="fichier CSV des responsables")
        parser.add_argument(
            "--annee", type=int, help="année de la rentrée (2026 pour 2026-2027) ; sinon, l’année en cours"
        )
        parser.add_argument("--ecole", default="", help="code de l’école, là où il y en a plusieurs")
        parser.add_argument("--simuler", action="store_true", help="dit ce qui serait fait, sans rien écrire")
        parser.add_argument(
            "--confirmer-departs",
            action="store_true",
            help="accepte que plus d’un élève sur dix ne soit plus dans le fichier",
        )
        parser.add_argument(
            "--confirmer-ecole",
            action="store_true",
            help="accepte que la plupart des élèves du fichier soient connus dans une autre école",
        )
        parser.add_argument(
            "--retablir-retours",
            action="store_true",
            help="rétablit les inscriptions à venir des élèves de retour, que leur départ avait annulées",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Import the two files of ONDE into a school year, with the answers of the imports before, and print the
        report; with `simuler`, only print it.
        """
        now = timezone.now()
        annee = _annee(options["annee"], timezone.localdate(now))
        try:
            ecole = choose_ecole(options["ecole"])
            extraction = lire(Fichier.open(options["eleves"]), Fichier.open(options["responsables"]))
            total = len(extraction.eleves) + len(extraction.adultes)
            with tqdm(total=total, disable=not sys.stderr.isatty(), desc="ONDE", leave=False) as barre:
                bilan = importer(
                    extraction,
                    annee,
                    ecole,
                    now=now,
                    simuler=options["simuler"],
                    confirmer_departs=options["confirmer_departs"],
                    confirmer_ecole=options["confirmer_ecole"],
                    retablir_retours=options["retablir_retours"],
                    choix=choix_connus(),
                    avance=barre.update,
                )
        except ImportRefuse as error:
            suite = next((f" {quoi}" for genre, quoi in SUITES.items() if isinstance(error, genre)), "")
            raise CommandError(f"Import refusé, rien n’a été changé.\n{error}{suite}") from None
        lignes = list(bilan.lignes())
        if bilan.a_confirmer:
            lignes[-1] += f" {CONFIRMER}"
        if bilan.a_retablir and not options["retablir_retours"]:
            lignes += ["", RETABLIR]
        self.stdout.write("\n".join(lignes))


def _annee(debut: int | None, today: date) -> AnneeScolaire:
    """The year that begins in `debut`; without it the year of today, or the next one in summer."""
    annees = AnneeScolaire.objects.order_by("debut")
    annee = annees.filter(debut__year=debut).first() if debut else annees.filter(fin__gte=today).first()
    if annee is None:
        raise CommandError(
            f"L’année scolaire {debut or today.year} n’est pas préparée : lancez d’abord "
            f"« manage.py preparer_annee {debut or today.year} »."
        )
    return annee
