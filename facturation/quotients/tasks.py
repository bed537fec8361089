"""The mails that ask families for their quotient, outside the request. Arguments are identifiers only."""

from __future__ import annotations

from django.utils import timezone

from accounts import mailings
from accounts.outbox import LINE, Posting, fan_task, mail_task
from facturation.quotients.courriels import demande_context, is_wanted


@fan_task("Demandes du quotient familial")
def send_demandes_quotient(mailing_pk: int, after: int = 0) -> None:
    """Task: enqueue the mails of this mailing (primary key) that ask for a quotient, 500 at a time: the lines whose
    primary key follows `after`.
    """
    mailings.enqueue_lines(
        mailing_pk,
        after,
        send_demande_quotient.enqueue,
        lambda last: send_demandes_quotient.enqueue(mailing_pk, last),
    )


@mail_task("Demande du quotient familial", LINE)
def send_demande_quotient(posting: Posting, line: int) -> None:
    """Task: mail one family to ask for its quotient, unless the mailing's line (primary key) says that this was done,
    or the town hall has the quotient meanwhile.
    """
    waiting = mailings.line_to_send(line)
    if waiting is None:
        return
    user, today = waiting.user, timezone.localdate(posting.now)
    context = demande_context(user, today) if is_wanted(user, today) else None
    mailings.deliver_line(posting, waiting, "quotient", context)
