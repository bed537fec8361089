"""Are the sheets, the scripts and the pictures of this very version there to be served?"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders

from portail.feuilles import SERVED, SheetFinder
from surveillance.diagnostic.constats import Point, attention, bon, mauvais
from surveillance.diagnostic.lieu import Lieu

QUOI = "Fichiers statiques"
OURS = "portail.statiques.StaticStorage"


def check_collected(lieu: Lieu) -> Iterator[Point]:
    """The line of the diagnosis that says whether the static files of this version are all collected, and none has
    changed since. No line in tests, which do not collect them."""
    if settings.STORAGES["staticfiles"]["BACKEND"] != OURS:
        return  # tests serve them where they are written
    commande = lieu.manage("collectstatic --noinput")
    remede = "Rassemblez-les, puis rechargez le portail."
    manifest = Path(settings.STATIC_ROOT) / settings.STATIC_MANIFEST
    try:
        paths: dict[str, str] = json.loads(manifest.read_text("utf-8"))["paths"]
    except FileNotFoundError:
        phrase = f"ceux de cette version ne sont pas rassemblés\u00a0: {manifest} n’existe pas."
        yield mauvais(QUOI, phrase, remede, f"{commande}\n{lieu.reload}")
        return
    except (OSError, ValueError, KeyError) as error:
        phrase = f"{manifest} ne se lit pas ({type(error).__name__})."
        yield mauvais(QUOI, phrase, remede, f"{commande}\n{lieu.reload}")
        return
    written = dict(listed())
    collected_at = manifest.stat().st_mtime
    missing = sorted(name for name in [*written, *SERVED] if name not in paths)
    missing += sorted(name for name, hashed in paths.items() if not (manifest.parent / hashed).exists())
    newer = sorted(name for name, path in written.items() if path.exists() and path.stat().st_mtime > collected_at + 1)
    if missing:
        phrase = (
            f"il en manque, dont {missing[0]}\u00a0: les pages de cette version ne s’afficheront pas comme il faut."
        )
        yield mauvais(QUOI, phrase, remede, f"{commande}\n{lieu.reload}")
    elif newer:
        phrase = f"{newer[0]} a changé depuis qu’ils ont été rassemblés."
        yield attention(QUOI, phrase, remede, f"{commande}\n{lieu.reload}")
    else:
        yield bon(QUOI, f"les {len(paths)} de cette version sont là.")


def listed() -> Iterator[tuple[str, Path]]:
    """The static files that were written by hand: the name under which each is collected, and its path. Those that the
    portal joins from others are left out: asking for them would write them again."""
    for finder in finders.get_finders():
        if isinstance(finder, SheetFinder):
            continue
        for name, storage in finder.list([]):
            prefix = getattr(storage, "prefix", None)
            yield (f"{prefix}/{name}" if prefix else name), Path(storage.path(name))
