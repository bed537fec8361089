"""Rows by the million into PostgreSQL, by COPY; what hangs on each row is made once, at the end."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.core.management.color import no_style
from django.db import connection
from django.db.models import NOT_PROVIDED, JSONField, Model

LOT = 5000  # rows of a block of the COPY


def copy(model: type[Model], names: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Write these rows of the model by COPY: their cells are the columns `names` in order; the other columns get the
    default of their field, or are left to the database when it has one or when they may be empty.

    No cell may hold a tab, a newline or a backslash: nothing is escaped."""
    fields: list[Any] = [model._meta.get_field(name) for name in names]
    others = [f for f in model._meta.concrete_fields if f not in fields and not f.primary_key and _is_needed(f)]
    columns = ", ".join(f'"{field.column}"' for field in [*fields, *others])
    end = "".join(f"\t{_cell(_default(field))}" for field in others) + "\n"
    with (
        connection.cursor() as cursor,
        cursor.copy(f'COPY "{model._meta.db_table}" ({columns}) FROM STDIN') as stream,
    ):
        block: list[str] = []
        for row in rows:
            block.append("\t".join(map(_cell, row)) + end)
            if len(block) == LOT:
                stream.write("".join(block))
                block.clear()
        stream.write("".join(block))


def _is_needed(field: Any) -> bool:
    return field.db_default is NOT_PROVIDED and not field.null


def _default(field: Any) -> Any:
    return "{}" if isinstance(field, JSONField) else field.get_default()


def _cell(value: Any) -> str:
    return r"\N" if value is None else str(value)


@contextmanager
def bare(*models: type[Model]) -> Iterator[dict[str, float]]:
    """Within this block the tables of these models have no foreign keys and no secondary indexes, which are made again
    at the end, but not after an error. Gives a dictionary that then holds the seconds that each index took, by name."""
    tables = [model._meta.db_table for model in models]
    seconds: dict[str, float] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint "
            "WHERE contype = 'f' AND conrelid::regclass::text = ANY(%s)",
            [tables],
        )
        keys = cursor.fetchall()
        cursor.execute(
            "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = ANY(%s) "
            "AND NOT EXISTS (SELECT FROM pg_constraint WHERE conname = indexname)",
            [tables],
        )
        indexes = cursor.fetchall()
        for table, name, _ in keys:
            cursor.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
        for name, _ in indexes:
            cursor.execute(f'DROP INDEX "{name}"')
        yield seconds
        for name, definition in indexes:
            begin = time.perf_counter()
            cursor.execute(definition)
            seconds[name] = time.perf_counter() - begin
        for table, name, definition in keys:
            cursor.execute(f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {definition}')


def settle(*models: type[Model]) -> None:
    """Set the key sequences of these models after their highest row, then VACUUM (ANALYZE) the whole database."""
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), list(models)):
            cursor.execute(statement)
    sweep()


def sweep() -> None:
    """Run VACUUM (ANALYZE) on the whole database: remove dead rows and refresh the statistics of the planner."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE)")
