"""The base between two tests: as one that has just been made."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.apps import apps
from django.contrib.auth.models import Permission
from django.core.management import call_command
from django.test import TransactionTestCase

from portail.dates import PARIS
from tests import emptying
from tests.ecole import make_ecole

pytestmark = pytest.mark.django_db(transaction=True)


def rows() -> dict[str, list[tuple[object, ...]]]:
    models = [model for model in apps.get_models(include_auto_created=True) if model not in emptying.KEPT]
    found = {model._meta.label: list(model._base_manager.order_by("pk").values_list()) for model in models}
    return {label: rows for label, rows in found.items() if rows}


def test_what_a_test_has_left_is_taken_away_as_django_does():
    call_command("flush", interactive=False, verbosity=0)
    made = rows()
    make_ecole(datetime(2026, 12, 3, 20, 40, tzinfo=PARIS))
    assert len(rows()) > 30

    emptying.empty("default")

    assert rows() == made


def test_what_is_kept_is_written_anew_when_a_test_has_changed_it(monkeypatch):
    asked = []
    monkeypatch.setattr(emptying, "counted", {"default": emptying.count("default")})
    monkeypatch.setattr(emptying, "flush", asked.append)
    monkeypatch.setattr(emptying, "names", lambda test: ["default"])
    test = TransactionTestCase()

    emptying.take_away(test)
    assert asked == []

    Permission.objects.filter(pk=Permission.objects.latest("pk").pk).delete()
    emptying.take_away(test)
    assert asked == [test]
    call_command("flush", interactive=False, verbosity=0)
