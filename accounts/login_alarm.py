"""The alarm of the logins that fail (LIM-09): by hundreds over all accounts, or on one account until its day is spent.

Somebody who tries a few passwords on everybody reaches no account's limit, and many addresses share the work: only the
whole shows it. Somebody who insists on one account keeps its owner from coming in by a browser not yet known (LIM-15).
"""

from __future__ import annotations

from django.http import HttpRequest
from django.utils import timezone

from accounts import groups, journal, ratelimit, tasks
from portail.groupes import INFORMATIQUE

FAILURES = 200
MINUTES = 10
ALERT_EVERY = 3600  # seconds


def note_failure(request: HttpRequest) -> None:
    """Count one failed login over all accounts; when there are more than 200 in ten minutes, write a line of the
    journal and mail the IT service, once an hour at most."""
    many = ratelimit.count("failed_login", minutes=MINUTES) > FAILURES
    if not many or not ratelimit.is_first("spraying", seconds=ALERT_EVERY):
        return
    members = groups.members(INFORMATIQUE)
    journal.event("spraying", result="alert", request=request, told=len(members))
    for user in members:
        tasks.send_login_alarm.enqueue(user.pk, "spraying", timezone.now().isoformat())


def note_full_day(request: HttpRequest, identifiant: str) -> None:
    """Note that the tries of a day to log in are used up on this number: a line of the journal, once in 24 hours for
    each number, and a mail to the IT service, once an hour at most whatever the numbers."""
    if not ratelimit.is_first(_full_day(identifiant), seconds=24 * 3600):
        return
    members = groups.members(INFORMATIQUE) if ratelimit.is_first("full_day", seconds=ALERT_EVERY) else []
    journal.event("day_limit_reached", result="alert", request=request, identifiant=identifiant, told=len(members))
    for user in members:
        tasks.send_login_alarm.enqueue(user.pk, "full_day", timezone.now().isoformat())


def forget(identifiant: str) -> None:
    """Forget that the tries of a day to log in were used up on this number (what `note_full_day` keeps for 24
    hours)."""
    ratelimit.forget_first(_full_day(identifiant))


def _full_day(identifiant: str) -> str:
    return f"full_day:{identifiant}"
