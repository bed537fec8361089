"""From what happened in a month to lines: what each payer owes, and why. Pure: the same code estimates and closes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from enum import StrEnum
from typing import Any, NamedTuple

from facturation.tarifs import GrilleTarif, SupplementVote, ligne_of, prix_of, tarif_of

RIEN: Mapping[str, Any] = {}


class FaitDuMois(NamedTuple):
    """One child at one séance: registered, seen at the gate, or both.

    `foyer` owes: that of the inscription; of a presence without inscription, the only one with garde that day, None
    when nobody or several have it. `arrivee` and `depart` are aware instants; arrived is present. `close`: the sheet
    is. `prevue`: the séance is still to come, what it will cost is an estimate. `excusee`: the town hall excused the
    absence. `faits`: what a line tells of it (who registered, the gate's times, the answer), handed over as it is.
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


class Horaire(NamedTuple):
    """A créneau as a price sees it: its moment and its hours, Paris time."""

    moment: str
    debut: time
    fin: time


class PartPayeur(NamedTuple):
    """Which part of a child's price a foyer owes, in per cent, between two dates (None: without limit)."""

    foyer: int
    part: int
    debut: date | None = None
    fin: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Contexte:
    """What prices are made of. Keys are primary keys: of créneaux, of children, of foyers.

    `premier`: the month's first day. `quotients`: those that hold on it, unknown ones are left out. `residences`:
    « », « commune », « hors ». `partages`: of a child, whoever's dates. `habitudes`: of a child and a créneau, its
    commonest number of tranches, for what is still to come (`habitudes_of`).
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


class Charge(NamedTuple):
    """One line, under the names of `Prestation`: what `foyer` owes of `entier`, and why. Amounts in centimes.

    `tarif`, `ligne`, `supplement` are primary keys. `estimee`: the quantity is not known yet. `sans_depart`: nobody
    tapped the departure, the créneau's end was counted. `minutes`: those counted at the gate, of a price by tranche.
    """

    foyer: int
    enfant: int
    jour: date
    creneau: int
    nature: str
    quantite: int
    prix: int
    entier: int
    part: int
    montant: int
    credit_impot: bool
    quotient: int | None
    residence: str
    rang: int | None
    tarif: int | None
    ligne: int | None
    supplement: int | None
    faits: Mapping[str, Any]
    prix_dit: Mapping[str, Any]
    motif: str = ""
    estimee: bool = False
    sans_depart: bool = False
    minutes: int | None = None


class Ennui(StrEnum):
    """What is amiss in a month. `bloque` says which ones keep it from being closed; the others are said."""

    FEUILLE = "feuille"  # a sheet that is not closed where presence is billed
    SANS_PAYEUR = "sans_payeur"  # a presence without inscription, and no foyer alone with garde that day
    SANS_TARIF = "sans_tarif"  # no tariff for this créneau on this day
    SANS_PRIX = "sans_prix"  # the grid has a hole for this child
    PARTAGE = "partage"  # shares that do not make 100 %
    FEUILLE_OUVERTE = "feuille_ouverte"  # a sheet that is not closed, where the price does not depend on it
    SANS_QUOTIENT = "sans_quotient"
    SANS_RESIDENCE = "sans_residence"

    @property
    def bloque(self) -> bool:
        return self in BLOQUENT


BLOQUENT = frozenset({Ennui.FEUILLE, Ennui.SANS_PAYEUR, Ennui.SANS_TARIF, Ennui.SANS_PRIX, Ennui.PARTAGE})


class Anomalie(NamedTuple):
    """One thing amiss, with what it is about: a sheet has no child, a payer without quotient has a foyer alone."""

    ennui: Ennui
    jour: date | None = None
    creneau: int | None = None
    enfant: int | None = None
    foyer: int | None = None
    tarif: int | None = None


@dataclass(frozen=True, slots=True)
class Facturation:
    """The lines of a month, by child, day and créneau, and what is amiss."""

    charges: list[Charge]
    anomalies: list[Anomalie]

    @property
    def bloquantes(self) -> list[Anomalie]:
        """What must be settled before the month is closed."""
        return [anomalie for anomalie in self.anomalies if anomalie.ennui.bloque]


def facturer(faits: Iterable[FaitDuMois], contexte: Contexte) -> Facturation:
    """The lines of these facts, all of one month, in whatever order they come."""
    charges, anomalies = [], []
    for fait in sorted(faits, key=lambda fait: fait[:3]):
        tarif = tarif_of(contexte.tarifs, fait.creneau, contexte.creneaux[fait.creneau].moment, fait.jour)
        if tarif is None or fait.foyer is None:
            anomalies.append(Anomalie(Ennui.SANS_TARIF, fait.jour, fait.creneau, fait.enfant, fait.foyer))
            continue
        quotient = contexte.quotients.get(fait.foyer)
        residence = contexte.residences.get(fait.foyer, "")
        ligne = ligne_of(tarif.lignes, residence, quotient, 1)
        if ligne is None:
            anomalies.append(Anomalie(Ennui.SANS_PRIX, fait.jour, fait.creneau, fait.enfant, fait.foyer, tarif.cle))
            continue
        prix = prix_of(ligne, quotient, tarif.arrondi)
        charges.append(
            Charge(
                foyer=fait.foyer,
                enfant=fait.enfant,
                jour=fait.jour,
                creneau=fait.creneau,
                nature="seance",
                quantite=1,
                prix=prix,
                entier=prix,
                part=100,
                montant=prix,
                credit_impot=True,
                quotient=quotient,
                residence=residence,
                rang=1,
                tarif=tarif.cle,
                ligne=ligne.cle,
                supplement=None,
                faits=fait.faits,
                prix_dit={},
            )
        )
    return Facturation(charges, anomalies)
