"""The default connection, led to another database and back."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from django.contrib.auth.models import Group
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.db import connection, connections

from accounts.models import User
from conservation.bases import on_database, sqlite_file
from enfance.cadre import load_cadre
from tests.factories import AnneeFactory, UserFactory, make_creneaux

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def other(empty, tmp_path):
    """A database of SQLite as the migrations leave it."""
    return sqlite_file(Path(shutil.copy(empty, tmp_path / "other.sqlite3")))


def test_migrations_and_models_act_on_the_other_database_alone(other):
    UserFactory(identifiant="10042")
    usual = connection.settings_dict

    with on_database(other):
        call_command("migrate", "conservation", "zero", verbosity=0)
        assert "conservation_effacement" not in connection.introspection.table_names()
        assert (connection.vendor, User.objects.count()) == ("sqlite", 0)
        UserFactory.create_batch(3)
        Group.objects.create(name="De l’autre base")

    assert connection.settings_dict is usual
    assert "conservation_effacement" in connection.introspection.table_names()
    assert list(User.objects.values_list("identifiant", flat=True)) == ["10042"]
    with on_database(other):
        assert User.objects.count() == 3


def test_a_transaction_under_way_on_the_usual_one_goes_on_after(tmp_path):
    from django.db import transaction

    with transaction.atomic():
        UserFactory(identifiant="10042")
        with on_database(sqlite_file(tmp_path / "other.sqlite3")):
            assert not connection.in_atomic_block
            assert connection.introspection.table_names() == []
        assert connection.in_atomic_block
    assert User.objects.called("10042")


def test_numbers_of_the_kinds_of_objects_are_those_of_each(other):
    usual = ContentType.objects.get_for_model(User).pk
    with on_database(other):
        ContentType.objects.all().delete()
        ContentType.objects.clear_cache()
        other = ContentType.objects.create(pk=usual + 1000, app_label="accounts", model="user")
        assert ContentType.objects.get_for_model(User) == other
    assert ContentType.objects.get_for_model(User).pk == usual


def test_an_error_gives_the_usual_one_back(tmp_path):
    usual = connections["default"]
    with pytest.raises(RuntimeError, match="inside"), on_database(sqlite_file(tmp_path / "other.sqlite3")):
        raise RuntimeError("inside")
    assert connections["default"] is usual
    assert connections.settings["default"] is usual.settings_dict


def test_kept_queries_ask_the_database_that_is_there(other):
    AnneeFactory()
    make_creneaux()
    usual = load_cadre()

    with on_database(other):
        empty = load_cadre()
        assert (empty.calendrier.annees, dict(empty.creneaux.par_code)) == ((), {})
        make_creneaux()
        assert list(load_cadre().creneaux.par_code) == ["matin", "midi", "soir"]
    again = load_cadre()

    assert (again.calendrier, list(again.creneaux.par_code)) == (usual.calendrier, ["matin", "midi", "soir"])
