"""A month lived again under a rule that is tried: what each payer would have owed for each child. Pure.

Both sides are `facturer`, as the closing is. Amounts are centimes.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from facturation.essai_regle.histoire import Acte, LimitesEssayees, rejouer
from facturation.essai_regle.regle import SUR_FEUILLE, Quoi, RegleEssayee
from facturation.montants import repartir
from facturation.prix.mois import Charge, Contexte, Ennui, Facturation, FaitDuMois, NaturePrestation, facturer
from facturation.prix.tarifs import SANS_DEPART, GenreSupplement, SupplementVote, UniteTarif
from facturation.votes.simulations import with_grille

Case = tuple[int, date, int]  # child, day, créneau
Du = tuple[int, int]  # payer, child
SEANCES = frozenset({NaturePrestation.SEANCE, NaturePrestation.FORFAIT})


@dataclass(frozen=True)
class MoisVecu:
    """What happened in a month, as the trial needs it. `histoires`: the acts of each séance that a parent changed,
    where the rule asks when; `limites`: those of a day under the rule. `annulees`: the facts that cancelled séances
    would have been, where they could have been held.
    """

    faits: Sequence[FaitDuMois]
    contexte: Contexte
    histoires: Mapping[Case, Sequence[Acte]] = field(default_factory=dict)
    annulees: Mapping[Case, FaitDuMois] = field(default_factory=dict)
    limites: Callable[[date], LimitesEssayees] = lambda jour: LimitesEssayees()


@dataclass
class BilanEssai:
    """What each payer owed for each child, and would have owed; how many acts the rule would have met."""

    avant: Counter[Du] = field(default_factory=Counter)
    apres: Counter[Du] = field(default_factory=Counter)
    tarifs: set[int] = field(default_factory=set)
    sans_prix: set[int] = field(default_factory=set)
    tardives: int = 0
    refusees: int = 0
    retenues: int = 0

    def add(self, mois: MoisVecu, regle: RegleEssayee) -> None:
        """Count a month more."""
        tried = creneaux_of(mois.contexte, regle)
        rejoue = _Rejoue.of(mois, tried if regle.limits_booking else frozenset())
        contexte = contexte_of(mois.contexte, regle)
        avant = facturer(mois.faits, mois.contexte)
        same = rejoue.faits is mois.faits and contexte is mois.contexte
        apres = avant if same else facturer(rejoue.faits, contexte)
        _count(self.avant, avant.charges)
        self.tarifs |= {charge.tarif for charge in avant.charges if charge.tarif is not None}
        self.sans_prix |= {a.enfant for a in apres.anomalies if a.ennui == Ennui.SANS_PRIX and a.enfant is not None}
        if regle.quoi == Quoi.TARDIVE:
            # The town may have voted one since: the tried one takes its place.
            _count(self.apres, (c for c in apres.charges if c.nature != regle.quoi.value or c.creneau not in tried))
            self._add_tardives(apres, rejoue.tardives, regle)
        else:
            _count(self.apres, apres.charges)
        self.tardives += len(rejoue.tardives)
        self.refusees += rejoue.refusees
        self.retenues += rejoue.retenues

    def _add_tardives(self, facturation: Facturation, tardives: frozenset[Case], regle: RegleEssayee) -> None:
        """The supplement of each séance that was booked late and is billed, cut as its price is."""
        lignes: dict[Case, list[Charge]] = defaultdict(list)
        for charge in facturation.charges:
            case = (charge.enfant, charge.jour, charge.creneau)
            if case in tardives and charge.nature in SEANCES and (charge.quantite or charge.motif):
                lignes[case].append(charge)
        for siennes in lignes.values():
            premiere = siennes[0]
            if regle.montant.prix is None and (premiere.nature == NaturePrestation.FORFAIT or _is_au_mois(premiere)):
                self.sans_prix.add(premiere.enfant)  # a price of the month says none of a séance
                continue
            somme = regle.montant.of(premiere.entier if premiere.quantite else premiere.prix)
            for charge, part in zip(siennes, repartir(somme, [c.part for c in siennes]), strict=True):
                self.apres[charge.foyer, charge.enfant] += part


def _is_au_mois(charge: Charge) -> bool:
    return charge.prix_dit.get("unite") == UniteTarif.MOIS


def _count(sommes: Counter[Du], charges: Iterable[Charge]) -> None:
    for charge in charges:
        sommes[charge.foyer, charge.enfant] += charge.montant


@dataclass(frozen=True)
class _Rejoue:
    """The facts as they would have been, and what the limits met."""

    faits: Sequence[FaitDuMois]
    tardives: frozenset[Case] = frozenset()
    refusees: int = 0
    retenues: int = 0

    @classmethod
    def of(cls, mois: MoisVecu, bornes: frozenset[int]) -> _Rejoue:
        """Every history of the month replayed; on the créneaux `bornes`, whoever has a place took it in time, as the
        tried limit refuses the others.
        """
        tardives, perdues, gardees = set(), set(), set()
        for case, actes in mois.histoires.items():
            etait, serait = rejouer(actes), rejouer(actes, mois.limites(case[1]))
            if serait.tardive:
                tardives.add(case)
            if etait.inscrit and not serait.inscrit:
                perdues.add(case)
            elif serait.inscrit and not etait.inscrit and case in mois.annulees:
                gardees.add(case)
        vecus = mois.faits
        if any(fait.hors_delai and fait.creneau in bornes for fait in vecus):
            vecus = [f._replace(hors_delai=f.hors_delai and f.creneau not in bornes) for f in vecus]
        if not perdues and not gardees:
            return cls(vecus, frozenset(tardives))
        faits = [tenu for fait in vecus if (tenu := _held(fait, perdues, gardees)) is not None]
        vus = {(fait.enfant, fait.jour, fait.creneau) for fait in mois.faits}
        faits += [mois.annulees[case] for case in sorted(gardees - vus)]
        return cls(faits, frozenset(tardives), len(perdues), len(gardees))


def _held(fait: FaitDuMois, perdues: set[Case], gardees: set[Case]) -> FaitDuMois | None:
    """This fact with the place that it would have had; None when nothing is left of it."""
    case = (fait.enfant, fait.jour, fait.creneau)
    if case in perdues and fait.inscrit:
        return fait._replace(inscrit=False) if fait.arrivee is not None else None
    return fait._replace(inscrit=True) if case in gardees else fait


# --- What the prices are made of -------------------------------------------------------------------------------------


def contexte_of(contexte: Contexte, regle: RegleEssayee) -> Contexte:
    """What prices would have been made of under this rule: the same value where it changes none."""
    if regle.quoi == Quoi.GRILLE:
        for grille in regle.grilles:
            contexte, _ = with_grille(contexte, grille)
        return contexte
    genre = SUR_FEUILLE.get(regle.quoi)
    if genre is None:
        return contexte
    creneaux = creneaux_of(contexte, regle)
    essaye = SupplementVote(
        cle=0,
        genre=genre,
        debut=date.min,
        creneaux=creneaux,
        prix=regle.montant.prix,
        pourcentage=regle.montant.pourcentage,
        tolerance=regle.tolerance,
    )
    autres = [vote if vote.genre != genre else _without(vote, creneaux) for vote in contexte.supplements]
    return replace(contexte, supplements=[*(vote for vote in autres if vote is not None), essaye])


def creneaux_of(contexte: Contexte, regle: RegleEssayee) -> frozenset[int]:
    """The créneaux (primary keys) on which this rule is tried: nobody picks a child up in the morning or at midi."""
    sans = SANS_DEPART if SUR_FEUILLE.get(regle.quoi) == GenreSupplement.RETARD else frozenset()
    return frozenset(
        cle
        for cle, horaire in contexte.creneaux.items()
        if horaire.moment not in sans and (not regle.moment or horaire.moment == regle.moment)
    )


def _without(vote: SupplementVote, creneaux: frozenset[int]) -> SupplementVote | None:
    """This supplement where the tried one is not; one that names no créneau yields by itself."""
    if not vote.creneaux:
        return vote
    restent = vote.creneaux - creneaux
    return replace(vote, creneaux=restent) if restent else None
