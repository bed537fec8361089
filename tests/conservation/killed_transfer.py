"""A transfer that dies: `python -m tests.conservation.killed_transfer SOURCE LOTS`, -9 once so many batches are copied.

Of one row each: a process of its own, started by `test_transfert_killed`. It says when it begins to copy; with 0 it
lives on to its end.
"""

import os
import signal
import sys
from pathlib import Path

import django


def main(source: str, lots: str) -> None:
    django.setup()

    from conservation.restoring import transfert

    transfert.PAR_LOT = 1
    copied = 0

    def count(lignes: int) -> None:
        nonlocal copied
        copied += 1
        if copied == 1:
            os.write(1, b"begins\n")
        if copied == int(lots):
            os.kill(os.getpid(), signal.SIGKILL)

    transfert.transfer(Path(source), progress=count)


if __name__ == "__main__":
    main(*sys.argv[1:])
