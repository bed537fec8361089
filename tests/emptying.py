"""What a test that commits leaves in the database is taken away; Django's own way takes as long as many of these tests.

Django empties every table, then writes anew its content types and permissions, hundreds of rows, and does so after each
of these tests. Here a table is emptied when something is in it, and those rows, which no test writes, stay.
"""

from __future__ import annotations

from collections.abc import Callable

from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.db import connections, transaction
from django.db.migrations.recorder import MigrationRecorder
from django.test import TransactionTestCase

from enfance.ecoles import make_first_school

KEPT = (ContentType, Permission)
flush: Callable[[TransactionTestCase], None] = TransactionTestCase._fixture_teardown
counted: dict[str, list[int]] = {}  # the rows kept in each database, once Django has written them


def take_away(test: TransactionTestCase) -> None:
    """In the place of Django's own, which is asked first of all, and of a test that has written what is kept."""
    if test.available_apps is not None or any(counted.get(alias) != count(alias) for alias in names(test)):
        flush(test)
        counted.update({alias: count(alias) for alias in names(test)})
        return
    for alias in names(test):
        empty(alias)


def names(test: TransactionTestCase) -> list[str]:
    return list(test._databases_names(include_mirrors=False))


def count(alias: str) -> list[int]:
    return [model.objects.using(alias).count() for model in KEPT]


def empty(alias: str) -> None:
    """Leave in this database what is in one that has just been made, as `flush` does: the first school, and no other
    row. Numbers are not given again.
    """
    connection = connections[alias]
    stay = {model._meta.db_table for model in (*KEPT, MigrationRecorder.Migration)}
    tables = [
        name
        for name in connection.introspection.django_table_names(only_existing=True, include_views=False)
        if name not in stay
    ]
    quoted = {name: connection.ops.quote_name(name) for name in tables}
    filled = " UNION ALL ".join(f"SELECT '{name}' WHERE EXISTS (SELECT 1 FROM {quoted[name]})" for name in tables)
    with connection.cursor() as cursor:
        cursor.execute(filled)
        left = [name for (name,) in cursor.fetchall()]
        with transaction.atomic(using=alias):
            for name in left:
                cursor.execute(f"DELETE FROM {quoted[name]}")
    make_first_school(using=alias)
