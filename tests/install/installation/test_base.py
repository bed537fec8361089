"""PostgreSQL is given a role and a database that hold French names, and what it refuses is said with what to type."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
from django.conf import settings
from django.db import connection
from psycopg import sql

from install.installation import base
from install.installation.fichiers import InstallError
from install.installation.machine import Done, Machine
from install.installation.reponses import Reponses
from tests.reading import plain

pytestmark = pytest.mark.ci

HERE = "postgres:///portail?host=/var/run/postgresql"
ELSEWHERE = "postgres://portail:mot_de_passe@base.villard.fr:5432/portail?sslmode=require"
FINE = Done(0, json.dumps([17, "UTF8", "C.UTF-8"]), "")


def answers(tmp_path: Path, url: str = HERE) -> Reponses:
    (tmp_path / "var").mkdir(exist_ok=True)
    return Reponses(
        dossier=tmp_path, base="postgresql", base_serveur=urlsplit(url).hostname or "", reglages={"DATABASE_URL": url}
    )


@pytest.fixture
def server(machine, tmp_path):
    machine.said[f"{tmp_path}/.venv"] = FINE
    return machine


def test_role_and_database_are_made_when_they_are_not_there(server, tmp_path):
    assert base.make(answers(tmp_path), server) is True
    made = [line for line in server.ran if "create" in line]
    assert made == [
        "postgres: createuser -h /var/run/postgresql --createdb --no-superuser --no-createrole portail",
        "postgres: createdb -h /var/run/postgresql --owner portail --encoding UTF8 --locale-provider libc "
        "--locale C.UTF-8 --template template0 portail",
    ]


def test_role_and_database_that_are_there_are_left(server, tmp_path):
    server.said["psql"] = Done(0, "1\n", "")
    assert base.make(answers(tmp_path), server) is False
    assert [line for line in server.ran if "create" in line] == []


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ("connection to server on socket failed: No such file or directory", "Démarrez-le : « sudo pg_ctlcluster"),
        ("ERROR: permission denied to create role", "PostgreSQL a refusé psql"),
    ],
)
def test_refusal_of_the_server_is_told(server, tmp_path, said, sentence):
    server.said["psql"] = Done(2, "", said)
    with pytest.raises(InstallError) as refusal:
        base.make(answers(tmp_path), server)
    assert sentence in plain(refusal.value)


@pytest.mark.parametrize(
    ("row", "sentence"),
    [([14, "UTF8", "C"], "trop ancien"), ([16, "SQL_ASCII", "C"], "les accents s’y perdraient")],
)
def test_database_that_cannot_serve_is_refused(server, tmp_path, row, sentence):
    server.said[f"{tmp_path}/.venv"] = Done(0, json.dumps(row), "")
    with pytest.raises(InstallError, match=sentence):
        base.make(answers(tmp_path), server)


def test_database_of_another_machine_is_asked_for_with_the_orders_to_run_there(server, tmp_path):
    server.said[f"{tmp_path}/.venv"] = Done(1, "", "FATAL: password authentication failed")

    with pytest.raises(InstallError) as refusal:
        base.make(answers(tmp_path, ELSEWHERE), server)

    orders = tmp_path / "var" / "creer-la-base.sql"
    assert str(refusal.value).endswith(f"psql -h base.villard.fr -p 5432 -U postgres -f {orders}")
    assert "mot_de_passe" not in str(refusal.value)
    assert orders.stat().st_mode & 0o777 == 0o600
    assert orders.read_text() == base.sql(ELSEWHERE)

    server.said[f"{tmp_path}/.venv"] = FINE  # they were run
    assert base.make(answers(tmp_path, ELSEWHERE), server) is False
    assert not orders.exists()


def test_quote_in_a_password_stays_inside_it():
    made = base.sql("postgres://portail:l%27eau@base/portail")
    assert "PASSWORD 'l''eau'" in made


# --- On a real server -------------------------------------------------------------------------------------------------


@pytest.fixture
def real(tmp_path, monkeypatch):
    """The server of the tests, as its administrator reaches it; what is made there goes away."""
    if connection.vendor != "postgresql":
        pytest.skip("PostgreSQL n’est pas là")
    where = settings.DATABASES["default"]
    for name, key in (("PGPORT", "PORT"), ("PGUSER", "USER"), ("PGPASSWORD", "PASSWORD"), ("PGHOST", "HOST")):
        monkeypatch.setenv(name, str(where[key]))
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    python = tmp_path / ".venv" / "bin" / "python"
    python.write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    python.chmod(0o755)
    role = f"essai_{os.getpid()}"
    yield role
    with psycopg.connect(dbname="postgres", autocommit=True) as link:
        link.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(role)))
        link.execute(sql.SQL("DROP ROLE IF EXISTS {}").format(sql.Identifier(role)))


@pytest.mark.postgresql
def test_database_made_here_is_its_account_s_and_holds_any_name(real, tmp_path):
    machine = Machine(tmp_path)

    assert base.make_here(machine, f"postgres:///{real}", real) is True
    assert base.make_here(machine, f"postgres:///{real}", real) is False

    with psycopg.connect(dbname=real) as link:
        made = link.execute(
            "SELECT pg_get_userbyid(datdba), pg_encoding_to_char(encoding), datcollate, datctype FROM pg_database "
            "WHERE datname = current_database()"
        ).fetchone()
    assert made == (real, "UTF8", "C.UTF-8", "C.UTF-8")


@pytest.mark.postgresql
def test_orders_for_another_machine_make_what_the_portal_enters(real, tmp_path):
    where = settings.DATABASES["default"]
    url = f"postgres://{real}:a%27b@{where['HOST']}:{where['PORT']}/{real}"
    r = answers(tmp_path, url)
    machine = Machine(tmp_path)

    with pytest.raises(InstallError, match="n’ouvre pas au portail"):
        base.make(r, machine)
    with psycopg.connect(dbname="postgres", autocommit=True) as link:
        for order in (tmp_path / "var" / "creer-la-base.sql").read_text().splitlines():
            link.execute(order)

    assert base.make(r, machine) is False
    assert not (tmp_path / "var" / "creer-la-base.sql").exists()
