"""The town hall’s messages, outside the request. Arguments are identifiers only."""

from __future__ import annotations

from accounts import mailings
from accounts.emails import deliver
from accounts.models import User
from accounts.outbox import LINE, Posting, mail_task
from enfance.mairie import destinataires
from enfance.models import Message


@mail_task("Message de la mairie", LINE)
def send_message(posting: Posting, message_pk: int, line: int) -> None:
    """Send the town hall's message (primary key) to the account of this line of its mailing, unless the line says that
    it was done already.
    """
    waiting = mailings.line_to_send(line)
    message = Message.objects.filter(pk=message_pk).first()
    if waiting and message:
        context, headers = destinataires.message_context(message), destinataires.message_headers()
        mailings.deliver_line(posting, waiting, "message", context, headers=headers)


@mail_task("Message de la mairie, essai", asked=True)
def send_message_test(posting: Posting, message_pk: int, user_pk: int) -> None:
    """Send the town hall's message (primary key) to the agent who writes it, as a try, and to nobody else."""
    message = Message.objects.filter(pk=message_pk).first()
    user = User.objects.addressee(pk=user_pk, is_staff=True)
    if message and user:
        context, headers = destinataires.message_context(message), destinataires.message_headers()
        deliver(posting, "message", user, context, headers=headers)
