"""A list of codes that a pure rule and a model both read: what a row holds, and its label. Pure."""

from __future__ import annotations

from enum import StrEnum
from typing import Self


class LabelledCode(StrEnum):
    """Its members are written `NOM = "code", "label"`, as those of a `TextChoices`; a row is read by its code alone."""

    label: str

    def __new__(cls, code: str, label: str = "") -> Self:
        member = str.__new__(cls, code)
        member._value_, member.label = code, label
        return member

    @classmethod
    def choices(cls) -> list[tuple[str, str]]:
        """The choices of a field of a model or of a form: each code with its label."""
        return [(member.value, member.label) for member in cls]
