"""`manage.py exporter_inscriptions --du --au`: who is registered, for a spreadsheet or another program."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Iterable, Iterator
from contextlib import nullcontext
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from accounts import journal
from enfance.mairie.extraction import FORMATS, load_lignes, load_titres, reservees
from enfance.management.arguments import jour
from enfance.management.sorties import create
from enfance.models import Ecole
from portail.commandes import FrenchCommand
from portail.francais import accord, milliers
from portail.tableur import XLSX_MAX


class Command(FrenchCommand):
    help = (
        "Écrit les inscriptions d’une période, avec la classe et le foyer qui paie\u00a0: un CSV ou un XLSX pour un "
        "tableur, ou du JSON."
    )
    example = "manage.py exporter_inscriptions --du 01/12/2026 --au 31/12/2026 --sortie decembre.csv"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The arguments of the command that exports inscriptions: first and last day (--du, --au), --ecole, --format,
        and the file to create (--sortie).
        """
        parser.add_argument("--du", type=jour, required=True, help="premier jour")
        parser.add_argument("--au", type=jour, required=True, help="dernier jour, compris")
        parser.add_argument("--ecole", metavar="CODE", help="code de l’école ; sinon, toutes")
        parser.add_argument("--format", choices=list(FORMATS), default="csv", help="csv (par défaut), xlsx ou json")
        parser.add_argument(
            "--sortie", type=Path, help="fichier à créer\u202f; sans lui, tout va sur la sortie standard"
        )

    def handle(self, *, du: date, au: date, sortie: Path | None, **options: Any) -> None:
        """Write the inscriptions from `du` to `au`, both included, as CSV, XLSX or JSON, into the new file `sortie`, or
        to the standard output. XLSX is refused without a file, and beyond its greatest number of rows. The export goes
        into the journal.
        """
        ecole = _ecole(options["ecole"]) if options["ecole"] else None
        if au < du:
            raise CommandError("Le dernier jour (--au) est avant le premier (--du).")
        if options["format"] == "xlsx" and not sortie:
            raise CommandError("Un fichier xlsx ne se lit pas à l’écran\u00a0: dites où l’écrire (--sortie).")
        if options["format"] == "xlsx" and (nombre := reservees(du, au, ecole).count()) > XLSX_MAX:
            raise CommandError(
                f"{accord(nombre, 'inscription')}, et un fichier xlsx en tient {milliers(XLSX_MAX)} au plus\u00a0: "
                "prenez moins de jours, ou --format csv."
            )
        titres = load_titres()
        lignes = Counted(load_lignes(du, au, titres, ecole))
        contenu = FORMATS[options["format"]](titres, lignes)
        if sortie:
            create(sortie, contenu)
            self.stdout.write(f"{accord(lignes.nombre, 'inscription')} dans {sortie}.")
        else:
            for bloc in contenu:
                self.stdout.write(bloc.decode(), ending="")
        with nullcontext() if sortie else journal.on_stderr():
            journal.event("export", model="inscription", rows=lignes.nombre, by="command")


def _ecole(code: str) -> Ecole:
    ecoles = {ecole.code: ecole for ecole in Ecole.objects.all()}
    if code not in ecoles:
        raise CommandError(f"Aucune école n’a le code « {code} ». Codes connus : {', '.join(ecoles)}.")
    return ecoles[code]


class Counted[L]:
    """Rows that go by once, and how many have."""

    def __init__(self, lignes: Iterable[L]) -> None:
        self._lignes, self.nombre = lignes, 0

    def __iter__(self) -> Iterator[L]:
        for ligne in self._lignes:
            self.nombre += 1
            yield ligne
