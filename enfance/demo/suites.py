"""What the apps above add to the school of the demonstration, by name: a portal in service loads none of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.utils.module_loading import import_string

_suites: list[str] = []


def add_to_demo(suite: str) -> None:
    """Let an app above add its own to the school of the demonstration: the dotted name of what does it, as the school
    is at an instant. For `AppConfig.ready`.
    """
    _suites.append(suite)


def suites() -> list[Callable[[datetime], None]]:
    """What the apps above add, in order."""
    return [import_string(suite) for suite in _suites]
