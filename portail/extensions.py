"""All that an app adds to the house, as one value: it is written in the app's `extension.py`, and its `AppConfig` holds
it under `extension` from `ready` on. Django's registry of apps is the only one there is.

    class RestaurationConfig(AppConfig):
        def ready(self) -> None:
            from restauration.extension import EXTENSION

            self.extension = EXTENSION

Apps come in the order of INSTALLED_APPS, each list in its own; a piece with `avant` stands elsewhere
(`portail.pieces`). What `accounts` and `enfance` ask besides is in their own `extensions.py`, on top of this.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, is_dataclass
from functools import cache
from typing import Any, Self

from django.apps import apps
from django.core.exceptions import AppRegistryNotReady

from portail.accueil import Lire
from portail.bureau import Panneau, Raccourci, Rubrique, Tables
from portail.durees import Cadence, Duree
from portail.effacements import Effacements
from portail.fusions import Transfert, Verrou
from portail.guides import Aide
from portail.menu import Entree, LienFamille, OngletFamille
from portail.papiers import ChercherPapiers
from portail.pieces import in_order
from portail.vie_privee import Mention


@dataclass(frozen=True, kw_only=True)
class Extension:
    """What one app adds; `Extension.installed()`, what all of them do.

    The town hall's menu and pages, each piece for who has its right:

    - `menu`: entries of the menu, on each page of the town hall (`portail.context`).
    - `pages`: modules of addresses under /admin/, named in `admin:`, before Django's own (`enfance.site`).
    - `a_traiter`: lines of « À traiter » on its home, by urgency, then in this order (`enfance.site`).
    - `raccourcis`, `panneaux`: shortcuts and parts of that home; `tables`: groups of tables, those of a code being one.
    - `papiers`: what a number typed in « Trouver » opens (`enfance.mairie.familles.pages`).
    - `famille`: buttons of the page of a family. `chiffres`: links of the page of figures.
    - `guides`: where its pages lead for help; an agent has the first of theirs.

    The families' pages:

    - `menu_famille`: entries of the parents' menu, and of the map of the site.
    - `accueil`: each gives lines of the family's home, in a fixed number of queries (`enfance.views.famille`).
    - `vie_privee`: sentences of the page of personal data.

    What becomes of its rows:

    - `durees`: how long each kind is kept, in the order of the page that promises it; what erases it, each night and
      once a year. `sans_duree`: of a table (« app.Model ») that no kind names, why.
    - `effacements`: what becomes of its columns when somebody is erased (`conservation.effacement`).
    - `fusions`: of each column (« app.Model.field ») that leads to a model (« enfance.Foyer »), what becomes of it when
      two rows of that model are made one; `verrous`: what is locked before, ahead of every other lock, since whoever
      holds it and waits for one of the rows would else wait for ever (`enfance.mairie.doubles.fusions`).
    """

    menu: tuple[Entree, ...] = ()
    pages: tuple[str, ...] = ()
    a_traiter: tuple[Rubrique, ...] = ()
    raccourcis: tuple[Raccourci, ...] = ()
    panneaux: tuple[Panneau, ...] = ()
    tables: tuple[Tables, ...] = ()
    papiers: tuple[ChercherPapiers, ...] = ()
    famille: tuple[LienFamille, ...] = ()
    chiffres: tuple[Entree, ...] = ()
    guides: tuple[Aide, ...] = ()
    menu_famille: tuple[OngletFamille, ...] = ()
    accueil: tuple[Lire, ...] = ()
    vie_privee: tuple[Mention, ...] = ()
    durees: tuple[Duree, ...] = ()
    sans_duree: Mapping[str, str] = field(default_factory=dict)
    effacements: Effacements = Effacements()
    fusions: Mapping[str, Mapping[str, Transfert]] = field(default_factory=dict)
    verrous: tuple[Verrou, ...] = ()

    def durees_of(self, *cadences: Cadence) -> list[Duree]:
        """The kinds of data that are erased at one of these moments (each night, once a year, outside the portal)."""
        return [duree for duree in self.durees if duree.cadence in cadences]

    @classmethod
    @cache
    def installed(cls) -> Self:
        """All that the installed apps add, merged into one value, every list in order: read once in a process. Raises
        LookupError or ValueError for a value that cannot be merged with the others, AppRegistryNotReady until all the
        apps are ready."""
        if not apps.ready:
            raise AppRegistryNotReady("Some app has yet to say what it adds.")
        added = [getattr(app, "extension", None) for app in apps.get_app_configs()]
        whole: Self = _merge(cls(), [extension for extension in added if isinstance(extension, Extension)])
        return whole


def _merge(empty: Any, values: Sequence[Any]) -> Any:
    """One value of these, of the shape of `empty`: a tuple, a mapping, or a dataclass of such."""
    if is_dataclass(empty) and not isinstance(empty, type):
        names = [one.name for one in fields(empty)]
        return type(empty)(**{name: _merge(getattr(empty, name), _of(values, name)) for name in names})
    if isinstance(empty, tuple):
        return in_order(piece for pieces in values for piece in pieces)
    united: dict[str, Any] = {}
    for value in values:
        for key, theirs in value.items():
            united[key] = {**united.get(key, {}), **theirs} if isinstance(theirs, Mapping) else theirs
    return united


def _of(values: Sequence[Any], name: str) -> list[Any]:
    """This field of those that have it: an app that asks nothing of `enfance` has none of its fields."""
    return [getattr(value, name) for value in values if hasattr(value, name)]
