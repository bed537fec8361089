"""Ask a portal that runs whether it serves as it should: on a private socket before it opens, then at its address."""

import contextlib
import json
import re
import signal
import socket
import subprocess
import time
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from urllib.parse import urlsplit

from places import VAR
from prise import BOOTS_WITHIN, end_with_parent
from versions import UpgradeError

PATIENCE = 60  # seconds: a machine at its busiest answers late, and is no fault of this version
TRIAL = f"{VAR}/essai.sock"
TRIAL_LOG = Path(VAR, "essai.log")
SHEET = re.compile(r'<link[^>]+href="(/[^"]+\.css)"')


class UnixConnection(HTTPConnection):
    def connect(self):
        """Connect to the Unix socket whose path was given as the host."""
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.host)


def ask(where, site, path):
    """Ask the portal for this path by a GET, as the web server placed before it would; return the status and the text
    of the answer. `where` is the path of a Unix socket, or a (host, port); `site` is the portal's public address.
    """
    parts = urlsplit(site)
    connection = (
        UnixConnection(where, timeout=PATIENCE) if isinstance(where, str) else HTTPConnection(*where, timeout=PATIENCE)
    )
    with contextlib.closing(connection):
        headers = {"Host": parts.netloc, "X-Forwarded-Proto": parts.scheme, "X-Forwarded-For": "127.0.0.1"}
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        return answer.status, answer.read().decode("utf-8", "replace")


def examine(where, site):
    """Raise UpgradeError unless the portal at `where` (a Unix socket, or host and port) serves its pages and style
    sheet and its database is in order. `site` is its public address.
    """
    try:
        status, page = ask(where, site, "/connexion/")
        if status != 200:
            raise UpgradeError(f"La page /connexion/ répond {status}, au lieu de 200.")
        sheet = SHEET.search(page)
        if not sheet or ask(where, site, sheet[1])[0] != 200:
            raise UpgradeError(f"La feuille de style de /connexion/ ne se lit pas ({sheet[1] if sheet else 'aucune'}).")
        status, said = ask(where, site, "/sante/")
        state = json.loads(said)
    except (OSError, HTTPException, ValueError) as error:
        raise UpgradeError(f"Le portail ne répond pas comme il faut ({type(error).__name__}).") from None
    for name, meaning in [("database", "la base"), ("migrations", "les migrations")]:
        if state.get(name) != "ok":
            raise UpgradeError(f"/sante/ dit « {state.get(name)} » pour {meaning}.")


def try_out(folder, env, site):
    """Start the version in `folder`, in the environment `env`, on a private socket, check with `examine` that it serves
    the site `site`, and stop it in every case.

    Raises UpgradeError when it does not answer within `BOOTS_WITHIN` seconds, or when `examine` refuses it.
    """
    Path(TRIAL).unlink(missing_ok=True)
    command = f"-m gunicorn portail.wsgi --bind unix:{TRIAL} --worker-class gthread --threads 2 --no-control-socket"
    with TRIAL_LOG.open("wb") as log:
        process = subprocess.Popen(
            [folder / ".venv/bin/python", *command.split()],
            cwd=folder,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            preexec_fn=end_with_parent,
        )
    try:
        limit = time.monotonic() + BOOTS_WITHIN
        while not trial_responds(site):
            if process.poll() is not None or time.monotonic() > limit:
                raise UpgradeError(f"Elle ne démarre pas : la raison est dans {TRIAL_LOG}.")
            time.sleep(0.2)
        examine(TRIAL, site)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def trial_responds(site):
    """Whether the portal that was started on the private socket of the trial answers, whatever it says."""
    try:
        ask(TRIAL, site, "/sante/")
    except (OSError, HTTPException):
        return False
    return True
