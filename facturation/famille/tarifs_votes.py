"""The tariff that holds on a day, as the council voted it: a grid a price, supplements, its vote. The same for all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from enfance.models import Creneau
from facturation.arrete.contextes import load_plafonds, load_supplements, load_tarifs
from facturation.montants import euros
from facturation.papiers import mots
from facturation.payeurs.lieux import load_noms
from facturation.prix.tarifs import (
    AxeTarif,
    BaseTarif,
    GenreSupplement,
    GrilleTarif,
    LigneGrille,
    PeriodePlafond,
    PlafondVote,
    PorteurPlafond,
    SupplementVote,
    UniteTarif,
    plafonds_of,
    rang_dit,
    tarif_of,
)
from portail.francais import NBSP, et, pluriel

POUR = {
    GenreSupplement.RETARD: "Retard, par départ",
    GenreSupplement.SANS_INSCRIPTION: "Présence sans inscription",
    GenreSupplement.ABSENCE: "Absence non excusée",
    GenreSupplement.TARDIVE: "Inscription hors délai",
}


@dataclass(frozen=True)
class RangeeTarif:
    """A tranche of quotient in one place: its words, then a price by rank, in words."""

    nom: str
    prix: list[str]


@dataclass(frozen=True)
class TarifVote:
    """One grid: of which moments, what is counted, the columns, the rows by residence, the vote."""

    nom: str
    unite: str
    vote: str
    rangs: list[str]
    lieux: list[tuple[str, list[RangeeTarif]]]
    notes: list[str]


def load_tarifs_votes(today: date) -> tuple[list[TarifVote], list[str], list[str]]:
    """The tariffs that apply on `today`, in the order of the hours; the supplements, then the caps that apply, each in
    a French sentence. Nine queries.
    """
    grilles, par_tarif = load_tarifs(), dict[int, list[Creneau]]()
    tenus: dict[int, GrilleTarif] = {}
    for creneau in Creneau.objects.order_by("debut", "ordre", "pk"):
        grille = tarif_of(grilles, creneau.pk, creneau.moment, today)
        if grille is not None:
            tenus[grille.cle] = grille
            par_tarif.setdefault(grille.cle, []).append(creneau)
    noms = load_noms()
    votes = [_tarif(grille, par_tarif[cle], noms) for cle, grille in tenus.items()]
    tenus_ = [s for s in load_supplements() if s.debut <= today and (s.fin is None or today <= s.fin)]
    plafonds = [_plafond(plafond) for plafond in plafonds_of(load_plafonds(), today)]
    return votes, [_supplement(supplement) for supplement in _latest(tenus_)], plafonds


def _latest(supplements: Iterable[SupplementVote]) -> list[SupplementVote]:
    """Of those that are about the same thing, the latest begun."""
    gardes: dict[object, SupplementVote] = {}
    for supplement in sorted(supplements, key=lambda s: (s.debut, s.cle)):
        gardes[supplement.genre, supplement.creneaux, supplement.moment] = supplement
    return sorted(gardes.values(), key=lambda s: (list(POUR).index(s.genre), s.cle))


def _tarif(grille: GrilleTarif, creneaux: list[Creneau], noms: Mapping[str, str]) -> TarifVote:
    moments = et(list(dict.fromkeys(creneau.nom_court for creneau in creneaux)))
    unite = mots.article(grille.unite, grille.minutes)
    commencee = f" {mots.commencees(1, grille.minutes)}" if grille.unite == UniteTarif.TRANCHE else ""
    rangs = sorted({ligne.rang for ligne in grille.lignes})
    lieux = []
    for lieu, nom in noms.items():
        siennes = [ligne for ligne in grille.lignes if ligne.residence == lieu]
        if siennes:
            lieux.append((nom, _rangees(siennes, rangs)))
    return TarifVote(
        nom=moments[:1].upper() + moments[1:],
        unite=f"{unite}{commencee}",
        vote=_vote(grille.deliberation, grille.votee_le),
        rangs=[_colonne(rang, rangs, grille.axe) for rang in rangs],
        lieux=lieux,
        notes=_notes(grille),
    )


def _colonne(rang: int, rangs: list[int], axe: str) -> str:
    if axe == AxeTarif.RANG and len(rangs) == 1:
        return "Chaque enfant"
    dit = rang_dit(rang, rangs[-1], axe)
    return dit.replace(" enfant et plus", " et suivants") if axe == AxeTarif.RANG else dit


def _rangees(lignes: list[LigneGrille], rangs: list[int]) -> list[RangeeTarif]:
    tranches: dict[tuple[int | None, int | None], dict[int, LigneGrille]] = {}
    for ligne in lignes:
        tranches.setdefault((ligne.qf_min, ligne.qf_max), {})[ligne.rang] = ligne
    ordre = sorted(tranches, key=lambda bornes: (bornes[0] is None, bornes[0] or 0))
    return [
        RangeeTarif(
            "Quotient inconnu" if bornes[0] is None else _capitale(mots.tranche_texte(bornes)),
            [_prix(tranches[bornes].get(rang)) for rang in rangs],
        )
        for bornes in ordre
    ]


def _prix(ligne: LigneGrille | None) -> str:
    """« 1,20 € », « 0,12 % du quotient, de 0,50 € à 2,00 € »; empty where the line of the rank before holds."""
    if ligne is None:
        return ""
    if ligne.prix is not None:
        if ligne.premiere is not None:
            return f"{euros(ligne.premiere)}, puis {euros(ligne.prix)}"
        return f"{euros(ligne.prix)}{_de_plus(ligne)}"
    taux = f"{ligne.taux.normalize():f}".replace(".", ",") if ligne.taux is not None else ""
    bornes = ""
    if ligne.minimum is not None:
        bornes += f", au moins {euros(ligne.minimum)}"
    if ligne.maximum is not None:
        bornes += f", au plus {euros(ligne.maximum)}"
    return f"{taux}{NBSP}% du quotient{bornes}{_de_plus(ligne)}"


def _de_plus(ligne: LigneGrille) -> str:
    return "" if ligne.seance is None else f", {euros(ligne.seance)} le jour de plus"


def _notes(grille: GrilleTarif) -> list[str]:
    notes = {
        BaseTarif.INSCRIPTION: mots.DU_SANS_VENIR,
        BaseTarif.PRESENCE: "Seules les présences sont dues.",
        BaseTarif.LES_DEUX: "Une inscription qui n’est pas annulée à temps est due\u202f; "
        "une présence sans inscription aussi.",
    }
    dites = [notes[grille.base]]
    if grille.unite == UniteTarif.TRANCHE and grille.base != BaseTarif.PRESENCE:
        dites.append(mots.du_absent(grille.tranches_absent, grille.minutes))
    if any(ligne.premiere is not None for ligne in grille.lignes):
        dites.append("Deux prix\u00a0: le premier pour ce qui commence, l’autre pour chaque suite commencée.")
    if grille.tolerance:
        dites.append(f"{pluriel(grille.tolerance, 'minute,minutes')} de tolérance avant d’en compter une de plus.")
    if grille.jours:
        dites.append(f"Pour {pluriel(grille.jours, 'jour,jours')} par semaine\u202f; un jour de plus se paie à part.")
        if grille.prorata:
            dites.append("Un mois coupé par une fermeture se compte par jours.")
    if grille.axe == AxeTarif.ENFANTS:
        dites.append("Le prix dépend du nombre d’enfants de votre foyer, que la mairie a noté.")
    if grille.par_jour:
        dites.append("Un seul prix par jour, quel que soit le nombre de moments.")
    if grille.fratrie:
        dites.append("Le prix d’une colonne est celui de tous les enfants présents, partagé entre eux.")
    return dites


def _plafond(plafond: PlafondVote) -> str:
    """« Au plus 4,00 € par jour et par enfant. Délibération n° 2026-58 du 19 novembre 2026. »"""
    periode = "par mois" if plafond.periode == PeriodePlafond.MOIS else "par jour"
    pour = "par famille" if plafond.porteur == PorteurPlafond.PAYEUR else "par enfant"
    vote = _capitale(_vote(plafond.deliberation, plafond.votee_le))
    return f"Au plus {euros(plafond.montant)} {periode} et {pour}. {vote}."


def _supplement(supplement: SupplementVote) -> str:
    pour = POUR[supplement.genre]
    if supplement.tolerance:
        pour = f"{pour}, au-delà de {supplement.tolerance}{NBSP}minutes"
    prix = euros(supplement.prix) if supplement.prix is not None else f"{supplement.pourcentage}{NBSP}% du moment"
    prix += " en tout" if supplement.en_tout else ""
    article = f", {supplement.article}" if supplement.article else ""
    return f"{pour}{NBSP}: {prix}. {_capitale(_vote(supplement.deliberation, supplement.votee_le))}{article}."


def _vote(deliberation: str, votee_le: date | None) -> str:
    votee = f" du {mots.jour_vote(votee_le)}" if votee_le else ""
    return f"délibération n°{NBSP}{deliberation}{votee}"


def _capitale(texte: str) -> str:
    return texte[:1].upper() + texte[1:]
