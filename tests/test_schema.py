"""The database without Django: the file of SQLite is read, checked and reloaded by the tools of SQLite."""

from __future__ import annotations

import re
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, connection, transaction

from accounts.models import User
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db
SQLITE = pytest.mark.skipif(connection.vendor != "sqlite", reason="le fichier de SQLite")
INSERT = """INSERT INTO accounts_user (password, is_superuser, identifiant, first_name, last_name, email, is_active,
    is_staff, session_version, created_at, tri) VALUES ('', 0, ?, 'Camille', 'Morel', '', 1, 0, 1, '2026-12-03', '')"""
REFUSED = {
    "empty": "",
    "line break": "1000001\n",
    "line break first": "\n1000001",
    "line break alone": "\n",
    "full-width digits": "１２",
    "letter": "10000a1",
    "letter between digits": "1a1",
    "space": "100 0001",
    "minus": "-1",
    "thirteen digits": "1234567890123",
}


@pytest.fixture
def plain(tmp_path) -> Iterator[sqlite3.Connection]:
    """A copy of the database with one account, opened by Python's sqlite3 alone: none of Django's functions."""
    UserFactory(identifiant="1000001")
    with closing(sqlite3.connect(tmp_path / "copie.sqlite3")) as copy:
        copy.executescript("\n".join(connection.connection.iterdump()))
        yield copy


def told(copy: sqlite3.Connection, question: str) -> list[tuple]:
    return copy.execute(question).fetchall()


@SQLITE
def test_schema_asks_no_function_nor_order_that_sqlite_lacks(plain):
    sql = dict(told(plain, "SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL"))

    assert "accounts_user" in sql
    assert {
        name: text for name, text in sql.items() if re.search(r"regexp|django_[a-z]+ *\(|collate", text, re.I)
    } == {}


@SQLITE
def test_plain_sqlite_checks_the_file_and_writes_in_it(plain):
    assert told(plain, "PRAGMA integrity_check") == [("ok",)]  # it asks each CHECK of each row
    assert told(plain, "PRAGMA foreign_key_check") == []

    plain.execute(INSERT, ["1000002"])

    assert told(plain, "SELECT identifiant FROM accounts_user ORDER BY 1") == [("1000001",), ("1000002",)]


@SQLITE
@pytest.mark.parametrize("identifiant", REFUSED.values(), ids=REFUSED.keys())
def test_plain_sqlite_refuses_what_is_no_identifiant(plain, identifiant):
    with pytest.raises(sqlite3.IntegrityError, match="user_identifiant_digits"):
        plain.execute(INSERT, [identifiant])


@SQLITE
@pytest.mark.skipif(shutil.which("sqlite3") is None, reason="l’outil sqlite3 n’est pas installé")
def test_the_tool_of_sqlite_dumps_and_reloads_the_file(plain, tmp_path):
    plain.commit()

    def tool(name: str, *questions: str, typed: str | None = None) -> str:
        done = subprocess.run(
            ["sqlite3", "-bail", tmp_path / name, *questions], input=typed, capture_output=True, text=True, check=False
        )
        assert (done.returncode, done.stderr) == (0, "")
        return done.stdout

    dump = tool("copie.sqlite3", ".dump")
    tool("relue.sqlite3", typed=dump)

    assert tool("relue.sqlite3", "PRAGMA integrity_check; PRAGMA foreign_key_check") == "ok\n"
    assert tool("relue.sqlite3", "SELECT identifiant FROM accounts_user") == "1000001\n"
    assert tool("relue.sqlite3", ".dump") == dump


@pytest.mark.parametrize("identifiant", ["1", "0", "00123", "123456789012"])
def test_the_database_accepts_up_to_twelve_digits(identifiant):
    user = UserFactory.build(identifiant=identifiant, password="x")
    user.full_clean()
    user.save()

    assert User.objects.filter(identifiant=identifiant).exists()


@pytest.mark.parametrize("identifiant", REFUSED.values(), ids=REFUSED.keys())
def test_the_database_itself_refuses_what_is_no_identifiant(identifiant):  # AUT-10
    user = UserFactory()

    # PostgreSQL counts the thirteenth sign before it asks the rule.
    with pytest.raises(DatabaseError, match=r"user_identifiant_digits|varying\(12\)"), transaction.atomic():
        User.objects.filter(pk=user.pk).update(identifiant=identifiant)


@pytest.mark.parametrize("identifiant", REFUSED.values(), ids=REFUSED.keys())
def test_validation_says_the_rule_of_an_identifiant(identifiant):
    user = UserFactory.build(identifiant=identifiant, password="x")

    with pytest.raises(ValidationError) as refusal:
        user.validate_constraints()

    assert refusal.value.messages == ["Un identifiant ne contient que des chiffres, 12 au plus."]
