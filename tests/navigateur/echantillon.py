"""The sample of pages that RGAA's method asks for, in the order of docs/rgaa.md, each under the name of its state."""

from __future__ import annotations

from types import ModuleType

from tests.navigateur import (
    etats_aide,
    etats_cantine,
    etats_compte,
    etats_comptes,
    etats_dossiers,
    etats_envois,
    etats_equipe,
    etats_famille,
    etats_mairie,
    etats_ouverts,
    etats_semaine_type,
)
from tests.navigateur.etats import Etat

# What is drawn by chance, a tenth of the others, was drawn once among all the states:
# random.Random("RGAA 4.1.2").sample(sorted(the states that are not above), 3)
PAGES: list[tuple[ModuleType, str]] = [
    (etats_comptes, "connexion"),
    (etats_famille, "accueil"),
    (etats_famille, "planning"),
    (etats_famille, "jour"),
    (etats_semaine_type, "semaine-type"),
    (etats_famille, "enfant"),
    (etats_compte, "compte-agenda"),
    (etats_famille, "historique"),
    (etats_equipe, "equipe"),
    (etats_cantine, "cantine-jour"),
    (etats_ouverts, "accessibilite"),
    (etats_ouverts, "mentions-legales"),
    (etats_ouverts, "plan-du-site"),
    (etats_comptes, "comment-entrer-fr"),
    (etats_aide, "aide-cantine"),
    (etats_mairie, "mairie-accueil"),
    (etats_mairie, "mairie-trouver-plusieurs"),
    (etats_mairie, "mairie-enfants"),
    (etats_mairie, "mairie-chiffres"),
    (etats_envois, "message-ecrire"),
    (etats_dossiers, "dossiers-fermeture-apercu"),
    (etats_comptes, "mot-de-passe-oublie"),
    (etats_comptes, "mot-de-passe-oublie-envoye"),
    (etats_comptes, "mot-de-passe-nouveau"),
    (etats_famille, "planning-enregistre"),
    (etats_famille, "planning-complet"),
    (etats_semaine_type, "semaine-type-apercu"),
    (etats_semaine_type, "semaine-type-remplie"),
    (etats_cantine, "cantine-semaine"),
    (etats_ouverts, "hors-ligne"),
    (etats_semaine_type, "recapitulatif"),
]
OF_AGENTS = (etats_aide, etats_dossiers, etats_envois, etats_mairie)  # whose screen is that of a desk


def named(module: ModuleType, name: str) -> Etat:
    """The state of that name; two modules may each have an « enfant »."""
    [etat] = [Etat(*row) for row in module.ETATS if row[0] == name]
    return etat


SAMPLE = [named(module, name) for module, name in PAGES]
AT_A_DESK = {name for module, name in PAGES if module in OF_AGENTS}
