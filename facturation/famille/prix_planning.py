"""What a tick costs, beside each row of a family's planning: from its own quotient, for the days that it pays, and only
where the invoice will say the same. Reads.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from enfance.models import Creneau, Inscription
from enfance.planning.cases import Case
from enfance.planning.mois import GrilleMois
from enfance.regles import Situation
from facturation.arrete.contextes import load_contextes
from facturation.arrete.lecture import PerimetreFaits, load_faits, load_perimetre
from facturation.montants import euros
from facturation.papiers import mots
from facturation.prix.dus import Contexte
from facturation.prix.fixes import PrixFixe, PrixFixes
from facturation.prix.mois import facturer
from portail.francais import NBSP

COURTES = {15: f"le ¼{NBSP}h", 30: f"la ½{NBSP}h", 60: "l’heure"}  # what a narrow row shows of a tranche


@dataclass(frozen=True)
class RangeePrix:
    """A row by its first box (`enfant:date:creneau`): the amount, and of what, shown and read; empty of a séance."""

    cle: str
    montant: str
    court: str
    long: str


@dataclass(frozen=True)
class PrixPlanning:
    """The rows that have a price, and what it comes from, in a sentence; empty where none has."""

    rangees: list[RangeePrix]
    note: str


def load_prix(situation: Situation, grille: GrilleMois, foyer: int, jour: date | None = None) -> PrixPlanning:
    """The price beside each row of this planning that has one, for what this foyer (primary key) pays; of the whole
    month, or of `jour` alone. Some twenty queries, whatever the children.
    """
    rangees = list(_rangees(grille, jour))
    mois = sorted({case.cle.jour.replace(day=1) for cases in rangees for case in cases})
    if not mois:
        return PrixPlanning([], "")
    fin = max(case.cle.jour for cases in rangees for case in cases)
    perimetre = load_perimetre([foyer], mois[0], fin)
    contextes = load_contextes(mois, perimetre, today=situation.today)
    fixes = {
        premier: PrixFixes(contexte, foyer, perimetre.enfants or (), _surs(situation, contexte, foyer, perimetre))
        for premier, contexte in contextes.items()
    }

    def prix_of(case: Case) -> PrixFixe | None:
        if _payeur(situation, case) != foyer:
            return None
        cle = case.cle
        return fixes[cle.jour.replace(day=1)].of(cle.enfant, cle.jour, situation.creneaux[cle.creneau].pk)

    dites = [(cases[0], prix) for cases in rangees if (prix := _seul(prix_of, cases))]
    if not dites:
        return PrixPlanning([], "")
    creneaux = {situation.creneaux[case.cle.creneau]: prix for case, prix in dites if prix.minutes}
    quotient = (contextes.get(grille.premier) or contextes[mois[0]]).quotients.get(foyer)
    return PrixPlanning(
        [RangeePrix(str(case.cle), euros(prix.centimes), *_unite(prix)) for case, prix in dites],
        " ".join([_origine(grille.premier, quotient), *_tranches(creneaux.items())]),
    )


def _rangees(grille: GrilleMois, jour: date | None) -> Iterator[list[Case]]:
    """The boxes of each row that has some, or of one day."""
    for semaine in grille.semaines:
        for vu in semaine.enfants:
            for ligne in vu.montrees:
                if libres := [case for case in ligne.cases if case.genre == "libre" and jour in {None, case.cle.jour}]:
                    yield libres


def _payeur(situation: Situation, case: Case) -> int | None:
    """Who pays for this box: who booked it, or who would."""
    inscription = situation.inscriptions.get(case.cle)
    if inscription and inscription.etat == Inscription.Etat.INSCRIT:
        return inscription.foyer_id
    return situation.payeur_if_booked(case.cle)


def _seul(prix_of: Callable[[Case], PrixFixe | None], cases: Iterable[Case]) -> PrixFixe | None:
    """The price of all these boxes, when it is one."""
    prix = {prix_of(case) for case in cases}
    return prix.pop() if len(prix) == 1 else None


def _surs(situation: Situation, contexte: Contexte, foyer: int, perimetre: PerimetreFaits) -> set[int]:
    """The children that this foyer will be billed in this month whatever is ticked: the gate saw them already. Asked
    where a rank has a price of its own.
    """
    rangs = any(ligne.rang > 1 for tarif in contexte.tarifs for ligne in tarif.lignes)
    if not rangs or len(perimetre.enfants or ()) < 2 or contexte.premier != situation.today.replace(day=1):
        return set()
    faits = load_faits(contexte.premier, situation.today, perimetre, today=situation.today, preuves=False)
    vus = [fait for fait in faits if fait.close and fait.arrivee is not None]
    return {charge.enfant for charge in facturer(vus, contexte).charges if charge.foyer == foyer and charge.quantite}


def _unite(prix: PrixFixe) -> tuple[str, str]:
    if prix.minutes:
        court = COURTES.get(prix.minutes, f"par {prix.minutes}{NBSP}min")
        return court, f"{mots.article('tranche', prix.minutes)} {mots.commencees(1, prix.minutes)}"
    return ("s’il vient", "si l’enfant vient") if prix.presence else ("", "")


def _origine(premier: date, quotient: int | None) -> str:
    pour = "sans quotient connu" if quotient is None else f"pour votre quotient de {quotient}"
    return f"Prix {mots.de_mois(premier)}, {pour}."


def _tranches(creneaux: Iterable[tuple[Creneau, PrixFixe]]) -> Iterator[str]:
    """« Soir : chaque demi-heure commencée compte, jusqu’au départ de l’enfant. »"""
    for creneau, prix in creneaux:
        unite = f"{mots.unite_texte('tranche', prix.minutes)} {mots.commencees(1, prix.minutes)}"
        quand = "dès l’arrivée" if creneau.moment == Creneau.Moment.MATIN else "jusqu’au départ"
        yield f"{creneau.titre}{NBSP}: chaque {unite} compte, {quand} de l’enfant."
