"""What archives are called, and what their names say: the instant of which they are, in UTC."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

NAME = re.compile(r"portail-(\d{4}-\d{2}-\d{2}T\d{6}Z)\.tar(\.age)?")
STAMP = "%Y-%m-%dT%H%M%SZ"


def names_of(moment: datetime) -> list[str]:
    """The two names that an archive made at this instant may have: not encrypted (`portail-2026-11-27T031200Z.tar`,
    UTC), then encrypted (with `.age` behind).
    """
    name = f"portail-{moment.astimezone(UTC).strftime(STAMP)}.tar"
    return [name, f"{name}.age"]


def made_at(path: Path) -> datetime | None:
    """The instant, in UTC, at which the archive was made that has this file name; None when it is not the name of an
    archive.
    """
    found = NAME.fullmatch(path.name)
    try:
        return datetime.strptime(found[1], STAMP).replace(tzinfo=UTC) if found else None
    except ValueError:
        return None
