"""`.env`: the example with the town's values in it. What the town has written there is never changed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from install.installation.fichiers import InstallError

LINE = re.compile(r"(?P<hidden>#?)(?P<nom>[A-Z_0-9]+)=(?P<valeur>.*)")
# As portail/checks.py: the example's own values, which no town has.
PLACEHOLDER = re.compile(r"\bcommune\.example\b|\bexemple\b", re.IGNORECASE)
ADDED = "# --- Ajouté par install/installer ---"


def names(example: str) -> list[str]:
    """The names of the settings that the text of `.env.example` explains."""
    return [found["nom"] for line in example.splitlines() if (found := LINE.fullmatch(line))]


def read(path: Path) -> str:
    """The text of this `.env`; empty when the file does not exist. Raises InstallError when it is not in UTF-8."""
    try:
        return path.read_text("utf-8-sig")
    except FileNotFoundError:
        return ""
    except UnicodeDecodeError:
        raise InstallError(f"{path} n’est pas enregistré en UTF-8 : enregistrez-le ainsi, puis relancez.") from None


def values(text: str) -> dict[str, str]:
    """The settings that this text of a `.env` sets, as django-environ reads them: the last line of a name wins."""
    found = (LINE.fullmatch(line.removeprefix("export ")) for line in text.splitlines())
    return {line["nom"]: unquoted(line["valeur"]) for line in found if line and not line["hidden"]}


def unquoted(value: str) -> str:
    """The value that django-environ reads in what stands after « NOM= »: without its quotes."""
    if re.fullmatch(r"'.*'", value):
        value = value[1:-1]
    if re.fullmatch(r'".*"', value):
        value = re.sub(r"\\(.)", lambda found: found[0] if found[1] in "rnt" else found[1], value[1:-1])
    return value


def quoted(value: str) -> str:
    """This value as it must stand after « NOM= » for django-environ to read it back: as it is, or in quotes when it
    both begins and ends with the same quote.
    """
    if re.fullmatch(r"'.*'|\".*\"", value):
        return '"' + re.sub(r'([\\"])', r"\\\1", value) + '"'
    return value


def of_the_town(text: str, example: str) -> dict[str, str]:
    """The settings that the town has chosen in the text of its `.env`: neither empty, nor left as in that of the
    example.
    """
    left = values(example)
    return {
        nom: value
        for nom, value in values(text).items()
        if value.strip() and value != left.get(nom) and not PLACEHOLDER.search(value)
    }


def fill(text: str, example: str, wanted: Mapping[str, str]) -> str:
    """The text of `.env` with these wanted values, save where the town has chosen its own; it begins from the example's
    text when there is no `.env` yet.
    """
    lines = (text or example).splitlines()
    kept = of_the_town(text, example)
    added = []
    for nom, value in wanted.items():
        if nom in kept or values("\n".join(lines)).get(nom) == value:
            continue
        places = [place for place, line in enumerate(lines) if (found := LINE.fullmatch(line)) and found["nom"] == nom]
        shown = [place for place in places if not lines[place].startswith("#")]
        if places:
            lines[(shown or places)[-1]] = f"{nom}={quoted(value)}"
        else:
            added.append(f"{nom}={quoted(value)}")
    if added:
        lines += ([""] if lines and lines[-1] else []) + ([] if ADDED in lines else [ADDED]) + added
    return "\n".join(lines) + "\n"
