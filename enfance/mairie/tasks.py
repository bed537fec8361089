"""The town hall’s messages, outside the request. Arguments are identifiers only."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from accounts import mailings
from accounts.emails import deliver
from accounts.models import UndeliveredMail, User
from accounts.outbox import LINE, Posting, fan_task, mail_task
from accounts.rebonds.marks import record_undelivered
from enfance.mairie import destinataires
from enfance.models import Message


@fan_task("Message de la mairie")
def send_messages(mailing: int, after: int = 0) -> None:
    """Enqueue the mails of the message of this mailing (primary key), 500 at a time: those whose line (primary key)
    follows `after`. From then on the message cannot be called back; one that was has no such mailing any more. An adult
    whose mails come back is noted as not reached.
    """
    now = timezone.now()
    with transaction.atomic():
        if not after and not Message.objects.filter(envoi=mailing).exclude(depart=None).update(depart=None):
            return
        message = Message.objects.get(envoi=mailing)
        if not after:
            courrier = destinataires.Courrier.of(destinataires.Public.of(message), today=timezone.localdate(now))
            for adulte in courrier.refuses:
                record_undelivered(adulte.user, message.objet, UndeliveredMail.Reason.STOPPED, now=now)
        mailings.enqueue_lines(
            mailing,
            after,
            lambda line: send_message.enqueue(message.pk, line),
            lambda last: send_messages.enqueue(mailing, last),
        )


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
