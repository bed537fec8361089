"""What is written in several files and served as one: a stylesheet, by concept in a folder of `styles/`, and the
modules that a parent's pages use together, each in a file of its own in `static/js/`.

A page on a slow telephone may ask for six files: fourteen stylesheets would not fit
(docs/decisions/2026-11-27-feuilles-et-modules.md).
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder
from django.core.files.storage import FileSystemStorage

from portail.statiques import lighten

# The order counts: the first of the portal names the layers; within one layer, what comes later wins.
SHEETS = {
    "css/portail.css": (
        "jetons",
        "base",
        "structure",
        "composants",
        "accueil",
        "connexion",
        "planning",
        "grille",
        "saisie",
        "pages",
        "equipe",
        "utilitaires",
        "contraste",
        "impression",
    ),
    "css/famille.css": ("absence", "annee"),  # pages of a parent that have looks of their own
    "css/facturation.css": (
        "factures",
        "bureau",
        "grille",
        "papiers",
    ),  # money, of families and of the town
}
# The order counts: what hears a form first comes first.
SCRIPTS = {
    "js/parent.js": ("garde", "appareil", "service", "travail"),  # any page of a parent
    "js/cases.js": ("garde", "planning", "appareil"),  # a page of boxes
}
SERVED = (*SHEETS, *SCRIPTS)
IMPORT = r"^import \{[^}]+\} from '\./(\w+)\.js';\n"


def join(served: str) -> str:
    """The text of the joined file of this name, stylesheet or script, as it is served."""
    return join_sheets(served) if served in SHEETS else join_scripts(SCRIPTS[served])


def join_sheets(served: str) -> str:
    """The stylesheets of this joined file one after the other, without the comments and blanks that a telephone need
    not download: no sheet has a text where they count."""
    folder = settings.BASE_DIR / "styles" / Path(served).stem
    sheets = (folder / f"{name}.css" for name in SHEETS[served])
    rules = re.sub(r"/\*.*?\*/", "", "".join(sheet.read_text("utf-8") for sheet in sheets), flags=re.DOTALL)
    return re.sub(r"\s*([{};])\s*|(?<=[:,])\s+", r"\1", re.sub(r"\s+", " ", rules)).strip()


def join_scripts(names: Iterable[str]) -> str:
    """These JavaScript modules one after the other, each in a block that keeps its names to itself; a module that
    others of them import is in no block, and comes first."""
    scripts = {name: (settings.BASE_DIR / "static" / "js" / f"{name}.js").read_text("utf-8") for name in names}
    shared = set(re.findall(IMPORT, "".join(scripts.values()), re.MULTILINE))
    bare = {name: re.sub(rf"{IMPORT}|^export ", "", script, flags=re.MULTILINE) for name, script in scripts.items()}
    return lighten("".join(script if name in shared else f"{{\n{script}}}\n" for name, script in bare.items()))


class SheetFinder(BaseFinder):
    """Finds the joined files, which it writes again under `VAR_DIR` whenever one of theirs has changed."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.storage = FileSystemStorage(location=settings.VAR_DIR / "feuilles")

    def check(self, **kwargs: Any) -> list[Any]:
        """No error to report: this finder of static files has no setting."""
        return []

    def find(self, path: str, find_all: bool = False) -> Any:
        """The path of the joined file of this name, written anew if needed; an empty list for any other name."""
        if path not in SERVED:
            return []
        found = str(self._written(path))
        return [found] if find_all else found

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterator[tuple[str, FileSystemStorage]]:
        """The joined files, each with its storage, for `collectstatic`."""
        for served in SERVED:
            self._written(served)
            yield served, self.storage

    def _written(self, served: str) -> Path:
        """The joined file, up to date. It is replaced in one step: another process may be reading it."""
        target, content = Path(self.storage.path(served)), join(served)
        if not target.exists() or target.read_text("utf-8") != content:
            target.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=target.parent, delete=False) as draft:
                draft.write(content)
            Path(draft.name).replace(target)
        return target
