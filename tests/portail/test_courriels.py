"""EMAIL_URL, and mails as files."""

import email.policy
import resource
from concurrent.futures import ThreadPoolExecutor
from email import message_from_bytes

import pytest
from django.core.mail import EmailMessage, EmailMultiAlternatives, mailers

from portail.courriels import FileMailBackend, mailer_from_url
from tests.smtp import MailServer

SMTP = "portail.courriels.SmtpBackend"


@pytest.mark.parametrize(
    ("url", "host", "port", "tls", "ssl", "username", "password"),
    [
        ("smtp+tls://mail.commune.fr", "mail.commune.fr", 587, True, False, "", ""),
        ("smtps://mail.commune.fr", "mail.commune.fr", 465, False, True, "", ""),
        ("smtps://mail.commune.fr:4650", "mail.commune.fr", 4650, False, True, "", ""),
        ("smtp+tls://garderie%40commune.fr:p%2Fw%3A1@[::1]:25", "::1", 25, True, False, "garderie@commune.fr", "p/w:1"),
    ],
)
def test_mailer_from_url_reads_a_server(url, host, port, tls, ssl, username, password):
    # HDR-09: TLS always, decided by the scheme; a timeout always
    assert mailer_from_url(url) == {
        "BACKEND": SMTP,
        "OPTIONS": {
            "host": host,
            "port": port,
            "username": username,
            "password": password,
            "use_ssl": ssl,
            "use_tls": tls,
            "timeout": 20,
        },
    }


def test_mailer_from_url_reads_a_folder():
    assert mailer_from_url("filemail:///srv/portail%20famille/courriels") == {
        "BACKEND": "portail.courriels.FileMailBackend",
        "OPTIONS": {"folder": "/srv/portail famille/courriels"},
    }


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("", "attend smtp"),
        ("smtp://mail.commune.fr", "attend smtp"),  # in clear
        ("smtps://", "attend smtp"),
        ("filemail:", "attend smtp"),
        ("filemail:///", "attend smtp"),
        ("mail.commune.fr", "attend smtp"),
        ("smtps://mail.commune.fr:abc", "port"),
        ("smtps://mail.commune.fr:70000", "port"),
        ("smtps://garderie:p/w@mail.commune.fr:465", "pour cent"),
        ("smtps://garderie:p@s/w@mail.commune.fr", "pour cent"),  # the password would go to another server
        ("smtps://garderie:p%C3%A9tanque@mail.commune.fr", "un accent"),  # smtplib sends ASCII alone
        ("smtps://cantini\u00e8re:secret@mail.commune.fr", "un accent"),
    ],
)
def test_mailer_from_url_refuses_with_a_sentence(url, sentence):
    with pytest.raises(ValueError, match=sentence):
        mailer_from_url(url)


def mail(to: str = "camille@courriel.example", body: str = "Élève à l’école\n") -> EmailMultiAlternatives:
    message = EmailMultiAlternatives("Mot de passe changé", body, to=[to])
    message.attach_alternative("<p>Élève à l’école</p>", "text/html")
    return message


def test_file_mail_is_one_readable_eml_a_mail(tmp_path, settings):
    folder = tmp_path / "var" / "courriels"
    settings.MAILERS = {"default": mailer_from_url(f"filemail://{folder}")}

    sent = mailers.default.send_messages([mail(), mail("dominique@courriel.example"), EmailMessage("personne", to=[])])

    first, second = sorted(folder.iterdir())
    read = message_from_bytes(first.read_bytes(), policy=email.policy.default)
    assert sent == 2
    assert (read["to"], read["subject"]) == ("camille@courriel.example", "Mot de passe changé")
    assert read.get_body(("plain",)).get_content() == "Élève à l’école\n"
    assert read.get_body(("html",)).get_content() == "<p>Élève à l’école</p>\n"
    assert "Élève à l’école".encode() in first.read_bytes()  # no base64: an editor is enough
    assert b"dominique@courriel.example" in second.read_bytes()


def test_every_mail_is_named_after_the_site_also_those_of_commands(settings, tmp_path):
    settings.SITE_URL = "https://famille.saint-sauveur.example"
    FileMailBackend(folder=tmp_path).send_messages([mail()])
    with MailServer() as server:
        settings.MAILERS = {"default": server.mailers()["default"] | {"BACKEND": SMTP}}
        mailers.default.send_messages([mail()])

    [path] = tmp_path.iterdir()
    for read in [message_from_bytes(path.read_bytes(), policy=email.policy.default), *server.mails]:
        assert read["Message-ID"].endswith("@famille.saint-sauveur.example>")


def test_file_mail_keeps_long_accented_lines_readable(tmp_path):
    line = "é" * 300

    FileMailBackend(folder=tmp_path).send_messages([mail(body=line)])

    [path] = tmp_path.iterdir()
    assert line.encode() in path.read_bytes()


def test_file_mail_is_its_owners_alone(tmp_path):
    folder = tmp_path / "courriels"

    FileMailBackend(folder=folder).send_messages([mail()])

    [path] = folder.iterdir()
    assert (folder.stat().st_mode & 0o777, path.stat().st_mode & 0o777) == (0o700, 0o600)


def test_file_mail_names_sort_in_the_order_of_sending(tmp_path):
    backend = FileMailBackend(folder=tmp_path)
    for number in range(20):
        backend.send_messages([mail(f"parent{number}@courriel.example")])

    received = [
        message_from_bytes(path.read_bytes(), policy=email.policy.default)["to"] for path in sorted(tmp_path.iterdir())
    ]
    assert received == [f"parent{number}@courriel.example" for number in range(20)]


@pytest.mark.ci
@pytest.mark.sqlite
def test_file_mail_loses_none_when_many_write_at_once(tmp_path):
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: FileMailBackend(folder=tmp_path).send_messages([mail()]), range(160)))

    assert len(list(tmp_path.glob("*.eml"))) == 160
    assert len(list(tmp_path.iterdir())) == 160


def test_file_mail_leaves_no_half_mail_on_a_full_disk(tmp_path):
    # REL-03: the kernel refuses what passes 20 bytes
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20, hard))
    try:
        with pytest.raises(OSError, match="File too large"):
            FileMailBackend(folder=tmp_path).send_messages([mail()])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    assert list(tmp_path.iterdir()) == []
