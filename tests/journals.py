"""What the journal is told meanwhile, read back from its lines."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from accounts.journal import JsonFormatter, logger
from tests.commits import run_committed


class Journal(logging.Handler):
    """The lines written meanwhile; reading them first does what waits for the commit of the transaction of a test."""

    def __init__(self) -> None:
        super().__init__()
        self.setFormatter(JsonFormatter())
        self.written: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.written.append(self.format(record))

    @property
    def lines(self) -> list[str]:
        run_committed()
        return self.written

    @property
    def events(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.lines]

    @property
    def text(self) -> str:
        return "\n".join(self.lines)


@contextmanager
def journal_read() -> Iterator[Journal]:
    run_committed()  # what was done before has its lines before
    handler = Journal()
    logger.addHandler(handler)
    try:
        yield handler
        run_committed()
    finally:
        logger.removeHandler(handler)
