"""`manage.py exporter_factures --du --au`: what was issued, for a spreadsheet or another program."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import nullcontext
from datetime import date, time
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from accounts import journal
from enfance.calendrier import UN_JOUR
from enfance.mairie.extraction import FORMATS
from enfance.management.arguments import jour
from enfance.management.commands.exporter_inscriptions import Counted
from enfance.management.sorties import create
from facturation.arrete.tableaux import TITRES, TITRES_FACTURES, factures_emises, lignes_emises
from facturation.models import Facture, Prestation
from portail.commandes import FrenchCommand
from portail.dates import instant
from portail.francais import accord, milliers
from portail.lettres import plain
from portail.tableur import XLSX_MAX, to_xlsx


class Command(FrenchCommand):
    help = (
        "Écrit les factures et les avoirs émis entre deux jours, ou leurs lignes\u00a0: un CSV ou un XLSX pour un "
        "tableur, ou du JSON."
    )
    example = "manage.py exporter_factures --du 01/12/2026 --au 31/12/2026 --lignes --sortie lignes.csv"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The arguments of the command that exports invoices: first and last day of issue, --lignes, format, and the
        file to create.
        """
        parser.add_argument("--du", type=jour, required=True, help="premier jour d’émission")
        parser.add_argument("--au", type=jour, required=True, help="dernier jour, compris")
        parser.add_argument("--lignes", action="store_true", help="une ligne par séance, et non par facture")
        parser.add_argument("--format", choices=list(FORMATS), default="csv", help="csv (par défaut), xlsx ou json")
        parser.add_argument(
            "--sortie", type=Path, help="fichier à créer\u202f; sans lui, tout va sur la sortie standard"
        )

    def handle(self, *, du: date, au: date, lignes: bool, sortie: Path | None, **options: Any) -> None:
        """Write the invoices issued from `--du` to `--au`, both included (Paris), or their lines with `--lignes`, as
        CSV, XLSX or JSON, to the file of `--sortie` or to the screen. CommandError for dates out of order, or an XLSX
        without a file or too long.
        """
        forme = options["format"]
        if au < du:
            raise CommandError("Le dernier jour (--au) est avant le premier (--du).")
        if forme == "xlsx" and not sortie:
            raise CommandError("Un fichier xlsx ne se lit pas à l’écran\u00a0: dites où l’écrire (--sortie).")
        minuit, ensuite = instant(du, time(0)), instant(au + UN_JOUR, time(0))
        factures = Facture.objects.filter(emise_le__gte=minuit, emise_le__lt=ensuite)
        mot = "ligne" if lignes else "facture"
        if forme == "xlsx":
            nombre = (Prestation.objects.filter(facture__in=factures.order_by()) if lignes else factures).count()
            if nombre > XLSX_MAX:
                raise CommandError(
                    f"{accord(nombre, mot)}, et un fichier xlsx en tient {milliers(XLSX_MAX)} au plus\u00a0: prenez "
                    "moins de jours, ou --format csv."
                )
        titres = TITRES if lignes else TITRES_FACTURES
        rangees = Counted(lignes_emises(factures) if lignes else factures_emises(factures))
        contenu = _ecrire(forme, mot, titres, rangees)
        if sortie:
            create(sortie, contenu)
            self.stdout.write(f"{accord(rangees.nombre, mot)} dans {sortie}.")
        else:
            for bloc in contenu:
                self.stdout.write(bloc.decode(), ending="")
        with nullcontext() if sortie else journal.on_stderr():
            journal.event("export", model=mot, rows=rangees.nombre, by="command")


def _ecrire(forme: str, mot: str, titres: list[str], rangees: Counted[list[Any]]) -> Iterator[bytes]:
    """The keys of JSON are the heads of the columns, in small letters without accents: « a_payer_avant_le »."""
    if forme == "xlsx":
        return iter([to_xlsx(f"{mot.capitalize()}s", titres, rangees)])
    cles = [plain(titre).replace(" ", "_") for titre in titres]
    lignes = (dict(zip(cles, rangee, strict=True)) for rangee in rangees)
    return FORMATS[forme](dict(zip(cles, titres, strict=True)), lignes)
