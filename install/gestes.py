"""What CHANGELOG.md asks of whoever keeps the portal, from one version to another. The standard library alone.

    python3 install/gestes.py 0.3.0          those of the versions after 0.3.0
    python3 install/gestes.py 0.3.0 0.4.0    and no later than 0.4.0

`install/mettre-a-jour` reads `gestes_between`.
"""

from __future__ import annotations

import re
import sys
import tomllib
from dataclasses import dataclass
from datetime import date
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CHANGELOG = ROOT / "CHANGELOG.md"
A_VENIR = "À venir"
PART = "Ce qui demande un geste"
NOTHING = "Rien."
MOIS = [
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
]
HEADING = re.compile(r"(?P<numero>\d+\.\d+\.\d+) — (?P<jour>1er|\d{1,2}) (?P<mois>[a-zéû]+) (?P<annee>\d{4})")


class ChangelogError(Exception):
    """A sentence, in French, that says what cannot be read."""


@dataclass(frozen=True)
class Version:
    """A version and what it asks for; `numero` and `jour` are None for what is not released yet."""

    numero: str | None
    jour: date | None
    gestes: tuple[str, ...]

    @property
    def nom(self) -> str:
        """Its number, or « À venir » for what is not released yet."""
        return self.numero or A_VENIR


def read(text: str) -> list[Version]:
    """The versions that the text of a CHANGELOG tells of, in its order, the latest first. Raises ChangelogError for a
    heading or a part that is not as it should be.
    """
    sections = re.split(r"(?m)^## +", text)[1:]
    return [version_of(*section.split("\n", 1)) for section in (section + "\n" for section in sections)]


def version_of(title: str, body: str) -> Version:
    """The version that a section of a CHANGELOG tells of, from its heading and its text. Raises ChangelogError for a
    heading that is none, or when the part « Ce qui demande un geste » is missing.
    """
    parts = re.split(r"(?m)^### +", body)[1:]
    found = [part.split("\n", 1)[1] for part in parts if part.split("\n", 1)[0].strip() == PART]
    if len(found) != 1 or not found[0].strip():
        raise ChangelogError(f"CHANGELOG.md, «\u00a0{title.strip()}\u00a0»\u00a0: il manque «\u00a0{PART}\u00a0».")
    gestes = gestes_of(found[0])
    if title.strip() == A_VENIR:
        return Version(None, None, gestes)
    if not (heading := HEADING.fullmatch(title.strip())):
        raise ChangelogError(
            f"CHANGELOG.md\u00a0: «\u00a0{title.strip()}\u00a0» n’est pas «\u00a00.3.0 — 26 novembre 2026\u00a0»."
        )
    return Version(heading["numero"], day_of(heading), gestes)


def day_of(heading: re.Match[str]) -> date:
    """The date that a heading of HEADING's form gives, in French words; raises ChangelogError for a day that does not
    exist.
    """
    try:
        jour = int(heading["jour"].removesuffix("er"))
        return date(int(heading["annee"]), MOIS.index(heading["mois"]) + 1, jour)
    except ValueError:
        raise ChangelogError(f"CHANGELOG.md, «\u00a0{heading[0]}\u00a0»\u00a0: ce jour n’existe pas.") from None


def gestes_of(part: str) -> tuple[str, ...]:
    """What a part « Ce qui demande un geste » of a CHANGELOG asks: the items of its list, one line each; without a
    list, its whole text, or nothing when that is « Rien. ».
    """
    items = re.findall(r"(?ms)^- (.*?)(?=^- |^\S|\Z)", part)
    if not items and part.strip() != NOTHING:
        items = [part]
    return tuple(" ".join(item.split()) for item in items)


def key(numero: str) -> tuple[int, ...]:
    """This number of a version as a tuple, to compare versions: 0.10.0 comes after 0.9.0. Raises ChangelogError when it
    is no such number.
    """
    if not re.fullmatch(r"\d+(\.\d+)*", numero):
        raise ChangelogError(f"«\u00a0{numero}\u00a0» n’est pas un numéro de version, comme 0.3.0.")
    return tuple(int(part) for part in numero.split("."))


def gestes_between(text: str, old: str, new: str | None = None) -> list[Version]:
    """The versions in the text of a CHANGELOG that ask for something, after `old` and up to `new` included, the oldest
    first: in the order in which to do what they ask.

    Without `new`, up to the code that is there, including what is not released yet. Raises ChangelogError as `read`
    does, or when `old` or `new` is no version number.
    """
    old_key, new_key = key(old), key(new) if new is not None else None
    asked = []
    for version in reversed(read(text)):
        if version.numero is None:
            inside = new_key is None
        else:
            inside = old_key < key(version.numero) and (new_key is None or key(version.numero) <= new_key)
        if inside and version.gestes:
            asked.append(version)
    return asked


def released(pyproject: Path = ROOT / "pyproject.toml") -> str:
    """The version number of the code that is there, as this pyproject.toml gives it."""
    return str(tomllib.loads(pyproject.read_text("utf-8"))["project"]["version"])


def sentences(versions: list[Version]) -> str:
    """What these versions ask for, as a French text to print: each version, then one line for each thing that it asks.
    Without any, the sentence that says that nothing is asked.
    """
    if not versions:
        return "Aucun geste n’est demandé."
    return "\n".join(line for v in versions for line in (f"{v.nom}\u00a0:", *(f"  - {geste}" for geste in v.gestes)))


def main(arguments: list[str]) -> str:
    """The French text to print for these arguments: what the CHANGELOG asks after the first version, and up to the
    second when it is given. Raises ChangelogError when the arguments are not one or two versions.
    """
    if not 1 <= len(arguments) <= 2 or arguments[0].startswith("-"):
        raise ChangelogError("Usage\u00a0: python3 install/gestes.py VERSION_D_AVANT [VERSION]")
    return sentences(gestes_between(CHANGELOG.read_text("utf-8"), *arguments))


if __name__ == "__main__":
    try:
        print(main(sys.argv[1:]))
    except (ChangelogError, OSError, UnicodeDecodeError) as error:
        sys.exit(str(error) if isinstance(error, ChangelogError) else f"CHANGELOG.md ne se lit pas\u00a0: {error}")
