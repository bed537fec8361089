"""The journal of the whole house: one function speaks to it, and a line about a write is told on commit (LOG-01).

What the test client adds: of any preview that any test asks for, no line of a write is told (`tests/clients.py`).
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest
from django.db import transaction

from accounts.journal import AT_ONCE, event
from tests.journals import Journal
from tests.sources import MODULES, ROOT, tree

TREES = {str(path.relative_to(ROOT)): tree(path) for path in MODULES}


def constants(name: str, of: type[ast.AST]) -> Iterator[tuple[str, object]]:
    """What the modules give for `result=`, or to any function of that name, with the module that does."""
    for path, source in TREES.items():
        for node in ast.walk(source):
            if isinstance(node, of) and name in {getattr(node, "arg", ""), ast.unparse(getattr(node, "func", node))}:
                values = ast.walk(node)
                yield from ((path, value.value) for value in values if isinstance(value, ast.Constant))


def told(journal: Journal) -> list[tuple[str, str]]:
    return [(line["event"], line["result"]) for line in journal.events]


@pytest.mark.une_fois
def test_one_function_alone_speaks_to_the_journal():
    loggers = [(path, name) for path, name in constants("logging.getLogger", ast.Call) if name == "journal"]
    assert loggers == [("accounts/journal.py", "journal")]


@pytest.mark.une_fois
def test_result_is_that_of_a_write_or_one_of_those_told_at_once():
    """A new word of refusal takes its place in AT_ONCE; what is not a word (`failure.reason.value`) is a write's."""
    assert {value for _, value in constants("result", ast.keyword)} == {"ok", *AT_ONCE}


@pytest.mark.django_db(transaction=True)
def test_line_about_a_write_comes_with_its_commit(journal):
    with transaction.atomic():
        event("password_changed", user=1)
        event("login", result="refused")
        before = len(journal.written)

    assert before == 1
    assert told(journal) == [("login", "refused"), ("password_changed", "ok")]


@pytest.mark.django_db(transaction=True)
def test_what_is_taken_back_leaves_the_line_of_a_refusal_alone(journal):
    with transaction.atomic():
        event("staff_created", user=1)
        with transaction.atomic():
            event("identifiant_changed", user=1)
            event("limit_reached", result="refused")
            transaction.set_rollback(True)

    assert told(journal) == [("limit_reached", "refused"), ("staff_created", "ok")]


@pytest.mark.une_fois
def test_line_asks_nothing_of_a_database_outside_a_transaction(journal):
    event("backup_verified", by="command")

    assert told(journal) == [("backup_verified", "ok")]
