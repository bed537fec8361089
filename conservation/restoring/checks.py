"""What an archive must be for this version of the portal to take it back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection
from django.db.migrations import Migration
from django.db.migrations.executor import MigrationExecutor

from conservation.annonces import compare, missing_migrations
from conservation.manifeste import POSTGRESQL, SQLITE, ArchiveError, Manifeste

FIRST = {("accounts", "0001_initial"), ("enfance", "0001_initial")}
NOT_THIS_WAY = (
    "Cette archive est celle d’un portail sous PostgreSQL, et DATABASE_URL désigne une base SQLite\u00a0: un portail "
    "passe de SQLite à PostgreSQL, pas l’inverse. Donnez à DATABASE_URL l’adresse d’une base PostgreSQL."
)


class RestoreError(ArchiveError):
    """Why an archive is not restored; its text is a French sentence. What was there is there still."""


def check_fits(manifeste: Manifeste) -> int:
    """How many migrations a restore of the archive of this manifest will run. Raises ArchiveError when it cannot be
    restored here: it is of another program, of a later version of the portal, or of PostgreSQL while this portal is on
    SQLite.
    """
    if not set(manifeste.migrations) >= FIRST:
        raise RestoreError("Cette archive n’est pas celle d’un portail famille\u00a0: rien n’en est pris.")
    if (manifeste.moteur, connection.vendor) == (POSTGRESQL, SQLITE):
        raise RestoreError(NOT_THIS_WAY)
    return len(missing_migrations(manifeste))


def check_recount(manifeste: Manifeste) -> None:
    """Raise RestoreError when a table of the default connection has not as many rows as the manifest of the archive
    says. Tables that it does not name are not looked at.
    """
    found = {}
    with connection.cursor() as cursor:
        for table in manifeste.lignes:
            cursor.execute(f"SELECT count(*) FROM {connection.ops.quote_name(table)}")  # noqa: S608 - quoted
            [found[table]] = cursor.fetchone()
    if differences := compare(manifeste.lignes, found):
        raise RestoreError(f"L’archive ne rend pas ce qu’elle annonce\u00a0: {'\u202f; '.join(differences)}.")


@contextmanager
def links_checked_at_once() -> Iterator[None]:
    """During the block, within a transaction of PostgreSQL, check each foreign key as soon as it is written, not at the
    end: a migration may not alter a table whose links are still to be checked. Elsewhere, does nothing.
    """
    one_transaction = connection.vendor == POSTGRESQL and connection.in_atomic_block
    if one_transaction:
        _set_constraints("IMMEDIATE")
    yield
    if one_transaction:
        _set_constraints("DEFERRED")


def _set_constraints(when: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SET CONSTRAINTS ALL {when}")


def check_one_transaction() -> None:
    """Raise RestoreError when a migration that is still to run on the default connection cannot run within the
    transaction of the restore (`atomic = False`).
    """
    executor = MigrationExecutor(connection)
    plan: list[tuple[Migration, bool]] = executor.migration_plan(executor.loader.graph.leaf_nodes())
    alone = [migration for migration, _ in plan if not migration.atomic]
    if alone:
        raise RestoreError(
            f"La migration {alone[0]} ne peut pas passer dans la transaction de la restauration\u00a0: restaurez avec "
            "la version du logiciel qui a fait l’archive, puis mettez à jour."
        )
