"""Search that a person at a counter expects: « lea munoz » finds Léa MUÑOZ, « 0639980012 » finds 06 39 98 00 12.

Names are looked for in the column that sorts them (`portail.tri`). SQLite folds the case of ASCII alone, and neither
database drops accents by itself: these transforms do it in SQL, for `search_fields` such as `adresse__folded` and
`telephone__digits`.
"""

from __future__ import annotations

import re
from typing import Any

from django.contrib.sessions.backends.base import SessionBase
from django.db.models import CharField, EmailField, Transform
from django.db.models.sql.compiler import SQLCompiler
from django.utils.crypto import get_random_string

from portail.lettres import plain

ACCENTED = "àáâãäåçèéêëìíîïñòóôõöùúûüýÿœæÀÁÂÃÄÅÇÈÉÊËÌÍÎÏÑÒÓÔÕÖÙÚÛÜÝŸŒÆ"
NUMBER = re.compile(r"[0-9][0-9 .\-\u00a0]{4,}\Z")
SEARCHES = "searches"
KEPT = 20  # searches of a session: the oldest go first
LONGEST = 200  # characters of one


def fold(term: str) -> str:
    """What was typed in a search, as the folded columns hold it: lower case, no accent; a telephone number loses its
    separators."""
    if NUMBER.match(term.strip()):
        return re.sub(r"[^0-9]", "", term)
    return plain(term)


def keep_search(session: SessionBase, typed: str) -> str:
    """Keep in the session the text of a search, and return the random word that stands for it in the address of the
    page that answers. The session keeps the last 20, and 200 characters of each.

    A name does not belong in an address, which is kept (HDR-08); an answer to a POST cannot be come back to.
    """
    word = get_random_string(12)
    kept = [*session.get(SEARCHES, {}).items(), (word, typed[:LONGEST])]
    session[SEARCHES] = dict(kept[-KEPT:])
    return word


def kept_search(session: SessionBase, word: str) -> str | None:
    """The text of the search that the session keeps under this word (`keep_search`); None when it never did, or keeps
    it no more."""
    kept: dict[str, str] = session.get(SEARCHES, {})
    return kept.get(word)


class Folded(Transform):
    """The column in lower case, without accents. Most texts have as many bytes as letters, and none to drop."""

    lookup_name = "folded"
    output_field = CharField()

    def as_sql(self, compiler: SQLCompiler, connection: Any, **extra: Any) -> tuple[str, Any]:  # type: ignore[override]
        """The SQL of the column in lower case, without accents; a text that is ASCII alone skips the replacements."""
        column, params = compiler.compile(self.lhs)
        sql = column
        for accented in ACCENTED:
            sql = f"REPLACE({sql}, '{accented}', '{plain(accented)}')"
        size = "LENGTH(CAST({} AS BLOB))" if connection.vendor == "sqlite" else "OCTET_LENGTH({})"
        ascii_only = f"LENGTH({column}) = {size.format(column)}"
        return f"CASE WHEN {ascii_only} THEN LOWER({column}) ELSE LOWER({sql}) END", (*params,) * 4


class Digits(Transform):
    """The column without the spaces, dots and hyphens that people put in a number."""

    lookup_name = "digits"
    output_field = CharField()

    def as_sql(self, compiler: SQLCompiler, connection: Any, **extra: Any) -> tuple[str, Any]:  # type: ignore[override]
        """The SQL of the column without spaces, dots and hyphens."""
        sql, params = compiler.compile(self.lhs)
        for separator in " .-":
            sql = f"REPLACE({sql}, '{separator}', '')"
        return sql, params


for field in (CharField, EmailField):
    field.register_lookup(Folded)
    field.register_lookup(Digits)
