"""The mail of a school morning, at eight."""

from __future__ import annotations

from datetime import date, datetime, time

import pytest
from django.conf import settings as portail_settings
from django_tasks_db.models import DBTaskResult

from accounts import worker
from enfance.models import ReglageCantine
from portail.dates import PARIS
from tests.factories import AnneeFactory, StaffFactory, make_creneaux

JEUDI = date(2026, 12, 3)
CANTINE = "cantine@courriel.example"


def at(hour, minute=0, jour=JEUDI):
    return datetime.combine(jour, time(hour, minute), tzinfo=PARIS)


@pytest.fixture
def clock(time_machine, settings):
    settings.CANTINE_COURRIEL = CANTINE
    plan = "enfance.cantine.tasks.plan_cantine"
    settings.DAILY_TASKS = {plan: portail_settings.DAILY_TASKS[plan]}
    time_machine.move_to(at(4), tick=False)
    AnneeFactory()
    make_creneaux()
    return time_machine


@pytest.fixture
def agent(clock):
    return StaffFactory(first_name="Lou", email="lou@courriel.example")


@pytest.fixture
def huit_heures(clock, agent):
    ReglageCantine.objects.create(pk=1, heure_courriel=time(8), choisie_par=agent)


def work(clock, *instants):
    """The worker passes at these instants, and does what is due."""
    for now in instants:
        clock.move_to(now, tick=False)
        worker.enqueue_daily(now=now)
        while rows := list(DBTaskResult.objects.ready()):
            for row in rows:
                DBTaskResult.objects.filter(pk=row.pk).update(status="SUCCESSFUL")
                row.task.func(*row.args_kwargs["args"], **row.args_kwargs["kwargs"])
