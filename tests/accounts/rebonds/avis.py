"""Reports of mail that could not be delivered, in the shapes that servers give them: written here from RFC 3464, from
the documents of Postfix, Exim, Google and Orange, and of nobody's mail."""

from __future__ import annotations

from textwrap import dedent

OURS = "<5f0c2b7e9d1a4c38b6e2@portail.commune.fr>"


def _lines(text: str, **values: str) -> bytes:
    return dedent(text).lstrip("\n").format(**values).replace("\n", "\r\n").encode()


def postfix(
    message_id: str = OURS,
    to: str = "camille@example.fr",
    status: str = "5.1.1",
    reply: str = "550 5.1.1 <{to}>: Recipient address rejected: User unknown",
    action: str = "failed",
    headers_alone: bool = False,
) -> bytes:
    """The town's own relay, told so by the server of the address."""
    original = "text/rfc822-headers" if headers_alone else "message/rfc822"
    return _lines(
        """
        Return-Path: <>
        Received: by relais.commune.fr (Postfix) id 4F6C2100F3; Tue,  8 Dec 2026 08:12:31 +0100 (CET)
        From: MAILER-DAEMON@relais.commune.fr (Mail Delivery System)
        To: retours@commune.fr
        Subject: Undelivered Mail Returned to Sender
        Auto-Submitted: auto-replied
        MIME-Version: 1.0
        Content-Type: multipart/report; report-type=delivery-status;
        \tboundary="1F2E3D.1796713951/relais.commune.fr"
        Message-Id: <20261208071231.4F6C2100F3@relais.commune.fr>

        This is a MIME-encapsulated message.

        --1F2E3D.1796713951/relais.commune.fr
        Content-Description: Notification
        Content-Type: text/plain; charset=us-ascii

        This is the mail system at host relais.commune.fr.

        --1F2E3D.1796713951/relais.commune.fr
        Content-Description: Delivery report
        Content-Type: message/delivery-status

        Reporting-MTA: dns; relais.commune.fr
        X-Postfix-Queue-ID: 1F2E3D
        X-Postfix-Sender: rfc822; retours@commune.fr
        Arrival-Date: Tue,  8 Dec 2026 08:12:29 +0100 (CET)

        Final-Recipient: rfc822; {to}
        Original-Recipient: rfc822;{to}
        Action: {action}
        Status: {status}
        Remote-MTA: dns; mx.example.fr
        Diagnostic-Code: smtp; {reply}

        --1F2E3D.1796713951/relais.commune.fr
        Content-Description: Undelivered Message
        Content-Type: {original}

        Return-Path: <retours@commune.fr>
        From: Garderie <garderie@commune.fr>
        To: {to}
        Subject: Garderie
        Message-ID: {message_id}

        Bonjour,

        --1F2E3D.1796713951/relais.commune.fr--
        """,
        message_id=message_id,
        to=to,
        status=status,
        action=action,
        reply=reply.format(to=to),
        original=original,
    )


def orange(message_id: str = OURS, to: str = "camille@orange.fr", full: bool = False) -> bytes:
    """What Orange answers is quoted by the relay: an unknown address, and a full mailbox under the same code."""
    said = (
        "552 5.1.1 k7a1 Boite du destinataire pleine. Recipient overquota. OFR_417 [417]"
        if full
        else "550 5.1.1 k7a1 Adresse d au moins un destinataire invalide. Invalid recipient. OFR_416 [416]"
    )
    return postfix(message_id, to, reply=f"{said} (in reply to RCPT TO command)")


def gmail(message_id: str = OURS, to: str = "camille@gmail.com", original: bool = True) -> bytes:
    """A relay of Google's: a part with pictures, a field of its own, the mail or none of it."""
    quoted = _lines(
        """
        --000000000000b1a2c3
        Content-Type: message/rfc822

        Received: by relais.commune.fr
        To: {to}
        Message-ID: {message_id}
        Subject: Garderie

        Bonjour,
        """,
        to=to,
        message_id=message_id,
    )
    report = _lines(
        """
        From: Mail Delivery Subsystem <mailer-daemon@googlemail.com>
        To: retours@commune.fr
        Auto-Submitted: auto-replied
        Subject: Delivery Status Notification (Failure)
        X-Failed-Recipients: {to}
        Message-ID: <66f1.0500a0220.1b2c3.0001.GMR@mx.google.com>
        MIME-Version: 1.0
        Content-Type: multipart/report; boundary="000000000000b1a2c3"; report-type=delivery-status

        --000000000000b1a2c3
        Content-Type: multipart/related; boundary="000000000000d4e5f6"

        --000000000000d4e5f6
        Content-Type: text/html; charset="UTF-8"

        <p>Address not found</p>
        --000000000000d4e5f6--
        --000000000000b1a2c3
        Content-Type: message/delivery-status

        Reporting-MTA: dns; googlemail.com
        Received-From-MTA: dns; retours@commune.fr
        Arrival-Date: Mon, 07 Dec 2026 23:12:29 -0800 (PST)
        X-Original-Message-ID: {message_id}

        Final-Recipient: rfc822; {to}
        Action: failed
        Status: 5.1.1
        Remote-MTA: dns; gmail-smtp-in.l.google.com.
        Diagnostic-Code: smtp; 550-5.1.1 The email account that you tried to reach does not exist. Please
         550-5.1.1 double-check the address.
        Last-Attempt-Date: Mon, 07 Dec 2026 23:12:31 -0800 (PST)

        """,
        message_id=message_id,
        to=to,
    )
    return report + (quoted if original else b"") + b"--000000000000b1a2c3--\r\n"


def exim(message_id: str = OURS, to: str = "camille@example.fr", reply: str = "550 5.2.2 Mailbox full") -> bytes:
    """Its report says 5.0.0 whatever the other server answered."""
    return _lines(
        """
        From: Mail Delivery System <Mailer-Daemon@mail.heberge.example>
        To: retours@commune.fr
        Subject: Mail delivery failed: returning message to sender
        Auto-Submitted: auto-replied
        X-Failed-Recipients: {to}
        MIME-Version: 1.0
        Content-Type: multipart/report; report-type=delivery-status; boundary=1796713951-eximdsn-1804289383
        Message-Id: <E1tK2aB-0004xY-1c@mail.heberge.example>

        --1796713951-eximdsn-1804289383
        Content-type: text/plain; charset=us-ascii

        This message was created automatically by mail delivery software.

        --1796713951-eximdsn-1804289383
        Content-type: message/delivery-status

        Reporting-MTA: dns; mail.heberge.example

        Action: failed
        Final-Recipient: rfc822;{to}
        Status: 5.0.0
        Remote-MTA: dns; mx.example.fr
        Diagnostic-Code: smtp; {reply}

        --1796713951-eximdsn-1804289383
        Content-type: text/rfc822-headers

        Return-path: <retours@commune.fr>
        To: {to}
        Message-ID: {message_id}

        --1796713951-eximdsn-1804289383--
        """,
        message_id=message_id,
        to=to,
        reply=reply,
    )


def exim_of_before(message_id: str = OURS, to: str = "camille@example.fr", said: str = "Unrouteable address") -> bytes:
    """Before RFC 3464: a text, then the mail."""
    return _lines(
        """
        From: Mail Delivery System <Mailer-Daemon@mail.heberge.example>
        To: retours@commune.fr
        Subject: Mail delivery failed: returning message to sender
        X-Failed-Recipients: {to}
        Message-Id: <E11fxjP-0005MW-00@mail.heberge.example>

        This message was created automatically by mail delivery software.

        A message that you sent could not be delivered to one or more of its
        recipients. This is a permanent error. The following address(es) failed:

          {to}
            {said}

        ------ This is a copy of the message, including all the headers. ------

        Return-path: <retours@commune.fr>
        To: {to}
        Subject: Garderie
        Message-ID: {message_id}

        Bonjour,
        """,
        message_id=message_id,
        to=to,
        said=said,
    )


def away(message_id: str = OURS, to: str = "camille@example.fr") -> bytes:
    """No report: somebody is on holiday."""
    return _lines(
        """
        From: {to}
        To: retours@commune.fr
        Subject: Absente
        Auto-Submitted: auto-replied
        In-Reply-To: {message_id}

        Votre message 550 5.1.1 m'est bien parvenu.
        """,
        message_id=message_id,
        to=to,
    )
