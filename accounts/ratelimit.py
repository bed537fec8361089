"""Limits on attempts: django-ratelimit on a counter that is exact.

Its cache must count atomically and keep the period; Django's own caches do not (of 200 tries by 8 threads the database
one let 36 pass a limit of 10). Ours is one row a key, in the same database as the accounts: one store less to run.
Counters must be committed whatever the view does: no ATOMIC_REQUESTS, and no call inside a transaction, but one that
counts and ends (`accounts.attempts`). Always the address before the account, the short period before the long one: two
such transactions never wait for each other.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.core.cache import caches
from django.core.cache.backends.base import DEFAULT_TIMEOUT, BaseCache
from django.db import DatabaseError, InterfaceError, OperationalError, connection
from django.http import HttpRequest
from django_ratelimit import ALL
from django_ratelimit.core import _get_window, _make_cache_key, _split_rate, get_usage

from accounts.models import User
from portail.pannes import impatient

LOGIN_BY_ADDRESS = "100/5m"
LOGIN_BY_IDENTIFIANT = ("10/15m", "50/d")
SPENT_DEVICE_BY_ADDRESS = "10/d"
SPENT_DEVICE = ("200/d",)
PRINTED_BY_ADDRESS = "100/d"
REQUEST_BY_ADDRESS = "20/h"
REQUEST_BY_KEY = ("3/h", "6/d")
CHANGE_BY_ACCOUNT = ("10/15m",)
FACTOR_BY_ACCOUNT = ("5/5m",)


OWED, OWED_FOR = "accounts.ratelimit.owed", 24 * 3600  # seconds: no counter of tries runs longer
_counted: ContextVar[list[str] | None] = ContextVar("counted", default=None)


def wait_for_address(request: HttpRequest, group: str, rate: str) -> int:
    """Count one try from the network address of this request (IPv4, or IPv6 /64) in this group of limits; the seconds
    to wait, 0 when the try may be made. `rate`: as « 100/5m ». Raises OperationalError when the counters do not answer.
    """
    return _hit(request, group, "ip", rate)


def wait_for_key(request: HttpRequest | None, group: str, key: str, rates: tuple[str, ...]) -> int:
    """Count one try on this key in this group of limits; the seconds to wait, 0 when the try may be made. A try that
    one rate refuses is not counted by the next ones: else a flood of tries would pause for a whole day an account that
    the limit of a quarter of an hour protects as well. Raises OperationalError when the counters do not answer."""
    waits = (_hit(request, group, lambda *_: key, rate) for rate in rates)
    return next(filter(None, waits), 0)


def forget(group: str, key: str, rates: tuple[str, ...]) -> None:
    """Reset the counters of this key in this group of limits. Those of network addresses are never reset: one good
    login must not help whoever tries a thousand other accounts from the same place."""
    cache = caches["limites"]
    for rate in rates:
        window = _get_window(key, _split_rate(rate)[1])
        cache.delete(_make_cache_key(group, window, rate, key, ALL))


@contextmanager
def counted() -> Iterator[list[str]]:
    """Collect in a list, within this block, the keys of the counters of tries that it adds to, one entry for each
    addition, to hand to `give_back`.

    A nested block collects for itself alone: its keys are not in the list of the outer one.
    """
    keys: list[str] = []
    token = _counted.set(keys)
    try:
        yield keys
    finally:
        _counted.reset(token)


def give_back(keys: Iterable[str]) -> None:
    """Take one off each of these counters (keys, as `counted` collects them), for a try that the machine could not
    answer. What the database cannot write now is kept in this process and taken off at the next call."""
    memory = caches["default"]
    owed = [*memory.get(OWED, []), *keys]
    memory.delete(OWED)
    while owed:
        try:
            with impatient():
                caches["limites"].incr(owed[-1], -1)
        except ValueError:  # over since
            pass
        except (DatabaseError, InterfaceError):
            memory.set(OWED, owed, timeout=OWED_FOR)
            return
        owed.pop()


def is_spent(group: str, key: str, rate: str) -> bool:
    """Whether all the tries that this rate allows on this key, in this group of limits, have been made."""
    limit, period = _split_rate(rate)
    count = caches["limites"].get(_make_cache_key(group, _get_window(key, period), rate, key, ALL), 0)
    return bool(count >= limit)


def reset_account(user: User) -> None:
    """Reset all the counters of tries of this account, with those of its known devices. The tries of a printed password
    are not reset: the next one printed has its own."""
    for pk in user.devices.values_list("pk", flat=True):
        forget("known_device", str(pk), LOGIN_BY_IDENTIFIANT)
        forget("spent_device", str(pk), SPENT_DEVICE)
    for identifiant in (user.identifiant, *user.former_identifiants.values_list("identifiant", flat=True)):
        forget("login", identifiant, LOGIN_BY_IDENTIFIANT)
        forget("forgot", identifiant, REQUEST_BY_KEY)
    forget("account", str(user.pk), CHANGE_BY_ACCOUNT)
    forget("second_factor", str(user.pk), FACTOR_BY_ACCOUNT)


def count(what: str, *, minutes: int) -> int:
    """Count one event of this name (`what`) and return how many there were in the last `minutes`, this one included.
    They are counted minute by minute, so that the window slides: fixed windows, as those of the limits, let up to twice
    the number pass across their edge, which is fine for a limit but not for an alarm."""
    cache, this_minute = caches["limites"], int(time.time() // 60)
    slices = [f"{what}:{minute}" for minute in range(this_minute - minutes, this_minute + 1)]
    cache.add(slices[-1], 0, (minutes + 1) * 60)
    cache.incr(slices[-1])
    return sum(cache.get_many(slices).values())


def is_first(what: str, *, seconds: int) -> bool:
    """Whether this name is noted for the first time within so many seconds; it is then noted, for that time; asked
    again, that time does not begin anew. For an alarm that must not be repeated."""
    return caches["limites"].add(what, 1, seconds)


def forget_first(what: str) -> None:
    """Forget that this name was noted by `is_first`."""
    caches["limites"].delete(what)


def _hit(request: HttpRequest | None, group: str, key: Any, rate: str) -> int:
    try:
        usage = get_usage(request, group=group, key=key, rate=rate, increment=True)
        if usage is not None and usage["limit"] == 0:
            # A login that succeeded at this instant gave the counter back between two statements: begin again.
            usage = get_usage(request, group=group, key=key, rate=rate, increment=True)
    except DatabaseError as error:
        # Closed, and a 503 whatever is wrong with them: whoever tries did not try too often (LIM-08).
        raise OperationalError("The counters of attempts do not answer.") from error
    return max(1, usage["time_left"]) if usage is not None and usage["should_limit"] else 0


class CounterCache(BaseCache):
    """The few operations that django-ratelimit needs, each one atomic statement, the same on SQLite and PostgreSQL."""

    def __init__(self, table: str, params: dict[str, Any]) -> None:
        super().__init__(params)
        self.table = connection.ops.quote_name(table)

    def add(self, key: str, value: int, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        """Start the counter of this key at `value`, for `timeout` seconds; False when it already runs."""
        expire = self.get_backend_timeout(timeout) or math.inf
        began = bool(
            self._execute(
                "INSERT INTO {table} AS old (cle, n, expire) VALUES (%s, %s, %s) ON CONFLICT (cle) DO UPDATE "
                "SET n = excluded.n, expire = excluded.expire WHERE old.expire <= %s RETURNING n",
                self.make_key(key, version),
                value,
                expire,
                time.time(),
            )
        )
        if began and value:
            self._note(key)
        return began

    def incr(self, key: str, delta: int = 1, version: int | None = None) -> int:
        """Add `delta` to the counter of this key and return it; it ends when it would have ended (LIM-04). Raises
        ValueError when it does not run."""
        rows = self._execute(
            "UPDATE {table} SET n = n + %s WHERE cle = %s AND expire > %s RETURNING n",
            delta,
            self.make_key(key, version),
            time.time(),
        )
        if not rows:
            raise ValueError(f"Key '{key}' not found")
        if delta > 0:
            self._note(key)
        return int(rows[0][0])

    @staticmethod
    def _note(key: str) -> None:
        if (keys := _counted.get()) is not None:
            keys.append(key)

    def get(self, key: str, default: Any = None, version: int | None = None) -> Any:
        """The number of this counter, `default` when it does not run."""
        rows = self._execute(
            "SELECT n FROM {table} WHERE cle = %s AND expire > %s", self.make_key(key, version), time.time()
        )
        return rows[0][0] if rows else default

    def delete(self, key: str, version: int | None = None) -> bool:
        """Remove the counter of this key; whether there was one."""
        return bool(self._execute("DELETE FROM {table} WHERE cle = %s RETURNING n", self.make_key(key, version)))

    def clear(self) -> None:
        """Remove all the counters."""
        self._execute("DELETE FROM {table} RETURNING n")

    def _execute(self, sql: str, *params: Any) -> list[tuple[Any, ...]]:
        with connection.cursor() as cursor:
            cursor.execute(sql.format(table=self.table), params)
            rows: list[tuple[Any, ...]] = cursor.fetchall()
            return rows
