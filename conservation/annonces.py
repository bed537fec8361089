"""What an archive announces, beside what this version of the code knows and what was found in its tables."""

from __future__ import annotations

from collections.abc import Mapping

from django.db.migrations.loader import MigrationLoader

from conservation.manifeste import ArchiveError, Manifeste, Migration
from portail.francais import accord
from portail.version import version


def missing_migrations(manifeste: Manifeste) -> tuple[Migration, ...]:
    """The migrations of this version of the code that the archive of this manifest has not had yet, sorted. Raises
    ArchiveError when the archive has migrations that this version does not know: it comes from a later version of the
    portal.
    """
    known = MigrationLoader(None).disk_migrations
    replaced = {replaced for migration in known.values() for replaced in migration.replaces}
    unknown = [migration for migration in manifeste.migrations if migration not in {*known, *replaced}]
    if unknown:
        first = ".".join(unknown[0])
        raise ArchiveError(
            f"Cette archive est d’une version plus récente du portail\u00a0: elle vient de la {manifeste.version}, ici "
            f"c’est la {version()}, qui ne connaît pas {accord(len(unknown), 'migration')} ({first}). Mettez le "
            "portail à jour d’abord."
        )
    return tuple(sorted(set(known) - set(manifeste.migrations)))


def compare(expected: Mapping[str, int], found: Mapping[str, int]) -> list[str]:
    """The tables whose number of rows is not the one expected, each told in French words: at most three, then how many
    others. Empty when all the counts agree. Both arguments give the rows of each table, by its name.
    """
    differing = sorted(table for table in {*expected, *found} if expected.get(table) != found.get(table))
    said = [
        f"{table}, {expected.get(table, 'absente')} annoncées, {found.get(table, 'absente')} rendues"
        for table in differing
    ]
    return [*said[:3], *([f"et {accord(len(said) - 3, 'autre')}"] if len(said) > 3 else [])]
