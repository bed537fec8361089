"""Commands that are killed: a process of their own (`killing`) that is ready, and lets each live as long as told."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection

from conservation import chantier
from conservation.bases import on_database
from enfance.models import Enfant
from tests.conservation.places import checksums, url_of


class Killer:
    """Commands that live as long as they are let."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process

    def run(self, seconds: float = 120, *, file_size: int = 0) -> str:
        """« done », « refused » or « killed », and the seconds it took."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"{seconds} {file_size}\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().strip()


def left_in(var: Path) -> list[str]:
    """What killed commands and those after them left, but folders of work that their process died too soon to hold:
    nothing is in them, and they are swept once they are an hour old (tests/conservation/test_chantier.py).
    """
    return sorted(path.name for path in var.iterdir() if path.suffix != chantier.NEW)


@contextmanager
def killer(database: Mapping[str, Any], var: Path, *command: str) -> Iterator[Killer]:
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "tests.conservation.reglages",
        "DATABASE_URL": url_of(database),
        "VAR_DIR": str(var),
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.conservation.killing", *command],
        cwd=settings.BASE_DIR,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield Killer(process)
    finally:
        process.kill()
        process.communicate()


def state(database) -> dict[str, str]:
    """Once nothing of the killed command is left in PostgreSQL."""
    with on_database(database):
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                for _ in range(200):
                    cursor.execute(
                        "SELECT count(*) FROM pg_stat_activity "
                        "WHERE datname = current_database() AND pid <> pg_backend_pid()"
                    )
                    if cursor.fetchone() == (0,):
                        break
                    time.sleep(0.1)
        else:
            with connection.cursor() as cursor:
                assert cursor.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        return checksums()


def change(database, number: int) -> dict[str, str]:
    """Another state than the archive's; which."""
    with on_database(database):
        Enfant.objects.update(prenom=f"Zoé {number}")
        return checksums()
