"""How long a session lives, and what ends it (SES-02 to SES-04).

Three marks are written at login: when it started, when it was last used, how long it may rest and live. Django's own
`get_session_auth_hash` ends the sessions of an account at once when its password or `session_version` changes.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib import auth
from django.contrib.sessions.backends.base import SessionBase
from django.db.models import F
from django.http import HttpRequest, QueryDict
from django.urls import Resolver404, resolve

from accounts import devices
from accounts.forgery import is_ours
from accounts.models import User

TOUCH_EVERY = 60
RESTRICTED = "password_change"
NOTICE = "notice"
IDENTIFIANT = "identifiant"  # what the login page fills in, once, for who has just chosen a password
KEPT = "kept_form"
SECRETS = {"code", "secours"}  # of the second factor
FRESH = 15 * 60  # seconds since the password was typed: who sits down at an open session takes no table away
KEPT_MAX = 64_000  # characters: a year of ticks is less


def start(request: HttpRequest, user: User, *, now: datetime, remember: bool = False) -> None:
    """Log this account in, in a new session with a new key: nothing of the session before stays (TMP-12), but a form
    kept for this very account. `remember` keeps a parent's session for SESSION_REMEMBER seconds, and on the device."""
    kept = request.session.get(KEPT)
    request.session.flush()
    auth.login(request, user)
    if kept and kept["user"] == user.pk:
        request.session[KEPT] = kept
    remember = remember and not user.is_staff
    request.session["started"] = request.session["seen"] = int(now.timestamp())
    request.session["idle"] = settings.SESSION_REMEMBER if remember else _idle_for(user)
    request.session["life"] = settings.SESSION_REMEMBER if remember else settings.SESSION_LIFE
    # 0: the cookie goes with the browser. « Rester connecté » keeps it on the device.
    request.session.set_expiry(settings.SESSION_REMEMBER if remember else 0)


def is_over(session: SessionBase, *, now: datetime) -> bool:
    """Whether this session has been unused for too long, or has lived too long. A session without the marks that
    `start` writes has the strictest limits, counted from now."""
    seconds = now.timestamp()
    rested: float = seconds - session.get("seen", seconds)
    lived: float = seconds - session.get("started", seconds)
    idle: int = session.get("idle", settings.SESSION_STAFF_IDLE)
    life: int = session.get("life", settings.SESSION_LIFE)
    return rested >= idle or lived >= life


def touch(session: SessionBase, *, now: datetime) -> None:
    """Note in this session that it was used at `now`, once a minute at most, so that not every page writes."""
    seconds = int(now.timestamp())
    if seconds - session.get("seen", 0) >= TOUCH_EVERY:
        session["seen"] = seconds
        session.setdefault("started", seconds)


def is_fresh(session: SessionBase, *, now: datetime) -> bool:
    """Whether the password was typed less than a quarter of an hour before `now`, at the login or since (ADM-05)."""
    typed: int = max(session.get("started", 0), session.get("confirmed", 0))
    return now.timestamp() - typed < FRESH


def confirm(session: SessionBase, *, now: datetime) -> None:
    """Note in this session that the password was typed at `now` (ADM-05): its life begins again (SES-02)."""
    session["started"] = session["confirmed"] = int(now.timestamp())


def life_left(session: SessionBase, *, now: datetime) -> int:
    """The seconds that this session may still live, used or not; negative past its end."""
    seconds = int(now.timestamp())
    end: int = session.get("started", seconds) + session.get("life", settings.SESSION_LIFE)
    return end - seconds


def end_with_notice(request: HttpRequest, notice: str) -> None:
    """Log out and empty this session, but for the code of the notice that the login page must show."""
    auth.logout(request)
    request.session[NOTICE] = notice
    request.session.set_expiry(settings.SESSION_RESTRICTED)


def holds_secret(form: QueryDict) -> bool:
    """Whether a field of this form is a password or a code, by its name: such a form is kept nowhere, neither in a
    session nor in a page."""
    return any("password" in name or name in SECRETS for name in form)


def end_idle(request: HttpRequest, *, now: datetime) -> None:
    """End a session that was unused for too long, and keep for half an hour the form that it was sending, for the same
    account alone (SES-02). A form that holds a password or a code is not kept, nor one that is not the site's own or is
    longer than 64,000 characters."""
    kept: dict[str, Any] | None = None
    mine = request.method == "POST" and request.user.is_authenticated and is_ours(request)
    if mine and not holds_secret(request.POST):
        kept = {
            "user": request.user.pk,
            "path": request.path,
            "data": request.POST.urlencode(),
            "until": int(now.timestamp()) + settings.SESSION_RESTRICTED,
        }
    end_with_notice(request, "ended")
    if kept and len(kept["data"]) <= KEPT_MAX:
        request.session[KEPT] = kept


def take_kept_form(request: HttpRequest, *, now: datetime) -> QueryDict | None:
    """The form that an ended session was sending to the page of this request, which is then kept no more; None when
    there is none or it is more than half an hour old."""
    kept = request.session.get(KEPT)
    if kept is None or kept["path"] != request.path:
        return None
    del request.session[KEPT]
    return QueryDict(kept["data"]) if now.timestamp() < kept["until"] else None


def count_kept(session: SessionBase, *, now: datetime) -> int | None:
    """How many changes the form holds that an ended session was sending: None when no form is kept, 0 when its page
    does not count them (`counts_kept`)."""
    kept = session.get(KEPT)
    if kept is None or now.timestamp() >= kept["until"]:
        return None
    try:
        view = resolve(kept["path"]).func
    except Resolver404:
        return 0
    count: Callable[[QueryDict], int] | None = getattr(view, "count_kept", None)
    return count(QueryDict(kept["data"])) if count else 0


def start_restricted(request: HttpRequest, temporary_pk: int, *, now: datetime) -> None:
    """Begin a session in which nobody is logged in, and which may do one thing for 30 minutes: choose a password with
    the temporary one of the key `temporary_pk` (TMP-04)."""
    request.session.flush()
    request.session[RESTRICTED] = {
        "temporary": temporary_pk,
        "until": int(now.timestamp()) + settings.SESSION_RESTRICTED,
    }
    request.session.set_expiry(settings.SESSION_RESTRICTED)


def restricted_to(session: SessionBase, *, now: datetime) -> int | None:
    """The primary key of the temporary password with which this session may choose a password; None when there is none
    or its 30 minutes are over."""
    mark = session.get(RESTRICTED)
    return mark["temporary"] if mark is not None and now.timestamp() < mark["until"] else None


def end_all(user: User) -> None:
    """End every session of this account, at the next request of each, and forget its remembered devices."""
    devices.forget_all(user)
    User.objects.filter(pk=user.pk).update(session_version=F("session_version") + 1)
    user.refresh_from_db(fields=["session_version"])


def end_others(request: HttpRequest, user: User) -> None:
    """End every session of this account but that of this request, and forget all its remembered devices, this one as
    well."""
    end_all(user)
    auth.update_session_auth_hash(request, user)


def works_on_the_ground(user: User) -> bool:
    """Whether this agent works only at the gate or in the canteen: all the groups are in SESSION_LONG_GROUPS, which see
    no families' files. False for a parent, a superuser or an agent without a group."""
    if not user.is_staff or user.is_superuser:
        return False
    groups = set(user.groups.values_list("name", flat=True))
    return bool(groups) and groups <= set(settings.SESSION_LONG_GROUPS)


def _idle_for(user: User) -> int:
    """The seconds that a session of this account may rest; agents of the gate or canteen have a whole day."""
    if not user.is_staff:
        return settings.SESSION_IDLE
    return settings.SESSION_LIFE if works_on_the_ground(user) else settings.SESSION_STAFF_IDLE
