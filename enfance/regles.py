"""The rules of an inscription, in one place: the same call locks a box on GET and refuses it on POST. Pure.

`Situation` is all that the rules may know, read once by `situation.load_situation`: nothing here asks the database or
the clock. Rules return values, sentences for the reader; not booleans, not exceptions.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from enum import Enum
from functools import cached_property
from typing import NamedTuple

from enfance import delais
from enfance.calendrier import Calendrier
from enfance.models import (
    Creneau,
    Enfant,
    Enregistrement,
    Foyer,
    Garde,
    Inscription,
    RegleDelai,
    Responsable,
    Scolarite,
)
from enfance.semaine_modele import Modele
from portail.dates import MOIS, PARIS, jour_long
from portail.francais import de

MOTIF_REPAS = "Repas de cantine commandé"
CLE = re.compile(r"([0-9]{1,18}):([0-9]{4}-[0-9]{2}-[0-9]{2}):([-a-zA-Z0-9_]{1,20})")


class Cle(NamedTuple):
    """What a box of the planning names: a child (primary key), a day, a créneau (code)."""

    enfant: int
    jour: date
    creneau: str

    def __str__(self) -> str:
        return f"{self.enfant}:{self.jour.isoformat()}:{self.creneau}"

    @classmethod
    def parse(cls, text: str) -> Cle | None:
        """The key written `enfant:date:creneau`, None when the text is not one."""
        match = CLE.fullmatch(text)
        try:
            return cls(int(match[1]), date.fromisoformat(match[2]), match[3]) if match else None
        except ValueError:  # 30 February
            return None


class Action(Enum):
    INSCRIRE = "inscrire"
    ANNULER = "annuler"


@dataclass(frozen=True)
class Acteur:
    """Who acts and by which door. A parent has a `responsable`; the town hall and the system have none. `pour` is the
    home for which the town hall acts, when it does what a family asks.
    """

    porte: Enregistrement.Porte
    user_id: int | None = None
    responsable: Responsable | None = None
    motif: str = ""
    pour: Foyer | None = None

    @classmethod
    def parent(cls, responsable: Responsable) -> Acteur:
        return cls(Enregistrement.Porte.PORTAIL, responsable.user_id, responsable)

    @classmethod
    def semaine_type(cls, responsable: Responsable) -> Acteur:
        """A parent who fills a period with a weekly pattern."""
        return cls(Enregistrement.Porte.SEMAINE_TYPE, responsable.user_id, responsable)

    @classmethod
    def mairie(cls, user_id: int, motif: str = "") -> Acteur:
        """A member of the town hall, who may pass over limit, places and garde with a `motif`."""
        return cls(Enregistrement.Porte.MAIRIE, user_id, None, motif)

    @classmethod
    def guichet(cls, user_id: int, foyer: Foyer, motif: str = "") -> Acteur:
        """A member of the town hall who does what this family asks: its children, its days, the rest with a `motif`."""
        return cls(Enregistrement.Porte.MAIRIE, user_id, None, motif, foyer)

    @classmethod
    def import_onde(cls, user_id: int | None = None) -> Acteur:
        """The import of the school's files, by the command or by a member of the town hall."""
        return cls(Enregistrement.Porte.IMPORT, user_id)

    @classmethod
    def fermeture(cls, user_id: int | None = None, motif: str = "") -> Acteur:
        """The town hall, or its command, that closes the garderie or opens it again."""
        return cls(Enregistrement.Porte.FERMETURE, user_id, None, motif)

    @classmethod
    def liste_repas(cls, user_id: int | None = None) -> Acteur:
        """The import of the association's list, where it registers the children who eat."""
        return cls(Enregistrement.Porte.REPAS, user_id, None, MOTIF_REPAS)

    @classmethod
    def systeme(cls) -> Acteur:
        """The portal itself, which serves the waiting lists."""
        return cls(Enregistrement.Porte.SYSTEME)

    @property
    def foyer(self) -> Foyer | None:
        return self.responsable.foyer if self.responsable else None

    @property
    def chez(self) -> Foyer | None:
        """The home whose days these are: the actor's own, or the one for which it acts."""
        return self.foyer or self.pour

    def passes(self, obstacle: Obstacle) -> bool:
        """Whether this actor may pass over it: the town hall with a reason, an import or a parent over a few."""
        if self.porte == Enregistrement.Porte.MAIRIE:
            return obstacle.overridable and bool(self.motif)
        if self.porte in {Enregistrement.Porte.PORTAIL, Enregistrement.Porte.REPAS}:
            return obstacle.repas
        return self.porte == Enregistrement.Porte.IMPORT and obstacle.code in {"limite", "garde"}

    def may_pass(self, obstacle: Obstacle) -> bool:
        """Whether a `motif` is all that it lacks to pass over it."""
        return self.porte == Enregistrement.Porte.MAIRIE and obstacle.overridable


@dataclass(frozen=True)
class FermetureVue:
    """A closure as the rules see it; empty `creneaux` or `classes` means all of them (primary keys)."""

    debut: date
    fin: date
    motif: str
    creneaux: frozenset[int] = frozenset()
    classes: frozenset[int] = frozenset()

    def covers(self, jour: date, creneau: int, classe: int | None) -> bool:
        return (
            self.debut <= jour <= self.fin
            and (not self.creneaux or creneau in self.creneaux)
            and (not self.classes or classe in self.classes)
        )


@dataclass(frozen=True)
class Situation:
    """What is known at `now` of the days, the children that `acteur` may see, and their inscriptions."""

    now: datetime
    acteur: Acteur
    calendrier: Calendrier
    creneaux: Mapping[str, Creneau]
    enfants: Mapping[int, Enfant] = field(default_factory=dict)
    scolarites: Mapping[tuple[int, date], Scolarite] = field(default_factory=dict)  # by child and first day of the year
    gardes: Mapping[int, tuple[Garde, ...]] = field(default_factory=dict)
    fermetures: tuple[FermetureVue, ...] = ()
    annoncees: tuple[FermetureVue, ...] = ()  # closures that are not over, whatever the days
    actualites: tuple[str, ...] = ()  # the town hall's news of today
    inscriptions: dict[Cle, Inscription] = field(default_factory=dict)
    occupation: Mapping[tuple[date, int], int] = field(default_factory=dict)  # places taken, by day and créneau
    rangs: Mapping[int, int] = field(default_factory=dict)  # rank on the waiting list, by inscription
    absences: frozenset[tuple[int, date]] = frozenset()  # told by a parent, by child and day
    repas: frozenset[tuple[int, date]] = frozenset()  # meals that stand, by child and day
    listes_repas: tuple[tuple[date, date], ...] = ()  # the days that the association's lists cover
    repas_sans_midi: date | None = None  # the last meal to come without its lunch break, whatever the days
    modeles: tuple[Modele, ...] = ()  # the weekly patterns of the actor's foyer, the latest first
    dernier_changement: datetime | None = None  # of these children, whatever the day
    _limites: dict[tuple[date, str, Action], datetime] = field(default_factory=dict, compare=False, repr=False)
    _jours: dict[tuple[date, str], Obstacle | None] = field(init=False, default_factory=dict, compare=False, repr=False)

    @cached_property
    def today(self) -> date:
        """The date in Paris."""
        return self.now.astimezone(PARIS).date()

    def etat(self, cle: Cle) -> str:
        """The state of the inscription, « annulee » when there is none."""
        inscription = self.inscriptions.get(cle)
        return inscription.etat if inscription else Inscription.Etat.ANNULEE

    def scolarite(self, enfant: int, jour: date) -> Scolarite | None:
        """The child's place in the year of this day, None when there is none or the child has left by then."""
        annee = self.calendrier.annee(jour)
        scolarite = self.scolarites.get((enfant, annee.debut)) if annee else None
        return scolarite if scolarite and (scolarite.depart is None or jour < scolarite.depart) else None

    def with_eleves(self, debut: date, fin: date = date.max) -> Situation:
        """The same, with only the children who are at school at some time between these days. Where no school year is
        known then, nobody can have left: all of them stay.
        """
        if not any(annee.fin >= debut and annee.debut <= fin for annee in self.calendrier.annees):
            return self
        eleves = {
            enfant
            for (enfant, _), scolarite in self.scolarites.items()
            if scolarite.annee.fin >= debut
            and scolarite.annee.debut <= fin
            and (scolarite.depart is None or scolarite.depart > max(debut, scolarite.annee.debut))
        }
        return replace(self, enfants={pk: enfant for pk, enfant in self.enfants.items() if pk in eleves})

    def foyers(self, enfant: int, jour: date, creneau: Creneau) -> list[int]:
        """The foyers that have garde of the child then, in a stable order; none when nobody has."""
        gardes = self.gardes.get(enfant, ())
        return sorted({garde.foyer_id for garde in gardes if garde.holds(jour, creneau.is_soir)})

    def fermeture(self, enfant: int, jour: date, creneau: Creneau) -> FermetureVue | None:
        scolarite = self.scolarite(enfant, jour)
        classe = scolarite.classe_id if scolarite else None
        return next((f for f in self.fermetures if f.covers(jour, creneau.pk, classe)), None)

    def limite(self, jour: date, creneau: Creneau, action: Action) -> datetime:
        """The instant (Europe/Paris) from which `action` is closed for that day."""
        key = (jour, creneau.code, action)
        if key not in self._limites:  # the same for every child of the page
            self._limites[key] = delais.limite(jour, regle(creneau, action).valeur, self.calendrier)
        return self._limites[key]

    def has_repas(self, cle: Cle) -> bool:
        """Whether a meal stands on this lunch break."""
        return cle.creneau == Creneau.MIDI and (cle.enfant, cle.jour) in self.repas

    def is_listed(self, jour: date) -> bool:
        """Whether a list of the association covers that day: who is not on it does not eat."""
        return any(debut <= jour <= fin for debut, fin in self.listes_repas)

    def is_over(self, jour: date, creneau: Creneau) -> bool:
        """Whether the créneau of that day has ended."""
        return self.now >= datetime.combine(jour, creneau.fin, PARIS)

    def places(self, jour: date, creneau: Creneau) -> int | None:
        """How many places are left, None without a limit; never below 0."""
        if creneau.places is None:
            return None
        return max(0, creneau.places - self.occupation.get((jour, creneau.pk), 0))


def regle(creneau: Creneau, action: Action) -> RegleDelai:
    """The deadline rule of this action: cancelling follows registering unless it has its own."""
    return (creneau.delai_annulation if action is Action.ANNULER else None) or creneau.delai_inscription


@dataclass(frozen=True)
class Obstacle:
    """Why something may not be done, as a sentence. `overridable`: the town hall may pass over it, with a reason.
    `repas`: a meal is ordered, which makes the lunch break a duty, so the family may pass over it as well.
    """

    code: str
    message: str
    overridable: bool = False
    repas: bool = False


def obstacles_for(situation: Situation, cle: Cle, action: Action) -> list[Obstacle]:
    """What stands in the way of this action, the most telling first; empty when it may be done.

    A day without school hides the rest: there is nothing more to say of it.
    """
    creneau = situation.creneaux.get(cle.creneau)
    enfant = situation.enfants.get(cle.enfant)
    if creneau is None:
        return [Obstacle("creneau", "ce moment de garderie n’existe pas.")]
    if enfant is None:
        return [Obstacle("enfant", _enfant_phrase(situation.acteur))]
    jour = _obstacles_jour(situation, cle, creneau)
    if jour and (action is Action.INSCRIRE or situation.acteur.responsable):
        return jour  # the town hall may cancel what a closure or a corrected calendar left there
    return [
        *_obstacles_limite(situation, cle, creneau, action),
        *_obstacles_garde(situation, cle, creneau, enfant),
        *_obstacles_repas(situation, cle, action),
        *_obstacles_places(situation, cle, creneau, action),
    ]


def obstacles_depart(situation: Situation, cle: Cle) -> list[Obstacle]:
    """What stands in the way of leaving the waiting list where this box is: one may at any time, on a closed day as
    well, but on the days of one's own foyer alone."""
    return _obstacles_garde(situation, cle, situation.creneaux[cle.creneau], situation.enfants[cle.enfant])


def _obstacles_jour(situation: Situation, cle: Cle, creneau: Creneau) -> list[Obstacle]:
    key = (cle.jour, creneau.code)
    if key not in situation._jours:  # the same for every child of the page
        situation._jours[key] = _obstacle_jour(situation, cle.jour, creneau)
    obstacle = situation._jours[key]
    if (obstacle is None or obstacle.code != "annee") and situation.scolarite(cle.enfant, cle.jour) is None:
        return [Obstacle("scolarite", "cet enfant n’est pas à l’école ce jour-là.")]
    if obstacle:
        return [obstacle]
    if fermeture := situation.fermeture(cle.enfant, cle.jour, creneau):
        return [Obstacle("fermeture", f"garderie fermée ({fermeture.motif}).")]
    return []


def _obstacle_jour(situation: Situation, jour: date, creneau: Creneau) -> Obstacle | None:
    calendrier = situation.calendrier
    annee = calendrier.annee(jour)
    if annee is None:
        return Obstacle("annee", "ce jour n’est pas dans une année scolaire préparée par la mairie.")
    if situation.acteur.responsable and not annee.is_open(situation.today):
        return Obstacle("ouverture", ouverture_phrase(annee.ouverture))
    if vacances := calendrier.vacances(jour):
        return Obstacle("vacances", f"pas de garderie pendant les congés ({vacances.nom}).")
    if jour in calendrier.feries:
        return Obstacle("ferie", f"jour férié ({calendrier.feries[jour]}).")
    if not calendrier.is_ecole(jour):
        return Obstacle("ecole", "il n’y a pas école ce jour-là.")
    if jour.weekday() not in creneau.jours:
        return Obstacle("jour", "ce moment de garderie n’est pas ouvert ce jour-là.")
    return None


def _obstacles_limite(situation: Situation, cle: Cle, creneau: Creneau, action: Action) -> list[Obstacle]:
    limite = situation.limite(cle.jour, creneau, action)
    if situation.now.astimezone(UTC) < limite:  # two Paris times would be compared without their fold
        return []
    repas = action is Action.INSCRIRE and situation.has_repas(cle) and not situation.is_over(cle.jour, creneau)
    message = f"la date limite est passée ({delais.instant_phrase(limite)})."
    return [Obstacle("limite", message, overridable=True, repas=repas)]


def _obstacles_garde(situation: Situation, cle: Cle, creneau: Creneau, enfant: Enfant) -> list[Obstacle]:
    acteur, foyer = situation.acteur, situation.acteur.chez
    foyers = situation.foyers(cle.enfant, cle.jour, creneau)
    if not foyers:
        suite = "\u00a0: appelez la mairie" if acteur.responsable else ""
        return [Obstacle("garde", f"aucun foyer n’a la garde ce jour-là{suite}.", overridable=True)]
    if foyer is None or foyer.pk in foyers:  # without a home of its own, the town hall acts for whoever has garde
        return []
    return [Obstacle("garde", f"{enfant.prenom} est chez l’autre parent ce jour-là.", overridable=True)]


def _obstacles_places(situation: Situation, cle: Cle, creneau: Creneau, action: Action) -> list[Obstacle]:
    if action is Action.ANNULER or situation.places(cle.jour, creneau) != 0:
        return []
    return [Obstacle("complet", "il n’y a plus de place.", overridable=True, repas=situation.has_repas(cle))]


def _obstacles_repas(situation: Situation, cle: Cle, action: Action) -> list[Obstacle]:
    """A lunch break is kept as long as its meal stands; a rank on its waiting list may be given up at any time."""
    inscrit = situation.etat(cle) == Inscription.Etat.INSCRIT
    if action is Action.INSCRIRE or not inscrit or not situation.has_repas(cle):
        return []
    message = "un repas de cantine est commandé. Annulez d’abord le repas auprès de l’association."
    return [Obstacle("repas", message, overridable=True)]


class Ecart(Enum):
    """How a meal and the lunch break of its day disagree."""

    SANS_MIDI = "mange, pas inscrit"
    SANS_REPAS = "inscrit, pas de repas"


def ecart(situation: Situation, enfant: int, jour: date) -> Ecart | None:
    """The disagreement on that day; None on a day without lunch break (closed, holidays…) or once it is over."""
    midi = situation.creneaux.get(Creneau.MIDI)
    return None if midi and situation.is_over(jour, midi) else desaccord(situation, enfant, jour)


def desaccord(situation: Situation, enfant: int, jour: date) -> Ecart | None:
    """The same, of a day that may be over: nobody can put it right any more, but it was so."""
    cle = Cle(enfant, jour, Creneau.MIDI)
    midi = situation.creneaux.get(cle.creneau)
    mange, inscrit = situation.has_repas(cle), situation.etat(cle) == Inscription.Etat.INSCRIT
    if midi is None or mange == inscrit or not (mange or situation.is_listed(jour)):
        return None
    if _obstacles_jour(situation, cle, midi):
        return None
    return Ecart.SANS_MIDI if mange else Ecart.SANS_REPAS


def _enfant_phrase(acteur: Acteur) -> str:
    suite = "pas rattaché à votre compte" if acteur.responsable else "dans aucune année scolaire"
    return f"cet enfant n’est {suite}."


def ouverture_phrase(ouverture: date | None) -> str:
    if ouverture is None:
        return "la mairie n’a pas encore ouvert les inscriptions de cette année scolaire."
    return f"les inscriptions ouvrent le {jour_long(ouverture)}."


def planning_ouverture_phrase(mois: date, ouverture: date | None) -> str:
    """« Le planning de septembre ouvre le mardi 1er juin. » `mois`: any day of the month."""
    nom = f"Le planning {de(MOIS[mois.month - 1])}"
    if ouverture is None:
        return f"{nom} n’est pas encore ouvert\u00a0: la mairie dira quand."
    return f"{nom} ouvre le {jour_long(ouverture)}."
