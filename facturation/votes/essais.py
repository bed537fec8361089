"""« QF 652, deux enfants, 16 soirs de 45 min : 30,72 € »: a price tried beside its grid, and a month computed again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time
from typing import Any

from enfance.calendrier import UN_JOUR
from enfance.moments import MomentCreneau
from facturation.arrete.contextes import load_plafonds, load_tarifs
from facturation.models import Mois
from facturation.montants import euros
from facturation.papiers.mots import combien, commencees, duree_texte
from facturation.prix.mois import Horaire
from facturation.prix.tarifs import GrilleTarif, PlafondVote, plafonds_of, tarif_of, tranches_of
from facturation.votes.forms import EssaiForm
from facturation.votes.simulations import Essai, PrixEnfant, Projection, ResultatEssai, essayer, projeter
from facturation.votes.vus import horaire_of
from portail.dates import heure_texte
from portail.francais import accord, pluriel

NOMBRES = {1: "un enfant", 2: "deux enfants", 3: "trois enfants", 4: "quatre enfants", 5: "cinq enfants"}
MOMENTS: dict[str, str] = {
    MomentCreneau.MATIN: "matin",
    MomentCreneau.MIDI: "midi",
    MomentCreneau.SOIR: "soir",
}


@dataclass(frozen=True)
class LigneEssai:
    """« 1er enfant, 32 × 0,48 € », and its sum in centimes."""

    mots: str
    montant: int


@dataclass(frozen=True)
class EssaiVu:
    """The form of a trial and what it gave: a sentence, the lines that make it, what today's tariff gives."""

    form: EssaiForm
    resultat: ResultatEssai | None = None
    phrase: str = ""
    duree: str = ""
    lignes: tuple[LigneEssai, ...] = ()
    avant: int | None = None
    projection: Projection | None = None

    @property
    def ecart(self) -> int:
        """What the trial gives more than the tariff that this one follows, in centimes; below 0, less; all of it
        when there is no such tariff or price, 0 without a result.
        """
        return self.resultat.total - (self.avant or 0) if self.resultat else 0


def essayer_ici(data: Any, grille: GrilleTarif, today: date, *, projette: bool) -> EssaiVu:
    """What this grid of prices gives to the family that was typed in the trial form, in words and lines; with
    `projette`, also what the last closed month would have come to. When the form is not valid, its errors are there
    in place of the result, and that month all the same.
    """
    form = EssaiForm(data)
    dernier = Mois.objects.order_by("-premier").values_list("premier", flat=True).first() if projette else None
    projection = projeter(grille, dernier, today=today) if dernier else None
    if not form.is_valid():
        return EssaiVu(form, projection=projection)
    horaire = horaire_of(sorted(grille.creneaux), grille.moment)
    essai = form.essai
    creneau = min(grille.creneaux, default=0)
    tenus = [p for p in plafonds_of(load_plafonds(), max(grille.debut, today)) if p.caps(creneau, horaire.moment)]
    resultat = essayer(grille, horaire, essai, tenus)
    lignes = [
        LigneEssai(f"{_rang(enfant.rang)}, {_compte(enfant)}", enfant.montant) for enfant in resultat.enfants or ()
    ]
    if resultat.enfants and resultat.plafonne:
        lignes.append(LigneEssai("Plafond voté", resultat.plafonne))
    return EssaiVu(
        form,
        resultat,
        phrase_of(essai, horaire, resultat, form.lieux),
        _duree(grille, horaire, essai, resultat),
        tuple(lignes),
        _before(grille, horaire, essai, tenus),
        projection,
    )


def _compte(enfant: PrixEnfant) -> str:
    """« 3 × 0,55 € », « 1 × 1,10 € + 1 × 0,55 € » where the first of a séance has its own price, or a day beyond."""
    fois = [(enfant.quantite - enfant.premieres, enfant.prix)]
    if enfant.premiere is not None:
        fois.insert(0, (enfant.premieres, enfant.premiere))
    if enfant.de_plus:
        fois.append((enfant.de_plus, enfant.jour_de_plus))
    return " + ".join(f"{nombre} × {euros(prix)}" for nombre, prix in fois if nombre or len(fois) == 1)


def _before(grille: GrilleTarif, horaire: Horaire, essai: Essai, plafonds: Sequence[PlafondVote]) -> int | None:
    """What the tariff that this one follows gives, under the same caps; None without one, or where it has no price."""
    autres = [tarif for tarif in load_tarifs() if tarif.cle != grille.cle]
    creneau = min(grille.creneaux, default=0)
    suivi = tarif_of(autres, creneau, grille.moment or horaire.moment, grille.debut - UN_JOUR)
    resultat = essayer(suivi, horaire, essai, plafonds) if suivi else None
    return resultat.total if resultat and resultat.enfants else None


def phrase_of(essai: Essai, horaire: Horaire, resultat: ResultatEssai, lieux: Mapping[str, str]) -> str:
    """The trial and its result in one French line: « Commune, QF 652, deux enfants, 16 soirs de 45 min : 30,72 € »."""
    qui = "quotient inconnu" if essai.quotient is None else f"QF {essai.quotient}"
    quand = accord(essai.fois, MOMENTS.get(horaire.moment, "séance"))
    duree = f" de {duree_texte(resultat.minutes)}" if resultat.minutes is not None else ""
    somme = euros(resultat.total) if resultat.enfants else "aucun prix"
    enfants = NOMBRES.get(essai.enfants, accord(essai.enfants, "enfant"))
    return f"{lieux[essai.residence]}, {qui}, {enfants}, {quand}{duree}\u00a0: {somme}"


def _duree(grille: GrilleTarif, horaire: Horaire, essai: Essai, resultat: ResultatEssai) -> str:
    """« De 16 h 30 à 17 h 42 : 1 h 12, soit 3 demi-heures commencées. » Empty when the price is not by the tranche."""
    if resultat.minutes is None or not resultat.enfants or grille.minutes is None:
        return ""
    tranches = resultat.enfants[0].quantite // essai.fois
    combiens = f"{combien(tranches, grille.unite, grille.minutes)} {commencees(tranches, grille.minutes)}"
    longueur = f"{duree_texte(resultat.minutes)}, soit {combiens}"
    if tranches < tranches_of(resultat.minutes, grille.minutes):
        longueur += f", {pluriel((resultat.minutes - 1) % grille.minutes + 1, 'minute,minutes')} de tolérance"
    longueur += "."
    if not isinstance(essai.duree, time):
        return longueur
    bornes = (essai.duree, horaire.fin) if horaire.moment == MomentCreneau.MATIN else (horaire.debut, essai.duree)
    return f"De {heure_texte(bornes[0])} à {heure_texte(bornes[1])}\u00a0: {longueur}"


def _rang(rang: int) -> str:
    return "1er enfant" if rang == 1 else f"{rang}e enfant"
