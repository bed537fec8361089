"""`manage.py importer_repas FICHIER`: the association's list of meals into the portal."""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError
from django.utils import timezone

from enfance.cantine.liste_repas import lire
from enfance.cantine.repas import RetraitsADire, importer
from enfance.models import Ecole
from portail.commandes import FrenchCommand
from portail.tables import Fichier, ImportRefuse


class Command(FrenchCommand):
    help = (
        "Importe la liste des repas de l’association de la cantine, un XLSX ou un CSV à « ; » ou « , » : nom, prénom, "
        "classe (facultative), date (JJ/MM/AAAA ou AAAA-MM-JJ). Une nouvelle liste remplace la précédente pour ses "
        "jours."
    )
    example = "manage.py importer_repas REPAS.csv --simuler"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The arguments of the command that imports meals: the file, --simuler, its days (--du, --au), --retirer, and
        its schools (--ecole).
        """
        parser.add_argument("fichier", type=Path, help="fichier XLSX ou CSV de la liste")
        parser.add_argument("--simuler", action="store_true", help="dit ce qui serait fait, sans rien écrire")
        parser.add_argument("--du", type=_jour, help="premier jour de la liste ; sinon, le premier du fichier")
        parser.add_argument("--au", type=_jour, help="dernier jour de la liste ; sinon, le dernier du fichier")
        parser.add_argument(
            "--retirer", action="store_true", help="oui à la question des repas que la liste retirerait"
        )
        parser.add_argument(
            "--ecole",
            metavar="CODE",
            action="append",
            default=[],
            help="code d’une école de la liste, quand la commune en a plusieurs\u202f; une fois par école",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Import the canteen's list of meals from a file, and print the report; with `simuler`, only print it. A list
        that would take meals away is refused whole without `retirer`.
        """
        debut, fin = options["du"], options["au"]
        if debut and fin and fin < debut:
            raise CommandError("Le dernier jour (--au) est avant le premier (--du).")
        try:
            liste = lire(Fichier.open(options["fichier"]))
            bilan = importer(
                liste,
                now=timezone.now(),
                simuler=options["simuler"],
                debut=debut,
                fin=fin,
                retirer=options["retirer"],
                ecoles=_ecoles(options["ecole"]),
            )
        except RetraitsADire as error:
            raise CommandError(f"Rien n’a été changé. {error.refus[0].raison} Si oui, ajoutez --retirer.") from None
        except ImportRefuse as error:
            raise CommandError(f"Import refusé, rien n’a été changé.\n{error}") from None
        self.stdout.write("\n".join(bilan.lignes()))
        if bilan.simulation and bilan.question:
            self.stdout.write(f"\n{bilan.question} Si oui, ajoutez --retirer.")


def _ecoles(codes: list[str]) -> list[Ecole]:
    """The schools that the list is of; none where the town has one, whether or not its code is given."""
    ecoles = list(Ecole.objects.all())
    connues = ", ".join(ecole.code for ecole in ecoles)
    if inconnus := sorted(set(codes) - {ecole.code for ecole in ecoles}):
        suite = f"Les codes sont {connues}" if len(ecoles) > 1 else f"Le seul code est {connues}"
        raise CommandError(f"École inconnue\u00a0: {', '.join(inconnus)}. {suite}.")
    if len(ecoles) == 1:
        return []
    if not codes:
        raise CommandError(
            f"De quelles écoles est cette liste\u202f? Ajoutez --ecole, une fois par école\u00a0: {connues}."
        )
    return [ecole for ecole in ecoles if ecole.code in codes]


def _jour(texte: str) -> date:
    try:
        return date.fromisoformat(texte)
    except ValueError:
        raise ArgumentTypeError(f"« {texte} » n’est pas une date (AAAA-MM-JJ).") from None
