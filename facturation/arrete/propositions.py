"""What a closed month would say otherwise today: line by line, by payer, in the words that tell the old from the new.

Values alone: `regularisations` finds them, `corrections` applies them. Amounts are centimes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum
from functools import cached_property
from typing import Any, NamedTuple

from facturation.models import Prestation
from facturation.montants import euros
from facturation.papiers import mots
from facturation.prix.mois import Charge, NaturePrestation
from facturation.prix.tarifs import UniteTarif
from portail.empreintes import fingerprint_of
from portail.francais import NBSP, pluriel

Nature = Prestation.Nature
NOMS = {
    Nature.SEANCE: "moment,moments",
    Nature.FORFAIT: "mois,mois",
    Nature.RETARD: "retard,retards",
    Nature.SANS_INSCRIPTION: "présence sans inscription,présences sans inscription",
    Nature.ABSENCE: "absence non excusée,absences non excusées",
    Nature.PLAFOND: "plafond,plafonds",
    Nature.TARDIVE: "inscription hors délai,inscriptions hors délai",
}


class CleLigne(NamedTuple):
    """What a line is about, frozen or computed again. A price of the month has no day of its own."""

    foyer: int
    enfant: int
    jour: date
    creneau: int
    nature: str

    @property
    def plafond(self) -> str:
        """Over what the cap that this is about holds, a code of `PeriodePlafond`; empty for any other line."""
        nature, _, suite = self.nature.partition(":")
        return suite.partition(":")[0] if nature == Nature.PLAFOND else ""


class Cause(Enum):
    """Why the month says otherwise; the value begins the reason that the family reads."""

    GARDE = "Garde corrigée"
    QUOTIENT = "Quotient corrigé"
    RESIDENCE = "Résidence corrigée"
    ENFANTS = "Nombre d’enfants corrigé"
    ABSENCE = "Réponse à l’absence"
    INSCRIPTION = "Inscription corrigée"
    FEUILLE = "Feuille d’appel corrigée"
    PRIX = "Prix recalculé"


@dataclass(frozen=True)
class Difference:
    """One line: what was billed and corrected already, what is due now."""

    cle: CleLigne
    ancienne: Prestation | None
    deja: int
    nouvelle: Charge | None
    cause: Cause
    matin: bool = False  # nobody leaves a créneau of the morning
    derniere: Prestation | None = None  # the last that corrected it, all that is known of a line born of a correction

    @property
    def avant(self) -> int:
        """What was billed of this line and corrected since, in centimes; 0 where nothing was."""
        return (self.ancienne.montant if self.ancienne else 0) + self.deja

    @property
    def apres(self) -> int:
        """What this line should cost, computed again today, in centimes; 0 where nothing is due now."""
        return self.nouvelle.montant if self.nouvelle else 0

    @property
    def montant(self) -> int:
        """What is to be added to the line, in centimes; below 0, what is to be given back."""
        return self.apres - self.avant

    @property
    def is_other_part(self) -> bool:
        """Whether the payer owes another per cent of the price than the one that was billed."""
        ancienne, nouvelle = self.ancienne, self.nouvelle
        return ancienne is not None and nouvelle is not None and ancienne.part != nouvelle.part

    @property
    def etat_avant(self) -> EtatLigne:
        """What the line said before: as it was frozen, or only its sum once a correction has changed it."""
        return EtatLigne(self.cle.nature, None if self.deja else self.ancienne, self.avant, self.matin)

    @property
    def etat_apres(self) -> EtatLigne:
        """What the line would say now, computed again today."""
        return EtatLigne(self.cle.nature, self.nouvelle, self.apres, self.matin)


@dataclass(frozen=True)
class CoteCorrection:
    """What one payer reads of a correction."""

    foyer: int
    nom: str
    differences: Sequence[Difference]
    motif: str

    @property
    def montant(self) -> int:
        """What this payer owes more, in centimes; below 0, what is given back to them."""
        return sum(difference.montant for difference in self.differences)

    @property
    def avant(self) -> str:
        """What this payer was billed for, in French words: « Départ 18 h 41 : 4 demi-heures, 3,20 € »."""
        return _dit([difference.etat_avant for difference in self.differences])

    @property
    def apres(self) -> str:
        """What this payer should be billed for, in French words: « Départ 18 h 05 : 3 demi-heures, 2,40 € »."""
        return _dit([difference.etat_apres for difference in self.differences])


@dataclass(frozen=True)
class CorrectionProposee:
    """One thing that changed: of one payer, or of two at once (`paire`), applied together."""

    cause: Cause
    quoi: str  # « Louise, jeudi 26, soir »
    cotes: Sequence[CoteCorrection]

    @property
    def paire(self) -> bool:
        """Whether the correction concerns several payers, who exchange what one of them was billed."""
        return len(self.cotes) > 1

    @property
    def montant(self) -> int:
        """What the correction adds for all its payers together, in centimes; below 0, what it gives back."""
        return sum(cote.montant for cote in self.cotes)

    @property
    def avoir_possible(self) -> bool:
        """Whether at least one payer is owed money, so that an avoir may give it back at once."""
        return any(cote.montant < 0 for cote in self.cotes)

    @cached_property
    def marque(self) -> str:
        """A fingerprint of this proposition and of its amounts, which the button that accepts it sends: it changes as
        soon as an amount does.
        """
        lignes = sorted((*d.cle, d.avant, d.apres) for cote in self.cotes for d in cote.differences)
        return fingerprint_of([self.cause.name, lignes])


@dataclass(frozen=True)
class ChangementSansSuite:
    """Something that changed since the month was closed, of which nothing is proposed: what it is about, and why."""

    titre: str  # « Changé, puis remis »
    quoi: str  # « Louise, jeudi 26, soir »
    pourquoi: str


def find(propositions: Collection[CorrectionProposee], marque: str) -> CorrectionProposee | None:
    """The proposition that has this mark, sent by a button; None when none of these has it, as when its amounts have
    changed since.
    """
    return next((proposition for proposition in propositions if proposition.marque == marque), None)


# --- In words ---------------------------------------------------------------------------------------------------------


class EtatLigne(NamedTuple):
    """What one line said, or says: None without any, and the sum all the same."""

    cle: str
    ligne: Prestation | Charge | None
    montant: int
    matin: bool

    @property
    def nature(self) -> NaturePrestation:
        """The kind of the line: séance, price of the month, late pick-up…"""
        return Nature(self.cle.partition(":")[0])

    @property
    def presence(self) -> Mapping[str, Any]:
        """What the gate noted of the presence, as JSON (`arrivee`, `depart`); empty when nothing is known of it."""
        return (self.ligne.faits.get("presence") or {}) if self.ligne else {}

    @property
    def parti(self) -> str | None:
        """When the child left, as an ISO 8601 text; None when nobody noted it."""
        return self.presence.get("depart")

    @property
    def a_la_tranche(self) -> bool:
        """Whether the line is priced by the tranche of time."""
        return self.ligne is not None and self.ligne.prix_dit.get("unite") == UniteTarif.TRANCHE

    @property
    def sans_depart(self) -> bool:
        """Whether nobody noted the departure though the price depends on it: the time was then counted to the end of
        the créneau.
        """
        return self.a_la_tranche and bool(self.presence.get("arrivee")) and not self.parti and not self.matin

    @property
    def depart(self) -> str:
        """The departure in French words, « Départ 18 h 41 », or that none was noted; empty where the price does not
        depend on it.
        """
        if parti := mots.lu(self.parti):
            return f"Départ {mots.heure_of(parti)}"
        if self.a_la_tranche and self.ligne and "presence" not in self.ligne.faits:
            return "Aucune présence notée"
        return mots.SANS_DEPART if self.sans_depart else ""

    @property
    def quoi(self) -> str:
        """What the line counts and its sum, in French words: « 4 demi-heures, 3,20 € », « retard, 5,00 € »."""
        if self.nature not in {Nature.SEANCE, Nature.FORFAIT}:
            return f"{NOMS[self.nature].partition(',')[0]}, {euros(self.montant)}"
        prix = self.ligne.prix_dit if self.ligne else {}
        combien = ""
        if self.ligne and self.ligne.quantite and prix.get("unite"):
            combien = f"{mots.combien(self.ligne.quantite, prix['unite'], prix.get('minutes'))}, "
        return f"{combien}{euros(self.montant)}"


def _dit(etats: Sequence[EtatLigne]) -> str:
    """« Départ 18 h 41 : 4 demi-heures, 3,20 € ; retard, 5,00 € », « 3 moments, 14,70 € », « Rien »."""
    par_nature: dict[NaturePrestation, list[EtatLigne]] = defaultdict(list)
    for etat in etats:
        if etat.ligne is not None or etat.montant:
            par_nature[etat.nature].append(etat)
    if not par_nature:
        return "Rien"
    siens = [par_nature[nature] for nature in Nature if nature in par_nature]
    if all(len(memes) == 1 for memes in siens):
        depart = next((etat.depart for [etat] in siens if etat.depart), "")
        phrase = "\u202f; ".join(etat.quoi for [etat] in siens)
        return f"{depart}{NBSP}: {phrase}" if depart else phrase[:1].upper() + phrase[1:]
    return "\u202f; ".join(
        f"{pluriel(len(memes), NOMS[memes[0].nature])}, {euros(sum(etat.montant for etat in memes))}" for memes in siens
    )
