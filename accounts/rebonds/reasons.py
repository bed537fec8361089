"""Why mail comes back, from the code of RFC 3463 to the words that a secretary reads."""

from __future__ import annotations

from accounts.models import Refusal

PERMANENT, PERSISTENT = "5", "4"

# By subject and detail of the code, whatever its class; else by its subject alone.
BY_CODE = {
    (1, 7): Refusal.BLOCKED,  # the sender's address: ours
    (1, 8): Refusal.BLOCKED,
    (2, 1): Refusal.CLOSED,
    (2, 2): Refusal.FULL,
    (4, 1): Refusal.UNKNOWN,  # Microsoft's for an address it does not know
    (4, 4): Refusal.UNKNOWN,  # Postfix's for a domain that is not
}
BY_SUBJECT = {
    1: Refusal.UNKNOWN,
    3: Refusal.SILENT,
    4: Refusal.SILENT,
    7: Refusal.BLOCKED,
}
FULL_REPLY = "552"  # RFC 5321: « exceeded storage allocation »; Orange says it of a full mailbox with 5.1.1


def reason_of(status: str, reply: str = "") -> Refusal:
    """Why a mail came back, from the code of RFC 3463 in the report (« 5.1.1 »); `reply` is the three digits that the
    last server answered, if they are known. Raises ValueError when `status` is no such code. A reply « 552 » means a
    full mailbox, whatever the status."""
    if reply == FULL_REPLY:
        return Refusal.FULL
    level, subject, detail = (int(part) for part in status.split("."))
    if level == int(PERSISTENT) and (subject, detail) in {(4, 1), (4, 4)}:
        return Refusal.SILENT  # it was looked for during days, and did not answer
    return BY_CODE.get((subject, detail)) or BY_SUBJECT.get(subject, Refusal.OTHER)
