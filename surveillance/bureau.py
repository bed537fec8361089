"""What monitoring puts on the town hall's home: the whole state for the IT service, one line for the secretary."""

from __future__ import annotations

from datetime import datetime

from portail.bureau import Panneau, add_to_bureau
from surveillance.etat import lire, lire_courriels
from surveillance.tableau import Bulletin, courriels_arretes, dresser


def _tableau(now: datetime) -> Bulletin:
    return dresser(lire(now))


def _courriels_arretes(now: datetime) -> str:
    return courriels_arretes(lire_courriels(now))


def register() -> None:
    """Add both. For `AppConfig.ready`."""
    add_to_bureau(
        Panneau("tableau", "accounts.view_failedtask", 5, _tableau, cote="mairie/accueil/_tableau.html"),
        Panneau(
            "courriels_arretes",
            "accounts.view_undeliveredmail",
            1,
            _courriels_arretes,
            tete="mairie/accueil/_courriels_arretes.html",
        ),
    )
