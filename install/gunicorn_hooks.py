"""What gunicorn reads as its configuration when `prise.py` starts it: how it says that it is ready, and waits.

It runs alone, in a version of the portal that need not have this file: the standard library is all that it may use.
"""

import contextlib
import os
import select

# A journal of requests, if asked for (`--access-logfile`), has no query, which may give an identifiant, nor `Referer`.
access_log_format = '%(h)s %(t)s "%(m)s %(U)s" %(s)s %(B)s'


def tell(said):
    if fds := os.environ.get("PRISE_FDS"):
        with contextlib.suppress(OSError):
            os.write(int(fds.split()[0]), said)


def when_ready(server):
    """Say how many processes will serve. Their address is the holder's: one of the file system would go with them."""
    server.systemd = True
    tell(b"%d\n" % server.num_workers)


def post_worker_init(worker):
    """Loaded, but not yet accepting: say so, and wait until the other end is closed. Later ones do not wait."""
    tell(b".")
    if fds := os.environ.get("PRISE_FDS"):
        go = int(fds.split()[1])
        while worker.alive and worker.ppid == os.getppid() and not select.select([go], [], [], 0.2)[0]:
            worker.notify()


def worker_exit(server, worker):
    """Nothing is accepted any more, and what was begun is answered: say so before what the end of a process takes."""
    tell(b"x")
