"""Marks on views."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from django.http import HttpResponseBase


def renews_nothing(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """For what a script asks at regular times: it does not keep a forgotten session alive (SES-02)."""

    @wraps(view)
    def wrapper(*args: object, **kwargs: object) -> HttpResponseBase:
        return view(*args, **kwargs)

    wrapper.renews_session = False  # type: ignore[attr-defined]
    return wrapper
