"""The mailbox of the mail that comes back: what `RETOURS_COURRIEL` means, and the sender that leads mail to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import parse_qs, unquote, urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage
from django.core.validators import validate_email

IMPLICIT_TLS, STARTTLS = "imaps", "imap+tls"
PORTS = {IMPLICIT_TLS: 993, STARTTLS: 143}
ADDRESS = "adresse"


@dataclass(frozen=True)
class Retours:
    """A mailbox read by IMAP, always over TLS, and the address whose mail it receives."""

    host: str
    port: int
    starttls: bool
    user: str
    password: str = field(repr=False)
    folder: str
    address: str


def retours_from_url(url: str) -> Retours | None:
    """The mailbox of returned mail that this URL names: `imaps://user:password@server/Folder?adresse=…`, or
    `imap+tls://…` for STARTTLS. None when it is empty; raises ValueError with a French sentence that repeats nothing of
    it.

    The user is percent-encoded; without `adresse`, the user must be the e-mail address of the mailbox.
    """
    if not url.strip():
        return None
    expected = (
        "le portail attend imaps://utilisateur:motdepasse@serveur/Dossier ou imap+tls://… "
        "(un caractère spécial s’écrit en pour cent\u00a0: «\u00a0@\u00a0» devient %40, «\u00a0/\u00a0» devient %2F)."
    )
    try:
        parts = urlsplit(url.strip())
        port = parts.port or PORTS.get(parts.scheme, 0)
        query = parse_qs(parts.query, strict_parsing=True) if parts.query else {}
    except ValueError:
        raise ValueError(expected) from None
    known = parts.scheme in PORTS and parts.hostname and parts.username and parts.password
    if not known or parts.fragment or query.keys() - {ADDRESS} or any(len(values) > 1 for values in query.values()):
        raise ValueError(expected)
    user, folder = unquote(parts.username or ""), unquote(parts.path.strip("/")) or "INBOX"
    if not folder.isascii() or not folder.isprintable() or set(folder) & set('"\\*%'):
        raise ValueError("le nom du dossier est sans accent, sans guillemet et sans « * ».")
    address = query.get(ADDRESS, [user])[0]
    try:
        validate_email(address)
    except ValidationError:
        raise ValueError(
            "l’utilisateur n’est pas une adresse e-mail\u00a0: ajoutez à la fin «\u00a0?adresse=…\u00a0», celle dont "
            "cette boîte reçoit le courrier."
        ) from None
    return Retours(
        host=str(parts.hostname),
        port=port,
        starttls=parts.scheme == STARTTLS,
        user=user,
        password=unquote(parts.password or ""),
        folder=folder,
        address=address,
    )


def lead_back(messages: Sequence[EmailMessage]) -> None:
    """Set the envelope sender of these mails to the address of the mailbox of returned mail, where those that cannot be
    delivered then come back; the reader still sees the former sender. Without such a mailbox, nothing changes."""
    if settings.RETOURS_COURRIEL is None:
        return
    for message in messages:
        if message.from_email != settings.RETOURS_COURRIEL.address:
            message.extra_headers.setdefault("From", message.from_email)
            message.from_email = settings.RETOURS_COURRIEL.address
