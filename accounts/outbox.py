"""The mails that wait to leave: what declares them, and the queue that keeps them apart from all other work.

With ENVOIS_RETENUS the worker leaves that queue alone: nothing is rendered nor drawn before somebody of the town hall
lets a mail leave (`accounts.held_mails`), which moves its row to the queue of everything else. What waited in a
restored archive has a queue that no worker takes, set or not: some of it may have left since the archive was made.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache, wraps
from typing import Any, Concatenate

from django.conf import settings
from django.tasks import DEFAULT_TASK_QUEUE_NAME, Task, TaskResultStatus, task
from django.tasks.base import DEFAULT_TASK_PRIORITY
from django.utils import timezone
from django.utils.module_loading import import_string
from django_tasks_db.models import DBTaskResult

from accounts.models import EmailChange, FormerIdentifiant, HeldMail, MailingLine, User

QUEUE = HeldMail.QUEUE
RESTORED = HeldMail.RESTORED
RETRY_AFTER = [
    timedelta(seconds=30),
    timedelta(minutes=2),
    timedelta(minutes=10),
    timedelta(hours=1),
    timedelta(hours=4),
]


@dataclass(frozen=True)
class Recipient:
    """For whom a mail is: the parameter of its task that says so, and who the values of it are, by one query."""

    parameter: str
    find: Callable[[set[Any]], Mapping[Any, object]]


@dataclass(frozen=True)
class Kind:
    """What the town hall reads of a mail that waits: its name, and for whom it is; whether its reader asked for it or
    must be warned by it, so that it leaves even where mails come back."""

    name: str
    recipient: Recipient
    asked: bool = False


def _by_identifiant(identifiants: set[str]) -> dict[str, User | None]:
    """The accounts of these identifiants, present or former, by the identifiant asked for; in two queries."""
    former = FormerIdentifiant.objects.filter(identifiant__in=identifiants).select_related("user")
    present = User.objects.filter(identifiant__in=identifiants)
    return {had.identifiant: had.user for had in former} | {user.identifiant: user for user in present}


ACCOUNT = Recipient("user_pk", User.objects.in_bulk)
IDENTIFIANT = Recipient("identifiant", _by_identifiant)
ADDRESS = Recipient("email", lambda values: {value: value for value in values})
LINE = Recipient(
    "line",
    lambda pks: {line.pk: line.user for line in MailingLine.objects.filter(pk__in=pks).select_related("user")},
)

CHANGE = Recipient(
    "change_pk",
    lambda pks: {change.pk: change.user for change in EmailChange.objects.filter(pk__in=pks).select_related("user")},
)

FAMILIES = Recipient("", lambda values: dict.fromkeys(values, "les familles concernées"))

KINDS: dict[str, Kind] = {}  # by the path of the task
FANS: dict[str, Kind] = {}  # the same, of the tasks that send nothing themselves and enqueue mails


@dataclass(frozen=True)
class Posting:
    """One run of the task of a mail, as the queue asked for it, at the instant `now`; the first `attempt` is 0."""

    task: Task[..., None]
    args: tuple[Any, ...]
    kwargs: Mapping[str, Any]
    attempt: int
    now: datetime

    @property
    def retry_at(self) -> datetime | None:
        """The instant when the next attempt to send this mail is due, later after each; None after the last."""
        return self.now + RETRY_AFTER[self.attempt] if self.attempt < len(RETRY_AFTER) else None

    def of(self, *args: Any, **kwargs: Any) -> Posting:
        """A copy of this posting whose next attempt will have these arguments."""
        return replace(self, args=args, kwargs=kwargs)

    def retry(self) -> bool:
        """Enqueue the next attempt to send this mail; False when this one was the last."""
        if self.retry_at:
            self.enqueue(self.retry_at, *self.args, **{**self.kwargs, "attempt": self.attempt + 1})
        return self.retry_at is not None

    def enqueue(self, at: datetime, *args: Any, **kwargs: Any) -> None:
        """Enqueue the task of this mail again, with these arguments, to run from the instant `at` on. While
        ENVOIS_RETENUS holds mails back, one that somebody has let go is not held a second time."""
        released = settings.ENVOIS_RETENUS  # or it would not be running
        queue = DEFAULT_TASK_QUEUE_NAME if released else QUEUE
        self.task.using(run_after=at, queue_name=queue).enqueue(*args, **kwargs)


def mail_task(
    name: str, recipient: Recipient = ACCOUNT, *, asked: bool = False
) -> Callable[[Callable[Concatenate[Posting, ...], None]], Task[..., None]]:
    """Declare as a task the decorated function, which sends the mail `name`. No other task sends any:
    tests/test_courriels.py looks. The arguments of the task are those of the function but the first, a `Posting`, and
    the number of the attempt.

    `recipient` says which argument names the person. `asked`: the mail is one that somebody asked for a moment ago, or
    a warning about their account; all other mails stop for an address whose mails come back.
    """

    def declare(function: Callable[Concatenate[Posting, ...], None]) -> Task[..., None]:
        @wraps(function)
        def run(*args: Any, attempt: int = 0, **kwargs: Any) -> None:
            function(Posting(declared, args, kwargs, attempt, timezone.now()), *args, **kwargs)

        declared: Task[..., None] = task(queue_name=QUEUE)(run)
        KINDS[declared.module_path] = Kind(name, recipient, asked)
        return declared

    return declare


def fan_task(name: str, recipient: Recipient = FAMILIES) -> Callable[[Callable[..., None]], Task[..., None]]:
    """Declare as a task of the common queue the decorated function, which enqueues mails called `name`; `recipient`
    tells the town hall in words who they are for, as it is not known before the task runs."""

    def declare(function: Callable[..., None]) -> Task[..., None]:
        declared: Task[..., None] = task()(function)
        FANS[declared.module_path] = Kind(name, recipient)
        return declared

    return declare


def kind_of(path: str) -> Kind | None:
    """What the town hall reads of the task of this dotted path: the name of its mail, and for whom it is. None when the
    task makes no mail, or is of another version of the portal."""
    return KINDS.get(path) or FANS.get(path)


def is_asked(path: str) -> bool:
    """Whether the mail of the task of this dotted path leaves even for an address whose mails come back."""
    kind = KINDS.get(path)
    return kind is not None and kind.asked


def may_mail(path: str) -> bool:
    """Whether the task of this dotted path may make a mail. True of a task of another version of the portal, since it
    cannot be known."""
    return not is_known(path) or kind_of(path) is not None


def is_known(path: str) -> bool:
    """Whether this version of the portal has the task of this dotted path."""
    try:
        import_string(path)
    except ImportError:
        return False
    return True


def enqueue(path: str, *args: Any, at: datetime | None = None) -> None:
    """Enqueue the task of this dotted path with these arguments, to run from the instant `at` on, or at once: for a
    module that stands below that of the task, and cannot import it."""
    import_string(path).using(run_after=at).enqueue(*args)


def lock_enqueued(path: str, *args: Any, at: datetime | None = None) -> bool:
    """Whether the task of this dotted path, with exactly these arguments and, if `at` is given, to run from that
    instant on, already waits in the queue, so that no second one is needed. Its row is locked until the transaction
    ends: meanwhile no worker takes it and nobody gives it up. A task held from a restored archive does not count."""
    hour = {} if at is None else {"run_after": at}
    waiting = DBTaskResult.objects.filter(
        # what the index of those that wait holds: on the evening when a year opens, they are thousands
        status=TaskResultStatus.READY,
        priority=DEFAULT_TASK_PRIORITY,
        task_path=path,
        args_kwargs={"args": list(args), "kwargs": {}},
        **hour,
    ).exclude(queue_name=RESTORED)
    return bool(list(waiting.order_by().select_for_update().values_list("pk")))


def arguments_of(result: DBTaskResult[Any, Any]) -> Mapping[str, Any]:
    """The arguments of the task of this row of the queue, by the names of its parameters, without the number of the
    attempt; empty when this version of the portal has no such task or other parameters."""
    args, kwargs = result.args_kwargs["args"], result.args_kwargs["kwargs"]
    try:
        signature = _signature(result.task_path)
        if result.task_path in KINDS:  # its function takes a `Posting` first, which knows of the attempt
            args, kwargs = [None, *args], {name: value for name, value in kwargs.items() if name != "attempt"}
        return signature.bind(*args, **kwargs).arguments
    except (ImportError, AttributeError, TypeError):
        return {}


@cache
def _signature(path: str) -> inspect.Signature:
    return inspect.signature(import_string(path).func)


def bring_forward_retries(*, now: datetime) -> None:
    """Bring forward to `now` the next attempt of every mail that has failed and waits for a later one, but those held
    from a restored archive."""
    waiting = DBTaskResult.objects.filter(
        task_path__in=KINDS,
        status=TaskResultStatus.READY,
        run_after__gt=now,
        args_kwargs__kwargs__attempt__gte=1,
    )
    waiting.exclude(queue_name=RESTORED).update(run_after=now)
