"""A closing that dies: `python -m tests.facturation.killed_closing`. Each line it reads is a number: another process
closes November, and is killed with -9 once it has sent that many statements; how it ended is told.
"""

from __future__ import annotations

import os
import signal
import sys
from datetime import date, datetime

import django
from django.db import connection

django.setup()

from facturation.arrete.cloture import arreter  # noqa: E402 (the models want their settings)
from portail.dates import PARIS  # noqa: E402


def main() -> None:
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            close(int(line))
            os._exit(0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])}\n")
        sys.stdout.flush()


def close(statements: int) -> None:
    left = statements

    def die(execute, sql, params, many, context):
        nonlocal left
        result = execute(sql, params, many, context)
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    with connection.execute_wrapper(die), open(os.devnull, "w") as nowhere:
        os.dup2(nowhere.fileno(), 1)  # the journal
        arreter(date(2026, 11, 1), None, datetime(2026, 12, 1, 10, 24, tzinfo=PARIS))


if __name__ == "__main__":
    main()
