"""What changed since a month was closed and proposes nothing: a sheet that says again what was billed, a rank that
hangs on an elder whose lines are not known now. The secretary reads it; the family, who owes no other sum, does not.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from facturation.arrete.lecture import Case
from facturation.arrete.motifs import Motifs
from facturation.arrete.perdus import Perdus
from facturation.arrete.propositions import ChangementSansSuite, CleLigne, Difference
from facturation.models import Prestation
from facturation.montants import ecart
from facturation.payeurs.entetes import load_enfants
from facturation.prix.mois import Charge
from portail.dates import jour_court, jour_long
from portail.francais import NBSP

Nature = Prestation.Nature
REMIS, RETENU = "Changé, puis remis", "Changé, et non proposé"
PRESENCE = ("arrivee", "depart")


def load_remises(perdus: Perdus, motifs: Motifs, differences: Collection[Difference]) -> list[ChangementSansSuite]:
    """The sheets that were corrected since the month was closed and say again what they did, by day. One query, where a
    sheet was.
    """
    autres = {_case(difference.cle) for difference in differences}
    vues = _Lignes(perdus, motifs.gestes.keys() - autres)
    dites = {case: le for case, le in motifs.gestes.items() if case not in autres and vues.is_remise(case)}
    prenoms = load_enfants({enfant for enfant, _, _ in dites}) if dites else {}
    return [
        ChangementSansSuite(
            REMIS,
            ", ".join([prenoms[enfant]["prenom"], jour_court(jour), motifs.creneaux.get(creneau, "")]),
            f"La feuille, corrigée le {jour_long(le)}, dit de nouveau ce qui a été facturé{NBSP}: rien à corriger.",
        )
        for (enfant, jour, creneau), le in sorted(dites.items(), key=lambda une: (une[0][1], une[0]))
        if enfant in prenoms
    ]


class _Lignes:
    """What was frozen of these séances, and what they would be today."""

    def __init__(self, perdus: Perdus, cases: Collection[Case]) -> None:
        self.perdus = perdus
        self.figees, self.vivantes = (
            _presences(lignes, cases) for lignes in (perdus.figees.anciennes, perdus.vivant.charges)
        )
        self.au_mois = {cle.enfant for cle in perdus.cles if cle.nature.startswith(Nature.FORFAIT)} if cases else set()

    def is_remise(self, case: Case) -> bool:
        """Whether the sheet says today of this séance what its line froze; where it has no line, and the child no price
        of the month, whether nobody came.
        """
        if self.perdus.is_unknown(case):
            return False
        figees, vivantes = self.figees.get(case), self.vivantes.get(case)
        if figees or vivantes:
            return figees == vivantes
        return case not in self.perdus.vivant.presents and case[0] not in self.au_mois


def _presences(lignes: Mapping[CleLigne, Prestation | Charge], cases: Collection[Case]) -> dict[Case, set[Any]]:
    """What the gate noted, as the lines of each of these séances say."""
    presences: dict[Case, set[Any]] = {}
    for cle, ligne in lignes.items():
        if (case := _case(cle)) in cases:
            presences.setdefault(case, set()).add(_presence(ligne.faits))
    return presences


def _case(cle: CleLigne) -> Case:
    return cle.enfant, cle.jour, cle.creneau


def _presence(faits: Mapping[str, Any]) -> tuple[Any, ...] | None:
    """When the child came and left; None when nobody came."""
    presence = faits.get("presence")
    return tuple(presence.get(nom) for nom in PRESENCE) if presence is not None else None


def build_retenues(motifs: Motifs, retenues: Collection[Difference]) -> Iterator[ChangementSansSuite]:
    """What would change for a younger child if the lines of an elder were known, child by child and payer by payer."""
    groupes: dict[tuple[int, int], list[Difference]] = defaultdict(list)
    for difference in retenues:
        groupes[difference.cle.foyer, difference.cle.enfant].append(difference)
    for siennes in groupes.values():
        montant = ecart(sum(difference.montant for difference in siennes))
        yield ChangementSansSuite(
            RETENU,
            motifs.quoi(siennes),
            f"Le rang dans la fratrie ne serait plus le même ({montant}), faute de la ligne d’un aîné{NBSP}: sa fiche "
            "est effacée, son jour purgé, ou sa feuille rouverte. Rien n’est compté.",
        )
