"""Marks on views."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase, QueryDict
from django.shortcuts import redirect

from accounts import second_factor
from accounts.models import User


def renews_nothing(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Decorate a view that a script asks at regular times: such a request does not count as use of the session, so that
    it does not keep a forgotten one alive (SES-02)."""

    @wraps(view)
    def wrapper(*args: object, **kwargs: object) -> HttpResponseBase:
        return view(*args, **kwargs)

    wrapper.renews_session = False  # type: ignore[attr-defined]
    return wrapper


def before_second_factor(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Decorate a view where an agent shows the second factor or gets one: only such views open without it."""

    @wraps(view)
    def wrapper(*args: object, **kwargs: object) -> HttpResponseBase:
        return view(*args, **kwargs)

    wrapper.second_factor_required = False  # type: ignore[attr-defined]
    return wrapper


def counts_kept(count: Callable[[QueryDict], int]) -> Callable[..., Callable[..., HttpResponseBase]]:
    """Decorate a view whose form survives the end of the session, with `count`, which says how many changes a form
    holds: the login page tells that number, and neither whose changes nor which (SES-02)."""

    def decorate(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
        @wraps(view)
        def wrapper(*args: object, **kwargs: object) -> HttpResponseBase:
            return view(*args, **kwargs)

        wrapper.count_kept = count  # type: ignore[attr-defined]
        return wrapper

    return decorate


def agent_of(request: HttpRequest) -> User:
    """The agent behind the request of a `staff_page`, which lets nobody else in. Raises PermissionDenied (403) when
    nobody is logged in."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user


def staff_page(*permissions: str) -> Callable[[Callable[..., HttpResponseBase]], Callable[..., HttpResponseBase]]:
    """Decorate a page of agents outside `ModelAdmin`: it opens to agents with all these permissions, who have shown the
    second factor in this session.

    An agent who lacks a permission is refused (403); one who has not shown the second factor is sent to show it
    (ADM-01).
    """

    def decorate(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
        @wraps(view)
        def wrapper(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
            if not (request.user.is_staff and request.user.has_perms(permissions)):
                raise PermissionDenied
            if not second_factor.is_verified(request):
                return redirect("accounts:second_factor")
            return view(request, *args, **kwargs)

        return wrapper

    return decorate
