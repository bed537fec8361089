"""The static files as they are served: compressed, named by what they hold, those that a script imports too."""

from __future__ import annotations

import re
from typing import Any

from django.core.files.base import ContentFile
from whitenoise.storage import CompressedManifestStaticFilesStorage


def lighten(script: str) -> str:
    """A script of ours without what a telephone need not download: indents, and comments that have their own line.

    No string of ours goes from one line to the next: tests/portail/test_statiques.py.
    """
    return re.sub(r"^[ \t]*(//.*)?\n|^[ \t]+", "", script, flags=re.MULTILINE)


class StaticStorage(CompressedManifestStaticFilesStorage):
    """A script that imports another names it by its hash: a telephone never joins two versions of them."""

    support_js_module_import_aggregation = True

    def _save(self, name: str, content: Any) -> str:
        if name.startswith("js/"):
            content = ContentFile(lighten(b"".join(content.chunks()).decode()).encode())
        return super()._save(name, content)
