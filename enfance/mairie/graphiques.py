"""Plain column pictures, as numbers for an SVG: no script, no style in the page. Pure.

A picture repeats what a table beside it says in full; it is measured in the units of its own `viewBox`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

HAUTEUR = 160  # of the tallest column
PIED = 24  # room for the names under the columns
LARGEUR = 18  # of a column
ECART = 10  # between two groups of columns


@dataclass(frozen=True)
class Colonne:
    """One column; `serie` counts from 0 and chooses its colour."""

    x: int
    y: int
    hauteur: int
    serie: int


@dataclass(frozen=True)
class Graphique:
    """`etiquettes` are the names under the groups and where their middles are; `limite`, the height of a line over
    all of them, if any."""

    largeur: int
    hauteur: int
    colonnes: tuple[Colonne, ...]
    etiquettes: tuple[tuple[int, str], ...]
    limite: int | None = None


def colonnes(groupes: Sequence[tuple[str, Sequence[int]]], *, limite: int | None = None) -> Graphique:
    """A group of columns for each name, side by side. `limite` is a value that a line shows across."""
    echelle = max([1, limite or 0, *(valeur for _, valeurs in groupes for valeur in valeurs)])
    faites, etiquettes, x = [], [], ECART
    for titre, valeurs in groupes:
        for serie, valeur in enumerate(valeurs):
            hauteur = round(HAUTEUR * valeur / echelle)
            faites.append(Colonne(x + serie * LARGEUR, HAUTEUR - hauteur, hauteur, serie))
        large = max(1, len(valeurs)) * LARGEUR
        etiquettes.append((x + large // 2, titre))
        x += large + ECART
    trait = None if limite is None else HAUTEUR - round(HAUTEUR * limite / echelle)
    return Graphique(x, HAUTEUR + PIED, tuple(faites), tuple(etiquettes), trait)
