"""Classes of the portal."""

from __future__ import annotations

from collections.abc import Iterator


def subclasses[C](cls: type[C]) -> Iterator[type[C]]:
    for below in cls.__subclasses__():
        yield below
        yield from subclasses(below)
