"""Mails to one person: what they say, and what the mail server can do to them."""

import re
import traceback
from email import message_from_bytes
from email.policy import SMTP, default

import pytest
from django.core import mail

from accounts.emails import NotDelivered, send, wrap
from accounts.models import UndeliveredMail, User
from portail.courriels import Courriel, mailer_from_url
from tests.reading import plain, tight
from tests.smtp import MailServer, html_part, text_part

pytestmark = pytest.mark.django_db  # what the server answered is noted

VALUE = "2dd150fa6be4410f966601e379bf8d79"
EXPIRES_AT = "vendredi 4\u00a0décembre à 20\u00a0h\u00a041"
CONTEXTS = {
    "temporary_password": {"identifiant": "3816238", "value": VALUE, "expires_at": EXPIRES_AT, "has_password": True},
    "identifiants_oublies": {
        "users": [User(identifiant="3816238", first_name="Camille")],
        "query": "?identifiant=3816238",
    },
    "password_changed": {"changed_at": "jeudi 3\u00a0décembre à 20\u00a0h\u00a041"},
}
REFUSED, UNREACHABLE = UndeliveredMail.Reason.REFUSED, UndeliveredMail.Reason.UNREACHABLE


@pytest.fixture(autouse=True)
def site(settings):
    settings.SITE_URL = "https://famille.saint-sauveur.example"


@pytest.fixture
def camille():
    return User(identifiant="3816238", first_name="Camille", last_name="Morel", email="camille@courriel.example")


def sent(name, recipient, context=None):
    """The only mail that this sending gives."""
    send(name, recipient, context or CONTEXTS[name])
    [message] = mail.outbox
    return message


def test_temporary_password_mail_is_the_one_promised(camille):
    message = sent("temporary_password", camille)

    assert (message.subject, message.to, message.from_email) == (
        "Envoi de vos identifiants de connexion",
        ["camille@courriel.example"],
        "Garderie de Saint-Sauveur <garderie@saint-sauveur.example>",
    )
    assert plain(message.body) == (
        "Bonjour Camille,\n"
        "\n"
        "Voici de quoi vous connecter à l’accès famille de Saint-Sauveur.\n"
        "\n"
        "Identifiant / Login : 3816238\n"
        "\n"
        "Mot de passe :\n"
        "2dd150fa6be4410f966601e379bf8d79\n"
        "\n"
        "Ce mot de passe est temporaire : il est valable 24 heures, jusqu’au vendredi\n"
        "4 décembre à 20 h 41, et ne sert qu’une fois. Copiez-le, collez-le sur la\n"
        "page de connexion, où votre identifiant est déjà écrit, puis choisissez\n"
        "votre mot de passe personnel. Il faudra ensuite vous identifier de nouveau.\n"
        "\n"
        "Page de connexion :\n"
        "https://famille.saint-sauveur.example/connexion/?identifiant=3816238\n"
        "\n"
        "Vous n’avez rien demandé ? Ne faites rien : votre mot de passe actuel reste\n"
        "valable.\n"
        "\n"
        "Besoin d’aide ? 04 65 71 00 38, du lundi au vendredi, de 8 h 30 à 12 h.\n"
        "\n"
        "La mairie de Saint-Sauveur\n"
        "Nous ne vous demanderons jamais votre mot de passe, ni par e-mail ni au\n"
        "téléphone.\n"
        "\n"
        "https://famille.saint-sauveur.example/\n"
    )
    assert "\nIdentifiant / Login : 3816238\n" in message.body  # ordinary spaces: to be copied, and searched for


@pytest.mark.parametrize("lettres", range(12))
@pytest.mark.parametrize("policy", [SMTP, default], ids=["smtp", "file"])
def test_subject_is_read_as_it_was_written(lettres, policy):
    """Whatever the place where its header is folded."""
    sujet = f"Garderie\u00a0: le planning de Léa{'x' * lettres} est rempli jusqu’au 2\u00a0juillet"
    contenu = Courriel(sujet, "…", to=["camille@courriel.example"]).message(policy=policy).as_bytes()
    assert message_from_bytes(contenu, policy=default)["Subject"] == sujet
    assert all(len(ligne) <= 78 for ligne in contenu.splitlines())


def test_password_changed_mail_tells_when(camille):
    message = sent("password_changed", camille)

    assert message.subject == "Votre mot de passe a été changé"
    assert plain(message.body) == (
        "Bonjour Camille,\n"
        "\n"
        "Le mot de passe de votre accès famille a été changé le jeudi 3 décembre à\n"
        "20 h 41. Vos autres appareils ont été déconnectés.\n"
        "\n"
        "C’était vous ? Tout va bien, il n’y a rien à faire.\n"
        "Ce n’était pas vous ? Appelez la mairie dès que possible : 04 65 71 00 38,\n"
        "du lundi au vendredi, de 8 h 30 à 12 h.\n"
        "\n"
        "La mairie de Saint-Sauveur\n"
        "\n"
        "https://famille.saint-sauveur.example/\n"
    )


def test_identifiants_mail_lists_every_account_of_the_address():
    users = [User(identifiant="3816238", first_name="Camille"), User(identifiant="4716230", first_name="Dominique")]

    message = sent("identifiants_oublies", "foyer@courriel.example", {"users": users, "query": ""})

    assert plain(message.body).split("\n\n")[:5] == [
        "Bonjour,",
        "Vous avez demandé à retrouver votre identifiant de l’accès famille de\nSaint-Sauveur.",
        "Plusieurs comptes ont cette adresse e-mail. Chacun a son identifiant et son\nmot de passe.",
        "Camille\nIdentifiant / Login : 3816238",
        "Dominique\nIdentifiant / Login : 4716230",
    ]


@pytest.mark.parametrize("name", CONTEXTS)
def test_mail_is_text_and_html_automatic_and_without_another_sites_link(camille, name):
    # TMP-15
    message = sent(name, camille)

    [html] = message.alternatives
    read = message.message()
    assert read["Auto-Submitted"] == "auto-generated"
    assert read.get_content_type() == "multipart/alternative"
    assert html.mimetype == "text/html"
    assert max(len(line) for line in message.body.splitlines() if " " in line) <= 76  # an address stays whole
    for content in (message.body, html.content):
        assert content.count("http") == content.count("https://famille.saint-sauveur.example/")
        assert "<img" not in content
        assert "cliquez" not in content.lower()


@pytest.mark.parametrize("name", CONTEXTS)
def test_links_of_a_mail_are_those_of_pages_and_carry_no_secret(camille, name):
    # TMP-15
    message = sent(name, camille)

    html = message.alternatives[0].content
    links = re.findall(r'<a href="(https:[^"]*)"[^>]*>([^<]*)</a>', html)
    assert ("https://famille.saint-sauveur.example/", "https://famille.saint-sauveur.example/") in links
    assert all(address == shown for address, shown in links)
    assert html.count("href=") == len(links) + html.count('href="tel:')
    assert [address for address, _ in links if VALUE in address or "3816238" in address.partition("?")[0]] == []
    identified = {address.partition("?")[2] for address, _ in links} - {""}
    assert identified == ({"identifiant=3816238"} if name in {"temporary_password", "identifiants_oublies"} else set())
    assert message.body.endswith("\nhttps://famille.saint-sauveur.example/\n")


def test_temporary_password_is_in_no_link(camille):
    # TMP-15
    message = sent("temporary_password", camille)
    assert f">{VALUE}</p>" in message.alternatives[0].content
    assert message.body.count(VALUE) == 1
    assert f"/{VALUE}" not in message.body


@pytest.mark.parametrize("name", CONTEXTS)
def test_a_mail_is_named_after_the_site_and_not_the_machine(camille, name):
    read = sent(name, camille).message()
    assert re.fullmatch(r"<[^@<>\s]+@famille\.saint-sauveur\.example>", read["Message-ID"])


@pytest.mark.parametrize("recipient", ["foyer@courriel.example", User(email="foyer@courriel.example")])
def test_mail_greets_nobody_when_the_first_name_is_unknown(recipient):
    message = sent("password_changed", recipient)

    assert message.to == ["foyer@courriel.example"]
    assert message.body.startswith("Bonjour,\n")
    assert ">Bonjour, le mot" in tight(message.alternatives[0].content)


def test_mail_shows_a_name_as_it_is_written(camille):
    camille.first_name = "Léa & <b>D'Arc"

    message = sent("password_changed", camille)

    assert message.body.startswith("Bonjour Léa & <b>D'Arc,\n")
    assert ">Bonjour Léa &amp; &lt;b&gt;D&#x27;Arc, le mot" in tight(message.alternatives[0].content)


def test_wrap_keeps_what_must_not_break():
    words = " ".join(["garderie"] * 8)  # 71 columns
    address = "https://famille.saint-sauveur.example/" + "a" * 80

    assert wrap(f"{words} 4\u00a0décembre\n\nVoir {address}\n") == (f"{words}\n4\u00a0décembre\n\nVoir\n{address}\n")


@pytest.mark.parametrize("behaviour", ["accept", "accept_then_drop"])
def test_send_gives_the_mail_to_a_server(settings, camille, behaviour):
    with MailServer(behaviour) as server:
        settings.MAILERS = server.mailers()
        send("temporary_password", camille, CONTEXTS["temporary_password"])

        [received] = server.mails
    assert received["to"] == "camille@courriel.example"
    assert "Login : 3816238" in text_part(received)
    assert VALUE in html_part(received)


@pytest.mark.parametrize(
    ("behaviour", "reason"),
    [("refuse", REFUSED), ("reject", REFUSED), ("hang", UNREACHABLE), ("drop", UNREACHABLE)],
)
def test_send_says_why_a_server_did_not_take_the_mail_and_never_to_whom(settings, camille, behaviour, reason):
    # TMP-11, REL-03
    with MailServer(behaviour) as server:
        settings.MAILERS = server.mailers(timeout=0.5)
        with pytest.raises(NotDelivered) as failure:
            send("temporary_password", camille, CONTEXTS["temporary_password"])

        assert (failure.value.reason, server.seen, server.mails) == (reason, 1, [])
    written = "".join(traceback.format_exception(failure.value))
    assert "camille@" not in written
    assert VALUE not in written


def test_send_says_that_no_server_answers(settings, camille):
    with MailServer() as server:
        settings.MAILERS = server.mailers()

    with pytest.raises(NotDelivered) as failure:
        send("password_changed", camille, CONTEXTS["password_changed"])
    assert failure.value.reason == UNREACHABLE


def test_send_never_goes_in_clear(settings, camille):
    # HDR-09: this server offers no STARTTLS
    with MailServer() as server:
        settings.MAILERS = {"default": mailer_from_url(f"smtp+tls://127.0.0.1:{server.port}")}
        with pytest.raises(NotDelivered) as failure:
            send("password_changed", camille, CONTEXTS["password_changed"])

        assert (failure.value.reason, server.seen) == (UNREACHABLE, 0)


@pytest.mark.parametrize("address", ["léa@courriel.example", "a@b.example\nBcc: c@d.example", "sans arobase@"])
def test_send_refuses_an_address_that_no_mail_can_bear(settings, camille, address):
    camille.email = address
    with MailServer() as server:
        settings.MAILERS = server.mailers()
        with pytest.raises(NotDelivered) as failure:
            send("password_changed", camille, CONTEXTS["password_changed"])

        assert (failure.value.reason, server.mails) == (REFUSED, [])


def test_send_into_a_folder_that_cannot_be_is_not_delivered(settings, camille, tmp_path):
    # REL-03
    (tmp_path / "courriels").write_text("")
    settings.MAILERS = {"default": mailer_from_url(f"filemail://{tmp_path}/courriels")}

    with pytest.raises(NotDelivered) as failure:
        send("password_changed", camille, CONTEXTS["password_changed"])
    assert failure.value.reason == UNREACHABLE
