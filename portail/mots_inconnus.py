"""The words of `.env` that the portal does not know: it ignores them, and what was meant is then not set.

`ENVOIS_RETENU=1` holds no mail back: the letter that lacks is told, with its line and the setting that is nearest.
Pure but for the two files that it reads.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

EXAMPLE = Path(__file__).resolve().parent.parent / ".env.example"
LINE = re.compile(r"(?:export )?([A-Za-z_0-9]+)=")
EXPLAINED = re.compile(r"(?m)^#?([A-Z_0-9]+)=")
# Those of others, that the same file may hold: of gunicorn, PostgreSQL, Python and the system, proxies, certificates.
OF_OTHERS = re.compile(
    r"GUNICORN_CMD_ARGS|WEB_CONCURRENCY|PG[A-Z]+|PYTHON[A-Z0-9]*|PIP_[A-Z_]+|DJANGO_SETTINGS_MODULE"
    r"|(?:HTTPS?|FTP|ALL|NO)_PROXY|SSL_CERT_(?:FILE|DIR)|REQUESTS_CA_BUNDLE|CURL_CA_BUNDLE"
    r"|PATH|HOME|USER|LANG|LANGUAGE|LC_[A-Z]+|TZ|TZDIR|TMPDIR|LD_PRELOAD|MALLOC_[A-Z_]+",
    re.IGNORECASE,
)
NEAR = 0.7  # as difflib measures: one letter of ten


@dataclass(frozen=True)
class MotInconnu:
    """A word of the file, the number of its line, and the setting that it resembles; empty when it resembles none."""

    ligne: int
    mot: str
    proche: str

    @property
    def phrase(self) -> str:
        """The French sentence that tells of this word: its line and the setting that it resembles, without its value,
        which may be a password."""
        near = f" Est-ce {self.proche}\u202f?" if self.proche else ""
        return f"ligne {self.ligne}, «\u00a0{self.mot}\u00a0» n’est pas un réglage du portail, qui l’ignore.{near}"


def known(example: Path = EXAMPLE) -> list[str]:
    """The names of the settings that the portal reads, found in `.env.example`, which explains each of them."""
    return EXPLAINED.findall(example.read_text("utf-8"))


def unknown_words(env: Path, settings: Iterable[str]) -> list[MotInconnu]:
    """The words of the file `env` that are neither among `settings` nor of another program, with their line and the
    nearest setting; none when the file is missing or cannot be read, which the settings tell apart."""
    try:
        lines = env.read_text("utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError):
        return []
    names = list(settings)
    found = ((number, said[1]) for number, line in enumerate(lines, start=1) if (said := LINE.match(line)))
    return [
        MotInconnu(number, word, next(iter(get_close_matches(word.upper(), names, n=1, cutoff=NEAR)), ""))
        for number, word in found
        if word not in names and not OF_OTHERS.fullmatch(word)
    ]
