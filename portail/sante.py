"""The address that monitoring reads: does the portal work, worker included? Nothing personal, nothing costly."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cache

from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, InterfaceError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.models import Passage
from accounts.worker import HEARTBEAT

WORKER_LATE_AFTER = timedelta(minutes=3)  # it passes every 30 seconds, but lets a mail server hang on a task before


@require_safe
@login_not_required
def sante(request: HttpRequest) -> JsonResponse:
    """JSON: `database`, `migrations`, `worker`, `worker_last_pass`; 200 when the first three are « ok », else 503."""
    state = state_at(timezone.now())
    well = all(state[name] == "ok" for name in ("database", "migrations", "worker"))
    return JsonResponse(state, status=200 if well else 503)


def state_at(now: datetime) -> dict[str, str | None]:
    state: dict[str, str | None] = {
        "database": "unavailable",
        "migrations": "unknown",
        "worker": "unknown",
        "worker_last_pass": None,
    }
    try:
        missing = known_migrations() - set(MigrationRecorder(connection).applied_migrations())
        state |= {"database": "ok", "migrations": "missing" if missing else "ok"}
        last_pass = Passage.objects.filter(job=HEARTBEAT).values_list("done_at", flat=True).first()
    except (DatabaseError, InterfaceError):
        return state
    late = last_pass is None or now - last_pass > WORKER_LATE_AFTER
    return state | {
        "worker": "late" if late else "ok",
        "worker_last_pass": last_pass.isoformat() if last_pass else None,
    }


@cache
def known_migrations() -> frozenset[tuple[str, str]]:
    """The migrations of this version of the code: read from the disk once a process."""
    return frozenset(MigrationLoader(None).disk_migrations)
