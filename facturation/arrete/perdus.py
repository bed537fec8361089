"""The lines of a closed month of which live data cannot say whether they changed: it was purged, erased, anonymised,
or is not known now. Nothing is proposed of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cached_property
from typing import Any

from facturation.arrete.figees import Figees
from facturation.arrete.lecture import Case
from facturation.arrete.propositions import CleLigne, Difference
from facturation.arrete.vivant import MoisVivant
from facturation.models import Prestation, Quotient
from facturation.prix.mois import Anomalie, Charge, Ennui


class Perdus:
    """What is held of a month, frozen and computed again."""

    def __init__(self, figees: Figees, vivant: MoisVivant) -> None:
        self.figees, self.vivant = figees, vivant
        self.cles = figees.anciennes.keys() | figees.deja.keys() | vivant.charges.keys()  # every line of the month
        self.repondus = {case for case, reponse in vivant.reponses.items() if reponse}
        self.dits = set(Quotient.objects.order_by().values_list("compte__foyer", flat=True))
        self.feuilles: set[tuple[date | None, int | None]] = set()
        self.cases: set[tuple[Any, ...]] = {*figees.effaces}
        self.enfants: set[int | None] = set()
        for anomalie in vivant.bloquantes:
            self._add(anomalie)

    def _add(self, anomalie: Anomalie) -> None:
        if anomalie.ennui is Ennui.FEUILLE:
            self.feuilles.add((anomalie.jour, anomalie.creneau))
        elif anomalie.ennui is Ennui.SANS_PAYEUR:
            self.cases.add((anomalie.enfant, anomalie.jour, anomalie.creneau))
        else:
            self.enfants.add(anomalie.enfant)

    def holds(self, cle: CleLigne) -> bool:
        """Whether no correction is proposed of this line, because the data that it was computed from is lost or unknown
        today.
        """
        if cle.enfant in self.enfants or (cle.enfant, cle.nature) in self.figees.mois_effaces:
            return True
        if self.is_unknown((cle.enfant, cle.jour, cle.creneau)):
            return True
        return any(self._lost(cle, figee) for figee in self.figees.all_of(cle))

    def is_unknown(self, case: Case) -> bool:
        """Whether live data does not say what this séance owes, because its sheet is open, its payer is not known or no
        more.
        """
        return case in self.cases or case[1:] in self.feuilles

    def _lost(self, cle: CleLigne, figee: Prestation) -> bool:
        """Whether what this frozen line was made from is no more."""
        gelee: Case = (cle.enfant, figee.jour, figee.creneau_id or 0)
        faits: Mapping[str, Any] = figee.faits
        vue = "presence" in faits or "depart" in faits.get("apres", {})
        pointes = self.vivant.pointes
        return (
            self.is_unknown(gelee)  # a price of the month stands on a séance, its key does not
            or (gelee not in self.vivant.inscrits and gelee not in pointes)
            or (vue and gelee not in pointes)
            or ("reponse" in faits and gelee not in self.repondus and gelee not in pointes)
            or (figee.quotient is not None and cle.foyer not in self.dits and "propre" not in figee.prix_dit)
        )

    def holds_rang(self, difference: Difference) -> bool:
        """Whether no correction is proposed of this difference, because only the child's rank has changed and data
        about the foyer's other children is lost.
        """
        return _is_rang_alone(difference) and not self._rangs_perdus.isdisjoint(self._foyers(difference.cle))

    @cached_property
    def _rangs_perdus(self) -> set[int]:
        """The foyers of which it is not known now whom they are billed: one of their lines is held."""
        tenus = (self._foyers(cle) for cle in self.cles if self.holds(cle))
        return self.figees.sans_dossier.union(*tenus)

    def _foyers(self, cle: CleLigne) -> set[int]:
        """Who pays this line, and the foyer whose quotient and ranks make its price."""
        nouvelle = self.vivant.charges.get(cle)
        case = (cle.enfant, nouvelle.jour, nouvelle.creneau) if nouvelle else (cle.enfant, cle.jour, cle.creneau)
        foyer = self.vivant.dus_par.get(case)
        return {cle.foyer, foyer} if foyer else {cle.foyer}


def _is_rang_alone(difference: Difference) -> bool:
    """Whether nothing tells the old from the new but the child's rank, or how many siblings share the price."""
    dite, nouvelle = difference.derniere or difference.ancienne, difference.nouvelle
    if dite is None or nouvelle is None or difference.is_other_part:
        return False
    (rang, dit), (autre_rang, autre_dit) = _rang_et_reste(dite), _rang_et_reste(nouvelle)
    return rang != autre_rang and dit == autre_dit


def _rang_et_reste(ligne: Prestation | Charge) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    prix, quantite = ligne.prix_dit, ligne.faits.get("apres", {}).get("quantite", ligne.quantite)
    tarif = (prix.get("tarif"), prix.get("deliberation"), prix.get("debut"))
    reste = (ligne.quotient, ligne.residence or "commune", prix.get("enfants"), quantite)
    return (ligne.rang, prix.get("fratrie")), (*reste, *tarif)
