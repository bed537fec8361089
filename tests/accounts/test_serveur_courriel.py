"""The look at the mail server: it gets in without a mail, or says in a sentence why not."""

from __future__ import annotations

import errno
import smtplib
import socket
import ssl

import pytest
from django.core.mail.backends.smtp import EmailBackend

from accounts.serveur_courriel import MailServerError, check_server
from portail.courriels import mailer_from_url
from tests.accounts.scripted import CERTIFICATES, CUT, SILENT, TLS, scripted
from tests.smtp import MailServer

HELLO = ["220 ready", "250-mail.example\r\n250-STARTTLS\r\n250 AUTH PLAIN"]
OVER_TLS = [*HELLO, "220 go on", TLS, "250-mail.example\r\n250 AUTH PLAIN"]


def smtp(port: int, scheme: str = "smtp+tls", host: str = "127.0.0.1") -> dict[str, object]:
    return {"default": mailer_from_url(f"{scheme}://portail:secret@{host}:{port}")}


def refusal(timeout: float = 0.3) -> MailServerError:
    with pytest.raises(MailServerError) as caught:
        check_server(timeout)
    assert "secret" not in str(caught.value)
    assert caught.value.__cause__ is None
    return caught.value


def test_server_that_lets_us_in_gets_no_mail(settings):
    with MailServer() as server:
        settings.MAILERS = server.mailers()
        check_server(1)

    assert (server.seen, server.mails) == (0, [])


def test_whole_way_in_goes_over_to_tls_and_logs_in(settings, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATES / "inconnu.pem"))
    with scripted([*OVER_TLS, "235 welcome", "221 bye"], "inconnu") as (port, heard):
        settings.MAILERS = smtp(port)
        check_server(2)

    assert [line.split()[0].lower() for line in heard] == ["ehlo", "starttls", "ehlo", "auth", "quit"]


@pytest.mark.ci
@pytest.mark.parametrize(
    ("lines", "scheme", "code", "says"),
    [
        ([SILENT], "smtp+tls", "timeout", "ne répond pas en 0.3\u00a0secondes"),
        ([SILENT], "smtps", "timeout", "ne répond pas en 0.3\u00a0secondes"),
        (["220 ready", SILENT], "smtp+tls", "timeout", "ne répond pas"),
        ([CUT], "smtp+tls", "closed", "coupe la connexion"),
        (["554 go away"], "smtp+tls", "greeting", "ne laisse pas entrer (réponse 554)"),
        (["220 ready", "250 mail.example", "221 bye"], "smtp+tls", "starttls", "n’offre pas STARTTLS"),
        ([*HELLO, "454 no certificate"], "smtp+tls", "starttls", "n’offre pas STARTTLS à ce port (réponse 454)"),
        (["220 ready"], "smtps", "tls", "ne parle pas TLS"),
        ([*HELLO, "220 go on", "500 what?"], "smtp+tls", "tls", "ne parle pas TLS"),
    ],
)
def test_server_that_does_not_let_us_in_is_told(settings, lines, scheme, code, says):
    # REL-08
    with scripted(lines) as (port, _):
        settings.MAILERS = smtp(port, scheme)
        error = refusal()

    assert (error.code, f"127.0.0.1:{port}" in error.sentence) == (code, True)
    assert says in error.sentence


@pytest.mark.parametrize(
    ("certificate", "trusted", "says"),
    [
        ("inconnu", False, "vient d’une autorité que cette machine ne connaît pas"),
        ("expire", True, "a expiré"),
        ("autre", True, "est au nom d’un autre"),
    ],
)
def test_certificate_that_will_not_do_is_told(settings, monkeypatch, certificate, trusted, says):
    if trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATES / f"{certificate}.pem"))
    with scripted([*HELLO, "220 go on", TLS, CUT], certificate) as (port, _):
        settings.MAILERS = smtp(port)
        error = refusal(2)

    assert (error.code, says in error.sentence) == ("certificate", True)


@pytest.mark.parametrize(
    ("answers", "says"),
    [
        (["535 5.7.8 portail/secret is not known here"], "refuse le compte ou son mot de passe (réponse 535)"),
        (["454 4.7.0 later"], "refuse le compte ou son mot de passe (réponse 454)"),
    ],
)
def test_account_that_is_refused_is_told(settings, monkeypatch, answers, says):
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATES / "inconnu.pem"))
    with scripted([*OVER_TLS, *answers], "inconnu") as (port, _):
        settings.MAILERS = smtp(port)
        error = refusal(2)

    assert (error.code, says in error.sentence) == ("auth", True)


@pytest.mark.parametrize("offered", ["250 mail.example", "250-mail.example\r\n250 AUTH X-OURS"])
def test_server_that_takes_no_account_is_told(settings, monkeypatch, offered):
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATES / "inconnu.pem"))
    with scripted([*HELLO, "220 go on", TLS, offered, "221 bye"], "inconnu") as (port, _):
        settings.MAILERS = smtp(port)

        assert refusal(2).code == "auth"


def test_port_where_nobody_listens_is_told(settings):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    settings.MAILERS = smtp(port)

    error = refusal()

    assert (error.code, error.sentence) == (
        "refused",
        f"Le serveur de mail (127.0.0.1:{port}) refuse la connexion\u00a0: rien n’y écoute.",
    )


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (socket.gaierror(socket.EAI_NONAME, "Name or service not known"), "dns"),
        (UnicodeError("label too long"), "dns"),
        (OSError(errno.EHOSTUNREACH, "No route to host"), "unreachable"),
        (OSError(errno.EMFILE, "Too many open files"), "other"),
        (ConnectionResetError(errno.ECONNRESET, "reset"), "closed"),
        (smtplib.SMTPHeloError(550, b"who?"), "greeting"),
        (ssl.SSLCertVerificationError(1, "no code"), "certificate"),
    ],
)
def test_other_failures_are_told_too(settings, monkeypatch, error, code):
    settings.MAILERS = smtp(2525)

    def fail(self):
        raise error

    monkeypatch.setattr(EmailBackend, "open", fail)
    assert refusal().code == code


def test_folder_of_files_lets_us_in_when_it_can_be_written(settings, tmp_path):
    settings.MAILERS = {"default": mailer_from_url(f"filemail://{tmp_path}/a/courriels")}
    check_server(1)
    assert list(tmp_path.iterdir()) == []

    (tmp_path / "a").write_text("no folder")
    assert refusal().code == "folder"
