"""A dump of PostgreSQL, loaded by the portal's own connection, in the transaction under way.

`pg_restore` alone would commit before the migrations and the erasures have passed. It writes SQL here instead, of which
nothing runs but what makes tables and fills them: an archive is a file, and may come from anybody.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

from django.db import connection

from conservation import postgresql
from conservation.manifeste import Manifeste
from conservation.restoring.checks import RestoreError
from portail.certain import certain

# What opens or closes a text in which « ; » ends nothing, a comment, or the end of a statement.
TOKEN = re.compile(rb"'|\"|\$[A-Za-z_0-9]*\$|--|;")
# What pg_restore says of the session, or of what every database has: nothing to do.
IDLE = re.compile(
    rb"SET |SELECT pg_catalog\.set_config\(|CREATE SCHEMA public;|COMMENT ON (SCHEMA|EXTENSION) |\\(un)?restrict "
)
ALLOWED = re.compile(
    rb"(CREATE (UNLOGGED )?TABLE|CREATE (UNIQUE )?INDEX|CREATE SEQUENCE|ALTER (TABLE|SEQUENCE|INDEX)|COMMENT ON) "
    rb"|SELECT pg_catalog\.setval\("
)
COPY = re.compile(rb"COPY \S+ \([^()]*\) FROM stdin;")


def load(dump: Path, manifeste: Manifeste) -> None:
    """Make and fill the tables of this PostgreSQL dump on the default connection, within the transaction under way.
    Raises RestoreError when the dump cannot be read, or is not one of the portal's.
    """
    connection.ensure_connection()
    server = connection.connection.info.server_version // 10000
    made_by = re.match(r"\d+", manifeste.moteur_version)
    tool = postgresql.tool("pg_restore", max(server, int(made_by[0]) if made_by else 0))
    with TemporaryFile() as errors:
        words = [tool, "--no-owner", "--no-privileges", "--file=-", str(dump)]
        process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors)  # noqa: S603
        try:
            execute(certain(process.stdout))
            if process.wait():
                errors.seek(0)
                told = errors.read().decode("utf-8", "replace").strip().splitlines() or [f"code {process.returncode}"]
                raise RestoreError(f"pg_restore n’a pas pu lire l’archive ({told[-1]}).")
        finally:
            process.kill()
            process.communicate()


def execute(script: IO[bytes]) -> None:
    """Run on the default connection a SQL script that pg_restore has written, and fill its tables with their rows; what
    only sets the session is passed over. Raises RestoreError for a statement that no dump of the portal holds, or for
    data that are not in UTF-8.
    """
    with connection.cursor() as wrapper:
        cursor = wrapper.cursor  # psycopg's own: these statements are not Django's, and know no parameters
        lines = iter(script)
        for statement in statements(lines):
            if COPY.fullmatch(statement):
                with cursor.copy(statement) as copy:
                    for row in rows(lines):
                        copy.write(row)
            elif ALLOWED.match(statement):
                cursor.execute(statement)
            elif statement.startswith(b"SET client_encoding") and b"'UTF8'" not in statement:
                raise RestoreError("L’archive est d’une base qui n’est pas en UTF-8\u00a0: rien n’en est pris.")
            elif not IDLE.match(statement):
                said = statement[:60].decode("utf-8", "replace").splitlines()[0]
                raise RestoreError(
                    f"L’archive contient «\u00a0{said}\u00a0», que celle d’un portail ne contient pas\u00a0: rien n’en "
                    "est pris."
                )


def statements(lines: Iterator[bytes]) -> Iterator[bytes]:
    """Split the lines of a script of pg_restore into its statements, each with its « ; », and the commands of psql,
    each without its line break. After a COPY, the caller must take the rows from the same iterator of lines. Raises
    RestoreError when the last statement is not finished.
    """
    statement, opened = b"", b""
    for line in lines:
        if not statement and line.startswith(b"\\"):
            yield line.rstrip() + b" "
            continue
        start = 0
        for token in TOKEN.finditer(line):
            found = token[0]
            if opened:
                opened = b"" if found == opened else opened
            elif found == b"--":
                line = line[: token.start()] + b"\n"
                break
            elif found == b";":
                yield (statement + line[start : token.end()]).strip()
                statement, start = b"", token.end()
            else:
                opened = found
        rest = line[start:]
        statement += rest if statement or rest.strip() else b""
    if statement.strip():
        raise RestoreError("L’archive est incomplète\u00a0: sa dernière instruction n’est pas finie.")


def rows(lines: Iterator[bytes]) -> Iterator[bytes]:
    """The lines of data that follow a COPY in a script of pg_restore, up to the line that ends them. Raises
    RestoreError when that end is missing.
    """
    for line in lines:
        if line == b"\\.\n":
            return
        yield line
    raise RestoreError("L’archive est incomplète\u00a0: il manque la fin d’une table.")
