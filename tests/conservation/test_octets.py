"""What is erased is no longer in the file of SQLite either: neither in its free pages nor in its log."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.db import connection

from conservation.models import Effacement
from conservation.tasks import write_effacements
from enfance.famille.effacement import effacer_famille
from tests.conservation.famille_entiere import NOW, make_famille
from tests.conservation.traces import in_files

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "sqlite", reason="les fichiers de PostgreSQL sont les siens"),
]


def test_connection_overwrites_what_it_deletes():  # RGP-08
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA secure_delete")
        assert cursor.fetchone() == (1,)


@pytest.mark.ci
@pytest.mark.sqlite
def test_no_byte_of_the_family_is_left(time_machine, settings, tmp_path):  # RGP-08
    settings.SAUVEGARDES = tmp_path
    scene = make_famille(time_machine)
    mots, base = scene.mots, Path(connection.settings_dict["NAME"])
    wal, liste = base.with_name(f"{base.name}-wal"), tmp_path / "effacements.jsonl"
    assert {"Ysolde", "Thymoline"} <= set().union(*in_files(mots, base, wal).values())

    effacer_famille(scene.adulte("Ysolde").user_id, now=NOW)
    write_effacements.func()

    assert in_files(mots, base, wal, liste) == {}
    assert len(liste.read_text().splitlines()) == Effacement.objects.count()
