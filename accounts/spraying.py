"""Logins that fail by hundreds, over all accounts: somebody tries a few passwords on everybody (LIM-09).

No single account reaches its limit, and many addresses share the work: only the whole shows it.
"""

from __future__ import annotations

from django.http import HttpRequest
from django.utils import timezone

from accounts import groups, journal, ratelimit, tasks
from portail.groupes import INFORMATIQUE

EVERYBODY = "everybody"
FAILURES = ("200/10m",)
ALERTS = ("1/h",)


def note_failure(request: HttpRequest) -> None:
    """Count one failed login; past 200 in ten minutes, a line of the journal and a mail to IT, once an hour."""
    if not ratelimit.wait_for_key(request, "failed_login", EVERYBODY, FAILURES):
        return
    if ratelimit.wait_for_key(request, "spraying", EVERYBODY, ALERTS):
        return
    members = groups.members(INFORMATIQUE)
    journal.event("spraying", result="alert", request=request, told=len(members))
    for user in members:
        tasks.send_spraying.enqueue(user.pk, timezone.now().isoformat())
