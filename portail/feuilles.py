"""The portal's stylesheet: written by concept in `styles/portail/`, served as the single file `css/portail.css`.

A page on a slow telephone may ask for six files (`docs/decisions.md`): fourteen stylesheets would not fit.
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

SERVED = "css/portail.css"
# The order counts: the first names the layers; within one layer, what comes later wins.
NAMES = (
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
)


def join_sheets() -> str:
    """The sheets one after the other, without the comments and indents that a telephone need not download."""
    sheets = (settings.BASE_DIR / "styles" / "portail" / f"{name}.css" for name in NAMES)
    rules = re.sub(r"/\*.*?\*/", "", "".join(sheet.read_text("utf-8") for sheet in sheets), flags=re.DOTALL)
    return re.sub(r"\n\s*", "\n", rules).lstrip()


class SheetFinder(BaseFinder):
    """Finds `css/portail.css`, which it writes again under `VAR_DIR` whenever a sheet has changed."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.storage = FileSystemStorage(location=settings.VAR_DIR / "feuilles")

    def check(self, **kwargs: Any) -> list[Any]:
        """No error to report: the finder has no setting."""
        return []

    def find(self, path: str, find_all: bool = False) -> Any:
        """The path of the joined file, or an empty list for any other name."""
        if path != SERVED:
            return []
        found = str(self._written())
        return [found] if find_all else found

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterator[tuple[str, FileSystemStorage]]:
        """The joined file, for `collectstatic`."""
        self._written()
        yield SERVED, self.storage

    def _written(self) -> Path:
        """The joined file, up to date. It is replaced in one step: another process may be reading it."""
        target, content = Path(self.storage.path(SERVED)), join_sheets()
        if not target.exists() or target.read_text("utf-8") != content:
            target.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=target.parent, delete=False) as draft:
                draft.write(content)
            Path(draft.name).replace(target)
        return target
