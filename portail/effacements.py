"""What becomes of the rows of each table that lead to somebody who is erased, or whose text names them.

Each app says it of its own columns, in `AppConfig.ready`; `conservation.effacement`, which erases, names none of them.
A table that names somebody and says nothing makes a test fail.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.apps import apps
from django.db.models import JSONField, Model, QuerySet

from portail.mots import EFFACE, Identite, Mots


class EffacementRefuse(Exception):
    """Nothing is erased; its words, in French, say why."""


@dataclass
class DemandeEffacement:
    """What is being erased: keys by model (« enfance.Enfant »), at what time, and what has become of the rows so far.

    `seul`: nobody else works on this database, which is being restored.
    """

    cles: dict[str, set[int]]
    now: datetime
    seul: bool = False
    mots: Mots = field(default_factory=Mots)
    parties: dict[str, set[Any]] = field(default_factory=dict)  # keys of the rows that went, by model
    souvenirs: dict[str, set[Any]] = field(default_factory=dict)  # what a rule keeps for one that comes after it
    effaces: Counter[str] = field(default_factory=Counter)
    blanchis: Counter[str] = field(default_factory=Counter)
    gardes: dict[str, None] = field(default_factory=dict)  # sentences, each once, in their order
    avis: dict[str, None] = field(default_factory=dict)  # the same

    def of(self, modele: str) -> set[int]:
        """The keys of this model that are being erased."""
        return self.cles.get(modele, set())

    def gone(self, modele: str) -> set[Any]:
        """The keys of the rows of this model that have gone, or are being erased."""
        return self.parties.get(modele, set()) | self.of(modele)

    def efface(self, lignes: QuerySet[Any]) -> int:
        """Delete these rows, and what hangs on them."""
        self.parties.setdefault(lignes.model._meta.label, set()).update(lignes.values_list("pk", flat=True))
        n, par_modele = lignes.delete()
        self.effaces.update(par_modele)
        return n

    def blanchit(self, lignes: QuerySet[Any], **valeurs: Any) -> int:
        """Leave these rows, with these values."""
        n = lignes.update(**valeurs)
        if n:
            self.blanchis[lignes.model._meta.label] += n
        return n

    def garde(self, phrase: str) -> None:
        """Say what stays, and why."""
        self.gardes[phrase] = None

    def avertit(self, phrase: str) -> None:
        """Say what is better done before."""
        self.avis[phrase] = None


@dataclass(frozen=True)
class LienEfface:
    """The rows of `model` that lead by `champ` to keys that are being erased."""

    model: type[Model]
    champ: str
    cles: Collection[int]
    demande: DemandeEffacement

    @property
    def lignes(self) -> QuerySet[Any]:
        return self.model._base_manager.filter(**{f"{self.champ}__in": self.cles})


type Regle = Callable[[LienEfface], None]


def part(lien: LienEfface) -> None:
    """The rows go."""
    lien.demande.efface(lien.lignes)


def d_un_agent(lien: LienEfface) -> None:
    """Only an agent has such rows, and an agent's account is not erased; any that were there would go."""
    part(lien)


def perd_le_lien(lien: LienEfface) -> None:
    """The rows stay, and say no longer who it was."""
    lien.demande.blanchit(lien.lignes, **{lien.champ: None})


def reste(phrase: str) -> Regle:
    """The rows stay without their link, for a reason that is said: an issued paper, which the law keeps."""

    def regle(lien: LienEfface) -> None:
        if lien.lignes.exists():
            lien.demande.garde(phrase)
            perd_le_lien(lien)

    return regle


# --- Texts ------------------------------------------------------------------------------------------------------------

type RegleTexte = Callable[[type[Model], str, DemandeEffacement], None]


def sans_la_phrase(model: type[Model], champ: str, demande: DemandeEffacement) -> None:
    """Each text of this column of JSON that names them goes whole: a line of a report is about one person."""
    for pk, valeur in model._base_manager.order_by().values_list("pk", champ):
        if (sans := _sans_phrase(valeur, demande.mots)) != valeur:
            demande.blanchit(model._base_manager.filter(pk=pk), **{champ: sans})


def _sans_phrase(valeur: Any, mots: Mots) -> Any:
    if isinstance(valeur, str):
        return EFFACE if mots.are_in(valeur) else valeur
    if isinstance(valeur, list):
        return [_sans_phrase(element, mots) for element in valeur]
    if isinstance(valeur, dict):
        return {mots.blank(cle): _sans_phrase(sienne, mots) for cle, sienne in valeur.items()}
    return valeur


def sans_les_mots(model: type[Model], champ: str, demande: DemandeEffacement) -> None:
    """The words of whom is erased go from this column, of a text or of JSON; the rest of it stays."""
    is_json = isinstance(model._meta.get_field(champ), JSONField)
    lignes = model._base_manager.exclude(**{f"{champ}__isnull": True})
    if not is_json:
        lignes = lignes.exclude(**{champ: ""})
    sans = demande.mots.blank_json if is_json else demande.mots.blank_message
    lues = lignes.order_by().values_list("pk", champ).iterator(chunk_size=2000)
    changees = [(pk, nouvelle) for pk, valeur in lues if (nouvelle := sans(valeur)) != valeur]
    for pk, nouvelle in changees:
        demande.blanchit(model._base_manager.filter(pk=pk), **{champ: nouvelle})


@dataclass(frozen=True)
class SansNom:
    """The column names nobody whom one may erase, or what it names stays: why, for who reads the register."""

    raison: str

    def __call__(self, model: type[Model], champ: str, demande: DemandeEffacement) -> None:
        """Nothing is done."""


# --- The register -----------------------------------------------------------------------------------------------------

type Etape = Callable[[DemandeEffacement], None]
type Identites = Callable[[Collection[int] | None], Iterable[Identite]]

_racines: list[tuple[int, str]] = []
_identites: dict[str, Identites] = {}
_regles: dict[str, dict[str, Regle]] = {}
_textes: dict[str, RegleTexte] = {}
_ailleurs: dict[str, str] = {}
_avant: list[tuple[int, Etape]] = []
_apres: list[tuple[int, Etape]] = []


def add_racine(cible: str, rang: int, identites: Identites | None = None) -> None:
    """Let rows of `cible` (« enfance.Foyer ») be erased, after those of a lower number, which may lead to them.

    `identites` says who they are: those of these keys, or all that there are when it is given None. For
    `AppConfig.ready`, as what follows.
    """
    _racines.append((rang, cible))
    _racines.sort()
    if identites:
        _identites[cible] = identites


def add_effacements(cible: str, regles: Mapping[str, Regle]) -> None:
    """Say what becomes of the rows of these columns (« enfance.Garde.foyer ») when rows of `cible` are erased."""
    _regles.setdefault(cible, {}).update(regles)


def add_textes(textes: Mapping[str, RegleTexte], *, ailleurs: Mapping[str, str] | None = None) -> None:
    """Say what becomes of these columns of text, JSON or bytes (« admin.LogEntry.object_repr »), or of a whole model
    why it has none that names anybody.
    """
    _textes.update(textes)
    _ailleurs.update(ailleurs or {})


def add_etapes(rang: int, *, avant: Etape | None = None, apres: Etape | None = None) -> None:
    """Do this before anything goes, or once the rows have gone and before texts are read: in the order of the numbers,
    in the same transaction.
    """
    if avant:
        _avant.append((rang, avant))
        _avant.sort(key=lambda etape: etape[0])
    if apres:
        _apres.append((rang, apres))
        _apres.sort(key=lambda etape: etape[0])


def racines() -> list[str]:
    """The models whose rows may be erased, in their order."""
    return [cible for _, cible in _racines]


def regles_of(cible: str) -> Mapping[str, Regle]:
    """The rules of all the apps for this model, by column."""
    return _regles.get(cible, {})


def textes() -> Mapping[str, RegleTexte]:
    """The rules of all the columns of text."""
    return _textes


def ailleurs() -> Mapping[str, str]:
    """The models that name nobody, and why."""
    return _ailleurs


def erase(demande: DemandeEffacement) -> None:
    """Go through all that is registered. Call it inside a transaction."""
    for _, etape in _avant:
        etape(demande)
    eux = [identite for cible, lues in _identites.items() if demande.of(cible) for identite in lues(demande.of(cible))]
    for cible in racines():
        _erase_rows(demande, cible)
    demande.mots = Mots.of(eux, (identite for lues in _identites.values() for identite in lues(None)))
    for _, etape in _apres:
        etape(demande)
    for colonne, texte in _textes.items():
        modele, champ = colonne.rsplit(".", 1)
        texte(apps.get_model(modele), champ, demande)


def _erase_rows(demande: DemandeEffacement, cible: str) -> None:
    """These rows, once what leads to them has met its rule."""
    cles = demande.of(cible)
    if not cles:
        return
    for colonne, regle in regles_of(cible).items():
        modele, champ = colonne.rsplit(".", 1)
        regle(LienEfface(apps.get_model(modele), champ, frozenset(cles), demande))
    demande.efface(apps.get_model(cible)._base_manager.filter(pk__in=cles))
