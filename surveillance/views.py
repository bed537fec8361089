"""The addresses that monitoring reads. Nothing personal, nothing costly: anybody may ask whether the portal works."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.views.decorators.http import require_safe

from surveillance.diagnostic.temoin import seen_by
from surveillance.etat import Etat, lire
from surveillance.mesures import CONTENT_TYPE, measure

OPEN = (
    ("database", "migrations", "worker", "worker_last_pass", "mail", "mail_failing_since", "tasks", "oldest_task")
    + ("disk", "disk_free", "backup", "last_backup", "last_check", "version")
)  # fmt: skip
# They move when a mail leaves, or cannot: who asks for somebody's password and looks would know of an account (TMP-10).
KEPT = ("mail_last_ok", "mails_waiting", "mails_failed", "checked_archive")


@require_safe
@login_not_required
def sante(request: HttpRequest) -> JsonResponse:
    """The state of the portal as JSON (the fields of `Etat`): 200 when nothing is wrong, else 503. The counts of mails
    and the hour of the last one are only for who shows METRICS_JETON."""
    etat = lire(timezone.now())
    names = OPEN + (KEPT if shows_token(request) else ())
    return JsonResponse({name: value(etat, name) for name in names}, status=503 if etat.wrong else 200)


def value(etat: Etat, name: str) -> Any:
    """The field of this name of the state, as JSON holds it: an instant in ISO 8601. Since when mails fail is cut to
    the minute."""
    found = getattr(etat, name)
    if name == "mail_failing_since" and found:
        found = found.replace(second=0, microsecond=0)
    return found.isoformat() if isinstance(found, datetime) else found


@require_safe
@login_not_required
def sante_web(request: HttpRequest) -> HttpResponse:
    """« ok » from the process that answers, which reads nothing: for a load balancer, which must not take a machine out
    for a fault of the database that all of them share. To the diagnosis, which signs its request, JSON of what this
    process saw of it."""
    if (seen := seen_by(request)) is not None:
        return JsonResponse(seen)
    return HttpResponse("ok\n", content_type="text/plain; charset=utf-8")


@require_safe
@login_not_required
def metrics(request: HttpRequest) -> HttpResponse:
    """The state of the portal in figures, as Prometheus reads them, for who shows METRICS_JETON; 401 to others, 404
    when no METRICS_JETON is set."""
    if not settings.METRICS_JETON:
        raise Http404
    if not shows_token(request):
        return HttpResponse("Jeton attendu.\n", status=401, content_type="text/plain; charset=utf-8", headers=CHALLENGE)
    return HttpResponse(measure(lire(timezone.now())), content_type=CONTENT_TYPE)


CHALLENGE = {"WWW-Authenticate": "Bearer"}


def shows_token(request: HttpRequest) -> bool:
    """Whether this request shows METRICS_JETON in its `Authorization` header (Bearer); False when none is set."""
    scheme, _, shown = request.headers.get("Authorization", "").partition(" ")
    expected = settings.METRICS_JETON
    return bool(expected) and scheme.lower() == "bearer" and constant_time_compare(shown.strip(), expected)
