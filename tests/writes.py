"""The rows that a request writes: every table counts, but the marks that the portal keeps of requests themselves."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.contrib.sessions.models import Session
from django.db import connection

from accounts.models import Counter, Passage

# The sessions, the counters of what is asked too often, the marks that the worker and /sante/ leave for themselves.
ASIDE = (Session, Counter, Passage)
WRITTEN = re.compile(r'(?:INSERT|UPDATE|DELETE)[^"]*"?(\w*)')
SAVEPOINT = re.compile(r"(ROLLBACK TO )?SAVEPOINT (.+)")


def writes(sql: str) -> bool:
    """Whether this statement writes to a table whose rows count."""
    written = WRITTEN.match(sql)
    return written is not None and written[1] not in {model._meta.db_table for model in ASIDE}


@contextmanager
def rows_written() -> Iterator[list[str]]:
    """The statements that have written rows meanwhile, without those that a savepoint took back."""
    written: list[str] = []
    begun: dict[str, int] = {}

    def note(execute: Any, sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        answer = execute(sql, params, many, context)
        if found := SAVEPOINT.match(sql):
            if found[1]:
                del written[begun.get(found[2], 0) :]
            else:
                begun[found[2]] = len(written)
        elif writes(sql) and context["cursor"].rowcount:
            written.append(sql)
        return answer

    with connection.execute_wrapper(note):
        yield written
