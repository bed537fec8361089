"""What a rule of the database asks of a date."""

from __future__ import annotations

from typing import Any

from django.db.models import Func, IntegerField


class JourDuMois(Func):
    """The day of the month of a date, without a function that SQLite lacks: its own tools read the file too."""

    arity = 1
    output_field = IntegerField()

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> tuple[str, Any]:
        """The SQL for SQLite: characters 9 and 10 of the ISO date, as an integer."""
        template = "CAST(substr(%(expressions)s, 9, 2) AS integer)"
        return super().as_sql(compiler, connection, template=template, **context)

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> tuple[str, Any]:
        """The SQL for PostgreSQL: EXTRACT(DAY) as an integer."""
        template = "CAST(EXTRACT(DAY FROM %(expressions)s) AS integer)"
        return super().as_sql(compiler, connection, template=template, **context)
