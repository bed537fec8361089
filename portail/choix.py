"""A list of codes that a pure rule and a model both read: what a row holds, and its label. Pure."""

from __future__ import annotations

from enum import StrEnum
from typing import Self


class Choix(StrEnum):
    """Its members are written `NOM = "code", "label"`, as those of a `TextChoices`; a row is read by its code alone."""

    label: str

    def __new__(cls, code: str, label: str = "") -> Self:
        choix = str.__new__(cls, code)
        choix._value_, choix.label = code, label
        return choix

    @classmethod
    def choices(cls) -> list[tuple[str, str]]:
        """What a field of a model or of a form takes: each code, then its label."""
        return [(choix.value, choix.label) for choix in cls]
