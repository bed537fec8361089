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
        """This record as one line of JSON: the time (UTC), the event, then its fields."""
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
    """Write one line of the journal about the event `name`: on commit of the transaction under way, or at once when its
    result is in AT_ONCE. `user` is the primary key of the account concerned; `request` gives the network address;
    `details` are numbers and codes, never words about somebody."""
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
    """Within this block the journal is written on stderr instead of stdout, for a command whose own output is a
    file."""
    handlers = [h for h in logger.handlers if isinstance(h, logging.StreamHandler) and h.stream is sys.stdout]
    for handler in handlers:
        handler.setStream(sys.stderr)
    try:
        yield
    finally:
        for handler in handlers:
            handler.setStream(sys.stdout)
