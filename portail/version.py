"""Which version of the portal this is."""

from __future__ import annotations

import tomllib
from functools import cache

from django.conf import settings


@cache
def version() -> str:
    """The version of the code that runs, read in `pyproject.toml` once a process."""
    project = tomllib.loads((settings.BASE_DIR / "pyproject.toml").read_text("utf-8"))["project"]
    return str(project["version"])
