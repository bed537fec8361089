"""`python -m tests.conservation.killing COMMAND…`: runs a command again and again, and kills it.

Each line of the standard input is how long it may live, in seconds, then how many bytes a file of it may have (0: no
limit); each line of the output says what came of it. Django is ready before: the time is that of the command alone.
"""

from __future__ import annotations

import os
import resource
import signal
import sys
import time
import traceback

import django
from django.core.management import CommandError, call_command


def run(words: list[str], file_size: int) -> int:
    if file_size:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # as on a full disk, the write fails
        resource.setrlimit(resource.RLIMIT_FSIZE, (file_size, file_size))
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    try:
        call_command(*words)
    except CommandError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except BaseException:  # noqa: BLE001 - whatever it is, the test is told
        traceback.print_exc()
        return 2
    return 0


def main() -> None:
    django.setup()
    for line in sys.stdin:
        seconds, file_size = line.split()
        child = os.fork()
        if not child:
            os._exit(run(sys.argv[1:], int(file_size)))
        start = time.monotonic()
        done, status = 0, 0
        while not done and time.monotonic() - start < float(seconds):
            time.sleep(0.002)
            done, status = os.waitpid(child, os.WNOHANG)
        took = time.monotonic() - start
        if not done:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
        said = {0: "done", 1: "refused"}.get(os.waitstatus_to_exitcode(status), "failed") if done else "killed"
        sys.stdout.write(f"{said} {took:.3f}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
