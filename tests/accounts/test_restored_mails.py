"""What waited in a restored archive: held whatever ENVOIS_RETENUS says, until the town hall lets it leave or not."""

from __future__ import annotations

from datetime import time, timedelta

import pytest
from django.db import transaction
from django.tasks import TaskResultStatus
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from accounts import held_mails, mailings, outbox, retention, tasks, worker
from accounts.models import HeldMail, Mailing, MailingLine, Passage, TemporaryPassword
from tests.accounts.agents import client_in
from tests.accounts.mails import work
from tests.factories import UserFactory
from tests.smtp import MailServer

pytestmark = pytest.mark.django_db(transaction=True)
LISTE = "/admin/accounts/heldmail/"
PURGE, RAPPELS = "accounts.tasks.purge", "enfance.courriels.tasks.send_rappels"
TELL_FAMILY, ENSEMBLE = "enfance.courriels.tasks.tell_family", "enfance.courriels.tasks.send_enregistrements"


@pytest.fixture(autouse=True)
def town(settings):
    settings.DAILY_TASKS = {}
    settings.ENVOIS_RETENUS = False
    return settings


@pytest.fixture
def server(settings):
    with MailServer() as server:
        settings.MAILERS = server.mailers(timeout=5)
        yield server


@pytest.fixture
def camille():
    return UserFactory(identifiant="3816238", first_name="Camille", last_name="Morel", email="c@courriel.example")


def queues() -> dict[str, str]:
    return dict(DBTaskResult.objects.values_list("task_path", "queue_name"))


def test_all_that_may_send_a_mail_is_held_and_nothing_leaves(camille, server):
    tasks.send_temporary_password.enqueue("3816238")
    tasks.send_password_changed.using(queue_name="default").enqueue(camille.pk, "2026-11-27T08:00:00+00:00")  # let go
    tasks.send_second_factor_notice.enqueue(camille.pk, "used", "2026-11-27T08:00:00+00:00")
    DBTaskResult.objects.filter(task_path__endswith="notice").update(
        status=TaskResultStatus.RUNNING, started_at=timezone.now() - timedelta(days=1), worker_ids=["a", "b", "c"]
    )
    outbox.enqueue(TELL_FAMILY, 1)
    DBTaskResult.objects.filter(task_path=TELL_FAMILY).update(task_path="enfance.tasks.gone")
    outbox.enqueue(RAPPELS)
    tasks.purge.enqueue()

    assert held_mails.hold_restored(now=timezone.now()) == 5
    work()

    assert (server.seen, TemporaryPassword.objects.count()) == (0, 0)
    assert queues() == {
        "accounts.tasks.send_temporary_password": "archive",
        "accounts.tasks.send_password_changed": "archive",
        "accounts.tasks.send_second_factor_notice": "archive",
        "enfance.tasks.gone": "archive",
        RAPPELS: "archive",
        PURGE: "default",
    }
    assert HeldMail.objects.count() == 5
    assert held_mails.hold_restored(now=timezone.now()) == 5  # and what was restored once is held in a second one


def test_what_is_done_and_what_failed_stay_as_they_are(camille):
    tasks.send_password_changed.enqueue(camille.pk, "2026-11-27T08:00:00+00:00")
    for status in (TaskResultStatus.SUCCESSFUL, TaskResultStatus.FAILED):
        DBTaskResult.objects.update(status=status)
        assert held_mails.hold_restored(now=timezone.now()) == 0
        assert DBTaskResult.objects.get().status == status


def test_the_town_hall_sees_them_lets_one_leave_and_gives_another_up(camille, server):
    tasks.send_password_changed.enqueue(camille.pk, timezone.now().isoformat())
    outbox.enqueue(TELL_FAMILY, 1)
    held_mails.hold_restored(now=timezone.now())
    tasks.send_temporary_password.enqueue("3816238")  # of today: it leaves of itself
    mairie = client_in("Secrétariat")

    assert f'<a href="{LISTE}"><b>2</b>' in mairie.get("/admin/").text
    page = mairie.get(LISTE)
    shown = {mail.name: mail for mail in page.context["cl"].result_list}
    assert {name: mail.recipient for name, mail in shown.items()} == {
        "Mot de passe changé": "Camille Morel (3816238)",
        "Inscriptions changées par la mairie": "les familles concernées",
    }
    assert "ne partent pas d’eux-mêmes" in page.text
    assert mairie.get(f"{LISTE}?nature={TELL_FAMILY}").context["cl"].result_count == 1
    work()
    assert len(server.mails) == 1

    let_go = {"action": "release", "_selected_action": [shown["Mot de passe changé"].pk]}
    mairie.post(LISTE, let_go)
    given_up = {"action": "give_up", "_selected_action": [shown["Inscriptions changées par la mairie"].pk]}
    mairie.confirm_preview(mairie.post(LISTE, given_up))
    work()

    assert len(server.mails) == 2
    assert HeldMail.objects.count() == 0
    assert "Rien n’est retenu" in mairie.get(LISTE).text


def test_purge_leaves_what_is_held_and_its_lines(camille):  # RGP-06
    now = timezone.now()
    _, [line] = mailings.open_mailing(Mailing.Mail.CREDENTIALS, [camille], recipients="x", by=None, now=now)
    tasks.send_temporary_password.enqueue("3816238", line=line.pk)
    held_mails.hold_restored(now=now)
    later = now + timedelta(days=90)

    assert (retention.purge(now=later)["tasks"], retention.purge(now=later)["mailings"]) == (0, 0)
    assert held_mails.give_up(HeldMail.objects.all(), now=later)
    assert MailingLine.objects.get().state == "skipped"
    assert retention.purge(now=later)["mailings"] == 2


def test_a_mail_of_today_never_joins_one_that_is_held():
    at = timezone.now() + timedelta(minutes=5)
    outbox.enqueue(ENSEMBLE, 7, at=at)
    with transaction.atomic():
        assert outbox.lock_enqueued(ENSEMBLE, 7, at=at)

    held_mails.hold_restored(now=timezone.now())

    with transaction.atomic():
        assert not outbox.lock_enqueued(ENSEMBLE, 7, at=at)


@pytest.mark.parametrize("settled", [True, False])
def test_a_job_of_the_day_that_is_due_is_held_once_and_not_done_again(town, settled):
    town.DAILY_TASKS = {PURGE: time(3), RAPPELS: time(18)}
    now = timezone.now()
    for path in town.DAILY_TASKS:
        done = now - timedelta(days=3)
        Passage.objects.create(job=path, done_at=done if settled else None)
    outbox.enqueue(RAPPELS)

    assert held_mails.hold_restored(now=now) == 1
    worker.enqueue_daily(now=now)

    rows = DBTaskResult.objects.order_by("task_path").values_list("task_path", "queue_name")
    assert list(rows) == [(PURGE, "default"), (RAPPELS, "archive")]
    worker.enqueue_daily(now=now + timedelta(days=1))
    assert DBTaskResult.objects.filter(task_path=RAPPELS, queue_name="default").count() == 1  # the next evening's


def test_a_job_that_the_archive_had_done_today_is_not_held(town):
    town.DAILY_TASKS = {RAPPELS: time(18)}
    now = timezone.now()
    Passage.objects.create(job=RAPPELS, done_at=now)

    assert held_mails.hold_restored(now=now) == 0
    assert DBTaskResult.objects.count() == 0


def test_an_installation_that_never_had_the_job_owes_nothing(town):
    town.DAILY_TASKS = {RAPPELS: time(18)}
    assert held_mails.hold_restored(now=timezone.now()) == 0
