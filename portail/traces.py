"""What the application writes about itself on stderr."""

from __future__ import annotations

import copy
import logging
import re
import traceback
from collections.abc import Iterator

from django.db.utils import OperationalError

SECRET_ADDRESS = re.compile(r"(/(?:agenda|rappel)/)\S+")
OF_THE_MACHINE = (OSError, OperationalError)  # their words tell of a server, a disk, a lock: never of somebody


class SecretFormatter(logging.Formatter):
    """What Django says of a request, without what its visitor or its data would have it repeat (LOG-02, LOG-04)."""

    def format(self, record: logging.LogRecord) -> str:
        """One line for what was refused: whoever sends a thousand bad requests must not write a thousand tracebacks.

        Django names the address of each request that fails; those that open something by themselves are secrets.
        """
        record = copy.copy(record)
        record.exc_text = None  # another handler's, if it wrote first
        if getattr(record, "status_code", 500) < 500:
            record.exc_info = None
        return SECRET_ADDRESS.sub(r"\1…", super().format(record))

    def formatException(self, ei: logging._SysExcInfoType) -> str:  # noqa: N802 - of the standard library
        return "\n".join(_told(ei[1])) if ei[1] else ""


def _told(error: BaseException) -> Iterator[str]:
    """The places and the names of an error and of those before it: its words may hold what the data was."""
    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if before:
        yield from _told(before)
    yield from "".join(traceback.format_tb(error.__traceback__)).splitlines()
    words = f": {error}" if isinstance(error, OF_THE_MACHINE) else ""
    yield f"{type(error).__module__}.{type(error).__qualname__}{words}"
