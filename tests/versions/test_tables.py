"""The database of the suite, made of the models, is the one that a commune's migrations lead to."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from tests.versions.bases import run, scratch
from tests.versions.precedente import ROOT

pytestmark = [pytest.mark.django_db, pytest.mark.ci, pytest.mark.sqlite]
# Every column, constraint and index of PostgreSQL, by name.
POSTGRESQL = """
SELECT table_name, column_name, concat_ws(' ', data_type, character_maximum_length, numeric_precision, numeric_scale,
    is_nullable, column_default, is_identity) FROM information_schema.columns WHERE table_schema = 'public'
UNION SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
    WHERE connamespace = 'public'::regnamespace
UNION SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'
"""
WIDER = "auth_group_permissions"  # of Django: eight bytes a number on PostgreSQL by its migrations, four by its models


def tables_of(url: str) -> set[tuple[str, ...]]:
    """What this database is made of, without its rows nor the order of its columns."""
    if url.startswith("postgres"):
        with psycopg.connect(url) as server:
            found = set(server.execute(POSTGRESQL).fetchall())
    else:
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as file:
            sql = file.execute("SELECT tbl_name, name, sql FROM sqlite_master WHERE sql IS NOT NULL").fetchall()
        found = {(table, name, part) for table, name, text in sql for part in parts(text)}
    return {row for row in found if row[0] != WIDER}


def parts(sql: str) -> list[str]:
    """The columns and the constraints of a CREATE TABLE; the text of another object."""
    if not sql.startswith("CREATE TABLE"):
        return [sql]
    found, depth = [""], 0
    for sign in sql[sql.index("(") + 1 : -1]:
        depth += (sign == "(") - (sign == ")")
        if sign == "," and not depth:
            found.append("")
        else:
            found[-1] += sign
    return [part.strip() for part in found]


def test_migrations_lead_to_the_tables_of_the_suite(tmp_path: Path):
    vide = tmp_path / "vide"
    vide.mkdir()
    with scratch(tmp_path) as url:
        models = tables_of(url)
    with scratch(vide, tables=False) as url:
        run(ROOT, url, "manage.py", "migrate", "--verbosity", "0", settings="portail.settings")
        migrated = tables_of(url)

    assert len(models) > 800
    assert sorted(migrated - models) == []
    assert sorted(models - migrated) == []
