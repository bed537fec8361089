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
    """For what a script asks at regular times: it does not keep a forgotten session alive (SES-02)."""

    @wraps(view)
    def wrapper(*args: object, **kwargs: object) -> HttpResponseBase:
        return view(*args, **kwargs)

    wrapper.renews_session = False  # type: ignore[attr-defined]
    return wrapper


def before_second_factor(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """For the pages where an agent shows the second factor, or gets one: they alone open without it."""

    @wraps(view)
    def wrapper(*args: object, **kwargs: object) -> HttpResponseBase:
        return view(*args, **kwargs)

    wrapper.second_factor_required = False  # type: ignore[attr-defined]
    return wrapper


def counts_kept(count: Callable[[QueryDict], int]) -> Callable[..., Callable[..., HttpResponseBase]]:
    """For a page whose form survives the end of the session: the login page then says how many changes wait in it, and
    neither whose nor which (SES-02).
    """

    def decorate(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
        @wraps(view)
        def wrapper(*args: object, **kwargs: object) -> HttpResponseBase:
            return view(*args, **kwargs)

        wrapper.count_kept = count  # type: ignore[attr-defined]
        return wrapper

    return decorate


def agent_of(request: HttpRequest) -> User:
    """The agent behind the request of a `staff_page`, which lets nobody else in; 403 should anybody be."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user


def staff_page(*permissions: str) -> Callable[[Callable[..., HttpResponseBase]], Callable[..., HttpResponseBase]]:
    """For a page of agents outside `ModelAdmin`: all these permissions, and the second factor shown in this session.

    Who lacks a permission is refused (403); who has not shown the second factor goes and shows it first (ADM-01).
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
