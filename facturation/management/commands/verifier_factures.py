"""`manage.py verifier_factures`: counts all issued money again, from the frozen lines."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError
from django.utils import timezone
from tqdm import tqdm

from facturation.arrete.preparation import mois_nom
from facturation.arrete.regularisations import load_propositions
from facturation.models import Compte, Encaissement, Facture, Mois
from facturation.recompte import note_differences
from facturation.registres.durees import first_whole_year
from facturation.verification import verifier
from portail.commandes import FrenchCommand
from portail.francais import accord


class Command(FrenchCommand):
    help = (
        "Recompte chaque facture, chaque numéro, chaque encaissement, chaque sceau et chaque solde. Ne "
        "change rien. Une différence est dite en une phrase, et la commande finit par 1."
    )
    example = "manage.py verifier_factures"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The argument of the command that counts issued money again: --propositions."""
        parser.add_argument(
            "--propositions",
            action="store_true",
            help="dit aussi combien de corrections sont proposées à la mairie, mois par mois",
        )

    def handle(self, *, propositions: bool, **options: Any) -> None:
        """Count all issued money again, print each difference, and keep how many there are. CommandError when there is
        one. With `--propositions`, and without a difference, also print how many corrections each closed month would be
        proposed.
        """
        differences = 0
        factures = Facture.objects.count()
        with tqdm(total=factures, disable=not sys.stderr.isatty(), desc="Factures", leave=False) as barre:
            for phrase in verifier(barre.update, depuis=first_whole_year(timezone.now())):
                differences += 1
                self.stdout.write(phrase)
        note_differences(differences)
        vus = (
            accord(factures, "facture"),
            accord(Compte.objects.count(), "payeur"),
            accord(Encaissement.objects.count(), "encaissement"),
        )
        if differences:
            raise CommandError(f"{accord(differences, 'différence')}, sur {', '.join(vus)}.")
        self.stdout.write(f"{', '.join(vus)}\u00a0: aucune différence.")
        for mois in Mois.objects.order_by("premier") if propositions else ():
            proposees = len(load_propositions(mois))
            self.stdout.write(
                f"{mois_nom(mois.premier).capitalize()}\u00a0: {accord(proposees, 'correction')} à proposer."
            )
