"""What a mail server says of a mail that it could not deliver (RFC 3464, and what Exim wrote before it). Pure.

Nothing here is proof: `accounts.rebonds.marks` asks whether the mail that is quoted was ours.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes, message_from_string
from email.message import Message
from email.utils import getaddresses

SIZE = 1 << 20  # of a message; ours, quoted whole, are a tenth of it
PARTS = 20  # levels, parts and recipients: a report has three, and one
BLANKS = 2_000  # empty lines: each may begin a group of a report
FIELD = 2_000  # bytes of what says the type of a part: its parameters are cut one by one, from the whole each time
QUOTED = 20  # Message-IDs that one report may quote

BLANK = re.compile(rb"\n\r?\n|\r\r")
TYPED = re.compile(rb"(?i)content-[a-z-]+[ \t]*:[^\r\n]*(?:\r?\n?[ \t][^\r\n]*)*")

FAILED = "failed"
STATUS = re.compile(r"\s*([245])\.(\d{1,3})\.(\d{1,3})\b")
# « 550 5.1.1 … » and « 550-5.1.1 … », as servers answer.
REPLY = re.compile(r"\b([45]\d\d)[ -](?:#?([45]\.\d{1,3}\.\d{1,3})\b)?")
MESSAGE_ID = re.compile(r"<[!-;=?-~]{3,200}>")
# Where Exim's reports of before RFC 3464 begin to quote; then the header of the mail, its lines as they were.
COPY = re.compile(r"(?m)^-{2,} ?This is a copy of (?:the|your) message.*-{2,}\s*$")


@dataclass(frozen=True)
class Echec:
    """What a report says of one recipient: the addresses it may be known by, what was done (« failed », « delayed »…),
    the code of RFC 3463 (« 5.1.1 »), and the three digits that the last server answered, if they are quoted."""

    addresses: frozenset[str]
    action: str
    status: str
    reply: str = ""


@dataclass(frozen=True)
class Report:
    """What a report says, of each recipient, and the Message-IDs of the mail it is about."""

    message_ids: tuple[str, ...]
    recipients: tuple[Echec, ...]


def parse(content: bytes) -> Report | None:
    """The report of undelivered mail that these bytes of a message hold; None for any other mail, and for one that is
    malformed, too large or made to cost time. Never raises.

    A report that quotes no mail, and refers to none, has no Message-ID.
    """
    if len(content) > SIZE or content.lower().count(b"boundary") > PARTS:  # each would be looked for on each line
        return None
    if len(BLANK.findall(content)) > BLANKS or any(len(field[0]) > FIELD for field in TYPED.finditer(content)):
        return None
    try:
        message = message_from_bytes(content)  # the policy of before: no header of a stranger makes it raise
        return _standard(message) or _exim_of_before(message)
    except Exception:  # the library of mails has none that would name them all
        return None


# --- RFC 3464 ---------------------------------------------------------------------------------------------------------


def _standard(message: Message) -> Report | None:
    if message.get_content_maintype() != "multipart":
        return None
    parts = [part for part in message.get_payload() if isinstance(part, Message)][:PARTS]
    at = next((i for i, part in enumerate(parts) if _is_status(part)), None)
    if at is None:
        return None
    groups = _groups(parts[at])
    recipients = tuple(filter(None, map(_recipient, groups)))[:PARTS]
    quoted = list(_ids(_quoted_header(parts[at + 1 :])))
    said = _ids(*(group.get("x-original-message-id", "") for group in groups))  # Gmail's
    answers = _ids(*(_text(message, name) for name in ("In-Reply-To", "References")))
    return Report(tuple(dict.fromkeys([*quoted, *said, *answers]))[:QUOTED], recipients)


def _is_status(part: Message) -> bool:
    return part.get_content_type() in {"message/delivery-status", "message/global-delivery-status"}


def _groups(part: Message) -> list[dict[str, str]]:
    """The fields of the report: of the whole, then of each recipient. Empty lines between them are not counted on."""
    payload = part.get_payload()
    blocks = payload if isinstance(payload, list) else [message_from_string(str(payload).lstrip("\r\n"))]
    return [group for block in blocks if isinstance(block, Message) and (group := _fields(block))]


def _fields(block: Message) -> dict[str, str]:
    """Its header: asked for as a text, it would be folded, and an endless line takes minutes."""
    return {name.lower(): " ".join(str(value).split()) for name, value in block.items()}


def _recipient(group: dict[str, str]) -> Echec | None:
    named = [group.get(name, "") for name in ("final-recipient", "original-recipient")]
    addresses = frozenset(address for value in named if (address := _address(value)))
    if not addresses:
        return None
    status, reply = _status(group.get("status", ""), group.get("diagnostic-code", ""))
    action = re.match(r"[a-z]*", group.get("action", "").lower())
    return Echec(addresses, action.group() if action else "", status, reply)


def _address(value: str) -> str:
    """The address of « rfc822; camille@example.fr ». Some quote it, some leave its type out."""
    address = value.rpartition(";")[2].strip().strip("<>")
    return address if "@" in address else ""


def _status(status: str, diagnostic: str) -> tuple[str, str]:
    """The code that says the most: what the last server answered, where the report itself says « other »."""
    found, answer = STATUS.match(status), REPLY.search(diagnostic)
    code = ".".join(str(int(digits)) for digits in found.groups()) if found else ""
    reply, said = (answer.group(1), answer.group(2) or "") if answer else ("", "")
    if not code or code.endswith(".0.0"):
        same = not code or said[:1] == code[:1]
        code = said if said and same else code or (f"{reply[0]}.0.0" if reply else "")
    return code, reply


def _quoted_header(parts: list[Message]) -> str:
    """The `Message-ID` of the mail that came back, which follows the report, whole or its header alone, cut or not."""
    for part in parts:
        if part.get_content_type() in {"message/rfc822", "message/global"}:
            payload = part.get_payload()
            returned = payload[0] if isinstance(payload, list) and payload else None
            if isinstance(returned, Message):
                return _text(returned, "Message-ID")
        if part.get_content_type() in {"text/rfc822-headers", "message/rfc822-headers", "message/global-headers"}:
            return _text(message_from_string(_content(part).lstrip("\r\n")), "Message-ID")
    return ""


# --- Exim, before it wrote such reports -------------------------------------------------------------------------------


def _exim_of_before(message: Message) -> Report | None:
    """A plain text that names the recipients in its own header, says why, then quotes the mail."""
    failed = [address for _, address in getaddresses([_text(message, "X-Failed-Recipients")]) if "@" in address]
    if not failed or message.is_multipart():
        return None
    said, _, quoted = _split(_content(message))
    ids = tuple(_ids(_text(message_from_string(quoted.lstrip("\r\n")), "Message-ID")))
    return Report(ids[:QUOTED], tuple(_told(address, said) for address in failed[:PARTS]))


def _split(text: str) -> tuple[str, str, str]:
    mark = COPY.search(text)
    return (text[: mark.start()], mark.group(), text[mark.end() :]) if mark else (text, "", "")


def _told(address: str, said: str) -> Echec:
    """What the text says of this recipient, in the lines that follow their address."""
    after = said.partition(address)[2]
    status, reply = _status("", after)
    if not status and "permanent error" in said:
        status = "5.0.0"
    return Echec(frozenset({address}), FAILED, status, reply)


# --- Reading ----------------------------------------------------------------------------------------------------------


def _ids(*values: str) -> Iterator[str]:
    for value in values:
        yield from MESSAGE_ID.findall(value)


def _text(message: Message, name: str) -> str:
    """A header, unfolded; empty when there is none."""
    return " ".join(str(message.get(name, "")).split())


def _content(part: Message) -> str:
    """The text of a part, of which only ASCII is read."""
    payload = part.get_payload(decode=True)
    return payload.decode("utf-8", "replace") if isinstance(payload, bytes) else ""
