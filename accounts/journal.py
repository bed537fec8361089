"""The journal: one JSON line an event, for whoever must find out later what happened (LOG-01, LOG-02).

It tells when (UTC), what, with which result, on which account (its number, never a name), from which address. No
password, temporary password, session key nor health text ever goes in.

What was done is told once the transaction under way is committed: of what a preview or an error takes back, there is no
line. What was refused, and an alarm, are told at once: they happened, whatever becomes of the transaction.
"""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial

from django.db import connection, transaction
from django.http import HttpRequest

from accounts.client_ip import client_ip

logger = logging.getLogger("journal")
AT_ONCE = {"alert", "refused", "throttled"}


class JsonFormatter(logging.Formatter):
    """One line whatever the values: JSON escapes line breaks."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "event": record.getMessage(),
            **getattr(record, "fields", {}),
        }
        return json.dumps(line, ensure_ascii=False, default=str)


def event(
    name: str,
    *,
    result: str = "ok",
    user: int | None = None,
    request: HttpRequest | None = None,
    **details: str | int | None,
) -> None:
    """Write one event, on commit unless its result is in AT_ONCE. `user` is a primary key; `details` are numbers and
    codes, never words about somebody.
    """
    fields: dict[str, str | int | None] = {"result": result, "user": user, **details}
    if request is not None:
        fields["address"] = client_ip(request)
    tell = partial(logger.info, name, extra={"fields": fields})
    if result not in AT_ONCE and connection.in_atomic_block:
        transaction.on_commit(tell, robust=True)
    else:  # without asking anything of a database, which may be the one that does not answer
        tell()


@contextmanager
def on_stderr() -> Iterator[None]:
    """For a command whose own output is a file: the journal is then written beside it, not into it."""
    handlers = [h for h in logger.handlers if isinstance(h, logging.StreamHandler) and h.stream is sys.stdout]
    for handler in handlers:
        handler.setStream(sys.stderr)
    try:
        yield
    finally:
        for handler in handlers:
            handler.setStream(sys.stdout)
