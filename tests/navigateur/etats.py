"""Every page in every state that its readers may see: what the browser, axe and the HTML checker go through.

One line a state. `reach` brings a window on it, in a world that it makes itself; `status` is that of the page.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Page

from tests.navigateur import (
    etats_aide,
    etats_argent,
    etats_argent_mairie,
    etats_cantine,
    etats_compte,
    etats_comptes,
    etats_dossiers,
    etats_ecoles,
    etats_ecoles_mairie,
    etats_enfant,
    etats_envois,
    etats_equipe,
    etats_facteur,
    etats_famille,
    etats_fermetures,
    etats_mairie,
    etats_ouverts,
    etats_paiement,
    etats_rentree,
    etats_repas,
    etats_semaine_type,
    etats_silences,
)
from tests.navigateur.site import Site


@dataclass(frozen=True)
class Etat:
    name: str
    reach: Callable[[Site, bool], Page]
    status: int = 200

    def open(self, site: Site, *, javascript: bool = True) -> Page:
        return self.reach(site, javascript)


ETATS = [
    Etat(name, reach, *status)
    for module in (
        etats_ouverts,
        etats_comptes,
        etats_compte,
        etats_facteur,
        etats_famille,
        etats_argent,
        etats_argent_mairie,
        etats_fermetures,
        etats_mairie,
        etats_silences,
        etats_envois,
        etats_rentree,
        etats_repas,
        etats_cantine,
        etats_equipe,
        etats_dossiers,
        etats_ecoles_mairie,
        etats_enfant,
        etats_semaine_type,
        etats_ecoles,
        etats_paiement,
        etats_aide,
    )
    for name, reach, *status in module.ETATS
]
