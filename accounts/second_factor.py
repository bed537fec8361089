"""The second factor of staff (ADM-01): whether this session has shown it."""

from __future__ import annotations

from django.http import HttpRequest

MARK = "second_factor"


def is_verified(request: HttpRequest) -> bool:
    """Whether the account of this session has shown its second factor."""
    return bool(request.session.get(MARK))
