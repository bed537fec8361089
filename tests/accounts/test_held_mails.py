"""ENVOIS_RETENUS: nothing leaves of itself; the town hall lets leave, or gives up, what it sees held."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.core.management import call_command
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from accounts import held_mails, mailings, retention, tasks, temporary
from accounts.models import FormerIdentifiant, HeldMail, Mailing, MailingLine, TemporaryPassword, UndeliveredMail
from accounts.outbox import RETRY_AFTER
from accounts.worker import Worker
from tests.accounts.agents import client_in
from tests.accounts.mails import everything_stored, value_in, work
from tests.clients import Client
from tests.factories import StaffFactory, UserFactory
from tests.races import at_once
from tests.reading import messages_of
from tests.smtp import MailServer

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.ci]
LISTE = "/admin/accounts/heldmail/"


@pytest.fixture(autouse=True)
def held(settings):
    settings.DAILY_TASKS = {}
    settings.ENVOIS_RETENUS = True
    return settings


@pytest.fixture
def camille():
    return UserFactory(identifiant="3816238", first_name="Camille", last_name="Morel", email="c@courriel.example")


@pytest.fixture
def server(settings):
    with MailServer() as server:
        settings.MAILERS = server.mailers(timeout=5)
        yield server


@pytest.fixture
def mairie():
    return client_in("Secrétariat")


def act(client: Client, action: str, *mails: HeldMail, **more: str):
    fields = {"action": action, "_selected_action": [mail.pk for mail in mails], **more}
    return client.post(LISTE, fields, follow=True)


def all_of(page) -> dict[str, str]:
    """The hidden fields of « tout » on this page of the list."""
    context = page.context
    first = str(context["cl"].result_list[0].pk)
    return {"index": "0", "select_across": "1", "until": context["until"], "_selected_action": first}


def test_worker_leaves_mails_alone_and_does_the_rest(camille, server):
    tasks.send_temporary_password.enqueue("3816238")
    tasks.purge.enqueue()

    work()

    assert (server.seen, TemporaryPassword.objects.count()) == (0, 0)
    assert list(DBTaskResult.objects.order_by("queue_name").values_list("queue_name", "status")) == [
        ("courriels", "READY"),
        ("default", "SUCCESSFUL"),
    ]


def test_one_mail_is_let_go_and_its_value_made_then(camille, server, mairie, journal):  # TMP-01, TMP-07, ADM-04
    tasks.send_password_changed.enqueue(camille.pk, timezone.now().isoformat())
    tasks.send_temporary_password.enqueue("3816238")
    mail = HeldMail.objects.get(task_path="accounts.tasks.send_temporary_password")

    response = act(mairie, "release", mail)
    assert TemporaryPassword.objects.count() == 0
    work()

    [received] = server.mails
    assert temporary.accept("3816238", value_in(received), now=timezone.now())
    assert messages_of(response) == ["1 e-mail part dans les minutes qui viennent."]
    entry = LogEntry.objects.get()
    assert (entry.object_repr, entry.get_change_message()) == (
        "Mot de passe temporaire\u00a0: Camille Morel (3816238)",
        "Laissé partir.",
    )
    [line] = [line for line in journal.events if line["event"] == "mails_released"]
    assert (line["number"], line["by"]) == (1, entry.user_id)
    assert HeldMail.objects.count() == 1
    assert value_in(received) not in everything_stored() + journal.text


def test_all_are_let_go_but_those_asked_since(server, mairie):
    users = UserFactory.create_batch(3)
    for user in users:
        tasks.send_password_changed.enqueue(user.pk, timezone.now().isoformat())
    fields = all_of(mairie.get(LISTE))
    tasks.send_password_changed.enqueue(users[0].pk, timezone.now().isoformat())

    page = mairie.post(LISTE, {"action": "release", **fields})
    assert "3\u00a0e-mails vont partir" in page.text
    assert HeldMail.objects.count() == 4
    mairie.confirm_preview(page)
    work()

    assert sorted(received["to"] for received in server.mails) == sorted(user.email for user in users)
    assert HeldMail.objects.count() == 1
    assert LogEntry.objects.count() == 3


def test_what_is_given_up_never_leaves(camille, server, mairie, held, journal):  # ADM-04
    _, [line] = mailings.open_mailing(
        Mailing.Mail.CREDENTIALS, [camille], recipients="une famille", by=None, now=timezone.now()
    )
    tasks.send_temporary_password.enqueue("3816238", line=line.pk)
    mail = HeldMail.objects.get()

    asked = act(mairie, "give_up", mail)
    assert "1\u00a0e-mail ne partira jamais" in asked.text
    assert HeldMail.objects.count() == 1
    response = mairie.confirm_preview(asked)
    held.ENVOIS_RETENUS = False
    work()

    assert server.seen == 0
    assert MailingLine.objects.get().state == "skipped"
    assert messages_of(response) == ["1 e-mail abandonné : rien ne partira."]
    assert LogEntry.objects.get().get_change_message() == "Abandonné, jamais envoyé."
    assert [line["number"] for line in journal.events if line["event"] == "mails_given_up"] == [1]


def test_two_agents_let_the_same_mail_go_once(camille, server):  # REL-05
    tasks.send_password_changed.enqueue(camille.pk, timezone.now().isoformat())
    [mail] = HeldMail.objects.all()

    done = at_once(*[lambda: len(held_mails.release(HeldMail.objects.filter(pk=mail.pk)))] * 4)
    at_once(*[Worker(batch=True).run] * 2)

    assert (sorted(done), len(server.mails)) == ([0, 0, 0, 1], 1)


def test_one_agent_lets_go_what_another_gives_up(camille, server):  # REL-05
    for _ in range(5):
        DBTaskResult.objects.all().delete()
        server.mails.clear()
        tasks.send_password_changed.enqueue(camille.pk, timezone.now().isoformat())
        [mail] = HeldMail.objects.all()
        mails = HeldMail.objects.filter(pk=mail.pk)

        released, given_up = at_once(
            lambda mails=mails: held_mails.release(mails.all()),
            lambda mails=mails: held_mails.give_up(mails.all(), now=timezone.now()),
        )
        Worker(batch=True).run()

        assert len(released) + len(given_up) == 1
        assert len(server.mails) == len(released)


def test_mail_that_was_let_go_and_failed_is_tried_again_without_asking(camille, server, mairie):  # TMP-11
    server.behaviour = "refuse"
    tasks.send_temporary_password.enqueue("3816238")
    act(mairie, "release", HeldMail.objects.get())
    for _ in range(1 + len(RETRY_AFTER)):
        work()

    assert server.seen == 1 + len(RETRY_AFTER)
    assert UndeliveredMail.objects.get().reason == "refused"


def test_retry_that_was_waiting_when_the_setting_came_is_held(camille, server, held):
    held.ENVOIS_RETENUS = False
    server.behaviour = "refuse"
    tasks.send_temporary_password.enqueue("3816238")
    work()
    held.ENVOIS_RETENUS = True
    work()

    assert (server.seen, HeldMail.objects.count()) == (1, 1)


def test_setting_off_lets_the_rest_leave(camille, server, held):
    tasks.send_temporary_password.enqueue("3816238")
    work()
    held.ENVOIS_RETENUS = False
    work()

    [received] = server.mails
    assert temporary.accept("3816238", value_in(received), now=timezone.now())


def test_purge_leaves_what_is_held_and_its_lines(camille, server, held):  # RGP-06
    now = timezone.now()
    _, [line] = mailings.open_mailing(Mailing.Mail.CREDENTIALS, [camille], recipients="x", by=None, now=now)
    tasks.send_temporary_password.enqueue("3816238", line=line.pk)
    later = now + timedelta(days=90)

    assert (retention.purge(now=later)["tasks"], retention.purge(now=later)["mailings"]) == (0, 0)
    held_mails.release(HeldMail.objects.all())
    work()

    assert (len(server.mails), MailingLine.objects.get().state) == (1, "sent")
    held.ENVOIS_RETENUS = False
    assert retention.purge(now=later)["mailings"] == 2  # the mailing and its line


# --- The page -------------------------------------------------------------------------------------------------------


def test_list_says_what_and_for_whom_without_a_value(camille, mairie):
    FormerIdentifiant.objects.create(identifiant="1000001", user=camille)
    agent = StaffFactory(first_name="Alix", last_name="Petit", identifiant="5550011")
    tasks.send_temporary_password.enqueue("1000001")
    tasks.send_temporary_password.enqueue("9999999")
    tasks.send_identifiants.enqueue("c@courriel.example")
    tasks.send_second_factor_notice.enqueue(agent.pk, "used", timezone.now().isoformat())
    tasks.send_login_alarm.using(run_after=timezone.now() + timedelta(hours=1)).enqueue(agent.pk, "spraying", "x")
    DBTaskResult.objects.create(
        args_kwargs={"args": [1], "kwargs": {}},
        task_path="accounts.tasks.gone",
        queue_name="courriels",
        backend_name="default",
        run_after=timezone.now(),
    )

    page = mairie.get(LISTE)

    assert [(mail.name, mail.recipient) for mail in page.context["cl"].result_list] == [
        ("Mot de passe temporaire", "Camille Morel (3816238)"),
        ("Mot de passe temporaire", "personne\u00a0: rien ne partira"),
        ("Identifiants oubliés", "c@courriel.example"),
        ("Deuxième facteur", "Alix Petit (5550011)"),
        ("Alerte\u00a0: des connexions échouent par centaines", "Alix Petit (5550011)"),
        ("accounts.tasks.gone", "personne\u00a0: rien ne partira"),
    ]
    assert [mail.not_before for mail in map(PageRow, page.context["cl"].result_list)].count("") == 5
    kind = mairie.get(f"{LISTE}?nature=accounts.tasks.send_identifiants")
    assert kind.context["cl"].result_count == 1


class PageRow:
    """A row as its admin page shows it."""

    def __init__(self, mail: HeldMail) -> None:
        from django.contrib import admin

        self.not_before = admin.site.get_model_admin(HeldMail).not_before(mail)


def test_thousand_mails_cost_what_one_does_and_leave_together(mairie, django_assert_num_queries):
    users = UserFactory.create_batch(20)
    tasks.send_password_changed.enqueue(users[0].pk, timezone.now().isoformat())
    mairie.get(LISTE)  # the first page notes that the session is used
    with django_assert_num_queries(9):
        mairie.get(LISTE)
    DBTaskResult.objects.bulk_create(
        DBTaskResult(
            args_kwargs={"args": [users[number % 20].pk, "x"], "kwargs": {}},
            task_path="accounts.tasks.send_password_changed",
            queue_name="courriels",
            backend_name="default",
            run_after=timezone.now(),
        )
        for number in range(1009)
    )
    with django_assert_num_queries(9):
        page = mairie.get(LISTE)
    assert (page.context["cl"].result_count, len(page.context["cl"].result_list)) == (1010, 100)

    asked = mairie.post(LISTE, {"action": "release", **all_of(page)})
    mairie.confirm_preview(asked)

    assert (HeldMail.objects.count(), LogEntry.objects.count()) == (0, 1010)


@pytest.mark.parametrize(("on", "sentence"), [(True, "Aucun e-mail n’attend."), (False, "Rien n’est retenu")])
def test_empty_list_says_so(mairie, held, on, sentence):
    held.ENVOIS_RETENUS = on

    assert sentence in mairie.get(LISTE).text


def test_page_is_offered_only_while_mails_are_held(camille, mairie, held):
    tasks.send_password_changed.enqueue(camille.pk, timezone.now().isoformat())
    home = mairie.get("/admin/").text
    assert f'<a href="{LISTE}"><b>1</b> <span>e-mail retenu\u00a0: à laisser partir ou non' in home

    held.ENVOIS_RETENUS = False

    assert LISTE not in mairie.get("/admin/").text
    assert mairie.get(LISTE).context["cl"].result_count == 0


def test_mail_that_left_since_it_was_shown_is_not_counted(camille, mairie):
    for _ in "12":
        tasks.send_password_changed.enqueue(camille.pk, timezone.now().isoformat())
    asked = mairie.post(LISTE, {"action": "give_up", **all_of(mairie.get(LISTE))})
    held_mails.release(HeldMail.objects.filter(pk=HeldMail.objects.order_by("enqueued_at").last().pk))

    again = mairie.confirm_preview(asked)

    assert again.context["change"]
    assert "1\u00a0e-mail ne partira jamais" in again.text
    assert (HeldMail.objects.count(), LogEntry.objects.count()) == (1, 0)


@pytest.mark.parametrize("action", ["release", "give_up"])
def test_who_has_no_right_lets_nothing_go(camille, action):  # ACC-05
    tasks.send_password_changed.enqueue(camille.pk, timezone.now().isoformat())
    client = client_in("Informatique")

    assert act(client, action, HeldMail.objects.get(), confirmer="1").status_code == 403
    assert HeldMail.objects.count() == 1


@pytest.mark.parametrize("fields", [{"_selected_action": "1"}, {"until": "hier"}, {"until": "2026-12-03T10:00"}])
def test_what_no_page_sends_is_refused(camille, mairie, fields):  # VAL-08
    tasks.send_password_changed.enqueue(camille.pk, timezone.now().isoformat())
    [mail] = HeldMail.objects.all()

    response = mairie.post(LISTE, {"action": "release", "_selected_action": str(mail.pk), **fields})

    assert (response.status_code, HeldMail.objects.count()) == (400, 1)


def test_worker_says_that_mails_are_held(capsys, held):
    call_command("db_worker", "--batch")
    assert "ENVOIS_RETENUS" in capsys.readouterr().err

    held.ENVOIS_RETENUS = False
    call_command("db_worker", "--batch")
    assert capsys.readouterr().err == ""
