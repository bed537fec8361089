"""A writer that dies: `python -m tests.facturation.killed_writing GESTE`, one of `gestes`.

Each line it reads is a number: another process does it, and is killed with -9 once it has sent that many statements,
rows of a COPY among them; how it ended is told.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable

import django
from django.db import connection
from psycopg import Copy

django.setup()

from tests.facturation import gestes  # noqa: E402 (the models want their settings)


def main(geste: str) -> None:
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            do(getattr(gestes, geste), int(line))
            os._exit(0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])}\n")
        sys.stdout.flush()


def do(geste: Callable[[], object], statements: int) -> None:
    left = statements

    def count() -> None:
        nonlocal left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def die(execute, sql, params, many, context):
        result = execute(sql, params, many, context)
        count()
        return result

    def copy(copie, row, write_row=Copy.write_row):
        write_row(copie, row)
        count()

    Copy.write_row = copy
    with connection.execute_wrapper(die), open(os.devnull, "w") as nowhere:
        os.dup2(nowhere.fileno(), 1)  # the journal
        geste()


if __name__ == "__main__":
    main(*sys.argv[1:])
