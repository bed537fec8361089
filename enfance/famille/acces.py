"""Who opens a page of a family."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from enfance.models import Responsable


def responsable_of(request: HttpRequest) -> Responsable:
    """The parent behind the request; any other account is told that the page is not for it."""
    try:
        return request.user.responsable  # type: ignore[union-attr]
    except Responsable.DoesNotExist:
        raise PermissionDenied from None
