"""How long a town of twenty thousand children waits to pass to PostgreSQL.

The figures are in docs/decisions/2026-11-27-sqlite-vers-postgresql.md.
"""

from __future__ import annotations

import shutil
import time
from pathlib import Path

import pytest
from django.core.management import call_command
from django.utils import timezone

from bench import school
from conservation.bases import on_database, sqlite_file
from conservation.restoring.transfert import refusals, transfer
from enfance.models import Enfant, Inscription


@pytest.mark.lent
@pytest.mark.postgresql
@pytest.mark.django_db
def test_twenty_thousand_children_pass_to_postgresql(empty, tmp_path, capsys):
    path, now = Path(shutil.copy(empty, tmp_path / "portail.sqlite3")), timezone.now()
    with on_database(sqlite_file(path)):
        call_command("migrate", interactive=False, verbosity=0)  # the permissions that sync_groups gives
        call_command("sync_groups")
        ecole = school.make_school(now)
        school.crowd(ecole, ecole.mois(timezone.localdate(now)))
        inscriptions = Inscription.objects.count()
    begin = time.perf_counter()

    assert refusals(path) == []
    checked = time.perf_counter()
    done = transfer(path)

    told = {"lignes": sum(done.lignes.values()), "base, Mio": path.stat().st_size // 2**20}
    told |= {"refus, s": round(checked - begin, 1), "transfert, s": round(time.perf_counter() - checked, 1)}
    with capsys.disabled():
        print(f"\n20 000 enfants, de SQLite à PostgreSQL\u00a0: {told}")  # noqa: T201
    assert (Enfant.objects.count(), Inscription.objects.count()) == (school.FOULE, inscriptions)
