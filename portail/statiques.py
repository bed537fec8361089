"""The static files as they are served: compressed, named by what they hold, those that a script imports too."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.base import ContentFile
from whitenoise.storage import CompressedManifestStaticFilesStorage

COMPRESSED = {".br", ".gz"}  # a file beside another, of the same name before


def lighten(script: str) -> str:
    """This script of ours without what a telephone need not download: its indents and its comments. A comment with a
    quote after some code stays: its slashes may be in a string.

    No string of ours goes from one line to the next: tests/portail/test_statiques.py.
    """
    return re.sub(r"^[ \t]*(//.*)?\n|^[ \t]+|[ \t]+// [^'\"`\n]*$", "", script, flags=re.MULTILINE)


class StaticStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # whitenoise has no types
    """A script that imports another names it by its hash: a telephone never joins two versions of them."""

    support_js_module_import_aggregation = True
    # Of each version its own: a process of the version before that starts again must not read the names of this one.
    manifest_name = settings.STATIC_MANIFEST

    def _save(self, name: str, content: Any) -> str:
        if name.startswith("js/"):
            content = ContentFile(lighten(b"".join(content.chunks()).decode()).encode())
        return str(super()._save(name, content))


def publish(collected: Path, served: Path, *, manifest: str) -> None:
    """Move the collected static files into the folder that is served: a file whose name holds its hash is never changed
    nor removed there.

    The version before may be serving it at this instant, and its pages stay open for hours. The manifest comes last.
    """
    hashed = set(json.loads((collected / manifest).read_text("utf-8"))["paths"].values())
    for path in sorted(collected.rglob("*")):
        name = path.relative_to(collected)
        if path.is_dir():
            (served / name).mkdir(parents=True, exist_ok=True)
            continue
        whole = name.with_suffix("") if path.suffix in COMPRESSED else name
        if name.name != manifest and not (whole.as_posix() in hashed and (served / name).exists()):
            os.replace(path, served / name)
    os.replace(collected / manifest, served / manifest)
