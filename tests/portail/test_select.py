"""A hand-written SELECT: its rows, its lists, its date-times, its models."""

from datetime import UTC, date, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from enfance.models import Classe, Ecole, Enfant, Scolarite
from portail.dates import PARIS
from portail.select import ModelTable, instant, kept, read, select
from tests.factories import EnfantFactory, ResponsableFactory, UserFactory, make_enfant

pytestmark = pytest.mark.django_db
QUAND = datetime(2026, 12, 3, 20, 41, 0, 5, tzinfo=PARIS)


@pytest.fixture
def enfants():
    return [EnfantFactory(prenom=f"Enfant {n}", date_naissance=date(2015 + n, 1, 1)) for n in range(5)]


def test_rows_are_made_of_their_columns_in_their_order(enfants):
    sql = "SELECT prenom, date_naissance FROM enfance_enfant WHERE date_naissance >= %s ORDER BY id"

    assert select(lambda *ligne: ligne, sql, [date(2018, 1, 1)]) == [
        ("Enfant 3", date(2018, 1, 1)),
        ("Enfant 4", date(2019, 1, 1)),
    ]


@pytest.mark.parametrize("n", [1, 2, 5, 300])
def test_a_list_is_one_of_the_values_and_has_any_length(enfants, n):
    pks = ([enfant.pk for enfant in enfants] * 60)[:n]
    sql = "SELECT id FROM enfance_enfant WHERE date_naissance >= %s AND id IN %s ORDER BY id"

    assert select(int, sql, [date(2010, 1, 1), pks]) == sorted(set(pks))


def test_an_empty_list_asks_the_database_nothing():
    with CaptureQueriesContext(connection) as asked:
        rows = select(int, "SELECT id FROM enfance_enfant WHERE id IN %s", [[]])

    assert (rows, len(asked)) == ([], 0)


def test_a_value_is_never_a_part_of_the_text(enfants):
    sql = "SELECT id FROM enfance_enfant WHERE prenom = %s OR prenom IN %s"

    assert select(int, sql, ["' OR 1=1 --", ["') OR (1=1", "%s"]]) == []


def test_a_date_time_is_compared_and_read_with_its_time_zone():
    user = UserFactory(password_changed_at=QUAND)
    sql = "SELECT password_changed_at FROM accounts_user WHERE id = %s AND password_changed_at = %s"

    assert select(instant, sql, [user.pk, kept(QUAND)]) == [QUAND]
    assert select(instant, sql, [user.pk, kept(QUAND.replace(microsecond=6))]) == []
    assert instant("2026-12-03 19:41:00.000005") == QUAND.astimezone(UTC)  # as SQLite gives it of an expression
    assert instant(None) is None


def fields(instance):
    """All its columns but those that are read later."""
    deferred = instance.get_deferred_fields()
    return {
        f.attname: getattr(instance, f.attname) for f in instance._meta.concrete_fields if f.attname not in deferred
    }


@pytest.mark.parametrize("changed", [None, QUAND])
def test_a_model_is_the_same_as_by_the_orm(changed):
    pk = UserFactory(password_changed_at=changed, is_staff=True).pk
    table = ModelTable(User, "u")

    (lu,) = select(lambda *ligne: table.read(ligne), f"SELECT {table.columns} FROM accounts_user u WHERE id = %s", [pk])

    assert (lu, fields(lu)) == (User.objects.get(pk=pk), fields(User.objects.get(pk=pk)))
    assert (lu._state.adding, lu._state.db) == (False, "default")


def test_models_of_a_row_are_told_apart_and_what_is_not_joined_is_none(django_assert_num_queries):
    lea = make_enfant(ResponsableFactory())
    tables = (
        ModelTable(Scolarite, "s"),
        ModelTable(Enfant, "e", "onde"),
        ModelTable(Ecole, "o"),
        ModelTable(Classe, "k"),
    )
    sql = f"""
        SELECT {", ".join(table.columns for table in tables)}, 7
        FROM enfance_scolarite s JOIN enfance_enfant e ON e.id = s.enfant_id JOIN enfance_ecole o ON o.id = s.ecole_id
        LEFT JOIN enfance_classe k ON k.id = s.classe_id AND k.id < 0
    """

    with django_assert_num_queries(1):
        [[scolarite, enfant, ecole, classe, reste]] = select(lambda *ligne: read(ligne, *tables), sql)

    assert (scolarite.enfant_id, enfant, ecole, classe, reste) == (lea.pk, lea, Ecole.objects.get(), None, 7)
    assert enfant.get_deferred_fields() == {"onde"}
    assert enfant.onde == {}
