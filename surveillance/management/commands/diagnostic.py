"""`manage.py diagnostic`: what works, what does not, and for each of those the remedy and the command to type."""

from __future__ import annotations

import os
import sys
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.utils import timezone

from portail.commandes import FrenchCommand
from portail.dates import date_heure
from portail.version import version
from surveillance.diagnostic.constats import MAUVAIS, how_many
from surveillance.diagnostic.examen import examine
from surveillance.diagnostic.lieu import lieu_of
from surveillance.diagnostic.textes import all_of, as_json, as_text


class Command(FrenchCommand):
    help = (
        "Examine le portail, de ses réglages à ce que les familles en voient, et dit pour chaque point mauvais le "
        "remède et la commande. Ne change rien, ne nomme personne. Rend 1 si un point est mauvais."
    )
    example = "manage.py diagnostic"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The arguments of the diagnosis: --json, and --sans-reseau, which asks nothing of another machine."""
        parser.add_argument("--json", action="store_true", help="pour un programme\u00a0: un objet JSON")
        parser.add_argument(
            "--sans-reseau", action="store_true", help="n’interroge ni le serveur de mail ni l’adresse publique"
        )

    def handle(self, *, json: bool, sans_reseau: bool, **options: Any) -> None:
        """Print the diagnosis, as a text or as JSON; exits with 1 when one of its lines is bad."""
        now = timezone.now()
        lieu = lieu_of(settings.ROOT_DIR, settings.VAR_DIR, settings.ENV_FILE, settings.INSTANCE)
        chapitres = examine(lieu, now=now, uid=os.geteuid(), network=not sans_reseau)
        if json:
            self.stdout.write(as_json(settings.SITE_URL, chapitres, version=version(), le=now.isoformat()))
        else:
            title = f"Portail {settings.SITE_URL}, version {version()}, {date_heure(now)}"
            self.stdout.write(as_text(title, chapitres))
        self.stdout.flush()
        if how_many(all_of(chapitres))[MAUVAIS]:
            sys.exit(1)
