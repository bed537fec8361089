"""Work outside the request: the mails that a save causes. Arguments are identifiers only."""

from __future__ import annotations

from django.db import transaction
from django.tasks import task
from django.utils import timezone

from accounts.emails import deliver
from accounts.models import User
from enfance import emails
from enfance.models import Enregistrement


@task()
def send_confirmation(enregistrement_pk: int, user_pk: int, attempt: int = 0) -> None:
    """Tell one account what a save changed; without an address, nothing: the page gave the reference."""
    enregistrement = Enregistrement.objects.filter(pk=enregistrement_pk).first()
    user = User.objects.filter(pk=user_pk, is_active=True).exclude(email="").first()
    if enregistrement is None or user is None:
        return
    now = timezone.now()
    context = emails.confirmation_context(enregistrement, user, now=now)
    if context:
        args = [enregistrement_pk, user_pk]
        name = emails.mail_of(enregistrement)
        deliver(name, user, context, again=send_confirmation, args=args, attempt=attempt, now=now)


@task()
def tell_family(enregistrement_pk: int) -> None:
    """Tell each adult with access what the town hall changed, one mail an address."""
    enregistrement = Enregistrement.objects.filter(pk=enregistrement_pk).first()
    if enregistrement is None:
        return
    with transaction.atomic():
        for user in emails.recipients(enregistrement):
            send_confirmation.enqueue(enregistrement_pk, user.pk)
