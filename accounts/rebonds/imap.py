"""A mailbox read by IMAP (RFC 3501), with the standard library: each message once, within a time that nothing passes.

What is read is marked in no way, so that a person still finds there, unread, what the portal did not understand.
"""

from __future__ import annotations

import imaplib
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date
from threading import Timer
from typing import Any

from portail.retours import Retours

TIMEOUT = 20  # seconds, for each exchange
TURN = 90  # seconds, for all that is done at once: a server that says a letter a second must not hold the worker
MESSAGES = 200  # of one turn
MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


class MailboxError(Exception):
    """The mailbox could not be read: why, in French, without anything that it answered; and a code for the journal."""

    def __init__(self, sentence: str, cause: str) -> None:
        super().__init__(sentence)
        self.cause = cause


@dataclass(frozen=True)
class Position:
    """The last message that was read: its number, in the count of the mailbox that gave it. 0 when none was."""

    uidvalidity: int = 0
    last_uid: int = 0


def read(
    box: Retours,
    position: Position,
    *,
    since: date,
    size: int,
    understand: Callable[[bytes], bool],
    keep: Callable[[Position], None],
    timeout: float = TIMEOUT,
    turn: float = TURN,
) -> int:
    """Hand the messages of the mailbox that came after `position` to `understand`, the oldest first, 200 at most,
    within `turn` seconds; how many were gone through, those passed over included. Raises MailboxError when the mailbox
    cannot be read.

    Messages for which `understand` is true are taken out of the mailbox, or left struck out where the server cannot
    take out one alone; all others stay as they are. `keep` is called with each position once that is done, so that a
    turn that is cut goes on from there: a message may be handed over twice, never left out. Messages received before
    `since`, or larger than `size` bytes, are passed over. `timeout`: seconds for each exchange.
    """
    until = time.monotonic() + turn
    with _errors(), _connected(box, timeout=timeout, turn=turn) as client:
        _enter(client, box)
        one_alone = b"UIDPLUS" in b" ".join(client.capability()[1]).split()  # said once one has come in
        uidvalidity = _uidvalidity(client)
        last = position.last_uid if position.uidvalidity == uidvalidity else 0
        uids = _uids(client, last, since)[:MESSAGES]
        for number, uid in enumerate(uids):
            if time.monotonic() > until:
                return number
            content = _fetch(client, uid, size)
            if content is not None and len(content) <= size and understand(content):
                _take_out(client, uid, one_alone=one_alone)
            keep(Position(uidvalidity, uid))
    return len(uids)


def check(box: Retours, *, timeout: float = TIMEOUT) -> None:
    """Log in to the mailbox and open its folder, without reading any message. Raises MailboxError when that fails."""
    with _errors(), _connected(box, timeout=timeout, turn=3 * timeout) as client:
        _enter(client, box)


@contextmanager
def _errors() -> Iterator[None]:
    """All that a server may do becomes a sentence; what it answered may quote anything, and is dropped."""
    try:
        yield
    except ssl.SSLCertVerificationError:
        raise MailboxError("le certificat du serveur de la boîte n’est pas reconnu.", "certificate") from None
    except (imaplib.IMAP4.error, OSError):
        raise MailboxError("le serveur de la boîte ne répond pas, ou pas comme prévu.", "unreachable") from None


class _Cut(imaplib.IMAP4):
    """A connection that ends by itself after `turn` seconds, whatever it waits for."""

    def __init__(self, *args: Any, turn: float, **options: Any) -> None:
        self.cutter = Timer(turn, self._cut)
        self.cutter.daemon = True
        super().__init__(*args, **options)

    def open(self, *args: Any, **options: Any) -> None:
        """Connect, and start the time after which the connection is cut."""
        super().open(*args, **options)
        self.cutter.start()

    def shutdown(self) -> None:
        """Close the connection, and stop its time."""
        self.cutter.cancel()
        super().shutdown()

    def _cut(self) -> None:
        with suppress(OSError):
            socket.socket.shutdown(self.socket(), socket.SHUT_RDWR)


class _Clear(_Cut):
    """Until STARTTLS."""


class _Tls(_Cut, imaplib.IMAP4_SSL):
    """From the start."""


@contextmanager
def _connected(box: Retours, *, timeout: float, turn: float) -> Iterator[imaplib.IMAP4]:
    context = ssl.create_default_context()
    client: imaplib.IMAP4
    if box.starttls:
        client = _Clear(box.host, box.port, timeout=timeout, turn=turn)
    else:
        client = _Tls(box.host, box.port, ssl_context=context, timeout=timeout, turn=turn)
    try:
        if box.starttls:
            client.starttls(context)
        yield client
        with suppress(imaplib.IMAP4.error, OSError):
            client.logout()
    finally:
        with suppress(OSError):
            client.shutdown()


def _enter(client: imaplib.IMAP4, box: Retours) -> None:
    try:
        if "AUTH=PLAIN" in client.capabilities:  # any sign may stand in these
            client.authenticate("PLAIN", lambda _: f"\0{box.user}\0{box.password}".encode())
        else:
            client.login(box.user, box.password)
    except imaplib.IMAP4.abort:
        raise
    except (imaplib.IMAP4.error, UnicodeEncodeError):
        raise MailboxError("la boîte refuse l’utilisateur ou le mot de passe.", "refused") from None
    if client.select(f'"{box.folder}"')[0] != "OK":
        raise MailboxError("ce dossier n’existe pas dans la boîte.", "folder")


def _uidvalidity(client: imaplib.IMAP4) -> int:
    numbers = _numbers(client.response("UIDVALIDITY")[1])
    if not numbers:
        raise imaplib.IMAP4.error("no UIDVALIDITY")
    return numbers[0]


def _uids(client: imaplib.IMAP4, last: int, since: date) -> list[int]:
    """The messages after this one, in their order. A server always gives its last one for « n:* »."""
    day = f"{since.day}-{MONTHS[since.month - 1]}-{since.year}"
    status, found = client.uid("SEARCH", f"UID {last + 1}:* UNDELETED SINCE {day}")
    if status != "OK":
        raise imaplib.IMAP4.error(status)
    return sorted(uid for uid in _numbers(found) if uid > last)


def _numbers(answer: list[Any]) -> list[int]:
    """Those of an answer; a server that gives none where it must does not speak IMAP."""
    try:
        return [int(word) for line in answer for word in (line or b"").split()]
    except (AttributeError, TypeError, ValueError):
        raise imaplib.IMAP4.error("no number") from None


def _fetch(client: imaplib.IMAP4, uid: int, size: int) -> bytes | None:
    """The message, or a little more than `size` of it; None when somebody has taken it away meanwhile."""
    status, found = client.uid("FETCH", str(uid), f"(BODY.PEEK[]<0.{size + 1}>)")
    if status != "OK":
        raise imaplib.IMAP4.error(status)
    return next((answer[1] for answer in found if isinstance(answer, tuple)), None)


def _take_out(client: imaplib.IMAP4, uid: int, *, one_alone: bool) -> None:
    """This one and no other: where the server cannot do that, it is left struck out, for its owner to empty."""
    client.uid("STORE", str(uid), "+FLAGS.SILENT", r"(\Deleted)")
    if one_alone:
        client.uid("EXPUNGE", str(uid))
