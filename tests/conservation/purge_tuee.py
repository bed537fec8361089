"""Purges that die: `python -m tests.conservation.purge_tuee`. Each line it reads is a number: another process purges,
and is killed with -9 once it has written that many times; how it ended is told.
"""

from __future__ import annotations

import os
import signal
import sys
from datetime import datetime

import django
from django.db import connection

django.setup()

from conservation.annuelle import purger  # noqa: E402 (the models want their settings)
from enfance.mairie import durees as annees  # noqa: E402
from enfance.mairie import partis  # noqa: E402
from portail.dates import PARIS  # noqa: E402
from portail.durees import Cadence  # noqa: E402
from portail.extensions import Extension  # noqa: E402

OCTOBRE_2028 = datetime(2028, 10, 15, 3, 30, tzinfo=PARIS)
annees.ENFANTS = partis.LOT = 1  # as many transactions as there are children


def main() -> None:
    for line in sys.stdin:
        number = os.fork()
        if number == 0:
            purge(int(line))
            os._exit(0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(os.waitpid(number, 0)[1])}\n")
        sys.stdout.flush()


def purge(writes: int) -> None:
    left = writes

    def die(execute, sql, params, many, context):
        nonlocal left
        result = execute(sql, params, many, context)
        left -= sql.startswith(("INSERT", "UPDATE", "DELETE"))
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    with connection.execute_wrapper(die), open(os.devnull, "w") as nowhere:
        os.dup2(nowhere.fileno(), 1)  # the journal
        purger(Extension.installed().durees_of(Cadence.AN), now=OCTOBRE_2028)


if __name__ == "__main__":
    main()
