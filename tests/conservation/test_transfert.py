"""A town grows: what the file of SQLite holds is in PostgreSQL, row by row."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.db import connection, transaction
from django.db.migrations.recorder import MigrationRecorder

from accounts.models import User
from conservation.bases import on_database, sqlite_file
from conservation.restoring import transfert
from conservation.restoring.transfert import TransfertError, refusals, tables, transfer
from enfance.models import Enfant, Enregistrement, Foyer
from tests.conservation.remplie import SIGNES, rows
from tests.factories import EcoleFactory, EnfantFactory, UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.postgresql]
MODELS = [model for model in apps.get_models(include_auto_created=True) if not model._meta.proxy]


@pytest.fixture
def source(empty, tmp_path):
    """A file of SQLite as the migrations leave it, for a test to fill."""
    return Path(shutil.copy(empty, tmp_path / "portail.sqlite3"))


@pytest.fixture
def filled(full, tmp_path):
    """A file with a row in each table."""
    return Path(shutil.copy(full, tmp_path / "portail.sqlite3"))


def held(path):
    """The rows of each table of this file."""
    with on_database(sqlite_file(path)):
        return {model._meta.label: rows(model) for model in MODELS}


def change(path, sql, *values):
    with closing(sqlite3.connect(path)) as file, file:
        file.execute("PRAGMA ignore_check_constraints = ON")
        assert file.execute(sql, values).rowcount == 1


def test_each_table_has_its_rows_value_by_value(filled):
    expected = held(filled)
    assert [label for label, lignes in expected.items() if not lignes] == []  # a new model is filled by remplie.py

    done = transfer(filled)

    assert {model._meta.label: rows(model) for model in MODELS} == expected
    assert done.lignes == {model._meta.db_table: len(expected[model._meta.label]) for model in MODELS}
    assert done.laissees == {}


def test_the_awkward_values_are_there(filled):
    """What the other test compares is what was meant: no value was flattened on its way into SQLite."""
    transfer(filled)

    enfant = Enfant.objects.get(pk=41)
    assert (enfant.nom, enfant.onde[SIGNES][3]) == (SIGNES[:100].ljust(100, "é"), 10**20)
    assert enfant.pai_cantine_le.isoformat() == "2026-10-25T00:59:59.999999+00:00"
    assert list(Enregistrement.objects.order_by("pk").values_list("pk", "annule", "dit_avec")) == [
        (41, None, None),
        (42, 41, 41),
    ]
    with connection.cursor() as cursor:
        cursor.execute("SELECT jsonb_typeof(onde), pg_typeof(onde)::text FROM enfance_foyer")
        assert cursor.fetchall() == [("object", "jsonb")]  # once JSON, not a text within it


def test_what_was_there_is_replaced(source):
    UserFactory(identifiant="999999")
    with on_database(sqlite_file(source)):
        UserFactory(identifiant="1000001", first_name="Camille")

    transfer(source)

    assert list(User.objects.values_list("identifiant", "first_name")) == [("1000001", "Camille")]


def test_a_new_row_gets_a_key_that_was_never_given(filled):
    transfer(filled)

    sequences = [table for table in tables() if table.has_sequence]
    assert len(sequences) > 40
    with connection.cursor() as cursor:
        for table in sequences:
            cursor.execute("SELECT nextval(pg_get_serial_sequence(%s, %s))", [f'"{table.nom}"', table.cle.nom])
            assert cursor.fetchone() == (98,)
    assert EnfantFactory().pk == 99


def test_a_table_that_never_had_a_row_begins_at_one(source):
    transfer(source)

    assert Foyer.objects.create(adresse="1 rue Neuve").pk == 1


def test_transfer_that_is_undone_gives_no_key_twice(source):
    last = EcoleFactory().pk

    with transaction.atomic():
        transfer(source)
        transaction.set_rollback(True)

    assert EcoleFactory(nom="Annexe", code="annexe").pk == last + 1


def test_content_types_are_those_of_the_file(filled):
    before = ContentType.objects.get_for_model(User).pk

    transfer(filled)

    assert list(ContentType.objects.values_list("pk", flat=True)) == [41]
    assert before != 41
    assert ContentType.objects.get_for_model(User).pk != before  # no key of before is remembered


def test_progress_tells_each_batch(source, monkeypatch):
    monkeypatch.setattr(transfert, "PAR_LOT", 2)
    with on_database(sqlite_file(source)):
        for rank in range(5):
            UserFactory(identifiant=str(1_000_001 + rank))
    told = []

    transfer(source, progress=told.append)

    assert told == [2, 2, 1]
    assert User.objects.count() == 5


def test_rows_of_unknown_tables_are_said(source):
    with closing(sqlite3.connect(source)) as file, file:
        file.executescript("CREATE TABLE ancienne (a); INSERT INTO ancienne VALUES (1); CREATE TABLE vide (a)")

    assert transfer(source).laissees == {"ancienne": 1}


def test_a_refusal_on_the_way_changes_nothing(source):
    UserFactory(identifiant="999999")
    with on_database(sqlite_file(source)):
        user = UserFactory(identifiant="1000001")
    change(source, "UPDATE accounts_user SET last_name = 'Mo' || char(0) || 'rel'")

    with pytest.raises(TransfertError) as refusal:
        transfer(source)

    assert str(refusal.value) == (
        f"accounts.User, clé {user.pk}, last_name\u00a0: un signe nul (NUL), que PostgreSQL n’écrit pas"
    )
    assert list(User.objects.values_list("identifiant", flat=True)) == ["999999"]


def test_what_postgresql_alone_refuses_is_a_sentence(source):
    UserFactory(identifiant="999999")
    with on_database(sqlite_file(source)):
        EnfantFactory()
    change(source, "UPDATE enfance_enfant SET pai = 0, pai_fin = '2026-12-03'")

    with pytest.raises(
        TransfertError, match="^PostgreSQL refuse une ligne\u00a0: enfant_pai_fin_with_pai. Rien n’est changé"
    ):
        transfer(source)

    assert User.objects.count() == 1


@pytest.mark.parametrize(
    ("sql", "sentence"),
    [
        ("ALTER TABLE enfance_enfant DROP COLUMN sexe", "il y manque enfance_enfant.sexe"),
        ("DELETE FROM django_migrations WHERE app = 'accounts' AND name LIKE '0015%'", "accounts.0015_check"),
        (
            "INSERT INTO django_migrations (app, name, applied) VALUES ('enfance', '9999_plus_tard', '')",
            "9999_plus_tard",
        ),
    ],
)
def test_a_file_of_another_version_is_refused(source, sql, sentence):
    with closing(sqlite3.connect(source)) as file, file:
        file.execute(sql)

    with pytest.raises(TransfertError, match=sentence):
        transfer(source)


def test_migrations_stay_those_of_postgresql(filled):
    before = set(MigrationRecorder(connection).applied_migrations())

    transfer(filled)

    assert set(MigrationRecorder(connection).applied_migrations()) == before


def test_a_good_file_has_no_refusal(filled):
    assert refusals(filled) == []
