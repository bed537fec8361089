"""`manage.py sceller`: seals the receipts and the versements that have no seal, as they stand."""

from __future__ import annotations

import sys
from typing import Any

from django.utils import timezone
from tqdm import tqdm

from facturation.scellement import note_scelles, sceller_anciens
from portail.commandes import FrenchCommand
from portail.francais import accord


class Command(FrenchCommand):
    help = (
        "Scelle les reçus et les versements qui ne le sont pas, tels qu’ils sont\u00a0: chacun dit depuis quand. Le "
        "portail le fait seul, la nuit d’une mise à jour\u202f; ensuite, ce qui n’a pas de sceau est une différence."
    )
    example = "manage.py sceller"

    def handle(self, **options: Any) -> None:
        """Seal what has no seal, and print how many entries that was."""
        now = timezone.now()
        with tqdm(disable=not sys.stderr.isatty(), desc="Reçus", leave=False) as barre:
            combien = sceller_anciens(now, barre.update)
        note_scelles(combien, now)
        self.stdout.write(f"{accord(combien, 'pièce')} scellée{'s' if combien > 1 else ''}.")
