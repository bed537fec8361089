"""A family whose mails come back: what stops is said, before and after; what it asks for still goes."""

from datetime import date, datetime
from urllib.parse import urlsplit

import pytest
from django.utils import timezone

from accounts import tasks
from accounts.models import MailSent, UndeliveredMail, User
from enfance.courriels.tasks import send_confirmation
from enfance.inscriptions import Changement, enregistrer
from enfance.mairie.bureau import courriels_revenus
from enfance.mairie.destinataires import Courrier, Public
from enfance.mairie.envois.ecriture import envoyer
from enfance.mairie.envois.forms import LettresForm
from enfance.mairie.touches import sans_courriel_of
from enfance.models import Enregistrement, Inscription, Message, Responsable
from enfance.regles import Acteur, Cle
from portail.dates import PARIS
from portail.retours import Retours
from tests.accounts.mails import work
from tests.clients import Client
from tests.factories import AnneeFactory, ResponsableFactory, StaffFactory, make_creneaux, make_enfant
from tests.smtp import MailServer

pytestmark = pytest.mark.django_db(transaction=True)
NOW = datetime(2026, 12, 3, 20, 41, tzinfo=PARIS)
MARDI = date(2026, 12, 8)


@pytest.fixture(autouse=True)
def server(settings, time_machine):
    settings.DAILY_TASKS = {}
    settings.RETOURS_COURRIEL = Retours("127.0.0.1", 9, False, "retours@commune.fr", "x", "INBOX", "retours@commune.fr")
    time_machine.move_to(NOW)
    with MailServer() as server:
        settings.MAILERS = {"default": server.mailers()["default"] | {"BACKEND": "portail.courriels.SmtpBackend"}}
        yield server


@pytest.fixture
def agente():
    return StaffFactory(first_name="Odile", identifiant="5550011")


@pytest.fixture
def dominique():
    return ResponsableFactory(user__first_name="Dominique")


@pytest.fixture
def camille(dominique):
    """A parent whose mails come back, and whose children have another, whom mails reach."""
    camille = ResponsableFactory(user__first_name="Camille", user__email="camille@example.fr", telephone="0639980012")
    mark(camille)
    make_enfant(camille, dominique, prenom="Léa")
    return camille


def mark(responsable):
    User.objects.filter(pk=responsable.user_id).update(email_refused_at=NOW, email_refused="mailbox_full")
    responsable.user.refresh_from_db()


def recipients(server):
    return [str(mail["to"]) for mail in server.mails]


def lines():
    return list(UndeliveredMail.objects.order_by("pk").values_list("user", "mail", "reason"))


def test_message_leaves_for_the_others_and_says_for_whom_it_did_not(camille, dominique, agente, server):
    message = Message.objects.create(objet="Photos de classe", texte="Les photos.", auteur=agente)
    client = Client()
    client.force_login(agente)
    client.show_second_factor()
    page = client.get(f"/admin/enfance/message/{message.pk}/apercu/").text
    assert "Rien ne part pour 1\u00a0adulte, dont les e-mails reviennent." in page
    assert "1\u00a0adulte dont les e-mails reviennent, à prévenir autrement" in page
    assert "la boîte est pleine" in page

    assert envoyer(message, par=agente.pk, now=NOW)
    work()

    message.refresh_from_db()
    assert (recipients(server), message.nombre) == ([dominique.user.email], 1)
    assert lines() == [(camille.user_id, "Photos de classe", "stopped")]


def test_message_whose_reader_is_marked_before_it_leaves_is_not_delivered(camille, dominique, agente, server):
    message = Message.objects.create(objet="Photos de classe", texte="Les photos.", auteur=agente)
    envoyer(message, par=agente.pk, now=NOW)
    mark(dominique)
    work()

    message.refresh_from_db()
    assert [line.state for line in message.envoi.lines.all()] == ["failed"]
    assert [line[1:] for line in lines()] == [("Photos de classe", "stopped")] * 2
    assert recipients(server) == []


def test_what_the_town_hall_changes_stops_and_what_the_parent_does_is_confirmed(camille, agente, server):
    AnneeFactory()
    make_creneaux()
    lea = camille.responsabilites.get().enfant
    cle = Cle(lea.pk, MARDI, "soir")
    enregistrer([Changement(cle, Inscription.Etat.INSCRIT)], Acteur.parent(camille), now=NOW)
    work()
    assert recipients(server) == ["camille@example.fr"]
    assert lines() == []

    send_confirmation.enqueue(Enregistrement.objects.get().pk, camille.user_id)
    work()
    assert (recipients(server), [line[::2] for line in lines()]) == (
        ["camille@example.fr"],
        [(camille.user_id, "stopped")],
    )


def test_password_and_warning_still_leave(camille, server):
    tasks.send_temporary_password.enqueue(camille.user.identifiant)
    tasks.send_password_changed.enqueue(camille.user_id, timezone.now().isoformat())
    work()
    assert recipients(server) == ["camille@example.fr"] * 2
    assert MailSent.objects.count() == 2
    assert server.senders == ["retours@commune.fr"] * 2


def test_reminders_stop_without_a_line_each_evening(camille, dominique):
    Responsable.objects.update(rappel=True)
    assert list(Responsable.objects.with_rappel()) == [dominique]


def test_whom_no_mail_reaches_is_called_or_written_to(camille, dominique):
    today = NOW.date()
    lea = camille.responsabilites.get().enfant
    tom = make_enfant(camille, prenom="Tom")

    assert list(courriels_revenus(today)) == [camille]
    assert sans_courriel_of([lea.pk, tom.pk]) == {tom.pk}  # Dominique is told of Léa
    form = LettresForm({"classe": ""}, today=today)
    assert form.is_valid()
    assert form.adultes() == [camille]
    courrier = Courrier.of(Public(), today=today)
    assert (courrier.comptes, courrier.refuses, courrier.partages) == ([dominique.user], [camille], 0)


def test_parent_is_told_and_can_have_the_address_verified(camille, server):
    client = Client()
    client.force_login(camille.user)
    told = "Nos e-mails à camille@example.fr ne vous arrivent plus."
    assert told in client.get("/").text
    page = client.get("/compte/").text
    assert "Nos e-mails ne vous arrivent plus" in page
    assert "la boîte est pleine" in page

    answer = client.post("/compte/", {"adresse": "verifier"}, follow=True).text
    assert "Adresse à vérifier" in answer
    work()
    [mail] = server.mails
    link = next(word for word in mail.get_body(("plain",)).get_content().split() if "/courriel/confirmer/" in word)
    assert client.post(urlsplit(link).path).status_code == 302

    assert told not in client.get("/").text
    again = client.post("/compte/", {"adresse": "verifier"}, follow=True).text
    assert "Nos e-mails arrivent de nouveau à votre adresse." in again


def test_other_parent_is_told_nothing(camille, dominique):
    client = Client()
    client.force_login(dominique.user)
    assert ["camille@example.fr" in client.get(path).text for path in ("/", "/compte/")] == [False] * 2
