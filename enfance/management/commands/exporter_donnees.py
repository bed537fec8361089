"""Write all that is kept about a person, for whoever asks for it at the town hall (RGP-07)."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.utils import timezone

from accounts import journal
from accounts.management.accounts import find_account
from enfance.famille.donnees import load_donnees
from enfance.management.sorties import create
from portail.commandes import FrenchCommand


class Command(FrenchCommand):
    help = (
        "Écrit en JSON tout ce qui est gardé sur une personne et ses enfants, sans les coordonnées de l’autre parent."
    )
    example = "manage.py exporter_donnees 3816238 --sortie donnees.json"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The arguments of the command that exports a person's data: the identifiant, and the file to create
        (--sortie).
        """
        parser.add_argument("identifiant", metavar="IDENTIFIANT")
        parser.add_argument(
            "--sortie", type=Path, help="fichier à créer\u202f; sans lui, tout va sur la sortie standard"
        )

    def handle(self, *, identifiant: str, sortie: Path | None, **options: Any) -> None:
        """Write all that is kept about the person of this identifiant as JSON (RGP-07), into the new file `sortie`, or
        to the standard output. The export goes into the journal.
        """
        user = find_account(identifiant)
        donnees = load_donnees(user, now=timezone.now())
        contenu = json.dumps(donnees, cls=DjangoJSONEncoder, ensure_ascii=False, indent=2) + "\n"
        if sortie:
            create(sortie, contenu.encode())
            self.stdout.write(f"Les données sont dans {sortie}, que vous seul lisez.")
        else:
            self.stdout.write(contenu, ending="")
        with nullcontext() if sortie else journal.on_stderr():
            journal.event("data_exported", user=user.pk, by="command")
