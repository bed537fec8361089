"""The mails that wait: which one another joins, and how it is found among thousands."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from accounts import outbox

pytestmark = pytest.mark.django_db
SEND = "enfance.courriels.tasks.send_enregistrements"


@pytest.mark.parametrize(("number", "minutes", "joined"), [(7, 5, True), (8, 5, False), (7, 6, False)])
def test_a_mail_joins_the_one_of_its_number_and_instant(number, minutes, joined):
    now = timezone.now()
    outbox.enqueue(SEND, 7, at=now + timedelta(minutes=5))

    with transaction.atomic():
        assert outbox.lock_enqueued(SEND, number, at=now + timedelta(minutes=minutes)) is joined


def test_a_mail_is_found_by_its_instant_among_those_that_wait():
    """Each save of a parent who goes from month to month asks: on the evening when a year opens, thousands wait."""
    now = timezone.now()
    outbox.enqueue(SEND, 0, at=now)
    [one] = DBTaskResult.objects.all()
    DBTaskResult.objects.bulk_create(
        DBTaskResult(
            args_kwargs={"args": [n], "kwargs": {}},
            task_path=SEND,
            queue_name=one.queue_name,
            backend_name=one.backend_name,
            run_after=now + timedelta(seconds=n),
        )
        for n in range(1, 2000)
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE django_tasks_database_dbtaskresult")

    with transaction.atomic(), CaptureQueriesContext(connection) as queries:
        assert outbox.lock_enqueued(SEND, 700, at=now + timedelta(seconds=700))

    with connection.cursor() as cursor:
        explain = "EXPLAIN QUERY PLAN " if connection.vendor == "sqlite" else "EXPLAIN "
        cursor.execute(explain + queries[-1]["sql"])
        plan = str(cursor.fetchall())
    assert "tasks_db_new_ordering_idx" in plan
    assert "run_after" in plan
