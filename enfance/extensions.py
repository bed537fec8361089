"""What an app may add besides, that the garderie asks: on top of `accounts.extensions`.

An app above reads `enfance` and adds its own, and `enfance` names none of them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Any, Protocol

from django import forms
from django.db.models import Model, QuerySet

from accounts.extensions import AccountsExtension
from accounts.models import User
from enfance.models import Absence, Creneau, Enfant, Foyer, Responsable
from enfance.regles import CODES_JOUR, Acteur, Action, Regle, SupplementTardif

# --- Somebody's own data ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Demandeur:
    """Who asks: an account, and the adult that it is for the garderie, if it is one."""

    user: User
    responsable: Responsable | None

    @property
    def foyer(self) -> Foyer | None:
        """The home of the person; None for an account that is no parent's."""
        return self.responsable.foyer if self.responsable else None

    @cached_property
    def adultes(self) -> list[Responsable]:
        """The adults of the person's home, the person included; empty for an account that is no parent's."""
        return list(Responsable.objects.filter(foyer=self.foyer).select_related("user")) if self.foyer else []

    @property
    def enfants(self) -> QuerySet[Enfant]:
        """The children whom the person may see; none for an account that is no parent's."""
        return Enfant.objects.for_responsable(self.responsable) if self.responsable else Enfant.objects.none()

    def is_from_here(self, user_pk: int | None) -> bool:
        """Whether this account (primary key) is of an adult of the person's own home."""
        return user_pk in {adulte.user_id for adulte in self.adultes}


type Lecture = str | Callable[[Any, Demandeur], Any]


@dataclass(frozen=True)
class Partie:
    """One table of the file: which rows, which columns under which French names, and the columns left out."""

    nom: str
    model: type[Model]
    lignes: Callable[[Demandeur], Iterable[Any]]
    champs: Mapping[str, Lecture]
    sans: frozenset[str] = frozenset()
    champs_plusieurs: Mapping[str, Lecture] = field(default_factory=dict)  # told where the town has several schools
    champs_agents: Mapping[str, Lecture] = field(default_factory=dict)  # told of an agent alone

    @property
    def colonnes(self) -> set[str]:
        """The columns of the model that this part tells or leaves out knowingly."""
        lectures = [*self.champs.values(), *self.champs_plusieurs.values(), *self.champs_agents.values()]
        lus = {lecture.partition(".")[0] for lecture in lectures if isinstance(lecture, str)}
        return lus | self.sans


# --- An absence that is told -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class SectionAbsence:
    """What the page that says who knows adds: words beside the absence (« Raison : maladie. »), a part of its own."""

    mots: str
    titre: str
    phrases: list[str]


class SuiteAbsence:
    """What else is asked, done and said when an absence is told or taken back, by a parent or by the agent who takes
    the call (`acteur`). Nothing, but for what it says itself; `nom`: of its field in the form, if it has one.
    """

    nom = ""

    def champ(self, acteur: Acteur, jour: date) -> forms.Field | None:
        """The form field that this app adds when an absence of that day is told, never required; None for none."""
        return None

    def dire(self, absences: Collection[Absence], acteur: Acteur, valeur: str, *, now: datetime) -> None:
        """What this app does when absences are told, in the transaction that writes them; `valeur` is the answer to its
        field. Those that were told before are among them.
        """

    def retirer(self, absences: Collection[Absence], *, now: datetime) -> None:
        """What this app does when absences are taken back, in the transaction that writes it."""

    def lire(
        self, acteur: Acteur, enfants: Collection[int], jours: Collection[date], *, now: datetime
    ) -> SectionAbsence | None:
        """What this app adds, for who acts to read, about the absences of these children (primary keys) on these
        days; None for nothing.
        """
        return None

    def raison(self, absence: Absence) -> str:
        """Why the child was away, as it was told to this app, in words for the town hall; empty for nothing."""
        return ""

    def prevenir(
        self, moments: Mapping[int, Collection[Creneau]], jour: date, *, now: datetime
    ) -> Iterable[tuple[str, str]]:
        """Who else learns by this app of absences of that day (the créneaux, by child's primary key), as pairs of who
        and how, in words.
        """
        return ()


# --- The money of a planning ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Adresses:
    """The names of three addresses. `prix` of a month: the price of each row, as JSON. `devient` of a month: what it
    has become by the save that `?enregistrement=` names. `tarif`: what was voted.
    """

    prix: str
    devient: str
    tarif: str


# --- All of it --------------------------------------------------------------------------------------------------------

type Retenue = Callable[[Collection[int], date], set[int]]
type Tardives = Callable[[], Callable[[Creneau, date], SupplementTardif | None]]


class LimiteDeplacee(Protocol):
    """A deadline of a créneau that a silence of the portal moves, for a day and an action."""

    @property
    def jour(self) -> date:
        """The day that it is for."""

    @property
    def creneau(self) -> Creneau:
        """The créneau that it is for."""

    @property
    def action(self) -> Action:
        """Whether it is the one to register or to cancel."""

    @property
    def avant(self) -> datetime:
        """When it was."""

    @property
    def apres(self) -> datetime:
        """What it becomes."""


type SuiteSilence = Callable[[Collection[LimiteDeplacee], datetime], Iterable[str]]


@dataclass(frozen=True, kw_only=True)
class ExtensionEnfance(AccountsExtension):
    """What one app adds; `ExtensionEnfance.installed()`, what all of them do.

    - `regles`: what may stand in the way of a box, asked in this order; each is called by its codes (`enfance.regles`).
      ValueError for a code of two rules.
    - `absences`: what follows an absence that is told, in the order of the apps (`enfance.famille.absences`).
    - `donnees`: the tables that are told in everybody's own data; `sans_donnees`: of a model (« app.Model ») that leads
      to people, where it is told instead, or why it is not. Every table that names somebody is in one or the other:
      what is told is what an erasure will have to go through (`enfance.famille.donnees`).
    - `retenues`: each is given homes (primary keys) whose children have left, and the day, and says which of them time
      alone does not erase yet. Who asks to be erased still is (`enfance.mairie.partis`).
    - `suites_silence`: what else follows from these deadlines that a silence of the portal moves, at this instant, in
      sentences for the town hall that declares it (`enfance.mairie.silences`).
    - `argent`: where the prices of a planning are asked for, of the first app that says it (`enfance.planning.argent`).
    - `tardives`: each reads what it costs to book after the limit, and says it of a créneau of a day (None:
      nothing was voted); the first app that says one is heard. Read only where a créneau has a second limit: without
      such an app, or such a vote, nobody books late.
    - `demo`: the dotted names of what loads its part of the demonstration's school, as it is at an instant, in order: a
      portal in service imports none of it (`enfance.demo`).
    """

    regles: tuple[Regle, ...] = ()
    absences: tuple[SuiteAbsence, ...] = ()
    donnees: tuple[Partie, ...] = ()
    sans_donnees: Mapping[str, str] = field(default_factory=dict)
    retenues: tuple[Retenue, ...] = ()
    suites_silence: tuple[SuiteSilence, ...] = ()
    argent: tuple[Adresses, ...] = ()
    tardives: tuple[Tardives, ...] = ()
    demo: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        codes = [*CODES_JOUR, *(code for regle in self.regles for code in regle.codes)]
        if doubles := {code for code in codes if codes.count(code) > 1}:
            raise ValueError(f"codes of two rules: {sorted(doubles)}")
