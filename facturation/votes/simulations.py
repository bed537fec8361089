"""What a grid gives before anybody is billed: one price tried by hand, and a closed month computed again. Reads only.

Both go through `mois.facturer`, as the closing does. Amounts are centimes.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta

from enfance.moments import MomentCreneau
from facturation.arrete.contextes import load_contexte
from facturation.arrete.lecture import load_faits
from facturation.arrete.preparation import fin_de
from facturation.models import Prestation
from facturation.prix.mois import Charge, Contexte, Ennui, FaitDuMois, Horaire, facturer
from facturation.prix.tarifs import GrilleTarif, PlafondVote, UniteTarif, tarif_of
from portail.dates import PARIS

FOYER = 1
ECOLE = {0, 1, 3, 4}  # Monday, Tuesday, Thursday, Friday
NATURES = frozenset({Prestation.Nature.SEANCE, Prestation.Nature.FORFAIT, Prestation.Nature.PLAFOND})


@dataclass(frozen=True)
class Essai:
    """A family made up to try a price: `enfants` of one foyer, `fois` séances each. `duree`: minutes, the hour of the
    departure (of the arrival in the morning), or None for the whole créneau.
    """

    residence: str
    quotient: int | None
    enfants: int = 1
    fois: int = 1
    duree: int | time | None = None


@dataclass(frozen=True)
class PrixEnfant:
    """What one child of the trial costs: so many units at this price; `premieres` of them at the price `premiere`,
    where the first of a séance has its own, and `de_plus` days beyond a subscription at `jour_de_plus`. Centimes; caps
    are not in `montant`.
    """

    rang: int
    quantite: int
    prix: int
    montant: int
    premieres: int = 0
    premiere: int | None = None
    de_plus: int = 0
    jour_de_plus: int = 0


@dataclass(frozen=True)
class ResultatEssai:
    """What a trial gives, child by child; None of them where the grid has no price. `minutes`: those of one séance.
    `plafonne`: what caps take off all of it, in centimes, 0 or less.
    """

    enfants: tuple[PrixEnfant, ...] | None
    minutes: int | None
    plafonne: int = 0

    @property
    def total(self) -> int:
        """What all the children of the trial cost together, in centimes; 0 where the grid has no price."""
        return sum(enfant.montant for enfant in self.enfants or ()) + self.plafonne

    @property
    def tranches(self) -> int:
        """How many units the first child is billed in the trial; 0 where the grid has no price."""
        return self.une.quantite if self.une else 0

    @property
    def une(self) -> PrixEnfant | None:
        """The result of the first child; None where the grid has no price."""
        return self.enfants[0] if self.enfants else None


def essayer(grille: GrilleTarif, horaire: Horaire, essai: Essai, plafonds: Iterable[PlafondVote] = ()) -> ResultatEssai:
    """What this made-up family would pay under this grid and these caps, for séances of a créneau of these hours: on
    school days, from the first of the month on for a subscription.
    """
    creneau = 1
    seule = replace(grille, creneaux=frozenset({creneau}), debut=date.min)
    debut = max(grille.debut, date(2000, 1, 1))
    if grille.unite == UniteTarif.FORFAIT:
        ecole = (debut + timedelta(days=n) for n in range(essai.fois * 3))
        jours = [jour for jour in ecole if jour.weekday() in ECOLE][: essai.fois]
    else:
        jours = [debut + timedelta(days=n) for n in range(essai.fois)]
    enfants = range(1, essai.enfants + 1)
    faits = [_fait(enfant, jour, creneau, horaire, essai.duree) for enfant in enfants for jour in jours]
    contexte = Contexte(
        premier=jours[0],
        tarifs=[seule],
        creneaux={creneau: horaire},
        naissances={enfant: date(2015, 1, 1) + timedelta(days=enfant) for enfant in enfants},
        quotients={} if essai.quotient is None else {FOYER: essai.quotient},
        residences={FOYER: essai.residence},
        nombres={FOYER: essai.enfants},
        plafonds=[replace(p, creneaux=frozenset({creneau}), moment="", debut=date.min, fin=None) for p in plafonds],
    )
    facturation = facturer(faits, contexte)
    minutes = next((charge.minutes for charge in facturation.charges), None)
    if facturation.bloquantes:
        return ResultatEssai(None, minutes)
    coupes = [c for c in facturation.charges if c.nature == Prestation.Nature.PLAFOND]
    prix = [c for c in facturation.charges if c.nature in NATURES and c not in coupes]
    return ResultatEssai(
        tuple(_sum(prix, enfant) for enfant in enfants), minutes, sum(coupe.montant for coupe in coupes)
    )


def _sum(charges: Collection[Charge], enfant: int) -> PrixEnfant:
    siennes = [charge for charge in charges if charge.enfant == enfant]
    abonnements = [c for c in siennes if c.nature == Prestation.Nature.FORFAIT]
    principales = abonnements or siennes
    de_plus = [c for c in siennes if abonnements and c.nature == Prestation.Nature.SEANCE and c.montant]
    premieres = [c.prix_dit["premiere"] for c in principales if c.prix_dit.get("premiere") is not None]
    return PrixEnfant(
        enfant,
        sum(c.quantite for c in principales),
        max(c.prix for c in principales),
        sum(c.montant for c in siennes),
        len(premieres),
        premieres[0] if premieres else None,
        sum(c.quantite for c in de_plus),
        max((c.prix for c in de_plus), default=0),
    )


def _fait(enfant: int, jour: date, creneau: int, horaire: Horaire, duree: int | time | None) -> FaitDuMois:
    """This child there for that long: to the créneau's end in the morning, else from its beginning."""
    debut, fin = (_instant(jour, heure) for heure in (horaire.debut, horaire.fin))
    matin = horaire.moment == MomentCreneau.MATIN
    if isinstance(duree, time):
        borne = _instant(jour, duree)
    elif duree is not None:
        borne = fin - timedelta(minutes=duree) if matin else debut + timedelta(minutes=duree)
    else:
        borne = debut if matin else fin
    if matin:
        return FaitDuMois(enfant, jour, creneau, FOYER, arrivee=borne)
    return FaitDuMois(enfant, jour, creneau, FOYER, arrivee=debut, depart=borne)


def _instant(jour: date, heure: time) -> datetime:
    return datetime.combine(jour, heure, tzinfo=PARIS).astimezone(UTC)


@dataclass(frozen=True)
class Projection:
    """A month as a grid would have priced it: what its créneaux gave, would give, and for how many children nothing is
    said.
    """

    premier: date
    avant: int
    apres: int
    sans_prix: int

    @property
    def ecart(self) -> int:
        """What the month would have come to more with the grid, in centimes; below 0, less."""
        return self.apres - self.avant


def projeter(grille: GrilleTarif, premier: date, *, today: date) -> Projection:
    """What the month that begins on `premier` would have come to had this grid held from its first day, beside what the
    tariffs in force give. Supplements are left out, and both sides are computed from the facts known on `today`.
    """
    faits = load_faits(premier, fin_de(premier), today=today, preuves=False)
    contexte = load_contexte(premier, today=today)
    essaye, cle = with_grille(contexte, grille)
    touches = {
        creneau
        for creneau, horaire in contexte.creneaux.items()
        if (trouve := tarif_of(essaye.tarifs, creneau, horaire.moment, premier)) and trouve.cle == cle
    }
    apres = facturer(faits, essaye)
    sans_prix = {a.enfant for a in apres.anomalies if a.ennui == Ennui.SANS_PRIX and a.tarif == cle}
    avant = facturer(faits, contexte)
    return Projection(premier, _total(avant.charges, touches), _total(apres.charges, touches), len(sans_prix))


def with_grille(contexte: Contexte, grille: GrilleTarif) -> tuple[Contexte, int]:
    """What the prices of the month are made of had this grid held from its first day, in the place of what it follows;
    and the key that the grid has there. A saved one is not counted twice.
    """
    cle = 1 + max((tarif.cle for tarif in contexte.tarifs), default=0)
    autres = [tarif for tarif in contexte.tarifs if tarif.cle != grille.cle]
    return replace(contexte, tarifs=[*autres, replace(grille, cle=cle, debut=contexte.premier)]), cle


def _total(charges: Collection[Charge], creneaux: Collection[int]) -> int:
    return sum(charge.montant for charge in charges if charge.creneau in creneaux and charge.nature in NATURES)
