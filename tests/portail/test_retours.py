"""RETOURS_COURRIEL: the mailbox of the mail that comes back, and the sender of all that leaves."""

import pytest
from django.core.mail import EmailMessage, mailers

from portail.courriels import Courriel
from portail.retours import Retours, retours_from_url
from tests.smtp import MailServer

BOX = Retours("imap.commune.fr", 993, False, "retours@commune.fr", "p/w:1", "INBOX", "retours@commune.fr")


@pytest.mark.parametrize(
    ("url", "box"),
    [
        ("", None),
        ("  ", None),
        ("imaps://retours%40commune.fr:p%2Fw%3A1@imap.commune.fr", BOX),
        (
            "imap+tls://portail:x@[::1]:1430/Courrier%20revenu?adresse=retours%40commune.fr",
            Retours("::1", 1430, True, "portail", "x", "Courrier revenu", "retours@commune.fr"),
        ),
        (
            "imap+tls://retours%40commune.fr:x@imap.commune.fr/Retours/Portail",
            Retours("imap.commune.fr", 143, True, "retours@commune.fr", "x", "Retours/Portail", "retours@commune.fr"),
        ),
    ],
)
def test_mailbox_is_read_from_its_address(url, box):
    assert retours_from_url(url) == box


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("imap://retours%40commune.fr:secret@imap.commune.fr", "attend imaps"),  # in clear
        ("imaps://imap.commune.fr", "attend imaps"),
        ("imaps://retours%40commune.fr@imap.commune.fr", "attend imaps"),
        ("imaps://retours%40commune.fr:secret@imap.commune.fr:abc", "attend imaps"),
        ("imaps://retours%40commune.fr:secret@imap.commune.fr?adress=x", "attend imaps"),
        ("imaps://retours%40commune.fr:secret@imap.commune.fr#x", "attend imaps"),
        ("imaps://retours%40commune.fr:se/cret@imap.commune.fr", "attend imaps"),
        ("imaps://portail:secret@imap.commune.fr", "n’est pas une adresse"),
        ("imaps://portail:secret@imap.commune.fr?adresse=retours", "n’est pas une adresse"),
        ("imaps://retours%40commune.fr:secret@imap.commune.fr/Revenus%22", "nom du dossier"),
        ("imaps://retours%40commune.fr:secret@imap.commune.fr/%C3%89cole", "nom du dossier"),
    ],
)
def test_bad_mailbox_is_a_sentence_that_repeats_no_secret(url, sentence):
    with pytest.raises(ValueError, match=sentence) as caught:
        retours_from_url(url)
    assert "secret" not in str(caught.value)


def test_password_of_the_mailbox_is_not_written_where_it_is_shown():
    assert "p/w:1" not in repr(BOX)


@pytest.mark.parametrize(("box", "sender"), [(None, "garderie@commune.fr"), (BOX, "retours@commune.fr")])
def test_all_mail_leaves_with_the_sender_it_comes_back_to(settings, box, sender):
    settings.RETOURS_COURRIEL, settings.DEFAULT_FROM_EMAIL = box, "Garderie <garderie@commune.fr>"
    with MailServer() as server:
        settings.MAILERS = {"default": server.mailers()["default"] | {"BACKEND": "portail.courriels.SmtpBackend"}}
        message = Courriel("Bonjour", "À demain", to=["camille@example.fr"])
        mailers.default.send_messages([message, EmailMessage("Essai", "Lu", to=["camille@example.fr"])])
        mailers.default.send_messages([message])  # tried again

    assert server.senders == [sender] * 3
    assert [str(mail["From"]) for mail in server.mails] == ["Garderie <garderie@commune.fr>"] * 3
