"""`manage.py charger_demo`: the fictional school of `make demo`, the town of `make demo-ville`; never in production."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import date, datetime, time
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError
from django.utils import timezone

from enfance.demo import contenu, ville
from enfance.mairie.annee import AnneeInconnue
from enfance.models import Responsable
from portail.commandes import FrenchCommand
from portail.dates import PARIS

ECOLE = ("L’école", "150 familles, 220 enfants", contenu)
VILLE = ("La ville", "trois écoles, 70 familles, 110 enfants", ville)


class Command(FrenchCommand):
    help = "Charge l’école ou la ville fictive de la démonstration et dit ses comptes. Refusé en production."
    example = "manage.py charger_demo --aujourd-hui 2026-12-01"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The arguments of the command that loads the demonstration: the day around which it lives (--aujourd-hui), and
        whether it is a town (--ville).
        """
        parser.add_argument(
            "--aujourd-hui",
            type=date.fromisoformat,
            help="le jour autour duquel l’école vit (AAAA-MM-JJ) ; sinon, ce jour",
        )

        parser.add_argument("--ville", action="store_true", help="une ville de trois écoles, au lieu d’une école")

    def handle(self, *args: Any, **options: Any) -> None:
        """Load the fictional school, or town, of the demonstration, and print its accounts. Where it is loaded already,
        nothing is changed and its accounts are printed. Refused in production, and in a database that has families
        already.
        """
        if settings.PRODUCTION:
            raise CommandError("La démonstration ne se charge pas en production (SITE_URL est en https).")
        nom, taille, demo = VILLE if options["ville"] else ECOLE
        if demo.is_loaded():
            self.stdout.write(f"{nom} de démonstration est déjà là : rien n’a été changé.")
        elif Responsable.objects.exists():
            raise CommandError("La base contient déjà des familles : la démonstration ne s’y mêle pas.")
        else:
            jour = options["aujourd_hui"]
            try:
                demo.load(datetime.combine(jour, time(9), tzinfo=PARIS) if jour else timezone.now())
            except AnneeInconnue as error:
                raise CommandError(str(error)) from None
            self.stdout.write(f"{nom} de démonstration est chargée : {taille}.")
        self.stdout.write("\n" + "\n\n".join(map(str, demo.comptes())))
