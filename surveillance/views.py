"""The addresses that monitoring reads. Nothing personal, nothing costly: anybody may ask."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from surveillance.etat import state_at


@require_safe
@login_not_required
def sante(request: HttpRequest) -> JsonResponse:
    """JSON: `database`, `migrations`, `worker`, `worker_last_pass`, `disk`, `disk_free` (MiB), `version`; 200 when
    `database`, `migrations`, `worker` and `disk` are « ok », else 503."""
    state = state_at(timezone.now())
    well = all(state[name] == "ok" for name in ("database", "migrations", "worker", "disk"))
    return JsonResponse(state, status=200 if well else 503)
