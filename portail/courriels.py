"""Mails: what `EMAIL_URL` means to Django's MAILERS, and the folder of files that stands for a mail server."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from email.header import Header
from email.message import EmailMessage as MIMEMessage
from email.policy import EmailPolicy, Policy, default
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.backends.smtp import EmailBackend

from portail import retours

TIMEOUT = 20  # seconds, for each exchange with the mail server


def new_message_id() -> str:
    """A new `Message-ID` in the site's domain: Django's own tells the name of the machine. Nobody can guess one, so
    that only who was handed a mail can quote it, which is how a mail that comes back is told from a forged one."""
    return f"<{secrets.token_urlsafe(20)}@{urlsplit(settings.SITE_URL).hostname}>"


def mailer_from_url(url: str) -> dict[str, Any]:
    """The entry of Django's MAILERS for this EMAIL_URL: `smtp+tls://`, `smtps://` or `filemail:///folder`. Raises
    ValueError with a French sentence.

    Nothing is sent in clear: `smtp+tls` fails when the server offers no STARTTLS (HDR-09).
    """
    expected = "le portail attend smtp+tls://, smtps:// ou filemail:///dossier."
    parts = urlsplit(url)
    if parts.scheme == "filemail" and parts.path.strip("/"):
        return {"BACKEND": "portail.courriels.FileMailBackend", "OPTIONS": {"folder": unquote(parts.path)}}
    if parts.scheme not in {"smtp+tls", "smtps"} or not parts.hostname:
        raise ValueError(expected)
    if parts.path.strip("/") or parts.query or parts.fragment:
        raise ValueError(
            "un caractère spécial du mot de passe s’écrit en pour cent (« @ » devient %40, « / » devient %2F)."
        )
    try:
        port = parts.port or (465 if parts.scheme == "smtps" else 587)
    except ValueError:
        raise ValueError("le port est un nombre de 1 à 65535.") from None
    if not unquote(f"{parts.username}{parts.password}").isascii():
        raise ValueError(
            "le compte ou le mot de passe a un accent, ou un autre signe que SMTP ne sait pas transmettre\u00a0: "
            "donnez à ce compte un mot de passe fait de lettres sans accent, de chiffres et de signes du clavier."
        )
    return {
        "BACKEND": "portail.courriels.SmtpBackend",
        "OPTIONS": {
            "host": parts.hostname,
            "port": port,
            "username": unquote(parts.username or ""),
            "password": unquote(parts.password or ""),
            "use_ssl": parts.scheme == "smtps",
            "use_tls": parts.scheme == "smtp+tls",
            "timeout": TIMEOUT,
        },
    }


def name(messages: Sequence[EmailMessage]) -> None:
    """Give a `Message-ID` of the site to those of these mails that have none: those that a command of Django's
    sends."""
    for message in messages:
        message.extra_headers.setdefault("Message-ID", new_message_id())


class Objets(EmailPolicy):
    """Headers as Python writes them, but a subject with accents is encoded as a whole: between two encoded words that
    a plain one parts, the fold of Python may be read as two spaces."""

    def fold(self, name: str, value: str) -> str:
        """A header as text; a subject with accents is encoded as a whole."""
        if name.lower() != "subject" or value.isascii():
            return str(super().fold(name, value))
        return f"{name}: {Header(str(value), 'utf-8', header_name=name).encode(linesep=self.linesep)}{self.linesep}"

    def fold_binary(self, name: str, value: str) -> bytes:
        """A header as bytes; a subject with accents is encoded as a whole."""
        if name.lower() != "subject" or value.isascii():
            return super().fold_binary(name, value)
        return self.fold(name, value).encode("ascii")


class Courriel(EmailMultiAlternatives):
    """A mail whose subject is read as it was written."""

    def message(self, *, policy: Policy[Any] | None = None) -> MIMEMessage:
        """The mail as Python's message, with our encoding of the subject."""
        asked = policy or default
        return super().message(policy=Objets(linesep=asked.linesep, cte_type=asked.cte_type))


class SmtpBackend(EmailBackend):
    """Django's, with the site's names, and the sender to whom mail comes back."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Send these mails by SMTP, with the site's `Message-ID` and the sender to whom undelivered mail comes back;
        how many."""
        name(email_messages)
        retours.lead_back(email_messages)
        return super().send_messages(email_messages)


class FileMailBackend(BaseEmailBackend):
    """One .eml a mail, for the demo and for development: any mail reader opens it, any editor reads it.

    Names sort by time (UTC) and never collide. A file appears whole or not at all. The folder holds temporary
    passwords: it is its owner's alone, and production refuses this backend (portail.checks).
    """

    def __init__(self, *, folder: str | Path, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.folder = Path(folder)

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Write each of these mails that has a recipient to a file of the folder; how many."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        messages = [message for message in email_messages if message.recipients()]
        name(messages)
        for message in messages:
            self._write(as_readable_bytes(message))
        return len(messages)

    def _write(self, content: bytes) -> None:
        path = self.folder / f"{datetime.now(UTC):%Y%m%d-%H%M%S-%f}-{secrets.token_hex(3)}.eml"
        partial = path.with_suffix(".partiel")
        try:
            with open(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(content)
            partial.replace(path)
        except OSError:
            partial.unlink(missing_ok=True)
            raise


def forget(is_about: Callable[[str], bool]) -> None:
    """Delete the mails kept as files, where a folder stands for a mail server, whose text `is_about` recognises."""
    for mailer in settings.MAILERS.values():
        if mailer["BACKEND"] == "portail.courriels.FileMailBackend":
            for path in Path(mailer["OPTIONS"]["folder"]).glob("*.eml"):
                if is_about(path.read_bytes().decode("utf-8", "replace")):
                    path.unlink(missing_ok=True)


def as_readable_bytes(message: EmailMessage) -> bytes:
    """The mail as it would travel, but with its texts in plain UTF-8 rather than base64."""
    mail = message.message()
    for part in mail.walk():
        if part.get_content_maintype() == "text":
            part.set_content(part.get_content(), subtype=part.get_content_subtype(), charset="utf-8", cte="8bit")
    return mail.as_bytes()
