"""What gunicorn reads as its configuration when `prise.py` starts it: how it says that it is ready, and waits.

It runs alone, in a version of the portal that need not have this file: the standard library is all that it may use.
"""

import contextlib
import os
import select

# A journal of requests, if asked for (`--access-logfile`), has no query, which may give an identifiant, nor `Referer`.
access_log_format = '%(h)s %(t)s "%(m)s %(U)s" %(s)s %(B)s'


def tell(said):
    """Send these bytes to install/prise.py, by the pipe that it gave in PRISE_FDS; does nothing when it did not start
    this.
    """
    if fds := os.environ.get("PRISE_FDS"):
        with contextlib.suppress(OSError):
            os.write(int(fds.split()[0]), said)


def when_ready(server):
    """Tell prise.py how many processes will serve. The address is prise.py's: gunicorn, made to believe that systemd
    holds it, does not remove a socket of the file system as it ends.
    """
    server.systemd = True
    tell(b"%d\n" % server.num_workers)


def post_worker_init(worker):
    """Called in a process that has loaded the portal and does not accept yet: tell prise.py so, then wait until
    prise.py closes its end of the pipe. Processes started later find it closed, and do not wait.
    """
    tell(b".")
    if fds := os.environ.get("PRISE_FDS"):
        go = int(fds.split()[1])
        while worker.alive and worker.ppid == os.getppid() and not select.select([go], [], [], 0.2)[0]:
            worker.notify()


def worker_exit(server, worker):
    """Called in a process that accepts nothing any more and has answered all that it had begun: tell prise.py so,
    before the time that the end of a process takes.
    """
    tell(b"x")
