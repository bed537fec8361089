"""The portal's own minute: that it answers, written once a minute at most by whichever process comes first; and the
silence that is seen when nobody wrote it.

The worker writes it at its passages, a web process after a page that it answered: neither does while the database
cannot be written, nor while both are stopped, for an outage or for an upgrade.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

from django.db import DatabaseError, InterfaceError, close_old_connections, transaction
from django.utils import timezone

from accounts.extensions import AccountsExtension
from accounts.models import Passage
from portail.pannes import impatient

logger = logging.getLogger(__name__)

MINUTE = "minute"
EVERY = timedelta(minutes=1)
SILENCE = timedelta(minutes=10)


def beat(*, now: datetime) -> None:
    """Write that the portal answers at `now` (aware), unless that was written less than a minute ago. When ten minutes
    or more have passed since, the apps are told of the silence (`AccountsExtension.silences`): by one process alone.
    """
    row = Passage.objects.filter(job=MINUTE)
    last = row.values_list("done_at", flat=True).first()
    if last is None:
        Passage.objects.bulk_create([Passage(job=MINUTE, done_at=now)], ignore_conflicts=True)
        return
    if timedelta(0) <= now - last < EVERY:
        return
    with transaction.atomic():
        if row.filter(done_at=last).update(done_at=now) and now - last >= SILENCE:
            for tell in AccountsExtension.installed().silences:
                tell(last, now)


type Started = Callable[..., Any]
type Application = Callable[[dict[str, Any], Started], Iterable[bytes]]


class Battements:
    """A WSGI application that notes, once a minute at most in this process and once its answer has been sent, that the
    portal answers: a page costs nobody a query. An error 5xx is no answer.
    """

    def __init__(self, application: Application) -> None:
        self.application = application
        self.next = 0.0

    def __call__(self, environ: dict[str, Any], start_response: Started) -> Iterable[bytes]:
        if time.monotonic() < self.next:
            return self.application(environ, start_response)
        statuses: list[str] = []

        def started(status: str, *rest: Any) -> Any:
            statuses.append(status)
            return start_response(status, *rest)

        body = self.application(environ, started)
        if not statuses or statuses[-1].startswith("5"):
            return body
        self.next = time.monotonic() + EVERY.total_seconds()
        return _Body(body)


class _Body:
    """What is sent, then the minute."""

    def __init__(self, body: Iterable[bytes]) -> None:
        self.body = body

    def __iter__(self) -> Iterator[bytes]:
        return iter(self.body)

    def close(self) -> None:
        """End the answer, as WSGI asks, then write the minute; a database that does not take it says so elsewhere."""
        if close := getattr(self.body, "close", None):
            close()
        try:
            with impatient():
                beat(now=timezone.now())
        except (DatabaseError, InterfaceError) as error:
            logger.warning("La minute du portail n’est pas écrite (%s).", type(error).__name__)
        finally:
            close_old_connections()
