"""`manage.py verifier_sauvegarde ARCHIVE`: restore it aside, count again, and say in one line whether it is good."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError
from django.utils import timezone

from accounts import journal
from conservation import suivi
from conservation.dossier import newest_archive
from conservation.manifeste import ArchiveError
from conservation.verification import verify
from portail.commandes import FrenchCommand
from portail.dates import date_heure
from portail.francais import accord, milliers


class Command(FrenchCommand):
    help = (
        "Vérifie une archive\u00a0: son empreinte, puis la base qu’elle rend, restaurée à part et recomptée table par "
        "table. Rien ne change dans le portail."
    )
    example = "manage.py verifier_sauvegarde /srv/sauvegardes/portail/portail-2026-11-27T031200Z.tar"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The arguments of the command that verifies a backup: an archive, or a folder for its newest, and --cle."""
        parser.add_argument(
            "archive", metavar="ARCHIVE", type=Path, help="une archive, ou un dossier\u00a0: sa plus récente"
        )
        parser.add_argument("--cle", metavar="FICHIER", type=Path, help="la clé privée, si l’archive est chiffrée")

    def handle(self, *, archive: Path, cle: Path | None, **options: Any) -> None:
        try:
            path = newest_archive(archive) if archive.is_dir() else archive
            verdict = verify(path, cle=cle)
        except ArchiveError as error:
            journal.event("backup_verified", result="refused", by="command")
            raise CommandError(str(error)) from None
        journal.event("backup_verified", by="command")
        manifeste = verdict.manifeste
        suivi.note_check(manifeste.fait_le, now=timezone.now())
        said = (
            f"Bonne\u00a0: {path.name}, du {date_heure(manifeste.fait_le)}, version "
            f"{manifeste.version}, {accord(len(manifeste.lignes), 'table')}, "
            f"{milliers(sum(manifeste.lignes.values()))} lignes."
        )
        if verdict.missing:
            said += f" Une restauration y passera {accord(len(verdict.missing), 'migration')}."
        self.stdout.write(said)
