"""Mails to one person: rendered from templates/emails, sent from tasks only, tried again when the server fails.

Every link is built from SITE_URL, never from a request (TMP-15).
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Mapping
from typing import Any

from django.conf import settings
from django.core.mail import mailers
from django.template import Context
from django.template.loader import get_template
from django.utils import timezone

from accounts import journal, mail_contact, outbox
from accounts.models import UndeliveredMail, User
from accounts.outbox import Posting
from accounts.rebonds import marks
from portail.context import commune
from portail.courriels import Courriel, new_message_id

WIDTH = 76


class NotDelivered(Exception):
    """The mail did not leave. Says why and never to whom: the text of an exception stays in the task's row."""

    def __init__(self, reason: UndeliveredMail.Reason) -> None:
        super().__init__(reason.value)
        self.reason = reason


class Withdrawn(Exception):
    """Raised by a check when what the mail says is no longer true: the mail is not sent, nor tried again."""


def subject_of(name: str, context: Mapping[str, Any] | None = None) -> str:
    """The subject of the mail `name`, drawn from its template with this context."""
    return _render(f"emails/{name}_subject.txt", context or {}).strip()


def nature_of(name: str, context: Mapping[str, Any]) -> str:
    """What the town hall's list of undelivered mails calls this mail: `nature` in the context if it is there, else its
    subject. A mail whose subject tells the news of one day has a `nature`, so that a parent who makes ten changes is
    one line of the list, not ten."""
    return str(context.get("nature") or subject_of(name, context))


def text_of(name: str, user: User, context: Mapping[str, Any]) -> str:
    """The mail `name` as this account would read it, in plain text: its subject, an empty line, its body."""
    context = {"first_name": user.first_name, **context}
    return f"{subject_of(name, context)}\n\n{_body_of(name, context)}"


def _body_of(name: str, context: Mapping[str, Any]) -> str:
    """The text of the mail `name`, which ends with the address of the site."""
    return f"{_render(f'emails/{name}_body.txt', context).strip()}\n\n{_render('emails/_fin.txt', context).strip()}"


def send(
    name: str,
    recipient: User | str,
    context: Mapping[str, Any],
    headers: Mapping[str, str] | None = None,
    *,
    check: Callable[[], None] | None = None,
) -> str:
    """Send the mail `name` now, to an account (greeted by first name) or to a bare address, and return its Message-ID.
    Raises NotDelivered when the mail server does not take it.

    `check` is called once the mail server has let us in, right before the mail: an exception that it raises stops the
    mail.
    """
    address, first_name = (recipient.email, recipient.first_name) if isinstance(recipient, User) else (recipient, "")
    subject = subject_of(name, context)
    context = {"first_name": first_name, "subject": subject, **context}
    message_id = new_message_id()
    message = Courriel(
        subject,
        wrap(_body_of(name, context)),
        to=[address],
        headers={"Auto-Submitted": "auto-generated", "Message-ID": message_id, **(headers or {})},
    )
    message.attach_alternative(_render(f"emails/{name}_body.html", context, autoescape=True), "text/html")
    let_in = False
    try:
        with mailers.default as server:  # opened here so that it is closed even when its greeting fails
            let_in = True
            if check:
                check()
            server.send_messages([message])
    except OSError as error:  # what smtplib raises as well: refused, hung, cut, no TLS, a bad certificate, a full disk
        of_server = mail_contact.note_failure_of(error, let_in=let_in, now=timezone.now())
        reason = UndeliveredMail.Reason.UNREACHABLE if of_server else UndeliveredMail.Reason.REFUSED
        raise NotDelivered(reason) from None
    except ValueError:  # an address that no mail can bear
        raise NotDelivered(UndeliveredMail.Reason.REFUSED) from None
    mail_contact.note_taken(now=timezone.now())
    return message_id


def deliver(
    posting: Posting,
    name: str,
    user: User,
    context: Mapping[str, Any] | None,
    *,
    headers: Mapping[str, str] | None = None,
    check: Callable[[], None] | None = None,
) -> bool:
    """Send the mail `name` to this account from within the task of that mail; True when the server took it. Without a
    `context` there is nothing to tell: nothing is sent. `check` is called right before the mail: an exception that it
    raises stops it.

    Where mails to the account's address come back, only those that the account asked for leave (`mail_task`): the
    others join the town hall's list of undelivered mails.

    A mail that the server does not take is tried again, five times, later and later (`Posting.retry_at` is the next
    time, None after the last); then it joins the town hall's list. The caller has seen that the account has an address.
    Once a mail is taken, the open lines of that list for this account and mail are settled.
    """
    if not context:
        return False
    now, attempt = posting.now, posting.attempt
    if not user.is_reached and not outbox.is_asked(posting.task.module_path):
        marks.record_undelivered(user, nature_of(name, context), UndeliveredMail.Reason.STOPPED, now=now)
        return False
    try:
        message_id = send(name, user, context, headers, check=check)
    except NotDelivered as failure:
        journal.event("mail_failed", result=failure.reason.value, user=user.pk, mail=name, attempt=attempt)
        if not posting.retry():
            marks.record_undelivered(user, nature_of(name, context), failure.reason, now=now)
        return False
    journal.event("mail_sent", user=user.pk, mail=name, attempt=attempt)
    marks.note_sent(message_id, user, nature_of(name, context), now=now)
    lines = UndeliveredMail.objects.filter(user=user, mail=nature_of(name, context)[:100], settled_at=None)
    lines.update(settled_at=now)
    return True


def try_address(posting: Posting, name: str, address: str, context: Mapping[str, Any]) -> UndeliveredMail.Reason | None:
    """Send a mail to an address that is no account's; the reason why it did not leave, None when the server took it.
    The caller tries again, or tells the town hall."""
    try:
        send(name, address, context)
    except NotDelivered as failure:
        journal.event("mail_failed", result=failure.reason.value, mail=name, attempt=posting.attempt)
        return failure.reason
    journal.event("mail_sent", mail=name, attempt=posting.attempt)
    return None


def wrap(text: str) -> str:
    """This text of a mail in lines of 76 columns at most. Paragraphs, no-break spaces and long addresses stay whole."""
    lines = [
        textwrap.fill(line, WIDTH, break_long_words=False, break_on_hyphens=False) for line in text.strip().splitlines()
    ]
    return "\n".join(lines) + "\n"


def _render(template: str, context: Mapping[str, Any], *, autoescape: bool = False) -> str:
    """Render a template of `templates/emails/` as plain text: nothing is escaped as HTML."""
    everywhere = {"site_url": settings.SITE_URL, **commune(None)}
    text: str = get_template(template).template.render(  # type: ignore[attr-defined]
        Context({**everywhere, **context}, autoescape=autoescape)
    )
    return text
