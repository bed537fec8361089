"""The diagnosis of mails: a real server that fails in each way, and what to do of each."""

from __future__ import annotations

import pytest

from accounts.rebonds.imap import MailboxError
from portail.courriels import mailer_from_url
from portail.retours import retours_from_url
from surveillance.diagnostic import courriel
from tests.accounts.scripted import CERTIFICATES, CUT, SILENT, TLS, scripted
from tests.reading import plain
from tests.surveillance.constater import LIEU, lines, only

HELLO = ["220 ready", "250-mail.example\r\n250-STARTTLS\r\n250 AUTH PLAIN"]
OVER_TLS = [*HELLO, "220 go on", TLS, "250-mail.example\r\n250 AUTH PLAIN"]


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    monkeypatch.setattr(courriel, "TIMEOUT", 0.3)


def smtp(port: int, scheme: str = "smtp+tls", host: str = "127.0.0.1") -> dict[str, object]:
    return {"default": mailer_from_url(f"{scheme}://portail:secret@{host}:{port}")}


@pytest.mark.parametrize(
    ("lines_said", "certificate", "known", "says", "remede", "commande"),
    [
        ([SILENT], "", "", "ne répond pas", "pare-feu", "nc -vz 127.0.0.1 PORT"),
        ([CUT], "", "", "coupe la connexion", "ne veut pas de cette machine", "nc -v 127.0.0.1 PORT"),
        (["554 no"], "", "", "ne laisse pas entrer", "à montrer à son administrateur", "nc -v 127.0.0.1 PORT"),
        (["220 ready", "250 x"], "", "", "n’offre pas STARTTLS", "smtps:// et le port 465", "-starttls smtp -connect"),
        (
            OVER_TLS,
            "inconnu",
            "",
            "d’une autorité que cette machine ne connaît",
            "de votre commune",
            "update-ca-certificates",
        ),
        (OVER_TLS, "autre", "autre", "est au nom d’un autre", "le nom qui est sur le certificat", "subjectAltName"),
        (OVER_TLS, "expire", "expire", "a expiré", "doit le renouveler", "-servername 127.0.0.1 </dev/null"),
        ([*OVER_TLS, "535 no"], "inconnu", "inconnu", "refuse le compte ou son mot de passe", "%40", "sudoedit"),
        (
            [*OVER_TLS, "235 welcome", "553 not yours", "221 bye"],
            "inconnu",
            "inconnu",
            "refuse l’expéditeur « garderie@saint-sauveur.example » (réponse 553)",
            "une adresse que ce compte peut employer",
            "sudoedit",
        ),
        (
            [*OVER_TLS, "235 welcome", "530 log in", "221 bye"],
            "inconnu",
            "inconnu",
            "ne prend rien sans compte",
            "Corrigez le compte",
            "sudoedit",
        ),
    ],
)
def test_each_refusal_of_the_server_has_its_remedy(
    settings, monkeypatch, lines_said, certificate, known, says, remede, commande
):
    if known:
        monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATES / f"{known}.pem"))
    with scripted(lines_said, certificate) as (port, _):
        settings.MAILERS = smtp(port)
        constat = only(courriel.check_mail_server(LIEU))

    assert constat.etat == "mauvais"
    assert says in plain(constat.phrase)
    assert remede in plain(constat.remede)
    assert commande.replace("PORT", str(port)) in constat.commande
    assert "secret" not in f"{constat}"
    assert "{" not in constat.commande


def test_server_that_is_not_there_has_its_remedy(settings):
    settings.MAILERS = smtp(1)
    assert "nc -vz 127.0.0.1 1" in only(courriel.check_mail_server(LIEU)).commande
    settings.MAILERS = smtp(587, host="nulle-part.invalid")
    assert only(courriel.check_mail_server(LIEU)).commande == "getent hosts nulle-part.invalid"


def test_server_that_lets_us_in_is_good(settings, monkeypatch):
    monkeypatch.setattr(courriel, "TIMEOUT", 2)
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATES / "inconnu.pem"))
    settings.RETOURS_COURRIEL = retours_from_url("imaps://retours%40villard.example:mot@imap.villard.example")
    said = [*OVER_TLS, "235 welcome", "250 sender", "250 reset", "221 bye"]
    with scripted(said, "inconnu") as (port, heard):
        settings.MAILERS = smtp(port)
        constat = only(courriel.check_mail_server(LIEU))

    assert plain(constat.phrase) == f"127.0.0.1:{port}, STARTTLS, compte accepté, expéditeur accepté."
    assert heard[-3].lower().startswith("mail from:<retours@villard.example>")
    assert [line.split()[0].lower() for line in heard[-2:]] == ["rset", "quit"]


def test_files_that_stand_for_a_server_are_a_trial(settings, tmp_path):
    settings.MAILERS = {"default": mailer_from_url(f"filemail://{tmp_path}")}

    assert only(courriel.check_mail_server(LIEU)).etat == "bon"
    settings.PRODUCTION = True
    assert only(courriel.check_mail_server(LIEU)).etat == "attention"


def test_mails_that_are_held_are_told(settings):
    assert lines(courriel.check_held(LIEU)) == []
    settings.ENVOIS_RETENUS = True
    assert only(courriel.check_held(LIEU)).etat == "attention"


def test_records_of_the_sender_are_to_be_looked_at(settings):
    assert lines(courriel.check_sender(LIEU)) == []
    settings.PRODUCTION, settings.DEFAULT_FROM_EMAIL = True, "Garderie <garderie@commune.fr>"
    assert "dig +short TXT _dmarc.commune.fr" in only(courriel.check_sender(LIEU)).phrase


# --- The mailbox of the mail that comes back ------------------------------------------------------------------------


def test_mailbox_is_looked_at_where_there_is_one(settings):
    assert lines(courriel.check_mailbox(LIEU)) == []
    settings.RETOURS_COURRIEL = retours_from_url("imaps://retours%40commune.fr:secret@127.0.0.1:1/INBOX")

    constat = only(courriel.check_mailbox(LIEU))

    assert "127.0.0.1 : le serveur de la boîte ne répond pas" in plain(constat.phrase)
    assert constat.commande == "openssl s_client -connect 127.0.0.1:1 -servername 127.0.0.1 -brief </dev/null"


def test_certificate_of_the_mailbox_is_looked_at(settings):
    with scripted([SILENT, TLS, SILENT], "inconnu") as (port, _):
        settings.RETOURS_COURRIEL = retours_from_url(f"imaps://retours%40commune.fr:secret@127.0.0.1:{port}")
        constat = only(courriel.check_mailbox(LIEU))

    assert "le certificat du serveur de la boîte n’est pas reconnu" in constat.phrase
    assert "subjectAltName" in constat.commande


@pytest.mark.parametrize(("cause", "commande"), [("refused", "sudoedit"), ("folder", "sudoedit"), (None, "")])
def test_mailbox_that_refuses_us_is_told(settings, monkeypatch, cause, commande):
    def check(box, *, timeout):
        if cause:
            raise MailboxError("la boîte refuse.", cause)

    monkeypatch.setattr(courriel.imap, "check", check)
    settings.RETOURS_COURRIEL = retours_from_url("imap+tls://retours%40commune.fr:secret@imap.commune.fr")

    constat = only(courriel.check_mailbox(LIEU))

    assert (constat.etat, commande in constat.commande) == ("mauvais" if cause else "bon", True)
    assert "secret" not in f"{constat}"
