"""A preview does what it tells of, keeps nothing of it, and lets everybody save meanwhile."""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path

import pytest
from django.conf import settings
from django.db import OperationalError, connection, transaction

from enfance.models import Creneau
from portail import rehearsal
from portail.rehearsal import writing
from tests.factories import CreneauFactory
from tests.races import at_once

ROOT = Path(settings.BASE_DIR)


def codes() -> list[str]:
    return sorted(Creneau.objects.values_list("code", flat=True))


@pytest.mark.django_db(transaction=True)
def test_what_is_rehearsed_is_read_within_and_gone_after():
    CreneauFactory(code="soir")
    with rehearsal.rehearsal():
        assert connection.in_atomic_block
        CreneauFactory(code="midi")
        assert codes() == ["midi", "soir"]

    assert codes() == ["soir"]
    with writing(rehearsed=True):
        Creneau.objects.all().delete()
    with writing(rehearsed=False):
        CreneauFactory(code="matin")
    assert codes() == ["matin", "soir"]


@pytest.mark.django_db(transaction=True)
def test_everybody_saves_during_a_rehearsal():
    """On SQLite, which has one writer: nothing here waits for the end of the block, which waits for it."""
    with rehearsal.rehearsal():
        CreneauFactory(code="midi", ordre=7)
        at_once(lambda: CreneauFactory(code="soir", ordre=8))
        if connection.vendor == "sqlite":
            assert codes() == ["midi"]  # as the database was when the block began

    assert codes() == ["soir"]


@pytest.mark.django_db(transaction=True)
def test_refusal_in_a_rehearsal_leaves_the_database_as_it_was():
    with suppress(ZeroDivisionError), rehearsal.rehearsal():
        CreneauFactory(code="midi")
        raise ZeroDivisionError

    assert codes() == []
    CreneauFactory(code="soir")
    assert at_once(codes) == [["soir"]]


@pytest.mark.django_db(transaction=True)
def test_rehearsal_within_a_transaction_reads_what_it_has_written():
    with transaction.atomic():
        CreneauFactory(code="soir")
        with rehearsal.rehearsal():
            CreneauFactory(code="midi")
            assert codes() == ["midi", "soir"]

    assert codes() == ["soir"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "sqlite", reason="the only one that is copied")
def test_database_that_cannot_be_copied_is_told_as_any_fault(monkeypatch):
    monkeypatch.setattr(rehearsal, "PRIVATE", "/absent/copie.sqlite3")
    with pytest.raises(OperationalError), rehearsal.rehearsal():
        pytest.fail("there is no copy")

    assert codes() == []


@pytest.mark.une_fois
def test_previews_have_one_way_to_take_back():
    """One that undid its own transaction would hold the lock of SQLite for as long as it lasts."""
    apps = [ROOT / name for name in ("accounts", "conservation", "enfance", "facturation", "portail", "surveillance")]
    undoing = {
        str(path.relative_to(ROOT))
        for app in apps
        for path in app.rglob("*.py")
        if re.search(r"set_rollback\(True", path.read_text("utf-8"))
    }
    assert undoing == {
        "portail/rehearsal.py",
        "enfance/mairie/envois/ecriture.py",  # no preview: a message that has nobody to go to does not leave
    }
