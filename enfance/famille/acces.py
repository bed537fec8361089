"""Who opens a page of a family."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from enfance.models import Responsable, load_responsable


def responsable_of(request: HttpRequest) -> Responsable:
    """The parent behind the request; any other account is told that the page is not for it."""
    user: Any = request.user
    responsable = load_responsable(user.pk)
    if responsable is None:
        raise PermissionDenied
    user.responsable = responsable  # who asks for it next finds it here
    return responsable
