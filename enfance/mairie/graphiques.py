"""Plain column pictures, as numbers for an SVG: no script, no style in the page. Pure.

A picture repeats what a table beside it says in full. Its measures are whole units of its own `viewBox`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

GAUCHE = 56  # room for the figures of the scale
HAUT = 32  # room for a value above the tallest column
PIED = 40  # room for the names under the columns
HAUTEUR = 170  # of the tallest column there could be
TRAITS = 4  # of the scale, at most


@dataclass(frozen=True)
class Valeur:
    """A column to draw: how many, the CSS class of its colour, whether it is marked as full."""

    n: int
    couleur: str
    pleine: bool = False


@dataclass(frozen=True)
class GroupeBarres:
    """Columns side by side over a name; `sous_nom` goes under it, `limite` is a value shown across, if any."""

    nom: str
    valeurs: tuple[Valeur, ...]
    sous_nom: str = ""
    limite: int | None = None


@dataclass(frozen=True)
class Barre:
    """A column drawn, and where the middle of its figure stands; `dedans`: the figure is inside the column."""

    x: int
    y: int
    largeur: int
    hauteur: int
    valeur: Valeur
    texte_x: int
    texte_y: int
    dedans: bool


@dataclass(frozen=True)
class LimitePlaces:
    """A line across some groups, from `x` to `fin`; `texte_y` is where its figure stands."""

    x: int
    fin: int
    y: int
    n: int

    @property
    def texte_y(self) -> int:
        """The height at which the figure of the line is written, just above it, in units of the SVG's `viewBox`."""
        return self.y - 8


@dataclass(frozen=True)
class Graphique:
    """`axe` is the height of zero; `regles` are the other marks of the scale, as (height, value); `noms` are the
    names under the groups, as (middle, name, name below)."""

    largeur: int
    axe: int
    barres: tuple[Barre, ...]
    noms: tuple[tuple[int, str, str], ...]
    regles: tuple[tuple[int, int], ...]
    limites: tuple[LimitePlaces, ...]

    @property
    def hauteur(self) -> int:
        """The whole height of the picture, names under the columns included, in units of the SVG's `viewBox`."""
        return self.axe + PIED

    @property
    def gauche(self) -> int:
        """Where the columns begin, right of the figures of the scale, in units of the SVG's `viewBox`."""
        return GAUCHE


def colonnes(groupes: Sequence[GroupeBarres], *, largeur: int = 640, dedans: bool = False) -> Graphique:
    """The picture of these groups of columns, `largeur` units of the SVG's `viewBox` wide; `dedans` writes the figures
    inside the columns that are tall enough.
    """
    haut = max([1, *(valeur.n for g in groupes for valeur in g.valeurs), *(g.limite or 0 for g in groupes)])
    pas = _pas(haut)
    traits = -(-haut // pas)
    axe = HAUT + HAUTEUR

    def hauteur_of(n: int) -> int:
        return round(HAUTEUR * n / (pas * traits))

    place = (largeur - GAUCHE) / max(1, len(groupes))
    bornes = [GAUCHE + round(place * rang) for rang in range(len(groupes) + 1)]
    barres = [
        barre
        for groupe, (debut, fin) in zip(groupes, pairwise(bornes), strict=True)
        for barre in _barres(groupe, debut, fin, axe, [hauteur_of(v.n) for v in groupe.valeurs], dedans=dedans)
    ]
    noms = [((debut + fin) // 2, g.nom, g.sous_nom) for g, (debut, fin) in zip(groupes, pairwise(bornes), strict=True)]
    regles = [(axe - hauteur_of(pas * rang), pas * rang) for rang in range(1, traits + 1)]
    limites: list[LimitePlaces] = []
    for groupe, (debut, fin) in zip(groupes, pairwise(bornes), strict=True):
        if groupe.limite is None:
            continue
        if limites and (limites[-1].n, limites[-1].fin) == (groupe.limite, debut):
            debut = limites.pop().x
        limites.append(LimitePlaces(debut, fin, axe - hauteur_of(groupe.limite), groupe.limite))
    return Graphique(largeur, axe, tuple(barres), tuple(noms), tuple(regles), tuple(limites))


def _barres(
    groupe: GroupeBarres, debut: int, fin: int, axe: int, hauteurs: Sequence[int], *, dedans: bool
) -> Iterator[Barre]:
    """The columns of a group between these two abscissas, with a margin on each side."""
    marge = max(2, (fin - debut) // 10)
    large = (fin - debut - 2 * marge) // max(1, len(groupe.valeurs))
    for rang, (valeur, hauteur) in enumerate(zip(groupe.valeurs, hauteurs, strict=True)):
        x, y = debut + marge + rang * large, axe - hauteur
        inside = dedans and hauteur >= 24
        yield Barre(x, y, large - 2, hauteur, valeur, x + (large - 2) // 2, y + 18 if inside else y - 6, inside)


def _pas(haut: int) -> int:
    """The step of the scale: 1, 2 or 5, with as many zeros as it takes."""
    zeros = 1
    while True:
        for unite in (1, 2, 5):
            if haut <= TRAITS * unite * zeros:
                return unite * zeros
        zeros *= 10
