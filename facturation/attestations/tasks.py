"""The mails of the tax certificates, outside the request. Arguments are identifiers only."""

from __future__ import annotations

from accounts import mailings
from accounts.outbox import LINE, Posting, fan_task, mail_task
from facturation.attestations.courriels import attestation_context
from facturation.attestations.emission import attestations_of
from facturation.payeurs.comptes import comptes_seen_by


@fan_task("Attestations fiscales")
def send_attestations(annee: int, mailing: int, after: int = 0) -> None:
    """Enqueue the mails of the certificates of a year, 500 at a time: those whose line (primary key) follows `after`.
    Run twice, it enqueues twice, and each line is sent once.
    """
    mailings.enqueue_lines(
        mailing,
        after,
        lambda line: send_attestation.enqueue(annee, line),
        lambda last: send_attestations.enqueue(annee, mailing, last),
    )


@mail_task("Attestation fiscale", LINE)
def send_attestation(posting: Posting, annee: int, line: int) -> None:
    """Task: mail one payer that their tax certificate is there, unless the mailing's line (primary key) says that this
    was done.
    """
    waiting = mailings.line_to_send(line)
    if waiting is None:
        return
    siennes = attestations_of(comptes_seen_by(waiting.user), annee)
    mailings.deliver_line(posting, waiting, "attestation", attestation_context(siennes[0]) if siennes else None)
