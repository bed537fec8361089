"""PostgreSQL's tools: which ones serve, and that no command line holds the password."""

from __future__ import annotations

import pytest
from django.db import connection

from conservation import postgresql
from conservation.archives import write_archive
from conservation.manifeste import ArchiveError
from portail.environnement import env
from tests.conservation.conftest import NOW
from tests.conservation.dossiers import left_in


@pytest.fixture
def tools(tmp_path, monkeypatch):
    """The only programs of this machine; `add(name, script)` makes one."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))

    def add(name, script):
        path = folder / name
        path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
        path.chmod(0o700)

    return add


def said_of(name="pg_dump", server=15):
    with pytest.raises(ArchiveError) as refused:
        postgresql.tool(name, server)
    return str(refused.value)


def test_tool_that_is_not_there_is_said(tools):
    assert said_of() == (
        "pg_dump n’est pas installé sur cette machine. Installez «\u00a0postgresql-client-15\u00a0» (Debian, Ubuntu), "
        "ou une version plus récente."
    )


@pytest.mark.parametrize(
    ("answer", "version"),
    [("pg_dump (PostgreSQL) 14.9", "14"), ("pg_dump (PostgreSQL) 9.6.24", "9"), ("Bonjour", "inconnue")],
)
def test_tool_older_than_the_server_is_said(tools, answer, version):
    tools("pg_dump", f"echo '{answer}'")

    assert said_of().startswith(f"pg_dump est de la version {version}, plus ancienne que le serveur (15).")


@pytest.mark.parametrize(
    "answer", ["pg_dump (PostgreSQL) 15.20 (Debian 15.20-0+deb12u1)", "pg_dump (PostgreSQL) 17beta1"]
)
def test_tool_of_the_server_or_newer_serves(tools, answer):
    tools("pg_dump", f"echo '{answer}'")

    assert postgresql.tool("pg_dump", 15).endswith("/bin/pg_dump")


def test_tool_finds_the_database_in_its_environment_and_its_password_there_alone(tools, tmp_path, monkeypatch):
    monkeypatch.setenv("PGDATABASE", "autre")
    database = {
        "HOST": "bdd",
        "PORT": 5433,
        "USER": "portail",
        "PASSWORD": "se'cret @",
        "NAME": "base",
        "OPTIONS": {"sslmode": "require"},
    }
    tools("pg_dump", 'echo "$*|$PGHOST|$PGPORT|$PGUSER|$PGPASSWORD|$PGDATABASE|$PGSSLMODE"')

    told = postgresql.run([str(tmp_path / "bin" / "pg_dump"), "--x"], database, "Raté")

    assert told == "--x|bdd|5433|portail|se'cret @|base|require\n"


def test_host_of_an_address_with_a_socket_is_given_to_the_tools():
    database = env.db_url_config("postgres:///portail?host=/var/run/postgresql")

    given = postgresql.environment(database)

    assert (given["PGHOST"], given["PGDATABASE"]) == ("/var/run/postgresql", "portail")


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ("echo un >&2; echo deux >&2; exit 1", "deux"),
        ("echo 'pg_dump: error: un' >&2; echo 'pg_dump: detail: deux' >&2; exit 1", "pg_dump: error: un"),
        ("exit 3", "code 3"),
        ("kill -9 $$", "code -9"),
    ],
)
def test_tool_that_fails_is_a_sentence_with_its_reason(tools, tmp_path, script, reason):
    tools("pg_dump", script)

    with pytest.raises(ArchiveError) as refused:
        postgresql.run([str(tmp_path / "bin" / "pg_dump")], {}, "Raté")
    assert str(refused.value) == f"Raté ({reason})."


@pytest.mark.postgresql
@pytest.mark.django_db
def test_backup_without_pg_dump_leaves_nothing(tools, dossier):
    with pytest.raises(ArchiveError, match="pg_dump n’est pas installé"):
        write_archive(dossier, now=NOW)
    assert left_in(dossier) == []


@pytest.mark.postgresql
@pytest.mark.django_db
def test_server_that_is_gone_is_a_sentence(dossier, monkeypatch):
    monkeypatch.setitem(connection.settings_dict, "PORT", "1")

    with pytest.raises(ArchiveError, match="La base PostgreSQL ne répond pas"):
        write_archive(dossier, now=NOW)
    assert left_in(dossier) == []
