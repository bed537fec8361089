"""What the secretary deals with of money, on the town hall's home: quotients that are missing."""

from __future__ import annotations

from facturation.views.mairie.quotients import LISTE, VIEW, compter_sans
from portail.bureau import Raccourci, Rubrique, Urgence, add_to_bureau

RUBRIQUES = [
    Rubrique(VIEW, "payeur sans quotient,payeurs sans quotient", LISTE, Urgence.SEMAINE, 26, compter_sans),
]
RACCOURCIS = [Raccourci("Quotients des familles", LISTE, VIEW, 101, "info")]


def register() -> None:
    """Add all of it. For `AppConfig.ready`."""
    add_to_bureau(*RUBRIQUES, *RACCOURCIS)
