"""`manage.py rouvrir ID`: what a closure had cancelled is given back, as far as there is place."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError
from django.utils import timezone

from enfance.mairie.fermetures.ecriture import fermeture_phrase, rouvrir
from enfance.models import Fermeture
from portail.commandes import FrenchCommand


class Command(FrenchCommand):
    help = "Rouvre une fermeture : rétablit ce qu’elle avait annulé, si la place y est, et prévient les familles."
    example = "manage.py rouvrir 12 --simuler"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The arguments of the command that lifts a closure: its number, and --simuler."""
        parser.add_argument("fermeture", type=int, metavar="ID", help="numéro de la fermeture, que « fermer » a donné")
        parser.add_argument("--simuler", action="store_true", help="dit ce qui serait fait, sans rien écrire")

    def handle(self, *args: Any, **options: Any) -> None:
        """Lift a closure, by its number, and print which inscriptions are given back; with `simuler`, only print it. An
        unknown number, or a closure that is over, is an error.
        """
        fermeture = Fermeture.objects.filter(pk=options["fermeture"]).first()
        if fermeture is None:
            connues = ", ".join(f"{f.pk} ({fermeture_phrase(f)})" for f in Fermeture.objects.all()[:20])
            raise CommandError(f"Aucune fermeture {options['fermeture']}. Celles qui existent : {connues or 'aucune'}.")
        phrase = fermeture_phrase(fermeture)  # with its schools, which go with it
        bilan = rouvrir(fermeture.pk, now=timezone.now(), simuler=options["simuler"])
        if bilan.deja:
            raise CommandError(f"Cette fermeture est finie : {phrase}.")
        titre = "Simulation, rien n’est écrit" if options["simuler"] else "Rouvert"
        self.stdout.write("\n".join([f"{titre} : {phrase}.", *bilan.lignes()]))
