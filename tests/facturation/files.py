"""What waits in the queue, run in order, and the mails that come of it."""

from __future__ import annotations

from django.core import mail
from django.core.mail import EmailMessage
from django_tasks_db.models import DBTaskResult


def sent_mails() -> list[EmailMessage]:
    """Run all that waits, what that enqueues as well; the mails that left since the last time."""
    while rows := list(DBTaskResult.objects.order_by("enqueued_at", "pk")):
        DBTaskResult.objects.all().delete()
        for row in rows:
            row.task.func(*row.args_kwargs["args"], **row.args_kwargs["kwargs"])
    sent = list(mail.outbox)
    mail.outbox.clear()
    return sent
