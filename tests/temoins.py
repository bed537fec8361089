"""What is sent or printed, whole, kept in a file beside its test: a change of it is read in the diff of that file.

`make temoins` writes them again.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

from tests.reading import lines_of

# What is drawn by chance, and what is told in its place.
DRAWN = {r"\b[0-9a-f]{32}\b": "secret", r"[\w-]{43}(:[\w-]+)*": "secret"}
NOT_PRINTED = re.compile(r'<(\w+)[^>]* class="[^"]*\bno-print\b[^"]*".*?</\1>', re.DOTALL)


def paper_of(response: Any) -> str:
    """What is printed of a page, a line for each block."""
    (main,) = re.findall(r"<main\b.*</main>", response.text, re.DOTALL)
    return lines_of(NOT_PRINTED.sub("", main)) + "\n"


def assert_kept(file: Path, text: str) -> None:
    for found, told in DRAWN.items():
        text = re.sub(found, told, text)
    if "TEMOINS" in os.environ:
        file.parent.mkdir(exist_ok=True)
        file.write_text(text, "utf-8")
    assert text == file.read_text("utf-8"), f"if this is meant, « make temoins » writes {file.name} again"
