"""PostgreSQL's own tools, run without a password on their command line: `pg_dump`, `pg_restore`."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from typing import Any

from conservation.manifeste import ArchiveError

# What libpq reads in the environment, by the name it has in Django's settings.
VARIABLES = {"HOST": "PGHOST", "PORT": "PGPORT", "USER": "PGUSER", "PASSWORD": "PGPASSWORD", "NAME": "PGDATABASE"}
OPTIONS = {  # « postgres:///portail?host=/var/run/postgresql » says its host here
    "host": "PGHOST",
    "port": "PGPORT",
    "user": "PGUSER",
    "password": "PGPASSWORD",
    "service": "PGSERVICE",
    "passfile": "PGPASSFILE",
    "sslmode": "PGSSLMODE",
    "sslrootcert": "PGSSLROOTCERT",
    "sslcert": "PGSSLCERT",
    "sslkey": "PGSSLKEY",
    "options": "PGOPTIONS",
    "connect_timeout": "PGCONNECT_TIMEOUT",
    "target_session_attrs": "PGTARGETSESSIONATTRS",
}


def environment(database: Mapping[str, Any]) -> dict[str, str]:
    """The environment of this process, and in it what leads PostgreSQL's tools to this database (a value of DATABASES),
    its password included: only the owner of a process reads its environment.
    """
    options = database.get("OPTIONS", {})
    said = {variable: str(database[name]) for name, variable in VARIABLES.items() if database.get(name)}
    said |= {variable: str(options[name]) for name, variable in OPTIONS.items() if options.get(name)}
    return {**os.environ, "LC_ALL": "C.UTF-8", **said}


def tool(name: str, server: int) -> str:
    """The path of the PostgreSQL tool of this name. Raises ArchiveError when it is not installed, or is older than the
    major version `server`.
    """
    remedy = f"Installez «\u00a0postgresql-client-{server}\u00a0» (Debian, Ubuntu), ou une version plus récente."
    path = shutil.which(name)
    if path is None:
        raise ArchiveError(f"{name} n’est pas installé sur cette machine. {remedy}")
    told = subprocess.run([path, "--version"], capture_output=True, text=True, check=False).stdout
    version = re.search(r"\) (\d+)", told)
    if version is None or int(version[1]) < server:
        found = version[1] if version else "inconnue"
        raise ArchiveError(f"{name} est de la version {found}, plus ancienne que le serveur ({server}). {remedy}")
    return path


def run(words: list[str], database: Mapping[str, Any], failed: str) -> str:
    """Run these words, the command line of a PostgreSQL tool, on this database (a value of DATABASES), and return what
    the tool prints. Raises ArchiveError (`failed` and the reason) when it fails.
    """
    done = subprocess.run(
        words,
        env=environment(database),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    if done.returncode:
        lines = done.stderr.strip().splitlines() or [f"code {done.returncode}"]
        reason = next((line for line in lines if " error: " in line), lines[-1])  # details and hints may follow
        raise ArchiveError(f"{failed} ({reason}).")
    return done.stdout
