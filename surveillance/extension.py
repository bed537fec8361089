"""What monitoring adds to the house: the whole state for the IT service, one line for the secretary."""

from __future__ import annotations

from datetime import datetime

from portail.bureau import Panneau
from portail.extensions import Extension
from surveillance.etat import lire, lire_courriels
from surveillance.tableau import Bulletin, courriels_arretes, dresser


def _tableau(now: datetime) -> Bulletin:
    return dresser(lire(now))


def _courriels_arretes(now: datetime) -> str:
    return courriels_arretes(lire_courriels(now))


EXTENSION = Extension(
    panneaux=(
        Panneau(
            "courriels_arretes",
            "accounts.view_undeliveredmail",
            _courriels_arretes,
            tete="mairie/accueil/_courriels_arretes.html",
        ),
        Panneau("tableau", "accounts.view_failedtask", _tableau, cote="mairie/accueil/_tableau.html"),
    )
)
