"""Queries that Django compiles once: the SQL is kept, and told other values each time it is asked.

Of what every page reads, writing the SQL takes ten times as long as answering it. The queryset is Django's own, with a
`Inconnue` where a value comes later; so are the SQL and the reading of its rows.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from copy import copy
from itertools import chain
from typing import Any, Self

from django.core.exceptions import EmptyResultSet
from django.db import connection, connections
from django.db.models import Expression, Field, QuerySet
from django.db.transaction import TransactionManagementError

MOST = 128  # shapes that are kept of one query
LISTED = 16  # values of a list, past which they are told together, as one


class Inconnue(Expression):
    """A value that is told when the query is asked: the one of this name; of a list, the one at this place."""

    def __init__(self, nom: str, output_field: Field[Any, Any], rang: int | None = None) -> None:
        super().__init__(output_field=output_field)
        self.nom, self.rang = nom, rang

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        return "%s", (self,)

    def told(self, valeurs: Mapping[str, Any], connection: Any) -> Any:
        """This value as the database takes it. The last one of a list fills the places that are left."""
        valeur = valeurs[self.nom]
        if self.rang is not None:
            valeur = valeur[min(self.rang, len(valeur) - 1)]
        return self.output_field.get_db_prep_value(valeur, connection)


class Ensemble(Inconnue):
    """All the values of the list of this name, told as one: a whole school is one size of a query."""

    def as_sqlite(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        return "(SELECT value FROM json_each(%s))", (self,)

    def as_postgresql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        return f"(SELECT unnest(%s::{self.output_field.db_type(connection)}[]))", (self,)

    def told(self, valeurs: Mapping[str, Any], connection: Any) -> Any:
        dites = [self.output_field.get_db_prep_value(valeur, connection) for valeur in valeurs[self.nom]]
        return json.dumps(dites) if connection.vendor == "sqlite" else dites


def places(valeurs: Sequence[Any]) -> int:
    """How many places a list of these takes in a query: few sizes, so that few queries are kept."""
    n = len(valeurs)
    return LISTED + 1 if n > LISTED else 1 << (n - 1).bit_length() if n else 0


def liste(nom: str, output_field: Field[Any, Any], n: int) -> Any:
    """So many values of the list of this name; none, and the part of the query that asks for them is empty."""
    return Ensemble(nom, output_field) if n > LISTED else [Inconnue(nom, output_field, rang) for rang in range(n)]


class Requete:
    """A query by its shape, which is whatever changes its SQL. `build` makes the queryset of a shape.

    It is written for the kind of database that is asked, which a restore changes for its own time.
    """

    def __init__(self, build: Callable[..., QuerySet[Any, Any]]) -> None:
        self.build = build
        self.kept: dict[tuple[str, Hashable], QuerySet[Any, Any]] = {}

    def __call__(self, valeurs: Mapping[str, Any], *forme: Hashable) -> QuerySet[Any, Any]:
        """The rows of the queryset of this shape, with these values. They are to be read, not filtered any more."""
        return self._asked(forme, valeurs)

    def given(self) -> list[tuple[Any, ...]]:
        """The rows of a query without values, as the database gives them."""
        asked = self._asked((), {})
        return list(chain.from_iterable(asked.query.get_compiler(using=asked.db).execute_sql()))

    def read(self, rows: Sequence[tuple[Any, ...]]) -> QuerySet[Any, Any]:
        """What these rows, that `given` gave, are for Django: the database is not asked again."""
        return self._asked((), {}, rows)

    def _asked(
        self, forme: tuple[Hashable, ...], valeurs: Mapping[str, Any], rows: Sequence[tuple[Any, ...]] | None = None
    ) -> QuerySet[Any, Any]:
        key = connection.vendor, forme
        kept = self.kept.get(key)
        if kept is None:
            kept = self.build(*forme)
            kept.query = KeptQuery.of(kept)  # type: ignore[assignment]
            if len(self.kept) < MOST:
                self.kept[key] = kept
        asked = kept.all()
        query: KeptQuery = asked.query  # type: ignore[assignment]
        query.valeurs, query.rows = valeurs, rows
        return asked


class KeptQuery:
    """What stands for the query of a queryset once it is compiled. `rows`: they have come already."""

    values_select = ()
    valeurs: Mapping[str, Any]
    rows: Sequence[tuple[Any, ...]] | None

    def __init__(self, compiler: Any, sql: str, params: Sequence[Any]) -> None:
        self.compiler, self.sql, self.params = compiler, sql, params

    @classmethod
    def of(cls, queryset: QuerySet[Any, Any]) -> Self:
        compiler = queryset.query.get_compiler(using=queryset.db)
        try:
            sql, params = compiler.as_sql()
        except EmptyResultSet:
            sql, params = "", ()
        compiler.connection = None  # each thread has its own, and this one may end
        return cls(compiler, sql, params)

    def chain(self, klass: object = None) -> Self:
        return copy(self)

    def get_compiler(self, using: str, connection: object = None, elide_empty: bool = True) -> Any:
        """Django's compiler, which has no SQL to write any more; of the connection of this thread."""
        compiler = copy(self.compiler)
        compiler.connection = connections[using]
        if compiler.query.select_for_update and compiler.connection.get_autocommit():
            raise TransactionManagementError("Rows are locked within a transaction alone.")  # as Django does
        if self.rows is not None:
            compiler.execute_sql = lambda *args, **kwargs: [self.rows]
            return compiler
        params = tuple(
            param.told(self.valeurs, compiler.connection) if isinstance(param, Inconnue) else param
            for param in self.params
        )
        compiler.as_sql = lambda *args, **kwargs: (self.sql, params)
        return compiler


class Memoire[T]:
    """What is made of the rows of a query, kept by this process as long as the database gives the same ones.

    The rows are asked each time: whoever writes them, by whatever door, the next page sees it, and what was rolled back
    or restored too. What is kept is everybody's: nobody changes what is in it.
    """

    def __init__(self, requete: Requete, make: Callable[[Iterable[Any]], T]) -> None:
        self.requete, self.make = requete, make
        self.kept: tuple[list[tuple[Any, ...]], T] | None = None

    def __call__(self) -> T:
        rows, kept = self.requete.given(), self.kept
        if kept is not None and kept[0] == rows:
            return kept[1]
        made = self.make(self.requete.read(rows))
        self.kept = rows, made
        return made
