"""A query that fails in the middle of a save, wherever it is."""

from __future__ import annotations

from django.db import OperationalError, connection
from django_tasks_db.models import DBTaskResult

from enfance.models import Enregistrement, Evenement, Inscription

MANY = 90  # more queries than a save makes


class Fault:
    """An execute wrapper that fails at the n-th query, before it or once it is done (the answer is lost).

    The answer to BEGIN, that only SQLite sends as a query, never has far to go: it is not lost.
    """

    def __init__(self, n: int, *, done: bool) -> None:
        self.left, self.done = n, done

    def __call__(self, execute, sql, params, many, context):
        if self.done and sql.startswith("BEGIN"):
            return execute(sql, params, many, context)
        self.left -= 1
        if self.left == 0 and not self.done:
            raise OperationalError("the database went away")
        result = execute(sql, params, many, context)
        if self.left == 0:
            raise OperationalError("the database went away")
        return result


def everything():
    """All that a save writes."""
    return {
        modele.__name__: sorted(modele.objects.values_list(), key=str)
        for modele in (Inscription, Enregistrement, Evenement, DBTaskResult)
    }


def database_url() -> str:
    """The database of the tests, for another process."""
    base = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{base['NAME']}"
    return f"postgres://{base['USER']}:{base['PASSWORD']}@{base['HOST']}:{base['PORT']}/{base['NAME']}"
