"""The town hall’s messages, outside the request. Arguments are identifiers only."""

from __future__ import annotations

from django.utils import timezone

from accounts import mailings
from accounts.emails import deliver
from accounts.models import User
from accounts.outbox import LINE, mail_task
from enfance.mairie import destinataires
from enfance.models import Message


@mail_task("Message de la mairie", LINE)
def send_message(message_pk: int, line: int, attempt: int = 0) -> None:
    """Send the town hall's message to one account, unless its line says that this was done."""
    waiting = mailings.line_to_send(line)
    message = Message.objects.filter(pk=message_pk).first()
    if waiting is None or message is None:
        return
    mailings.deliver_line(
        waiting,
        "message",
        destinataires.message_context(message),
        again=send_message,
        args=[message_pk, line],
        attempt=attempt,
        now=timezone.now(),
        headers=destinataires.message_headers(),
    )


@mail_task("Message de la mairie, essai", asked=True)
def send_message_test(message_pk: int, user_pk: int, attempt: int = 0) -> None:
    """Send a message to the agent who writes it, and to nobody else."""
    message = Message.objects.filter(pk=message_pk).first()
    user = User.objects.filter(pk=user_pk, is_active=True, is_staff=True).exclude(email="").first()
    if message is None or user is None:
        return
    deliver(
        "message",
        user,
        destinataires.message_context(message),
        again=send_message_test,
        args=[message_pk, user_pk],
        attempt=attempt,
        now=timezone.now(),
        headers=destinataires.message_headers(),
    )
