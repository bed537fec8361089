"""A hand-written SELECT, where milliseconds are worth it: what the ORM takes to write one is more than it costs.

Its text is Python's, its values never: those go as parameters. A test compares each one with its queryset, on both
kinds of database.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from django.db import connection
from django.db.models import Model
from django.utils.timezone import is_naive, make_naive


def select[T](row: Callable[..., T], sql: str, valeurs: Sequence[Any] = ()) -> list[T]:
    """The rows of this SELECT, each made by calling `row` with its columns, in their order. A list among the values
    fills an `IN %s`; when it is empty, there is no row and nothing is asked.

    Values are as the database gives them: on SQLite a date-time is naive (`instant`), and what an expression makes of a
    date or of a boolean is a text or a number.
    """
    listes = [valeur if isinstance(valeur, list) else None for valeur in valeurs]
    if [] in listes:
        return []
    places = tuple("%s" if liste is None else f"({', '.join(['%s'] * len(liste))})" for liste in listes)
    with connection.cursor() as cursor:
        cursor.execute(
            sql % places, [un for valeur in valeurs for un in (valeur if isinstance(valeur, list) else [valeur])]
        )
        return [row(*ligne) for ligne in cursor.fetchall()]


def instant(lu: datetime | str | None) -> datetime | None:
    """A date-time as a hand-written SELECT reads it, made aware: UTC where the database keeps no time zone; None stays
    None."""
    if isinstance(lu, str):
        lu = datetime.fromisoformat(lu)
    return lu.replace(tzinfo=UTC) if lu and is_naive(lu) else lu


def kept(quand: datetime) -> datetime:
    """This aware date-time in the form that the database keeps, to be compared with a column: naive UTC on SQLite."""
    return make_naive(quand, UTC) if connection.vendor == "sqlite" else quand


class ModelTable:
    """A model in a hand-written SELECT, where its table has this alias: all its columns, but those that are `deferred`
    until somebody reads them.
    """

    def __init__(self, model: type[Model], alias: str, *deferred: str) -> None:
        self.model = model
        fields = [field for field in model._meta.concrete_fields if field.attname not in deferred]
        self.names = [field.attname for field in fields]
        self.columns = ", ".join(f"{alias}.{field.column}" for field in fields)

    def read(self, valeurs: Sequence[Any]) -> Any:
        """The instance of the model that has these column values; None when the first, its key, is None: an outer join
        found nothing."""
        if valeurs[0] is None:
            return None
        lues = [instant(valeur) if isinstance(valeur, datetime) else valeur for valeur in valeurs]
        return self.model.from_db(connection.alias, self.names, lues)


def read(ligne: Sequence[Any], *tables: ModelTable) -> list[Any]:
    """The instances of these tables from a row of a SELECT that begins with their columns, in the same order; then the
    values that are left in the row."""
    lues, debut = [], 0
    for table in tables:
        fin = debut + len(table.names)
        lues.append(table.read(ligne[debut:fin]))
        debut = fin
    return [*lues, *ligne[debut:]]
