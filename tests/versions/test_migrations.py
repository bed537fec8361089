"""Every migration goes back and forth on a base that families have lived in, and nothing of theirs is lost (REL-02)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.apps import apps
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.db import connection
from django.db.migrations import Migration
from django.db.migrations.executor import MigrationExecutor

from accounts import groups
from enfance.models import Ecole, Enregistrement, Fermeture
from portail.groupes import SECRETARIAT
from tests.conservation.famille_entiere import RENTREE, make_famille
from tests.factories import ResponsableFactory, make_enfant
from tests.versions.precedente import PRECEDENTE, ROOT

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.ci, pytest.mark.sqlite]

FIRST = "0001_initial"
DJANGO = {"django_migrations", "auth_permission", "django_content_type"}  # what `migrate` itself keeps up to date
# The tables in which this family has no row.
EMPTY = {
    *("accounts_passage", "accounts_recoverycode", "accounts_user_user_permissions", "otp_totp_totpdevice"),
    *("enfance_fermeture_classes", "enfance_fermeture_creneaux", "enfance_message_classes"),
    *("enfance_placespassees", "enfance_reglagecantine", "enfance_enfantreste"),
}
# What does not come back as it was: before 0.1.0 there were one queue and four doors, and what came later is in those.
CHANGED = {"django_tasks_database_dbtaskresult": {"queue_name"}, "enfance_enregistrement": {"porte"}}


@pytest.fixture
def latest() -> Iterator[None]:
    """The tables of the other tests, whatever happens here."""
    yield
    call_command("migrate", verbosity=0)


@pytest.fixture
def filled() -> None:
    with time_machine.travel(RENTREE, tick=False) as clock:
        scene = make_famille(clock)
    groups.sync()
    scene.secretaire.groups.add(Group.objects.get(name=SECRETARIAT))


Rows = list[dict[str, Any]]


def rows() -> dict[str, Rows]:
    """All that the database holds, by table."""
    found = {}
    with connection.cursor() as cursor:
        for table in set(connection.introspection.table_names(cursor)) - DJANGO:
            cursor.execute(f'SELECT * FROM "{table}"')
            names = [column[0] for column in cursor.description]
            found[table] = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    return found


def numbers() -> dict[str, int]:
    return {table: len(found) for table, found in rows().items()}


def only(found: Rows, columns: set[str]) -> list[str]:
    """These columns of these rows, in an order that does not depend on the database."""
    return sorted(repr({name: row[name] for name in sorted(columns)}) for row in found)


def columns_of(table: str) -> set[str]:
    with connection.cursor() as cursor:
        return {column.name for column in connection.introspection.get_table_description(cursor, table)}


def migrate(targets: list[tuple[str, str | None]], seen: dict[Migration, list[dict[str, int]]]) -> None:
    """Go there, and note how many rows each table holds on the side of each migration where it is not applied."""

    def note(action: str, migration: Migration | None = None, fake: bool = False) -> None:
        if migration is not None and action in {"unapply_success", "apply_start"}:
            seen[migration].append(numbers())

    MigrationExecutor(connection, note).migrate(targets)


# The new ones each time; those of the versions before change no more, and take a quarter of a minute.
@pytest.mark.parametrize(
    "jusqu_a",
    [PRECEDENTE.migrations, pytest.param({"accounts": FIRST, "enfance": FIRST}, marks=pytest.mark.lent)],
    ids=["version_before", "first"],
)
def test_every_migration_goes_back_and_forth_on_a_filled_base(filled, latest, jusqu_a):  # REL-02
    loader = MigrationExecutor(connection).loader
    apps_of_ours = {config.label for config in apps.get_app_configs() if Path(config.path).parent == ROOT}
    oldest = [(app, jusqu_a.get(app)) for app in sorted(apps_of_ours & loader.migrated_apps)]
    below = {key for target in oldest if target[1] for key in loader.graph.forwards_plan(target)}
    walked = sorted(key for key in loader.graph.nodes if key[0] in apps_of_ours and key not in below)
    was, seen = rows(), defaultdict(list)

    migrate(oldest, seen)
    kept = {table: columns_of(table) & set(was[table][0]) for table in numbers() if was.get(table)}
    assert {table for table in numbers() if not was.get(table)} <= EMPTY
    migrate(loader.graph.leaf_nodes(), seen)
    now = rows()

    assert sorted((migration.app_label, migration.name) for migration in seen) == walked != []
    for migration, (back, forth) in seen.items():
        stay = kept.keys() & back.keys()
        assert {table: forth[table] for table in stay} == {table: back[table] for table in stay}, migration
    for table, columns in kept.items():
        columns = columns & set(now[table][0]) - CHANGED.get(table, set())
        assert only(now[table], columns) == only(was[table], columns), table


@pytest.mark.lent
def test_first_migrations_go_back_too(filled, latest):  # REL-02
    call_command("migrate", "enfance", "zero", verbosity=0)
    call_command("migrate", "accounts", "zero", verbosity=0)

    assert [table for table in numbers() if table.startswith(("accounts_", "enfance_"))] == []


def test_a_trip_is_forgotten_by_the_version_that_would_close_the_day_to_all(latest):
    sortie = Fermeture.objects.create(
        debut=date(2026, 12, 8), fin=date(2026, 12, 8), motif="musée", nature="sortie", niveaux="CM1"
    )
    sortie.restent.add(make_enfant(ResponsableFactory()))
    sortie.ecoles.set(Ecole.objects.all())
    Fermeture.objects.create(debut=date(2026, 12, 9), fin=date(2026, 12, 9), motif="grève")
    Enregistrement.objects.create(porte="sortie", fermeture=sortie)

    call_command("migrate", "enfance", "0046", verbosity=0)

    found = rows()
    assert [row["motif"] for row in found["enfance_fermeture"]] == ["grève"]
    assert [(row["porte"], row["fermeture_id"]) for row in found["enfance_enregistrement"]] == [("fermeture", None)]
