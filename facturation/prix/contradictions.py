"""A voted shape that says two things, refused in words: what is wrong, in French sentences. Pure; centimes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from facturation.montants import euros
from facturation.prix.tarifs import (
    RANGS,
    AxeTarif,
    GrilleTarif,
    LigneGrille,
    PeriodePlafond,
    PlafondVote,
    UniteTarif,
)

NBSP = "\u00a0"
JOURS = 6


class Contradiction(str):
    """What cannot be true, in a French sentence, and the `champ` of `Tarif` or `Plafond` that says it; empty: the
    grid.
    """

    champ: str
    __slots__ = ("champ",)

    def __new__(cls, champ: str, phrase: str) -> Contradiction:
        """The sentence, with its field."""
        dite = super().__new__(cls, phrase)
        dite.champ = champ
        return dite


def contradictions_of(grille: GrilleTarif) -> list[Contradiction]:
    """What this tariff and its grid say that cannot be true together; empty when nothing is."""
    return [*_unite(grille), *_axe(grille), *_lignes(grille)]


def _unite(grille: GrilleTarif) -> Iterable[Contradiction]:
    de_temps = grille.unite == UniteTarif.TRANCHE
    if de_temps and not grille.minutes:
        yield Contradiction("minutes", "Un prix à la durée commencée dit de combien de minutes elle est.")
    if grille.tolerance and not de_temps:
        yield Contradiction("tolerance", "Une tolérance ne va qu’avec un prix à la durée commencée.")
    if de_temps and grille.minutes and grille.tolerance >= grille.minutes:
        yield Contradiction(
            "tolerance",
            f"Une tolérance de {grille.tolerance}{NBSP}minutes est aussi longue que la durée "
            f"({grille.minutes}{NBSP}minutes){NBSP}: aucune ne commencerait plus.",
        )
    abonnement = grille.unite == UniteTarif.FORFAIT
    if abonnement and not grille.jours:
        yield Contradiction("jours", "Un abonnement dit de combien de jours par semaine il est.")
    if abonnement and grille.jours and grille.jours > JOURS:
        yield Contradiction("jours", f"Un abonnement va jusqu’à {JOURS}{NBSP}jours par semaine.")
    if grille.jours and not abonnement:
        yield Contradiction("jours", "Un nombre de jours par semaine ne va qu’avec un abonnement.")
    if grille.prorata and not abonnement:
        yield Contradiction("prorata", "Seul un abonnement se compte par jours quand une fermeture coupe le mois.")
    if grille.par_jour and grille.unite != UniteTarif.SEANCE:
        yield Contradiction("par_jour", "Un prix par jour est à la séance.")


def _axe(grille: GrilleTarif) -> Iterable[Contradiction]:
    if grille.axe == AxeTarif.ENFANTS and grille.fratrie:
        yield Contradiction(
            "axe",
            "Un prix dépend du nombre d’enfants du foyer, ou se partage entre les frères et sœurs d’une séance"
            f"{NBSP}: l’un des deux.",
        )
    if any(not 1 <= ligne.rang <= RANGS for ligne in grille.lignes):
        yield Contradiction("", f"Une grille va jusqu’à {RANGS}{NBSP}enfants.")


def _lignes(grille: GrilleTarif) -> Iterable[Contradiction]:
    premieres = [ligne for ligne in grille.lignes if ligne.premiere is not None]
    if premieres and grille.unite != UniteTarif.TRANCHE:
        yield Contradiction("", "Un prix de la première durée ne va qu’avec un prix à la durée commencée.")
    if any(ligne.prix is None for ligne in premieres):
        yield Contradiction("", "Une première durée à son prix va avec un prix, et non avec un taux.")
    en_plus = [ligne for ligne in grille.lignes if ligne.seance is not None]
    if en_plus and grille.unite != UniteTarif.FORFAIT:
        yield Contradiction("", "Un prix d’un jour de plus ne va qu’avec un abonnement.")
    if grille.unite == UniteTarif.FORFAIT and len(en_plus) < len(grille.lignes):
        yield Contradiction("", "Un abonnement dit aussi, à chaque ligne, le prix d’un jour de plus.")


def contradictions_of_plafond(
    plafond: PlafondVote, grilles: Sequence[GrilleTarif], moments: Iterable[tuple[int, str]], *, voulu: bool = False
) -> list[Contradiction]:
    """What this cap says that cannot be true, beside these tariffs, those that price the same days; empty when nothing
    is. `moments`: the créneaux (primary keys) with their moments. `voulu`: the town ticked that it wants a cap below
    its dearest single price.
    """
    dites = []
    if plafond.montant <= 0:
        dites.append(
            Contradiction("montant", "Un plafond est au-dessus de 0. Pour ne rien demander, votez un prix de 0.")
        )
    if plafond.fin is not None and plafond.fin < plafond.debut:
        dites.append(Contradiction("fin", "Un plafond finit après avoir commencé."))
    if plafond.periode == PeriodePlafond.MOIS and plafond.debut.day != 1:
        dites.append(Contradiction("debut", "Un plafond par mois commence le premier d’un mois."))
    vises = [(creneau, moment) for creneau, moment in moments if plafond.caps(creneau, moment)]
    dearest = max((_dearest(g, plafond) for g in grilles if _prices(g, vises)), default=0)
    if 0 < plafond.montant < dearest and not voulu:
        sous = f"sous le prix le plus cher d’une seule fois, {euros(dearest)}"
        dite = f"Ce plafond, {euros(plafond.montant)}, est {sous}{NBSP}: si c’est voulu, cochez-le."
        dites.append(Contradiction("voulu", dite))
    return dites


def _prices(grille: GrilleTarif, vises: Iterable[tuple[int, str]]) -> bool:
    return any(creneau in grille.creneaux or (moment and moment == grille.moment) for creneau, moment in vises)


def _dearest(grille: GrilleTarif, plafond: PlafondVote) -> int:
    """The dearest price of one thing that the cap counts: a price of the month is none of a day."""
    if grille.unite == UniteTarif.MOIS and plafond.periode == PeriodePlafond.JOUR:
        return 0
    abonne = grille.unite == UniteTarif.FORFAIT and plafond.periode == PeriodePlafond.JOUR
    return max((_prix(ligne, jour_de_plus=abonne) for ligne in grille.lignes), default=0)


def _prix(ligne: LigneGrille, *, jour_de_plus: bool) -> int:
    if jour_de_plus:
        return ligne.seance or 0
    return max(ligne.prix or 0, ligne.premiere or 0, ligne.seance or 0, ligne.maximum or 0)
