"""The price of one thing, from a voted grid. Pure: integer centimes in and out, no database, no float."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from enfance.moments import MomentCreneau
from facturation.montants import arrondir
from portail.codes import LabelledCode

RANGS = 12  # a grid goes as far as it wants up to there; its last line is that child and those after
SANS_DEPART = frozenset({MomentCreneau.MATIN, MomentCreneau.MIDI})  # the school takes the child from there


class UniteTarif(LabelledCode):
    SEANCE = "seance", "la séance"
    TRANCHE = "tranche", "la durée commencée"
    MOIS = "mois", "le mois"
    FORFAIT = "forfait", "l’abonnement au mois, de tant de jours par semaine"


class BaseTarif(LabelledCode):
    INSCRIPTION = "inscription", "ce qui est inscrit, venu ou non"
    PRESENCE = "presence", "ce que la feuille a vu"
    LES_DEUX = "les_deux", "l’un ou l’autre"


class AxeTarif(LabelledCode):
    """What the columns of a grid are: the child among its siblings that the month bills, or how many children its home
    has on the town's list (`NombreEnfants`).
    """

    RANG = "rang", "le rang de l’enfant"
    ENFANTS = "enfants", "le nombre d’enfants du foyer"


class PeriodePlafond(LabelledCode):
    JOUR = "jour", "par jour"
    MOIS = "mois", "par mois"


class PorteurPlafond(LabelledCode):
    ENFANT = "enfant", "par enfant"
    PAYEUR = "payeur", "par payeur"


class GenreSupplement(LabelledCode):
    RETARD = "retard", "retard"
    SANS_INSCRIPTION = "sans_inscription", "présence sans inscription"
    ABSENCE = "absence", "absence non excusée"
    TARDIVE = "tardive", "inscription hors délai"


class Residence(LabelledCode):
    """Where a payer lives, as far as a price asks: the two that every town begins with, and « à dire », which is priced
    as the town's default and listed. The town's own list (`LieuResidence`) names them and adds its own codes.
    """

    A_DIRE = "", "à dire"
    COMMUNE = "commune", "commune"
    HORS = "hors", "hors commune"


@dataclass(frozen=True, slots=True)
class LigneGrille:
    """One cell of a grid, as `LigneTarif` has it: a price in centimes, or a rate of the quotient (per cent, so
    centimes a euro of quotient) between a minimum and a maximum in centimes. `qf_min` None: quotient unknown.

    `rang`: the child's, or the number of children of its home, as the tariff's `axe` says. `premiere`: centimes of the
    first duration begun, None where it costs what the next do. `seance`: centimes of a day beyond a subscription.
    """

    residence: str
    qf_min: int | None
    qf_max: int | None
    rang: int
    prix: int | None = None
    taux: Decimal | None = None
    minimum: int | None = None
    maximum: int | None = None
    cle: int | None = None
    premiere: int | None = None
    seance: int | None = None

    def holds(self, quotient: int | None) -> bool:
        """Whether this quotient is within the tranche of this line, both ends included; None (unknown) fits only the
        line of the unknown quotient.
        """
        if quotient is None or self.qf_min is None:
            return quotient is None and self.qf_min is None
        return self.qf_min <= quotient and (self.qf_max is None or quotient <= self.qf_max)


@dataclass(frozen=True, slots=True, kw_only=True)
class GrilleTarif:
    """A tariff with its lines, as `Tarif` has them. `creneaux`: primary keys. `deliberation`: its number. `tolerance`:
    minutes that begin no new duration. `jours`: of a subscription, how many a week; `prorata`: a month that a closure
    cuts is due by its days.
    """

    cle: int
    nom: str
    debut: date
    unite: UniteTarif
    base: BaseTarif = BaseTarif.INSCRIPTION
    minutes: int | None = None
    tranches_absent: int = 1
    par_jour: bool = False
    fratrie: bool = False
    arrondi: int = 1
    creneaux: frozenset[int] = frozenset()
    moment: str = ""
    deliberation: str = ""
    votee_le: date | None = None
    lignes: tuple[LigneGrille, ...] = ()
    axe: AxeTarif = AxeTarif.RANG
    tolerance: int = 0
    jours: int | None = None
    prorata: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PlafondVote:
    """A cap, as `Plafond` has it: what a day or a month costs at most (centimes) to a child, or to a payer. Neither
    créneau nor moment: all of them. `supplements`: whether they count in it.
    """

    cle: int
    montant: int
    periode: PeriodePlafond
    debut: date
    porteur: PorteurPlafond = PorteurPlafond.ENFANT
    fin: date | None = None
    creneaux: frozenset[int] = frozenset()
    moment: str = ""
    supplements: bool = False
    deliberation: str = ""
    votee_le: date | None = None

    def caps(self, creneau: int, moment: str) -> bool:
        """Whether this cap counts the séances of this créneau (primary key), of this moment."""
        if self.creneaux or self.moment:
            return creneau in self.creneaux or (bool(self.moment) and self.moment == moment)
        return True


@dataclass(frozen=True, slots=True, kw_only=True)
class SupplementVote:
    """A supplement, as `Supplement` has it: a price in centimes, or so many per cent of the séance's. Neither créneau
    nor moment: all of them. `tolerance`: minutes. `en_tout`: the price is what the séance costs in all.
    """

    cle: int
    genre: GenreSupplement
    debut: date
    fin: date | None = None
    creneaux: frozenset[int] = frozenset()
    moment: str = ""
    prix: int | None = None
    pourcentage: int | None = None
    tolerance: int = 0
    deliberation: str = ""
    votee_le: date | None = None
    article: str = ""
    en_tout: bool = False


def tarif_of(tarifs: Iterable[GrilleTarif], creneau: int, moment: str, jour: date) -> GrilleTarif | None:
    """The tariff that prices this créneau (primary key), of this moment, on this day: one that names it wins over one
    of its moment, then the latest begun. None without any.

    A price by the tranche never applies to the lunch break; a tariff of no créneau nor moment applies to none.
    """
    begun = [
        t for t in tarifs if t.debut <= jour and not (moment == MomentCreneau.MIDI and t.unite == UniteTarif.TRANCHE)
    ]
    siens = [t for t in begun if creneau in t.creneaux] or [t for t in begun if moment and t.moment == moment]
    return max(siens, key=lambda t: (t.debut, t.cle), default=None)


def supplement_of(
    supplements: Iterable[SupplementVote], genre: GenreSupplement, creneau: int, moment: str, jour: date
) -> SupplementVote | None:
    """The supplement of this kind that applies to this créneau (primary key), of this moment, on this day; None without
    any. One that names the créneau wins over one of its moment, then over one for all; then the latest begun.

    Nobody picks a child up in the morning or at midi: a late pick-up is due there only where a supplement says so.
    """
    tenus = [s for s in supplements if s.genre == genre and s.debut <= jour and (s.fin is None or jour <= s.fin)]
    siens = [s for s in tenus if creneau in s.creneaux] or [s for s in tenus if moment and s.moment == moment]
    if not siens and not (genre == GenreSupplement.RETARD and moment in SANS_DEPART):
        siens = [s for s in tenus if not s.creneaux and not s.moment]
    return max(siens, key=lambda s: (s.debut, s.cle), default=None)


def plafonds_of(plafonds: Iterable[PlafondVote], jour: date) -> list[PlafondVote]:
    """The caps that hold on this day, in the order in which they apply: the day's before the month's, a child's before
    a payer's. Of those of the same extent, the latest begun alone.
    """
    derniers: dict[tuple[object, ...], PlafondVote] = {}
    for plafond in sorted(plafonds, key=lambda p: (p.debut, p.cle)):
        if plafond.debut <= jour:
            derniers[plafond.periode, plafond.porteur, plafond.creneaux, plafond.moment] = plafond
    tenus = [plafond for plafond in derniers.values() if plafond.fin is None or jour <= plafond.fin]
    return sorted(tenus, key=lambda p: (p.periode, p.porteur, p.cle))


def ligne_of(
    lignes: Sequence[LigneGrille], residence: str, quotient: int | None, rang: int, defaut: str = Residence.COMMUNE
) -> LigneGrille | None:
    """The line of a grid that prices a child of this rank (1: the oldest), or of a home of so many children, with this
    residence and quotient; None where the grid has a hole.

    A residence to be said is priced as `defaut`; the line of a rank holds for the ranks after it, until another says
    them.
    """
    lieu = residence or defaut
    siennes = [ligne for ligne in lignes if ligne.residence == lieu and ligne.rang <= rang and ligne.holds(quotient)]
    return max(siennes, key=lambda ligne: ligne.rang, default=None)


def prix_of(ligne: LigneGrille, quotient: int | None, arrondi: int = 1) -> int:
    """The price of one unit on this line, in centimes: the voted price as it is, or the rate of this quotient, bounded,
    then rounded half up to a multiple of `arrondi` centimes. ValueError for a rate without a quotient.
    """
    if ligne.prix is not None:
        return ligne.prix
    if ligne.taux is None or quotient is None:
        raise ValueError("A rate needs a quotient")
    montant = quotient * ligne.taux
    if ligne.minimum is not None:
        montant = max(montant, Decimal(ligne.minimum))
    if ligne.maximum is not None:
        montant = min(montant, Decimal(ligne.maximum))
    return arrondir(montant, arrondi)


def tranches_of(minutes: int, pas: int, tolerance: int = 0) -> int:
    """How many durations of `pas` minutes are begun in this number of minutes; 0 for none. The first is begun at once;
    `tolerance` minutes begin no other one.
    """
    if minutes <= 0:
        return 0
    return max(1, -(-(minutes - tolerance) // pas))


# --- What is wrong with a grid -------------------------------------------------------------------------------------

LIEUX: dict[str, str] = {Residence.COMMUNE: "Commune", Residence.HORS: "Hors commune"}
RANGS_DITS = {1: "1er enfant", 2: "2e enfant", 3: "3e enfant et plus"}
COMBIEN = {0: "aucun prix", 2: "deux prix"}


@dataclass(frozen=True, slots=True)
class DefautGrille:
    """A hole (`combien` 0) or an overlap of a grid: a residence, quotients from `de` to `a` (None: and more), or the
    unknown one (`de` None); a rank where that one alone is concerned, as `rang_dit` says it. `nom`: that of the
    residence.
    """

    residence: str
    de: int | None
    a: int | None
    combien: int
    rang: int | None = None
    nom: str = ""
    rang_dit: str = ""

    def __str__(self) -> str:
        """« Hors commune, de 800 à 859 : aucun prix »."""
        rang = f", {self.rang_dit or rang_dit(self.rang)}" if self.rang else ""
        combien = COMBIEN.get(self.combien, "plusieurs prix")
        lieu = self.nom or LIEUX.get(self.residence, self.residence)
        return f"{lieu}, {quotients_texte(self.de, self.a)}{rang}\u00a0: {combien}"


def rang_dit(rang: int, dernier: int | None = None, axe: str = AxeTarif.RANG) -> str:
    """A column of a grid in French: « 1er enfant », « 4e enfant et plus » where `rang` is the `dernier` one; by number
    of children, « 1 enfant », « 3 enfants et plus ».
    """
    plus = " et plus" if rang == dernier and rang > 1 else ""
    if axe == AxeTarif.ENFANTS:
        return f"{rang}\u00a0enfant{'s' if rang > 1 else ''}{plus}"
    return f"{rang}{'er' if rang == 1 else 'e'} enfant{plus}"


def quotients_texte(de: int | None, a: int | None) -> str:
    """These quotients in French: « de 600 à 859 », « QF 1900 », « 1200 et plus » when `a` is None, « quotient inconnu »
    when `de` is.
    """
    if de is None:
        return "quotient inconnu"
    if a is None:
        return f"{de} et plus"
    return f"QF {de}" if de == a else f"de {de} à {a}"


def defauts_of(
    lignes: Sequence[LigneGrille], lieux: Mapping[str, str] = LIEUX, axe: str = AxeTarif.RANG
) -> list[DefautGrille]:
    """Where these lines of a grid give no price, or several: every residence of `lieux` (code: name), quotients from 0
    up, the unknown quotient, and every rank that the grid names, the first always. Empty: they price every child.
    """
    rangs = sorted({1} | {ligne.rang for ligne in lignes})
    defauts: list[DefautGrille] = []
    for residence, nom in lieux.items():
        par_rang = [
            _defauts([ligne for ligne in lignes if (ligne.residence, ligne.rang) == (residence, rang)])
            for rang in rangs
        ]
        for defaut in sorted({d for siens in par_rang for d in siens}, key=lambda d: (d[0] is None, d[0] or 0)):
            concernes = [rang for rang, siens in zip(rangs, par_rang, strict=True) if defaut in siens]
            tous = concernes == rangs
            defauts += [
                DefautGrille(residence, *defaut, None if tous else rang, nom, rang_dit(rang, rangs[-1], axe))
                for rang in (concernes[:1] if tous else concernes)
            ]
    return defauts


def _defauts(lignes: Sequence[LigneGrille]) -> list[tuple[int | None, int | None, int]]:
    """Of one residence and one rank: from, to, how many prices, wherever that is not one."""
    prix = Counter({0: 0})  # at each quotient where it changes, by how much the number of prices does
    for ligne in lignes:
        if ligne.qf_min is not None:
            prix[ligne.qf_min] += 1
            if ligne.qf_max is not None:
                prix[ligne.qf_max + 1] -= 1
    bornes = sorted(prix)
    defauts: list[tuple[int | None, int | None, int]] = []
    combien = 0
    for de, suivante in zip(bornes, [*bornes[1:], None], strict=True):
        combien += prix[de]
        a = None if suivante is None else suivante - 1
        if combien != 1:
            if defauts and defauts[-1][1:] == (de - 1, combien):  # the same goes on
                de = defauts.pop()[0] or 0
            defauts.append((de, a, combien))
    inconnus = sum(ligne.qf_min is None for ligne in lignes)
    return defauts if inconnus == 1 else [*defauts, (None, None, inconnus)]
