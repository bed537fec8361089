"""The files that the installer writes, as they are written: `modeles/`, where §NAME stands for an answer."""

from __future__ import annotations

from pathlib import Path
from string import Template

FOLDER = Path(__file__).with_name("modeles")


class Modele(Template):
    """nginx, Caddy and systemd have their own meaning for `$`, `@` and `%`."""

    delimiter = "§"


def fill(name: str, **answers: object) -> str:
    """The text of the template of this name in `modeles/`, where each §NAME is replaced by the answer of that name;
    raises KeyError when a name has no answer.
    """
    return Modele((FOLDER / name).read_text("utf-8")).substitute(answers)
