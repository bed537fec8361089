"""Pages that answer a form at an address of their own, `?envoi=` and a word drawn at random: « Retour » and a reload
send nothing again.

The session holds for half an hour what was sent and what came of it, never the page, which is drawn again as things
are by then. Nothing of it is in the address; it ends with the session.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase, UpdateError
from django.db import DatabaseError
from django.http import HttpRequest, QueryDict
from django.utils.crypto import get_random_string

from accounts.sessions import KEPT_MAX, holds_secret
from portail.pannes import impatient

HELD = "held_pages"
WORD = "envoi"  # the name, in the address
MOST = 12  # pages of a session: the oldest go first
ALL = 2 * KEPT_MAX  # characters of all of them


@dataclass(frozen=True)
class HeldPage:
    """What a form sent, and what its page keeps of the outcome: JSON, None when nothing was done."""

    data: QueryDict
    outcome: Any = None


def hold(request: HttpRequest, path: str, data: QueryDict, outcome: Any = None, *, now: datetime) -> str | None:
    """Keep in the session, for half an hour, the form that was sent and its outcome, for the page at `path` to show;
    the random word that stands for them in the address. None when they cannot be kept: too long, with a secret, or the
    database does not write. The view then answers with the page itself.

    The session is written at once: the change of the form is already saved, and must not be told as one that failed.
    """
    sent = data.copy()
    sent.pop("csrfmiddlewaretoken", None)
    until = int(now.timestamp()) + settings.SESSION_RESTRICTED
    page = {"path": path, "data": sent.urlencode(), "outcome": outcome, "until": until}
    if holds_secret(sent) or _length(page) > KEPT_MAX:
        return None
    session, word = request.session, get_random_string(12)
    before, modified = session.get(HELD), session.modified
    pages = [*_current(session, now).items(), (word, page)][-MOST:]
    while sum(_length(held) for _, held in pages) > ALL:
        pages.pop(0)
    session[HELD] = dict(pages)
    try:
        with impatient():
            session.save()
    except (UpdateError, DatabaseError):  # ended meanwhile, locked, full: the page is shown all the same
        session[HELD] = before or {}
        session.modified = modified
        return None
    session.modified = modified
    return word


def held(request: HttpRequest, *, now: datetime) -> HeldPage | None:
    """The form and outcome kept under the word of this address (`?envoi=`); None without a word, when they are kept no
    more or for another page, and for a POST."""
    page = _current(request.session, now).get(request.GET.get(WORD, ""))
    if page is None or page["path"] != request.path or request.method == "POST":
        return None
    return HeldPage(QueryDict(page["data"]), page["outcome"])


def is_gone(request: HttpRequest, *, now: datetime) -> bool:
    """Whether the address of this request has a word (`?envoi=`) under which nothing is kept any more, or never was.
    False for a POST."""
    return WORD in request.GET and request.method != "POST" and held(request, now=now) is None


def drop_old(session: SessionBase, *, now: datetime) -> None:
    """Forget the answers to forms kept in this session whose half-hour is over."""
    pages = session.get(HELD)
    if pages and len(current := _current(session, now)) < len(pages):
        session[HELD] = current


def _current(session: SessionBase, now: datetime) -> dict[str, Any]:
    return {word: page for word, page in session.get(HELD, {}).items() if now.timestamp() < page["until"]}


def _length(page: dict[str, Any]) -> int:
    return len(json.dumps(page))
