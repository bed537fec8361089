"""The result of a trial: families concerned and amounts, in all, by tranche of quotient, by school. Pure; centimes.

A family is a payer. It is concerned when what it owes, in all or for the children of a school, is another sum.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from facturation.essai_regle.calcul import BilanEssai
from facturation.essai_regle.masque import Cache, Effectif, voiler

INCONNU = "Quotient inconnu"
SANS_ECOLE = "Sans école"


class LigneTouchee(NamedTuple):
    """A row: families concerned, of how many, and what they would have paid more. None where it is hidden: `cache` says
    why.
    """

    titre: str
    touchees: int | None
    familles: int | None
    montant: int | None
    cache: Cache | None = None

    @property
    def part(self) -> int | None:
        """How many families in a hundred are concerned; None where it is hidden."""
        if self.touchees is None or not self.familles:
            return None
        return round(100 * self.touchees / self.familles)


@dataclass(frozen=True)
class TableauEssai:
    """Rows under a head, their total whole. `lignes` None: they cannot be shown without telling of a few families.
    `plusieurs`: a family may be in more than one row.
    """

    tete: str
    lignes: tuple[LigneTouchee, ...] | None
    total: LigneTouchee
    plusieurs: bool = False

    @property
    def seule(self) -> bool:
        """Whether one row alone is there: the total says as much."""
        return self.lignes is not None and len(self.lignes) < 2


def total_of(bilan: BilanEssai) -> LigneTouchee:
    """All the families of the trial."""
    return _ligne("Ensemble", ecarts_of(bilan).values())


def ecarts_of(bilan: BilanEssai) -> dict[int, int]:
    """What each family (primary key of the foyer) would have paid more, 0 for one that is not concerned."""
    ecarts: dict[int, int] = defaultdict(int)
    for du in bilan.avant.keys() | bilan.apres.keys():
        ecarts[du[0]] += bilan.apres[du] - bilan.avant[du]
    return dict(ecarts)


def tableau_quotients(bilan: BilanEssai, quotients: Mapping[int, int], bornes: Iterable[int]) -> TableauEssai:
    """By tranche of quotient: `quotients` of the foyers, those that are unknown left out; `bornes`: where each tranche
    begins, but the first.
    """
    seuils = sorted(set(bornes))
    rangees: list[dict[int, int]] = [{} for _ in range(len(seuils) + 2)]
    for foyer, ecart in ecarts_of(bilan).items():
        connu = quotients.get(foyer)
        rangees[-1 if connu is None else bisect_right(seuils, connu)][foyer] = ecart
    titres = [*_tranches(seuils), INCONNU]
    return _tableau("Quotient", zip(titres, rangees, strict=True), total_of(bilan))


def tableau_ecoles(bilan: BilanEssai, ecoles: Mapping[int, int], noms: Sequence[tuple[int, str]]) -> TableauEssai:
    """By school: `ecoles` of the children (primary keys), `noms` of the schools in their order. What a family owes is
    counted in the school of each child.
    """
    par_ecole: dict[int | None, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    for foyer, enfant in bilan.avant.keys() | bilan.apres.keys():
        ecart = bilan.apres[foyer, enfant] - bilan.avant[foyer, enfant]
        par_ecole[ecoles.get(enfant)][foyer] += ecart
    rangees = [(nom, par_ecole.get(cle, {})) for cle, nom in noms]
    return _tableau("École", [*rangees, (SANS_ECOLE, par_ecole.get(None, {}))], total_of(bilan))


def _tableau(tete: str, rangees: Iterable[tuple[str, Mapping[int, int]]], total: LigneTouchee) -> TableauEssai:
    pleines = [_ligne(titre, ecarts.values()) for titre, ecarts in rangees if ecarts]
    plusieurs = sum(ligne.familles or 0 for ligne in pleines) > (total.familles or 0)
    voile = voiler([Effectif(ligne.touchees or 0, ligne.familles or 0) for ligne in pleines])
    if voile is None:
        return TableauEssai(tete, None, total, plusieurs)
    lignes = tuple(
        ligne
        if raison is None
        else LigneTouchee(ligne.titre, None, ligne.familles if voile.avec_familles else None, None, raison)
        for ligne, raison in zip(pleines, voile.raisons, strict=True)
    )
    return TableauEssai(tete, lignes, total, plusieurs)


def _ligne(titre: str, ecarts: Iterable[int]) -> LigneTouchee:
    sommes = list(ecarts)
    return LigneTouchee(titre, sum(1 for somme in sommes if somme), len(sommes), sum(sommes))


def _tranches(seuils: Sequence[int]) -> list[str]:
    """« Moins de 600 », « 600 à 859 », « 860 et plus »; one of all quotients where there is no bound."""
    if not seuils:
        return ["Tous les quotients"]
    entre = [f"{bas} à {haut - 1}" for bas, haut in zip(seuils, seuils[1:], strict=False)]
    return [f"Moins de {seuils[0]}", *entre, f"{seuils[-1]} et plus"]
