"""Where words stand: in every column of every table, sessions read through, in files, in what the portal told."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from django.contrib.sessions.backends.db import SessionStore
from django.db import connection

BETWEEN_DIGITS = re.compile(r"(?<=[0-9])[ .\u00a0\u202f-]+(?=[0-9])")


def fold(text: str) -> str:
    """In small letters without accents, the digits of a number together: however somebody wrote it."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(c))
    return BETWEEN_DIGITS.sub("", plain)


def texts_of(value: Any) -> Iterator[str]:
    """All that a value may be read as."""
    if isinstance(value, memoryview | bytes | bytearray):
        yield from (bytes(value).decode(encoding, "ignore") for encoding in ("utf-8", "cp1252", "utf-16-le"))
    elif isinstance(value, str):
        yield value
        if value[:1] in "[{":
            with suppress(ValueError):
                yield json.dumps(json.loads(value), ensure_ascii=False)
    elif isinstance(value, dict | list):
        yield json.dumps(value, ensure_ascii=False)
    elif value is not None:
        yield str(value)


def found(words: Collection[str], values: Iterable[Any]) -> set[str]:
    folded = {word: fold(word) for word in words}
    read = [fold(text) for value in values for text in texts_of(value)]
    return {word for word, plain in folded.items() if any(plain in text for text in read)}


def tables() -> list[str]:
    """Every table of the database, Django's own as well."""
    with connection.cursor() as cursor:
        return sorted(connection.introspection.table_names(cursor))


def in_tables(words: Collection[str]) -> dict[str, set[str]]:
    """The words that each column (« table.column ») still holds. Sessions are read as the portal reads them."""
    left: dict[str, set[str]] = {}
    for table in tables():
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            columns, rows = [column[0] for column in cursor.description], cursor.fetchall()
        for rank, column in enumerate(columns):
            values: list[Any] = [row[rank] for row in rows]
            if (table, column) == ("django_session", "session_data"):
                values = [SessionStore().decode(value) for value in values]
            if here := found(words, values):
                left[f"{table}.{column}"] = here
    return left


def in_files(words: Collection[str], *paths: Path) -> dict[str, set[str]]:
    """The words that stand in these files, byte for byte as they were written, in capitals or in small letters."""
    left = {}
    for path in paths:
        content = path.read_bytes() if path.is_file() else b""
        forms = {word: {word, word.upper(), word.lower(), fold(word)} for word in words}
        here = {word for word, written in forms.items() if any(form.encode() in content for form in written)}
        if here:
            left[path.name] = here
    return left
