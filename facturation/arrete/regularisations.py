"""After a month is closed: what live data says otherwise, proposed to the secretary. Nothing is counted without them.

The month is computed again (`vivant`) and set beside its frozen lines and what corrected them since (`figees`). What
live data cannot say any more proposes nothing (`perdus`); the rest is said in words (`motifs`), and so is what changed
without a correction (`sans_suite`). Amounts are centimes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from facturation.arrete.figees import Figees
from facturation.arrete.motifs import Motifs
from facturation.arrete.perdus import Perdus
from facturation.arrete.propositions import (
    Cause,
    ChangementSansSuite,
    CleLigne,
    CorrectionProposee,
    Difference,
)
from facturation.arrete.sans_suite import build_retenues, load_remises
from facturation.arrete.vivant import MoisVivant
from facturation.models import Mois, Prestation
from facturation.prix.mois import Charge
from facturation.prix.tarifs import PeriodePlafond

Nature = Prestation.Nature
type Groupes = dict[tuple[Any, ...], list[Difference]]  # what is said, and applied, together


@dataclass(frozen=True)
class Regularisations:
    """What became of a closed month: the corrections to propose, by name of the payer; what changed besides, of which
    nothing is proposed, by child and day.
    """

    propositions: list[CorrectionProposee]
    sans_suite: list[ChangementSansSuite]


def load_propositions(mois: Mois) -> list[CorrectionProposee]:
    """The corrections to propose for this closed month: where the data of today gives another price than what was
    billed and corrected; by name of the payer. Empty when nothing differs. A fixed number of queries.
    """
    comparaison = _Comparaison(mois)
    differences = comparaison.differences
    return _propositions(differences, Motifs(mois, comparaison.vivant, differences)) if differences else []


def load_regularisations(mois: Mois) -> Regularisations:
    """The corrections to propose for this closed month, and what changed without any: a sheet that says again what was
    billed, a rank that depends on lines which are not known now. A fixed number of queries.
    """
    comparaison = _Comparaison(mois)
    differences, retenues = comparaison.differences, comparaison.retenues
    motifs = Motifs(mois, comparaison.vivant, [*differences, *retenues])
    sans_suite = [*load_remises(comparaison.perdus, motifs, differences), *build_retenues(motifs, retenues)]
    return Regularisations(_propositions(differences, motifs) if differences else [], sans_suite)


def _propositions(differences: Sequence[Difference], motifs: Motifs) -> list[CorrectionProposee]:
    groupes: dict[tuple[Any, ...], list[Difference]] = defaultdict(list)
    for difference in differences:
        if not difference.cle.plafond:
            groupes[_groupe(difference)].append(difference)
    ensemble: dict[Any, list[Difference]] = groupes
    for difference in differences:
        if difference.cle.plafond:
            ensemble = _joined(ensemble, difference)
    trouvees = [motifs.proposition(siennes) for siennes in ensemble.values()]
    return sorted((p for p in trouvees if p.cotes), key=lambda p: (p.cotes[0].nom, p.quoi))


class _Comparaison:
    """The lines of a month that do not amount to what they did, and why."""

    def __init__(self, mois: Mois) -> None:
        self.figees = Figees(mois)
        self.vivant = MoisVivant(self.figees.premier, self.figees.fin)
        self.perdus = Perdus(self.figees, self.vivant)
        perdus = self.perdus
        sous_plafond = self._held_with_caps(perdus)
        autres = [
            self._difference(cle)
            for cle in perdus.cles
            if self._is_other(cle) and cle not in sous_plafond and not perdus.holds(cle)
        ]
        self.retenues = [difference for difference in autres if perdus.holds_rang(difference)]
        tenues = {difference.cle for difference in self.retenues}
        self.differences = _en_paires(difference for difference in autres if difference.cle not in tenues)

    def _held_with_caps(self, perdus: Perdus) -> set[CleLigne]:
        """The lines that a cap counts together with one of which nothing is known now: without it, what the cap takes
        off is not known either.
        """
        plafonds = [cle for cle in perdus.cles if cle.plafond]
        if not plafonds:
            return set()
        perdues = [cle for cle in perdus.cles if not cle.plafond and perdus.holds(cle)]
        touches = {plafond for plafond in plafonds if any(_counts(plafond, cle) for cle in perdues)}
        return {cle for cle in perdus.cles if any(cle == p or _counts(p, cle) for p in touches)}

    def _is_other(self, cle: CleLigne) -> bool:
        nouvelle = self.vivant.charges.get(cle)
        return self.figees.avant(cle) != (nouvelle.montant if nouvelle else 0)

    def _difference(self, cle: CleLigne) -> Difference:
        ancienne, nouvelle = self.figees.anciennes.get(cle), self.vivant.charges.get(cle)
        return Difference(
            cle,
            ancienne,
            self.figees.deja.get(cle, 0),
            nouvelle,
            self._cause(cle, ancienne, nouvelle),
            matin=self.vivant.is_matin(cle.creneau),
            derniere=self.figees.dernieres.get(cle),
        )

    def _cause(self, cle: CleLigne, ancienne: Prestation | None, nouvelle: Charge | None) -> Cause:
        if ancienne is None or nouvelle is None:
            if cle.nature == Nature.ABSENCE and self._is_other_reponse(cle, ancienne):
                return Cause.ABSENCE
            return Cause.FEUILLE if (cle.enfant, cle.jour, cle.creneau) in self.vivant.pointes else Cause.INSCRIPTION
        if ancienne.quotient != nouvelle.quotient:
            return Cause.QUOTIENT
        if (ancienne.residence or self.vivant.defaut) != (nouvelle.residence or self.vivant.defaut):
            return Cause.RESIDENCE
        if ancienne.prix_dit.get("enfants") != nouvelle.prix_dit.get("enfants"):
            return Cause.ENFANTS
        if ancienne.faits.get("reponse", {}).get("reponse") != nouvelle.faits.get("reponse", {}).get("reponse"):
            return Cause.ABSENCE
        if ancienne.faits.get("presence") != nouvelle.faits.get("presence"):
            return Cause.FEUILLE
        return Cause.PRIX

    def _is_other_reponse(self, cle: CleLigne, ancienne: Prestation | None) -> bool:
        """Whether who is absent still, from the séance of this supplement, was answered otherwise since: an excuse
        takes the supplement away, and the séance alone tells the answer.
        """
        dite = ancienne or self.figees.anciennes.get(cle._replace(nature=Nature.SEANCE))
        avant = dite.faits.get("reponse", {}) if dite else {}
        apres = self.vivant.reponses.get((cle.enfant, cle.jour, cle.creneau))
        return apres is not None and avant.get("reponse") != apres.get("reponse")


def _en_paires(differences: Iterable[Difference]) -> list[Difference]:
    """The same, where what payers exchange of one line has one cause: one owes what the other does not, or their parts
    have changed.
    """
    par_ligne: dict[tuple[Any, ...], list[Difference]] = defaultdict(list)
    dites: list[Difference] = []
    for difference in differences:
        if difference.cle.plafond:
            dites.append(difference)
        else:
            par_ligne[difference.cle[1:]].append(difference)
    for siennes in par_ligne.values():
        opposees = len({difference.montant > 0 for difference in siennes}) > 1
        if opposees or (len(siennes) > 1 and any(difference.is_other_part for difference in siennes)):
            siennes = [replace(difference, cause=Cause.GARDE) for difference in siennes]
        dites += siennes
    return dites


def _counts(plafond: CleLigne, cle: CleLigne) -> bool:
    """Whether this cap of a payer may count this line: of its day, or of its month. One of a child and one of a payer
    are taken alike: what they hold together is decided together.
    """
    return plafond.foyer == cle.foyer and (plafond.plafond == PeriodePlafond.MOIS or plafond.jour == cle.jour)


def _joined(groupes: Groupes, plafond: Difference) -> Groupes:
    """These groups, and what a cap takes off otherwise with what makes it so, whole: half of it would be above the cap,
    or twice below. Those of a month that it counts become one.
    """
    siens = [nom for nom, siennes in groupes.items() if any(_counts(plafond.cle, autre.cle) for autre in siennes)]
    nom = siens[0] if siens else (plafond.cause, *plafond.cle)
    reunies = [difference for sien in siens for difference in groupes[sien]]
    return {autre: siennes for autre, siennes in groupes.items() if autre not in siens} | {nom: [*reunies, plafond]}


def _groupe(difference: Difference) -> tuple[Any, ...]:
    """What is said, and applied, together."""
    cle, cause = difference.cle, difference.cause
    if cause is Cause.GARDE:
        return cause, cle.enfant
    if cause in {Cause.QUOTIENT, Cause.RESIDENCE, Cause.ENFANTS, Cause.PRIX}:
        return cause, cle.foyer, cle.enfant
    return cause, cle.foyer, cle.enfant, cle.jour
