"""The worker of the queue, and the mails that it sent."""

from __future__ import annotations

import re
from dataclasses import dataclass

import time_machine
from django.core.mail import EmailMessage
from django.utils import timezone
from django_tasks_db.management.commands.db_worker import Worker
from django_tasks_db.models import DBTaskResult

from accounts.models import User


@dataclass(kw_only=True)
class Poste:
    mails: list[EmailMessage]
    clock: time_machine.Traveller

    def run_tasks(self) -> None:
        """What the worker does, now and later, once the queue is empty again: the mails are then in `mails`."""
        DBTaskResult.objects.filter(status="READY").update(run_after=timezone.now())
        Worker(
            queue_names=["*"],
            interval=0,
            batch=True,
            backend_name="default",
            startup_delay=False,
            max_tasks=None,
            worker_id="tests",
            excluded_queue_names=[],
        ).run()
        assert list(DBTaskResult.objects.failed().values_list("traceback", flat=True)) == []

    def mail_to(self, user: User) -> EmailMessage:
        """The last one."""
        return [mail for mail in self.mails if mail.to == [user.email]][-1]


def temporary_password(mail: EmailMessage) -> str:
    (password,) = re.findall(r"^[^\n]*\b([0-9a-f]{32})$", mail.body, re.MULTILINE)
    return password
