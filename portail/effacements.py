"""What becomes of the rows of each table that lead to somebody who is erased, or whose text names them.

Each app says it of its own columns (`portail.extensions`); `conservation.effacement`, which erases, names none of them.
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
from portail.pieces import Piece


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
        """The primary keys of the rows of this model (« app.Model ») that were asked to be erased."""
        return self.cles.get(modele, set())

    def gone(self, modele: str) -> set[Any]:
        """The primary keys of the rows of this model (« app.Model ») that `efface` was given so far, or that are asked
        to be erased; not those that hung on others and went with them."""
        return self.parties.get(modele, set()) | self.of(modele)

    def efface(self, lignes: QuerySet[Any]) -> int:
        """Delete these rows and what hangs on them, and count them in the report; how many rows went in all."""
        self.parties.setdefault(lignes.model._meta.label, set()).update(lignes.values_list("pk", flat=True))
        n, par_modele = lignes.delete()
        self.effaces.update(par_modele)
        return n

    def blanchit(self, lignes: QuerySet[Any], **valeurs: Any) -> int:
        """Keep these rows but write these values in them, and count them in the report; how many rows."""
        n = lignes.update(**valeurs)
        if n:
            self.blanchis[lignes.model._meta.label] += n
        return n

    def garde(self, phrase: str) -> None:
        """Add to the report a French sentence that says what is kept, and why."""
        self.gardes[phrase] = None

    def avertit(self, phrase: str) -> None:
        """Add to the report a French sentence that says what had better be done before erasing."""
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
        """The rows of the model whose field `champ` leads to one of the keys being erased."""
        return self.model._base_manager.filter(**{f"{self.champ}__in": self.cles})


type Regle = Callable[[LienEfface], None]


def part(lien: LienEfface) -> None:
    """Rule for a column: delete the rows that lead to somebody who is erased."""
    lien.demande.efface(lien.lignes)


def d_un_agent(lien: LienEfface) -> None:
    """Rule for a column that only agents fill, whose accounts are not erased: no row is expected; any that lead to
    somebody who is erased are deleted."""
    part(lien)


def perd_le_lien(lien: LienEfface) -> None:
    """Rule for a column: keep the rows that lead to somebody who is erased, but empty the column."""
    lien.demande.blanchit(lien.lignes, **{lien.champ: None})


def reste(phrase: str) -> Regle:
    """Make a rule for a column: the rows that lead to somebody who is erased are kept with the column emptied, and the
    report gives the reason `phrase`, as for an issued paper, which the law keeps."""

    def regle(lien: LienEfface) -> None:
        if lien.lignes.exists():
            lien.demande.garde(phrase)
            perd_le_lien(lien)

    return regle


# --- Texts ------------------------------------------------------------------------------------------------------------

type RegleTexte = Callable[[type[Model], str, DemandeEffacement], None]


def sans_la_phrase(model: type[Model], champ: str, demande: DemandeEffacement) -> None:
    """Rule for a column of JSON: each of its texts that names somebody who is erased is replaced as a whole, as a line
    of a report is about one person. In a key of a dictionary, the words alone are blanked."""
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
    """Rule for a column of text or JSON: the names and other words of who is erased are blanked in it, the rest of it
    stays."""
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
    """The column names nobody whom one may erase, or what it names stays: why, for who reads the rules."""

    raison: str

    def __call__(self, model: type[Model], champ: str, demande: DemandeEffacement) -> None:
        """Nothing is done."""


# --- What an app says of its rows -------------------------------------------------------------------------------------

type Identites = Callable[[Collection[int] | None], Iterable[Identite]]


@dataclass(frozen=True)
class Racine(Piece):
    """A model (« enfance.Foyer ») whose rows may be erased, which it is called by. What leads to another stands before
    it. `identites` says who they are: those of these keys, or all that there are when it is given None.
    """

    modele: str
    identites: Identites

    def is_called(self, nom: str) -> bool:
        """Whether `nom`, by which another model asks to stand before this one, is the label of this model
        (« enfance.Foyer »)."""
        return self.modele == nom


@dataclass(frozen=True)
class Etape(Piece):
    """Something to do in the transaction that erases, and what it is called by."""

    nom: str
    faire: Callable[[DemandeEffacement], None]

    def is_called(self, nom: str) -> bool:
        """Whether `nom`, by which another step asks to stand before this one, is the name of this step."""
        return self.nom == nom


@dataclass(frozen=True, kw_only=True)
class Effacements:
    """All that is done to erase somebody, of one app or of all.

    `avant`: before anything goes. `racines`: the models whose rows go, in this order; `colonnes`: of each, what becomes
    before of the rows that lead to it by each column (« enfance.Garde.foyer »). `apres`: once the rows have gone and
    before texts are read. `textes`: what becomes of each column of text, JSON or bytes
    (« admin.LogEntry.object_repr »); `sans_texte`: of a whole model, why it has none that names anybody.
    """

    avant: tuple[Etape, ...] = ()
    racines: tuple[Racine, ...] = ()
    colonnes: Mapping[str, Mapping[str, Regle]] = field(default_factory=dict)
    apres: tuple[Etape, ...] = ()
    textes: Mapping[str, RegleTexte] = field(default_factory=dict)
    sans_texte: Mapping[str, str] = field(default_factory=dict)

    @property
    def modeles(self) -> list[str]:
        """The models (« app.Model ») whose rows may be erased, in the order in which they go."""
        return [racine.modele for racine in self.racines]


def erase(demande: DemandeEffacement, effacements: Effacements) -> None:
    """Erase what this request asks, step by step: the steps before, the rows with all that leads to them, the steps
    after, then the texts that name who is erased. Call it inside a transaction."""
    for etape in effacements.avant:
        etape.faire(demande)
    racines = effacements.racines
    siennes = [racine for racine in racines if demande.of(racine.modele)]
    eux = [identite for racine in siennes for identite in racine.identites(demande.of(racine.modele))]
    for racine in racines:
        _erase_rows(demande, racine.modele, effacements.colonnes.get(racine.modele, {}))
    demande.mots = Mots.of(eux, (identite for racine in racines for identite in racine.identites(None)))
    for etape in effacements.apres:
        etape.faire(demande)
    for colonne, texte in effacements.textes.items():
        modele, champ = colonne.rsplit(".", 1)
        texte(apps.get_model(modele), champ, demande)


def _erase_rows(demande: DemandeEffacement, cible: str, regles: Mapping[str, Regle]) -> None:
    """These rows, once what leads to them has met its rule."""
    cles = demande.of(cible)
    if not cles:
        return
    for colonne, regle in regles.items():
        modele, champ = colonne.rsplit(".", 1)
        regle(LienEfface(apps.get_model(modele), champ, frozenset(cles), demande))
    demande.efface(apps.get_model(cible)._base_manager.filter(pk__in=cles))
