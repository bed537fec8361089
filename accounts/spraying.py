"""Logins that fail by hundreds, over all accounts: somebody tries a few passwords on everybody (LIM-09).

No single account reaches its limit, and many addresses share the work: only the whole shows it.
"""

from __future__ import annotations

from django.db import DatabaseError
from django.http import HttpRequest
from django.utils import timezone

from accounts import groups, journal, ratelimit, tasks
from portail.groupes import INFORMATIQUE

FAILURES = 200
MINUTES = 10
ALERT_EVERY = 3600  # seconds


def note_failure(request: HttpRequest) -> None:
    """Count one failed login; past 200 in ten minutes, a line of the journal and a mail to IT, once an hour."""
    try:
        many = ratelimit.count("failed_login", minutes=MINUTES) > FAILURES
        if not many or not ratelimit.is_first("spraying", seconds=ALERT_EVERY):
            return
    except DatabaseError:  # the limits of this login have said it (LIM-08)
        return
    members = groups.members(INFORMATIQUE)
    journal.event("spraying", result="alert", request=request, told=len(members))
    for user in members:
        tasks.send_spraying.enqueue(user.pk, timezone.now().isoformat())
