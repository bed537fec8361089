"""The queue of mails: what is in it, what the worker sends, the value that a mail carries."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

from django.apps import apps
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from accounts.worker import Worker
from tests.accounts.conftest import choose, log_in
from tests.clients import Client
from tests.races import at_once
from tests.smtp import MailServer, text_part

PURGE = "accounts.tasks.purge"


def wait_until(condition, seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "what was waited for did not come"
        time.sleep(0.05)


def work():
    """Run the tasks that are in the queue now, those of later included; those that they enqueue wait."""
    DBTaskResult.objects.filter(status="READY").update(run_after=timezone.now())
    Worker(batch=True).run()


def waiting():
    """What is still to be done: (task, arguments, tens of seconds to wait)."""
    return [
        (row.task_name, row.args_kwargs, round((row.run_after - timezone.now()).total_seconds(), -1))
        for row in DBTaskResult.objects.filter(status="READY")
    ]


def value_in(received):
    return re.search(r"\n([0-9a-f]{32})\n", text_part(received))[1]


def everything_stored():
    return "\n".join(
        repr(row) for model in apps.get_models(include_auto_created=True) for row in model.objects.values_list()
    )


def opens(identifiant: str, value: str) -> bool:
    """Whether this value leads through the login page to a password of one's own."""
    client = Client()
    entered = log_in(client, identifiant, value)
    return entered.get("Location") == "/mot-de-passe/nouveau/" and choose(client).get("Location") == "/connexion/"


def while_on_its_way(server: MailServer, meanwhile: Callable[[], None]) -> None:
    """Run the queue until the mail server holds a mail, then `meanwhile`, then let the mail arrive."""
    server.behaviour = "hold"

    def let_it_wait() -> None:
        try:
            wait_until(lambda: server.seen)
            server.behaviour = "accept"  # for the mails that follow
            meanwhile()
        finally:
            server.go_on.set()

    at_once(work, let_it_wait)
