"""What is due of each séance of a month, before any price: whether, how many tranches, which supplements. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Any, NamedTuple

from enfance.moments import MomentCreneau
from facturation.prix.tarifs import (
    LIEUX,
    BaseTarif,
    GenreSupplement,
    GrilleTarif,
    PlafondVote,
    Residence,
    SupplementVote,
    UniteTarif,
    supplement_of,
    tarif_of,
    tranches_of,
)
from portail.dates import PARIS

EPOQUE = datetime(1970, 1, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
# In the order of `RegleDuJour`.
SUPPLEMENTS = (
    GenreSupplement.RETARD,
    GenreSupplement.SANS_INSCRIPTION,
    GenreSupplement.ABSENCE,
    GenreSupplement.TARDIVE,
)
RIEN: Mapping[str, Any] = {}
DU_MOIS = "compris dans le prix du mois"
DU_JOUR = "compris dans le prix de la journée"
DE_L_ABONNEMENT = "compris dans l’abonnement du mois"
AU_MOIS = (UniteTarif.MOIS, UniteTarif.FORFAIT)  # priced as on the month's first day


class FaitDuMois(NamedTuple):
    """One child at one séance: registered, seen at the gate, or both.

    `foyer` owes: that of the inscription; of a presence without inscription, the only one with garde that day, None
    when nobody or several have it. `arrivee` and `depart` are aware instants; arrived is present. `close`: the sheet
    is. `prevue`: the séance is still to come, what it will cost is an estimate. `excusee`: the town hall excused the
    absence. `faits`: what a line tells of it (who registered, the gate's times, the answer), handed over as it is.
    `hors_delai`: a parent booked it after the limit.
    """

    enfant: int
    jour: date
    creneau: int
    foyer: int | None
    inscrit: bool = True
    close: bool = True
    arrivee: datetime | None = None
    depart: datetime | None = None
    excusee: bool = False
    prevue: bool = False
    faits: Mapping[str, Any] = RIEN
    hors_delai: bool = False


class Horaire(NamedTuple):
    """A créneau as a price sees it: its moment and its hours, Paris time."""

    moment: MomentCreneau
    debut: time
    fin: time


class HoraireAncien(NamedTuple):
    """The hours that a créneau had until a day, this day included; Paris time."""

    jusqu_au: date
    debut: time
    fin: time


class PartPayeur(NamedTuple):
    """Which part of a child's price a foyer owes, in per cent, between two dates (None: without limit)."""

    foyer: int
    part: int
    debut: date | None = None
    fin: date | None = None

    def holds(self, jour: date) -> bool:
        """Whether this share applies on that day; its dates are included, an empty one is no limit."""
        return (self.debut is None or self.debut <= jour) and (self.fin is None or jour <= self.fin)


@dataclass(frozen=True, slots=True, kw_only=True)
class Contexte:
    """What prices are made of. Keys are primary keys: of créneaux, of children, of foyers.

    `premier`: the month's first day. `quotients`: those that hold on it, unknown ones are left out. `residences`: codes
    of the town's list, « » where nothing is said, which is priced as `lieu_defaut`; `lieux`: the names of those that
    are not called as every town begins. `nombres`: how many children each home has, unknown ones are left out.
    `ouvertures`: of a créneau that closures cut in the month, how many of its days are left, of how many. `partages`:
    of a child, whatever their dates. `habitudes`: of a child and a créneau, its commonest number of tranches, for what
    is still to come (`habitudes_of`). `anciens`: of a créneau whose hours have changed, those that it had, the oldest
    first.
    """

    premier: date
    tarifs: Sequence[GrilleTarif]
    creneaux: Mapping[int, Horaire]
    naissances: Mapping[int, date]
    supplements: Sequence[SupplementVote] = ()
    quotients: Mapping[int, int] = field(default_factory=dict)
    residences: Mapping[int, str] = field(default_factory=dict)
    partages: Mapping[int, Sequence[PartPayeur]] = field(default_factory=dict)
    habitudes: Mapping[tuple[int, int], int] = field(default_factory=dict)
    anciens: Mapping[int, Sequence[HoraireAncien]] = field(default_factory=dict)
    plafonds: Sequence[PlafondVote] = ()
    lieu_defaut: str = Residence.COMMUNE
    lieux: Mapping[str, str] = field(default_factory=dict)
    nombres: Mapping[int, int] = field(default_factory=dict)
    ouvertures: Mapping[int, tuple[int, int]] = field(default_factory=dict)

    def lieu(self, residence: str) -> str:
        """The name of this residence, as the town gave it; empty for those that are called as every town begins. Of « à
        dire », that of the default one.
        """
        code = residence or self.lieu_defaut
        propre = LIEUX.get(code, "") if not residence and code != Residence.COMMUNE else ""
        return self.lieux.get(code) or propre

    def horaire(self, creneau: int, jour: date) -> Horaire:
        """The hours that this créneau (primary key) had on this day, with its moment."""
        connu = self.creneaux[creneau]
        ancien = next((ancien for ancien in self.anciens.get(creneau, ()) if jour <= ancien.jusqu_au), None)
        return connu if ancien is None else Horaire(connu.moment, ancien.debut, ancien.fin)


class Ennui(StrEnum):
    """What is amiss in a month. `bloque` says which ones keep it from being closed; the others are said."""

    FEUILLE = "feuille"  # a sheet that is not closed where presence is billed
    SANS_PAYEUR = "sans_payeur"  # a presence without inscription, and no foyer alone with garde that day
    SANS_TARIF = "sans_tarif"  # no tariff for this créneau on this day
    SANS_PRIX = "sans_prix"  # the grid has a hole for this child
    PARTAGE = "partage"  # shares that do not make 100 %
    FEUILLE_OUVERTE = "feuille_ouverte"  # a sheet that is not closed, where the séance's price does not depend on it
    SANS_QUOTIENT = "sans_quotient"
    SANS_RESIDENCE = "sans_residence"
    SANS_NOMBRE = "sans_nombre"  # nobody said how many children the home has, and the price depends on it

    @property
    def bloque(self) -> bool:
        """Whether this kind of problem keeps the month from being closed."""
        return self in BLOQUENT


BLOQUENT = frozenset({Ennui.FEUILLE, Ennui.SANS_PAYEUR, Ennui.SANS_TARIF, Ennui.SANS_PRIX, Ennui.PARTAGE})


class Anomalie(NamedTuple):
    """One thing amiss, with what it is about; said once: a sheet has no child, a missing tariff a créneau and its
    first day, a payer without quotient a foyer alone.
    """

    ennui: Ennui
    jour: date | None = None
    creneau: int | None = None
    enfant: int | None = None
    foyer: int | None = None
    tarif: int | None = None


class Anomalies:
    """Those met so far, each once, in the order in which they were."""

    def __init__(self) -> None:
        self._vues: dict[tuple[object, ...], Anomalie] = {}

    def add(self, anomalie: Anomalie, *cle: object) -> None:
        """Note this problem, unless one of the same kind was noted with the same `cle`."""
        self._vues.setdefault((anomalie.ennui, *cle), anomalie)

    def all(self) -> list[Anomalie]:
        """The problems noted so far, each once, in the order in which they were met."""
        return list(self._vues.values())


class TempsCompte(NamedTuple):
    """What a price by the tranche counts of a presence: from when to when, in minutes since 1970. Who came after the
    end, or left before the beginning, has `fin` before `debut`, and no minute.
    """

    debut: int
    fin: int

    @property
    def minutes(self) -> int:
        """How many minutes are counted; 0 when the end is before the beginning."""
        return max(self.fin - self.debut, 0)

    @property
    def instants(self) -> tuple[datetime, datetime]:
        """The beginning and the end of the time counted, as instants in UTC."""
        return EPOQUE + self.debut * MINUTE, EPOQUE + self.fin * MINUTE


class RegleDuJour(NamedTuple):
    """What prices a créneau on a day; its hours in minutes since 1970, so that a day of 23 hours has 23."""

    tarif: GrilleTarif
    moment: MomentCreneau
    debut: int
    fin: int
    retard: SupplementVote | None
    sans_inscription: SupplementVote | None
    absence: SupplementVote | None
    tardive: SupplementVote | None = None

    @property
    def reads_sheet(self) -> bool:
        """Whether the price of the séance depends on the team's sheet (who came, or how long), and not on the
        inscription alone.
        """
        return self.tarif.base != BaseTarif.INSCRIPTION or self.tarif.unite == UniteTarif.TRANCHE

    def temps(self, arrivee: datetime | None, depart: datetime | None) -> TempsCompte:
        """The time to count, within the créneau, between this arrival and this departure; None for one that nobody
        noted.
        """
        return temps_between(self.moment, TempsCompte(self.debut, self.fin), arrivee, depart)


class Du(NamedTuple):
    """What one fact makes due. `due`: the séance is billed; else it is shown for its excuse, or has supplements alone.

    `quantite`: how many units the séance has, due or not. `compris`: the words that say in which price it already is.
    `en_plus`: it is a day beyond those of a subscription.
    """

    fait: FaitDuMois
    foyer: int
    regle: RegleDuJour
    due: bool
    excusee: bool
    quantite: int
    compris: str
    supplements: tuple[SupplementVote, ...]
    estimee: bool
    sans_depart: bool
    temps: TempsCompte | None
    en_plus: bool = False


def temps_between(
    moment: MomentCreneau, creneau: TempsCompte, arrivee: datetime | None, depart: datetime | None
) -> TempsCompte:
    """The time that a price counts between this arrival and this departure, to the minute, within the hours of the
    créneau.

    In the morning it goes to the end of the créneau whatever the departure, in the evening from its beginning whatever
    the arrival. Without an arrival it begins, and without a departure it ends, with the créneau.
    """
    debut, fin = creneau
    if arrivee is not None and moment != MomentCreneau.SOIR:
        debut = max(debut, minute_of(arrivee))
    if depart is not None and moment != MomentCreneau.MATIN:
        fin = min(fin, minute_of(depart))
    return TempsCompte(debut, fin)


def minute_of(instant: datetime) -> int:
    """The number of whole minutes from 1970 (UTC) to this aware instant: its seconds are not shown, so they are not
    billed.
    """
    return (instant - EPOQUE) // MINUTE


class Tarification:
    """Reads what is due, fact by fact; créneaux and days are judged once."""

    def __init__(self, contexte: Contexte) -> None:
        self._contexte = contexte
        self._anomalies = Anomalies()
        self._regles: dict[tuple[int, date], RegleDuJour | None] = {}
        self._compris: set[tuple[object, ...]] = set()
        self._semaines: dict[tuple[int, int, date], list[date]] = {}  # of a subscription: the days due of a week

    def read(self, faits: Iterable[FaitDuMois]) -> list[Du]:
        """What each of these facts makes due, before any price; by child, day and créneau in the order of the hours,
        whatever order they come in. Facts that make nothing due are left out, and those without a tariff or a payer,
        which `anomalies` says.
        """
        horaires = sorted(self._contexte.creneaux.items(), key=lambda horaire: (horaire[1].debut, horaire[0]))
        ordre = {creneau: rang for rang, (creneau, _) in enumerate(horaires)}
        ranges = sorted(faits, key=lambda fait: (fait.enfant, fait.jour, ordre[fait.creneau]))
        return [du for du in map(self._due, ranges) if du is not None]

    @property
    def anomalies(self) -> list[Anomalie]:
        """The problems met in the facts read so far."""
        return self._anomalies.all()

    def regle(self, creneau: int, jour: date) -> RegleDuJour | None:
        """The tariff, hours and supplements that price this créneau (primary key) on this day; None without a
        tariff.
        """
        cle = (creneau, jour)
        if cle not in self._regles:
            self._regles[cle] = self._find(creneau, jour)
        return self._regles[cle]

    def _find(self, creneau: int, jour: date) -> RegleDuJour | None:
        contexte = self._contexte
        horaire = contexte.horaire(creneau, jour)
        tarif = tarif_of(contexte.tarifs, creneau, horaire.moment, jour)
        du_premier = tarif_of(contexte.tarifs, creneau, horaire.moment, contexte.premier)
        # A price of the month is that of its first day: one begun meanwhile waits for the next, if there was another.
        au_mois = any(t is not None and t.unite in AU_MOIS for t in (du_premier, tarif))
        if du_premier is not None and au_mois:
            tarif = du_premier
        if tarif is None:
            return None
        debut, fin = (minute_of(datetime.combine(jour, heure, tzinfo=PARIS)) for heure in (horaire.debut, horaire.fin))
        supplements = (
            supplement_of(contexte.supplements, genre, creneau, horaire.moment, jour) for genre in SUPPLEMENTS
        )
        return RegleDuJour(tarif, horaire.moment, debut, fin, *supplements)

    def _due(self, fait: FaitDuMois) -> Du | None:
        enfant, jour, creneau, foyer, inscrit, close, arrivee, depart, excusee, prevue, _, hors_delai = fait
        vu = arrivee is not None
        if not (inscrit or vu):
            return None
        regle = self.regle(creneau, jour)
        if regle is None:
            self._anomalies.add(Anomalie(Ennui.SANS_TARIF, jour, creneau, enfant, foyer), enfant, creneau)
            return None
        if not close and not prevue:
            ennui = Ennui.FEUILLE if regle.reads_sheet else Ennui.FEUILLE_OUVERTE
            self._anomalies.add(Anomalie(ennui, jour, creneau), jour, creneau)
        su = close and not prevue  # what the sheet says is known
        excusee = excusee and inscrit and not vu
        attendu = inscrit and not excusee
        base = regle.tarif.base
        if base == BaseTarif.PRESENCE:
            due = (su and vu) or (prevue and attendu)
            excusee = False  # who is not there owes nothing anyway
        else:
            due = attendu or (base == BaseTarif.LES_DEUX and su and vu)
        supplements = self._supplements(fait, regle) if su else ()
        if hors_delai and due and attendu and regle.tardive:  # as the séance: due, estimated, excused with it
            supplements = (regle.tardive, *supplements)
        if not (due or excusee or supplements):
            return None
        if foyer is None:
            self._anomalies.add(Anomalie(Ennui.SANS_PAYEUR, jour, creneau, enfant), enfant, jour, creneau)
            return None
        quantite, temps, estimee, sans_depart = self._count(fait, regle, su)
        en_plus = due and regle.tarif.jours is not None and self._is_beyond(fait, regle.tarif)
        compris = self._included(fait, regle.tarif, en_plus=en_plus) if due else ""
        return Du(
            fait, foyer, regle, due, excusee, quantite, compris, supplements, estimee, sans_depart, temps, en_plus
        )

    def _supplements(self, fait: FaitDuMois, regle: RegleDuJour) -> tuple[SupplementVote, ...]:
        """Those that a closed sheet gives."""
        if fait.arrivee is None:
            absent = fait.inscrit and not fait.excusee and regle.absence is not None
            return (regle.absence,) if absent and regle.absence else ()
        supplements = []
        retard = regle.retard
        if retard and fait.depart is not None and minute_of(fait.depart) > regle.fin + retard.tolerance:
            supplements.append(retard)
        if regle.sans_inscription and not fait.inscrit:
            supplements.append(regle.sans_inscription)
        return tuple(supplements)

    def _count(self, fait: FaitDuMois, regle: RegleDuJour, su: bool) -> tuple[int, TempsCompte | None, bool, bool]:
        """How many units; the time counted; whether it is a guess; whether a departure is missing."""
        tarif = regle.tarif
        if tarif.unite != UniteTarif.TRANCHE or tarif.minutes is None:
            return 1, None, False, False
        if su and fait.arrivee is None:
            return tarif.tranches_absent, None, False, False
        sorti = fait.depart is not None or regle.moment == MomentCreneau.MATIN
        if fait.arrivee is not None and (su or sorti):
            temps = regle.temps(fait.arrivee, fait.depart)
            return tranches_of(temps.minutes, tarif.minutes, tarif.tolerance), temps, not su, not sorti
        habitude = self._contexte.habitudes.get((fait.enfant, fait.creneau))
        entier = tranches_of(regle.fin - regle.debut, tarif.minutes, tarif.tolerance)
        return entier if habitude is None else habitude, None, True, False

    def _is_beyond(self, fait: FaitDuMois, tarif: GrilleTarif) -> bool:
        """Whether this day is one more than the subscription takes in its week, of the days of this month."""
        cle = (fait.enfant, tarif.cle, fait.jour - timedelta(days=fait.jour.weekday()))
        jours = self._semaines.setdefault(cle, [])
        if not jours or jours[-1] != fait.jour:
            jours.append(fait.jour)
        return len(jours) > (tarif.jours or 0)

    def _included(self, fait: FaitDuMois, tarif: GrilleTarif, *, en_plus: bool) -> str:
        """The words that say in which price this séance is, when one before it in the month or the day took it."""
        par_mois = tarif.unite in AU_MOIS and not en_plus
        if not par_mois and not en_plus and not (tarif.par_jour and tarif.unite == UniteTarif.SEANCE):
            return ""
        cle = (fait.enfant, tarif.cle, None if par_mois else fait.jour)
        if cle not in self._compris:
            self._compris.add(cle)
            return ""
        if not par_mois:
            return DU_JOUR
        return DU_MOIS if tarif.unite == UniteTarif.MOIS else DE_L_ABONNEMENT
