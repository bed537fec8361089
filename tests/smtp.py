"""A real mail server for the tests: it accepts, refuses, hangs or cuts, and changes its mind when told."""

from __future__ import annotations

import asyncio
import email.policy
from email import message_from_bytes
from email.message import EmailMessage
from threading import Event
from typing import Any, Self

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session


class _Controller(Controller):
    """On a free port, which the system chooses."""

    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


class MailServer:
    """What it does with a mail is its `behaviour`; `mails` are those that it took, `seen` counts the tries.

    accept, refuse (550 to the recipient), reject (554 to the text), hang (never answers the text), slow (a
    second), hold (waits for `go_on`), drop (cuts at the text), take_in_silence (takes the mail and never says so),
    accept_then_drop (takes it and cuts without a goodbye).
    """

    def __init__(self, behaviour: str = "accept") -> None:
        self.behaviour = behaviour
        self.mails: list[EmailMessage] = []
        self.senders: list[str] = []  # of the envelopes of these
        self.seen = 0
        self.go_on = Event()
        self._controller = _Controller(self, hostname="127.0.0.1", port=0)

    def __enter__(self) -> Self:
        self._controller.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._controller.stop(no_assert=True)

    @property
    def port(self) -> int:
        return self._controller.port

    def mailers(self, timeout: float = 1) -> dict[str, dict[str, Any]]:
        """MAILERS that send here, in clear: what `mailer_from_url` never does."""
        options = {"host": "127.0.0.1", "port": self.port, "timeout": timeout}
        return {"default": {"BACKEND": "django.core.mail.backends.smtp.EmailBackend", "OPTIONS": options}}

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.behaviour == "refuse":
            self.seen += 1
            return "550 No such user"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        self.seen += 1
        match self.behaviour:
            case "reject":
                return "554 Transaction failed"
            case "hang":
                await asyncio.sleep(3600)
            case "slow":
                await asyncio.sleep(1)
            case "hold":
                while not self.go_on.is_set():
                    await asyncio.sleep(0.02)
            case "take_in_silence":
                self._take(envelope)
                await asyncio.sleep(3600)
            case "drop":
                server.transport.abort()
                return "421 Never read"
        self._take(envelope)
        return "250 OK"

    def _take(self, envelope: Envelope) -> None:
        self.mails.append(message_from_bytes(envelope.content, policy=email.policy.default))
        self.senders.append(str(envelope.mail_from))

    async def handle_QUIT(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.behaviour == "accept_then_drop":
            server.transport.abort()
        return "221 Bye"


def text_part(mail: EmailMessage) -> str:
    return _content(mail, "plain")


def html_part(mail: EmailMessage) -> str:
    return _content(mail, "html")


def _content(mail: EmailMessage, kind: str) -> str:
    return mail.get_body((kind,)).get_content().replace("\r\n", "\n")
