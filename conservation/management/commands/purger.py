"""`manage.py purger`: what has passed its time, now; or how much there is of it."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError
from django.utils import timezone
from tqdm import tqdm

from conservation.annuelle import purger
from portail.commandes import FrenchCommand
from portail.durees import Cadence, Duree, phrases
from portail.effacements import EffacementRefuse
from portail.extensions import Extension
from portail.francais import NBSP

VISA = (
    "Ce sont des archives publiques\u00a0: leur élimination demande le visa des Archives départementales. "
    "Les chiffres de la mairie restent justes\u202f; les sauvegardes déjà faites gardent tout jusqu’à leur rotation."
)


class Command(FrenchCommand):
    help = (
        "Efface ce qui a passé sa durée de conservation (réglages CONSERVATION_…)\u00a0: ce qui part chaque nuit, puis "
        "ce qui part une fois par an, années scolaires et enfants partis. Coupée, la commande se relance."
    )
    example = "manage.py purger --simuler"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The argument of the command that erases what has passed its time: --simuler, to count it only."""
        parser.add_argument("--simuler", action="store_true", help="tout faire, dire combien, et ne rien garder")

    def handle(self, *args: Any, **options: Any) -> None:
        now, simuler = timezone.now(), options["simuler"]
        if simuler:
            self.stdout.write("À blanc\u00a0: rien n’est effacé.")
        refus, dit = [], False
        for duree in Extension.installed().durees_of(Cadence.NUIT, Cadence.AN):
            details = duree.details(now)
            try:
                with tqdm(disable=not sys.stderr.isatty(), desc=duree.nom[:30], unit="lot", leave=False) as barre:
                    [(_, comptes)] = purger([duree], now=now, simuler=simuler, fait=barre.update)
            except EffacementRefuse as error:
                refus.append(str(error))
                continue
            dit |= self._say(duree, phrases(comptes), details)
        self.stdout.write(VISA if dit else "Rien n’a passé son temps.")
        if refus:
            raise CommandError("\n".join([*refus, "Le reste est fait\u00a0: relancez la commande plus tard."]))

    def _say(self, duree: Duree, comptes: list[str], details: list[str]) -> bool:
        """Whether some rows went, or would."""
        if comptes or details:
            self.stdout.write(f"{duree.nom} ({duree.combien()}){NBSP}: {', '.join(comptes) or 'rien'}.")
        for detail in details:
            self.stdout.write(f"  {detail}")
        return bool(comptes)
