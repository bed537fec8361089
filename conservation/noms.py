"""What archives are called, and what their names say: the instant of which they are, in UTC."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

NAME = re.compile(r"portail-(\d{4}-\d{2}-\d{2}T\d{6}Z)\.tar(\.age)?")
STAMP = "%Y-%m-%dT%H%M%SZ"


def names_of(moment: datetime) -> list[str]:
    """What an archive of this instant is called: in clear, then encrypted."""
    name = f"portail-{moment.astimezone(UTC).strftime(STAMP)}.tar"
    return [name, f"{name}.age"]


def made_at(path: Path) -> datetime | None:
    """When an archive of this name was made; None when it is no name of ours."""
    found = NAME.fullmatch(path.name)
    try:
        return datetime.strptime(found[1], STAMP).replace(tzinfo=UTC) if found else None
    except ValueError:
        return None
