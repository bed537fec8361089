"""Whether the mail server is there: the way in, without a mail."""

from __future__ import annotations

import errno
import os
import smtplib
import socket
import ssl
from contextlib import suppress
from pathlib import Path

from django.core.mail import mailers
from django.core.mail.backends.smtp import EmailBackend

from portail.certificats import CertificateFault, fault_of
from portail.courriels import FileMailBackend
from portail.pannes import chain

CERTIFICATES = {
    CertificateFault.NOT_YET: "n’est pas encore valable, ou l’horloge de cette machine retarde",
    CertificateFault.EXPIRED: "a expiré",
    CertificateFault.OTHER_NAME: "est au nom d’un autre",
    CertificateFault.UNKNOWN_ISSUER: "vient d’une autorité que cette machine ne connaît pas",
    CertificateFault.OTHER: "n’est pas reconnu",
}
ACCOUNT_WANTED = 530
ROUTES = {errno.EHOSTUNREACH, errno.ENETUNREACH, errno.EHOSTDOWN, errno.ENETDOWN}


class MailServerError(Exception):
    """The server does not let us in: a French sentence for the IT service, and a word for what fails.

    `code` is one of dns, refused, unreachable, timeout, closed, greeting, starttls, tls, certificate, auth, sender,
    folder, other. The sentence holds neither the password nor what the server said.
    """

    def __init__(self, sentence: str, code: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.code = code


def check_server(timeout: float, *, sender: str = "") -> None:
    """Connect to the mail server of `EMAIL_URL`, greet, go over to TLS, log in and leave, as for a mail; nothing is
    sent. Raises MailServerError when the server does not let us in. `timeout` is for each exchange, in seconds. With a
    `sender`, begin a mail from this address and give it up: MailServerError when the server refuses that sender.

    Where mails are files instead, raises MailServerError when their folder cannot be written; any other way of sending
    is not looked at.
    """
    server = mailers.default
    if isinstance(server, FileMailBackend):
        _check_folder(Path(server.folder))
    elif isinstance(server, EmailBackend):
        server.timeout = timeout
        try:
            server.open()
            if sender and server.connection:
                _begin_mail(server.connection, sender)
        except (OSError, UnicodeError) as error:
            raise MailServerError(*_told(error, f"{server.host}:{server.port}", timeout)) from None
        finally:
            with suppress(OSError):  # a goodbye that is not answered takes nothing away
                server.close()


def _begin_mail(connection: smtplib.SMTP, sender: str) -> None:
    """« MAIL FROM », then « RSET »: no mail is sent. A server that waits for the recipient to refuse says nothing."""
    code, said = connection.mail(sender)
    if code != 250:
        raise smtplib.SMTPSenderRefused(code, said, sender)
    connection.rset()


def _check_folder(folder: Path) -> None:
    there = next(path for path in (folder, *folder.parents) if path.exists())
    if not (there.is_dir() and os.access(there, os.W_OK | os.X_OK)):
        raise MailServerError(f"Le dossier {folder}, où vont les e-mails, ne peut pas être écrit.", "folder")


def _told(error: Exception, where: str, timeout: float) -> tuple[str, str]:
    """What to say of the failure, and its code."""
    errors = list(chain(error))  # smtplib says that the server has gone of one that was only waited for

    def one_of(*kinds: type[BaseException]) -> BaseException | None:
        return next((each for each in errors if isinstance(each, kinds)), None)

    code = f" (réponse {error.smtp_code})" if isinstance(error, smtplib.SMTPResponseException) else ""
    if one_of(socket.gaierror, UnicodeError):
        return f"Le nom du serveur de mail ({where}) est inconnu\u00a0: le DNS ne le trouve pas.", "dns"
    if one_of(TimeoutError):
        return f"Le serveur de mail ({where}) ne répond pas en {timeout:g}\u00a0secondes.", "timeout"
    if one_of(ConnectionRefusedError):
        return f"Le serveur de mail ({where}) refuse la connexion\u00a0: rien n’y écoute.", "refused"
    if isinstance(bad := one_of(ssl.SSLCertVerificationError), ssl.SSLCertVerificationError):
        return f"Le certificat du serveur de mail ({where}) {CERTIFICATES[fault_of(bad)]}.", "certificate"
    if one_of(ssl.SSLError):
        return f"Le serveur de mail ({where}) ne parle pas TLS à ce port.", "tls"
    if isinstance(error, smtplib.SMTPSenderRefused) and error.smtp_code == ACCOUNT_WANTED:
        return f"Le serveur de mail ({where}) ne prend rien sans compte{code}.", "auth"
    if isinstance(error, smtplib.SMTPSenderRefused):
        return f"Le serveur de mail ({where}) refuse l’expéditeur «\u00a0{error.sender}\u00a0»{code}.", "sender"
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return f"Le serveur de mail ({where}) refuse le compte ou son mot de passe{code}.", "auth"
    if isinstance(error, smtplib.SMTPNotSupportedError) and "STARTTLS" not in str(error):
        return f"Le serveur de mail ({where}) n’accepte aucun compte à ce port.", "auth"
    if isinstance(error, smtplib.SMTPConnectError | smtplib.SMTPHeloError):
        return f"Le serveur de mail ({where}) répond, et ne laisse pas entrer{code}.", "greeting"
    if isinstance(error, smtplib.SMTPNotSupportedError | smtplib.SMTPResponseException):
        return f"Le serveur de mail ({where}) n’offre pas STARTTLS à ce port{code}.", "starttls"
    if isinstance(error, smtplib.SMTPServerDisconnected) or one_of(ConnectionResetError, BrokenPipeError):
        return f"Le serveur de mail ({where}) coupe la connexion.", "closed"
    if isinstance(error, smtplib.SMTPException):
        return f"Le serveur de mail ({where}) ne connaît aucune façon de se connecter que le portail sache.", "auth"
    if isinstance(error, OSError) and error.errno in ROUTES:
        return f"Aucune route ne mène au serveur de mail ({where}).", "unreachable"
    said = getattr(error, "strerror", None) or type(error).__name__
    return f"Le serveur de mail ({where}) ne peut pas être joint\u00a0: {said}.", "other"
