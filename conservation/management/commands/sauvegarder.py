"""`manage.py sauvegarder DOSSIER`: an archive of the database and of the guides, while the portal goes on."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError
from django.utils import timezone

from accounts import journal
from conservation import suivi
from conservation.archives import size_text, write_archive
from conservation.dossier import rotate, unread_of
from conservation.manifeste import ArchiveError
from portail.commandes import FrenchCommand
from portail.francais import pluriel


class Command(FrenchCommand):
    help = (
        "Sauvegarde la base et les guides de la commune dans un fichier du dossier, sans arrêter le portail\u00a0: "
        "entier, ou absent. Chiffré si SAUVEGARDES_CLE_PUBLIQUE est réglée."
    )
    example = "manage.py sauvegarder /srv/sauvegardes/portail --garder"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The arguments of the command that backs up: the folder (else SAUVEGARDES), and --garder, which rotates."""
        parser.add_argument("dossier", metavar="DOSSIER", nargs="?", type=Path, help="par défaut, celui de SAUVEGARDES")
        parser.add_argument(
            "--garder",
            action="store_true",
            help="ensuite, ne garde des archives du dossier que celles de moins de 48\u00a0heures, et la dernière de 7 "
            "jours, de 4 semaines et de 12 mois",
        )

    def handle(self, *, dossier: Path | None, garder: bool, **options: Any) -> None:
        folder = dossier or settings.SAUVEGARDES
        if folder is None:
            raise CommandError("Dites dans quel dossier sauvegarder, ou donnez-le dans SAUVEGARDES (.env).")
        now = timezone.now()
        try:
            archive = write_archive(folder, now=now)
            size = archive.stat().st_size
            journal.event("backup", by="command", bytes=size)
            self.stdout.write(f"Sauvegarde faite\u00a0: {archive} ({size_text(size)}).")
            if not suivi.note_backup(now):
                self.stderr.write("Son heure n’a pas pu être notée dans la base\u00a0: /sante/ ne la dira pas.")
            if garder:
                self.tell(rotate(folder, newest=archive))
                self.refuse_unread(folder)
        except ArchiveError as error:
            raise CommandError(str(error)) from None

    def tell(self, removed: list[Path]) -> None:
        """Print which archives the rotation has removed from the folder, or that there was none to remove."""
        if removed:
            names = "".join(f"\n  {path.name}" for path in removed)
            many = pluriel(len(removed), "archive de trop effacée,archives de trop effacées")
            self.stdout.write(f"{many} du dossier\u00a0:{names}")
        else:
            self.stdout.write("Aucune archive n’est de trop.")

    def refuse_unread(self, folder: Path) -> None:
        """Raise CommandError when archives of this folder cannot be read. The backup and the rotation are done by then:
        the nightly systemd unit fails all the same, for somebody to look at these files.
        """
        if unread := unread_of(folder):
            names = "".join(f"\n  {path.name} ({why})" for path, why in unread.items())
            many = pluriel(len(unread), "archive ne se lit pas et reste,archives ne se lisent pas et restent")
            raise CommandError(
                f"La sauvegarde et la rotation sont faites, mais {many} dans {folder}\u00a0:{names}\n"
                "Rendez-les au compte du portail (chown, chmod 600)\u202f; si le disque est en cause, changez-le."
            )
