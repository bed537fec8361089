"""What the application writes about itself on stderr."""

from __future__ import annotations

import copy
import logging
import re
import traceback
from collections.abc import Iterator
from types import TracebackType

from django.db.utils import OperationalError

from portail.pannes import chain, panne_of

SECRET_ADDRESS = re.compile(r"(/(?:agenda|rappel)/)\S+")
ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]
OF_THE_MACHINE = (OSError, OperationalError)  # their words tell of a server, a disk, a lock: never of somebody


class SecretFormatter(logging.Formatter):
    """What Django says of a request, without what its visitor or its data would have it repeat (LOG-02, LOG-04)."""

    def format(self, record: logging.LogRecord) -> str:
        """The text to log of this record. A refused request is one line, without a traceback: whoever sends a thousand
        bad requests must not write a thousand tracebacks. So is a machine at fault, of which every page complains
        wherever it was.

        Django names the address of each request that fails; the part of one that opens something by itself is a secret,
        and is hidden.
        """
        record = copy.copy(record)
        record.exc_text = None  # another handler's, if it wrote first
        error = record.exc_info[1] if record.exc_info else None
        status = getattr(record, "status_code", 500)
        if status < 500 or (status == 503 and panne_of(error)):
            record.exc_info = None
        line = SECRET_ADDRESS.sub(r"\1…", super().format(record))
        return f"{line} ({' < '.join(map(_named, chain(error)))})" if status == 503 and error else line

    def formatException(self, ei: ExcInfo) -> str:  # noqa: N802 - of the standard library
        """The places and classes of an error and of its causes, without their messages, which may quote data, save
        where the machine is at fault."""
        return "\n".join(_told(ei[1])) if ei[1] else ""


def _told(error: BaseException) -> Iterator[str]:
    """The class and places of an error and of its causes; a message only where the machine is at fault."""
    for one in reversed(list(chain(error))):
        yield from "".join(traceback.format_tb(one.__traceback__)).splitlines()
        yield _named(one)


def _named(error: BaseException) -> str:
    words = f": {' '.join(str(error).split())}" if isinstance(error, OF_THE_MACHINE) else ""
    return f"{type(error).__module__}.{type(error).__qualname__}{words}"
