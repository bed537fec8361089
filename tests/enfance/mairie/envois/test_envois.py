"""Messages and credentials to many families: once, by the worker, and what became of each is known."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from accounts.models import Mailing, UndeliveredMail, User
from accounts.outbox import RETRY_AFTER
from accounts.passwords import Sending
from accounts.worker import Worker
from enfance.mairie.destinataires import Public
from enfance.mairie.envois.ecriture import envoyer, envoyer_identifiants, essayer, rappeler, retirer
from enfance.mairie.tasks import send_message, send_messages
from enfance.models import Actualite, Message
from portail.dates import PARIS
from tests.accounts.mails import work
from tests.factories import ClasseFactory, ResponsableFactory, StaffFactory, make_enfant
from tests.races import at_once
from tests.smtp import MailServer, html_part, text_part

pytestmark = pytest.mark.django_db(transaction=True)
NOW = datetime(2026, 12, 3, 20, 41, tzinfo=PARIS)
TEXTE = "Les photos sont arrivées.\n\nÀ retirer <b>demain</b> & après, ou sur photos.example.com."


@pytest.fixture(autouse=True)
def no_daily_tasks(settings, time_machine):
    settings.DAILY_TASKS = {}
    time_machine.move_to(NOW)


@pytest.fixture
def server(settings):
    with MailServer() as server:
        settings.MAILERS = server.mailers(timeout=0.5)
        yield server


@pytest.fixture
def agente():
    return StaffFactory(email="mairie@courriel.example", first_name="Odile")


@pytest.fixture
def message(agente):
    return Message.objects.create(objet="Photos de classe", texte=TEXTE, auteur=agente)


@pytest.fixture
def familles():
    adultes = [ResponsableFactory(user__first_name=nom) for nom in ("Camille", "Dominique")]
    make_enfant(*adultes)
    return adultes


def states(message):
    message.refresh_from_db()
    return list(message.envoi.lines.order_by("pk").values_list("state", flat=True))


def send(message, agente):
    return envoyer(message, par=agente.pk, now=timezone.now())


# --- Messages ---------------------------------------------------------------------------------------------------------


def test_message_goes_to_each_alone_and_is_kept_as_it_went(message, agente, familles, server):
    assert send(message, agente) is True
    work()

    message.refresh_from_db()
    assert [received["to"] for received in server.mails] == [adulte.user.email for adulte in familles]
    assert (message.nombre, message.destinataires, message.auteur) == (2, "toutes les familles", agente)
    assert states(message) == ["sent", "sent"]


def test_mail_says_what_was_typed_and_nothing_of_the_reader(message, agente, familles, server, settings):
    send(message, agente)
    work()
    mail = server.mails[0]

    assert mail["subject"] == "Photos de classe"
    assert text_part(mail).startswith(f"Bonjour,\n\n{TEXTE}\n\nLa mairie de Saint-Sauveur\n")
    assert "À retirer &lt;b&gt;demain&lt;/b&gt; &amp; après, ou sur " in html_part(mail)
    assert "photos.example.com" in html_part(mail)
    assert "nofollow" not in html_part(mail)  # as it was typed: readers of mail make the link
    assert [word for word in ("Camille", "Léa", "CE1") if word in text_part(mail) + html_part(mail)] == []
    assert (mail["reply-to"], mail["auto-submitted"], mail["precedence"]) == (settings.COMMUNE_COURRIEL, "no", "bulk")


def test_message_without_a_town_halls_address_has_no_reply_to(message, agente, familles, server, settings):
    settings.COMMUNE_COURRIEL = ""
    send(message, agente)
    work()

    assert server.mails[0]["reply-to"] is None


def test_queue_holds_identifiers_only(message, agente, familles):
    send(message, agente)
    assert [row.args_kwargs["args"] for row in DBTaskResult.objects.all()] == [[message.envoi.pk]]
    DBTaskResult.objects.all().delete()
    send_messages.func(message.envoi.pk)

    args = [row.args_kwargs for row in DBTaskResult.objects.order_by("enqueued_at")]
    lines = list(message.envoi.lines.order_by("pk").values_list("pk", flat=True))
    assert args == [{"args": [message.pk, line], "kwargs": {}} for line in lines]


def test_two_adults_at_one_address_receive_one(message, agente, familles, server):
    User.objects.filter(is_staff=False).update(email="maison@courriel.example")

    send(message, agente)
    work()

    assert [received["to"] for received in server.mails] == ["maison@courriel.example"]


def test_message_leaves_once_however_often_it_is_asked(message, agente, familles, server):
    sent = at_once(*[lambda: send(Message.objects.get(pk=message.pk), agente)] * 4)
    work()

    assert sorted(sent) == [False, False, False, True]
    assert len(server.mails) == 2
    assert Mailing.objects.count() == 1


def test_task_that_runs_twice_sends_once(message, agente, familles, server):
    send(message, agente)
    work()
    DBTaskResult.objects.update(status="READY", worker_ids=[])

    work()

    assert len(server.mails) == 2


def test_nobody_to_write_to_leaves_a_draft(message, agente):
    assert send(message, agente) is False

    message.refresh_from_db()
    assert (message.envoye_le, message.envoi, Mailing.objects.count()) == (None, None, 0)


# --- Called back ------------------------------------------------------------------------------------------------------


def test_message_waits_five_minutes_then_leaves(message, agente, familles, server, time_machine):
    send(message, agente)
    for minutes, mails in [(0, 0), (4, 0), (6, 2)]:
        time_machine.move_to(NOW + timedelta(minutes=minutes), tick=False)
        for _ in "12":
            Worker(batch=True).run()
        assert len(server.mails) == mails

    message.refresh_from_db()
    assert (message.depart, message.nombre) == (None, 2)
    assert rappeler(message, par=agente.pk) is False


def test_message_called_back_sends_nothing_and_is_a_draft(message, agente, familles, server):
    send(message, agente)

    assert rappeler(message, par=agente.pk) is True
    work()

    message.refresh_from_db()
    assert (message.envoye_le, message.depart, message.envoi, message.nombre) == (None, None, None, 0)
    assert (message.objet, message.destinataires) == ("Photos de classe", "")
    assert (Mailing.objects.count(), server.mails) == (0, [])


def test_message_sent_again_waits_its_own_five_minutes(message, agente, familles, server, time_machine):
    send(message, agente)
    time_machine.move_to(NOW + timedelta(minutes=4), tick=False)
    rappeler(message, par=agente.pk)
    send(message, agente)

    time_machine.move_to(NOW + timedelta(minutes=5), tick=False)
    for _ in "12":
        Worker(batch=True).run()

    message.refresh_from_db()
    assert (server.mails, message.depart) == ([], NOW + timedelta(minutes=9))


def test_message_that_waits_can_be_called_back_as_long_as_no_worker_took_it(message, agente, familles, time_machine):
    send(message, agente)
    time_machine.move_to(NOW + timedelta(hours=2), tick=False)

    assert rappeler(message, par=agente.pk) is True


@pytest.mark.parametrize("_", range(5))
def test_calling_back_and_sending_are_one_or_the_other(message, agente, familles, _):
    send(message, agente)
    mailing = message.envoi.pk

    called, _sent = at_once(
        lambda: rappeler(Message.objects.get(pk=message.pk), par=agente.pk), lambda: send_messages.func(mailing)
    )

    message.refresh_from_db()
    mails = DBTaskResult.objects.filter(task_path=send_message.module_path).count()
    assert (mails, Mailing.objects.count(), message.envoye_le is None) == ((0, 0, True) if called else (2, 1, False))


def test_two_agents_call_back_once(message, agente, familles):
    send(message, agente)

    told = at_once(*[lambda: rappeler(Message.objects.get(pk=message.pk), par=agente.pk)] * 3)

    assert sorted(told) == [False, False, True]


@pytest.mark.parametrize("behaviour", ["refuse", "drop"])
def test_mail_that_never_leaves_is_given_up_and_seen(message, agente, familles, server, behaviour):
    server.behaviour = behaviour
    send(message, agente)
    for _ in RETRY_AFTER:
        work()
    before = states(message)

    work()

    assert (before, states(message)) == (["waiting"] * 2, ["failed"] * 2)
    assert list(UndeliveredMail.objects.values_list("mail", flat=True)) == ["Photos de classe"] * 2


def test_retry_reaches_only_who_has_not_received_it(message, agente, familles, server):
    send(message, agente)
    User.objects.filter(pk=familles[0].user_id).update(email="sans arobase")
    work()
    User.objects.filter(pk=familles[0].user_id).update(email="enfin@courriel.example")

    work()

    assert [received["to"] for received in server.mails] == [familles[1].user.email, "enfin@courriel.example"]


@pytest.mark.parametrize("change", [{"is_active": False}, {"email": ""}])
def test_account_that_changed_meanwhile_receives_nothing(message, agente, familles, server, change):
    send(message, agente)
    User.objects.filter(pk=familles[0].user_id).update(**change)

    work()

    assert (states(message), len(server.mails)) == (["skipped", "sent"], 1)


def test_trial_reaches_the_agent_alone(message, agente, familles, server):
    assert essayer(message, agente) is True
    work()

    message.refresh_from_db()
    assert [received["to"] for received in server.mails] == ["mairie@courriel.example"]
    assert (message.envoye_le, Mailing.objects.count()) == (None, 0)


def test_agent_without_an_address_tries_nothing(message):
    assert essayer(message, StaffFactory(email="")) is False
    assert DBTaskResult.objects.count() == 0


# --- Credentials ------------------------------------------------------------------------------------------------------


def credentials(public=None, **options):
    return envoyer_identifiants(public or Public(), now=timezone.now(), **{"connectes": False, **options})


def test_credentials_go_to_those_who_never_came_in(familles, server):
    User.objects.filter(pk=familles[0].user_id).update(last_login=NOW - timedelta(days=30))

    bilan = credentials()
    work()

    assert (bilan.envoyes, bilan.connectes) == ([familles[1].user], 1)
    assert [received["to"] for received in server.mails] == [familles[1].user.email]


def test_credentials_go_to_the_others_too_when_asked(familles):
    User.objects.filter(pk=familles[0].user_id).update(last_login=NOW - timedelta(days=30))

    assert len(credentials(connectes=True).envoyes) == 2


def test_credentials_of_a_class_are_for_its_adults(familles):
    classe = ClasseFactory()
    make_enfant(ResponsableFactory(), prenom="Zoé").scolarites.update(classe=ClasseFactory(nom="PS Mme Saule"))

    bilan = credentials(Public((classe,)))

    assert (len(bilan.envoyes), bilan.envoi.recipients) == (2, "les familles de la classe CE1-CE2 Mme Sorbier")


def test_preview_says_what_the_sending_does(familles):
    familles[0].user.email = ""
    familles[0].user.save()

    apercu, fait = credentials(simuler=True), credentials()

    assert apercu.envoi is None
    assert (apercu.envoyes, apercu.sans_courriel) == (fait.envoyes, fait.sans_courriel)
    assert fait.sans_courriel == [familles[0]]
    assert fait.par_suite[Sending.NO_ADDRESS] == [familles[0].user]


# --- News -------------------------------------------------------------------------------------------------------------


def test_news_is_withdrawn_once():
    actualite = Actualite.objects.create(texte="Marché de Noël", debut=NOW.date())

    done = [retirer(actualite, now=NOW), retirer(actualite, now=NOW)]

    assert done == [True, False]
    assert list(Actualite.objects.du(NOW.date())) == []
