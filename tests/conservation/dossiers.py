"""What a folder of backups holds, and what a command answers."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from conservation.archives import LOCK


def refusal(*words, **options):
    with pytest.raises(CommandError) as refused:
        call_command(*map(str, words), **options)
    return str(refused.value)


def left_in(folder):
    """What lies there, but the file by which two backups do not meet."""
    return sorted(path.name for path in folder.rglob("*") if path.name != LOCK)


def restaurer(archive, *more: str, **options) -> str:
    said = StringIO()
    call_command("restaurer", str(archive), *more, stdout=said, **options)
    return said.getvalue()
