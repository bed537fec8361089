"""The environment of a bench and of the processes that it starts: served as in production, no `.env` is read."""

from __future__ import annotations

import os
import secrets
import socket
from pathlib import Path

from portail import demo


def configure(port: int, mails: Path) -> None:
    """Set in `os.environ` the settings of a bench that answers at `port` and writes its mails in the folder `mails`."""
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "bench.settings",
        "ENV_FILE": os.devnull,
        "SECRET_KEY": secrets.token_urlsafe(50),
        "DEBUG": "0",
        "SITE_URL": f"http://127.0.0.1:{port}",
        "ALLOWED_HOSTS": "127.0.0.1",
        "TRUSTED_PROXIES": "127.0.0.1",  # each visitor then has an address of its own, as behind nginx
        "EMAIL_URL": f"filemail://{mails}",
        "PYTHONUNBUFFERED": "1",
        **demo.MEMORY,  # as in production
    }
    for name in ("DIRECT_ACCESS", "GUNICORN_CMD_ARGS", "WEB_CONCURRENCY"):
        os.environ.pop(name, None)


def free_port() -> int:
    """A port of this machine that nobody uses at this instant."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
