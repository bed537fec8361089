"""Migrations that carry rows: what the database held before is still there after, and on the way back."""

from datetime import UTC, datetime

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.ci]
NOW = datetime(2026, 12, 3, 19, 41, tzinfo=UTC)
BEFORE, AFTER = "0009_remember_devices_in_rows", "0010_confirm_a_new_address"


def migrate(name):
    """The models of accounts as they stand at this migration."""
    executor = MigrationExecutor(connection)
    executor.migrate([("accounts", name)])
    return MigrationExecutor(connection).loader.project_state([("accounts", name)]).apps.get_model


@pytest.fixture
def latest():
    """The tables of the other tests, whatever happens here."""
    yield
    call_command("migrate", verbosity=0)


def test_no_address_is_lost_when_the_hold_goes_nor_on_the_way_back(latest):  # AUT-13
    get = migrate(BEFORE)
    user = get("accounts", "User").objects.create
    avant = "avant@courriel.example"
    user(identifiant="1000001", email="nouvelle@courriel.example", email_before=avant, email_changed_at=NOW)
    user(identifiant="1000002", email="premiere@courriel.example", email_changed_at=NOW)  # had none before
    user(identifiant="1000003", email="mairie@courriel.example", email_before="fausse@courriel.example")
    user(identifiant="1000004", email="stable@courriel.example")
    held = get("accounts", "User").objects.get(identifiant="1000001")
    for reason in ("new_address", "refused"):
        get("accounts", "UndeliveredMail").objects.create(user=held, mail="x", reason=reason)
    addresses = dict(get("accounts", "User").objects.values_list("identifiant", "email"))

    get = migrate(AFTER)

    assert dict(get("accounts", "User").objects.values_list("identifiant", "email")) == addresses
    changes = get("accounts", "EmailChange").objects
    assert list(
        changes.order_by("user__identifiant").values_list("user__identifiant", "former", "email", "reason")
    ) == [
        ("1000001", "avant@courriel.example", "nouvelle@courriel.example", "at_once"),
        ("1000002", "", "premiere@courriel.example", "at_once"),
        ("1000003", "fausse@courriel.example", "mairie@courriel.example", "at_once"),
    ]
    assert list(get("accounts", "UndeliveredMail").objects.values_list("reason", flat=True)) == ["refused"]
    stable = get("accounts", "User").objects.get(identifiant="1000004")
    changes.create(user=stable, former=stable.email, email="attend@courriel.example", asked_at=NOW, expires_at=NOW)

    get = migrate(BEFORE)

    assert dict(get("accounts", "User").objects.values_list("identifiant", "email")) == addresses
    assert dict(get("accounts", "User").objects.values_list("identifiant", "email_before")) == {
        "1000001": "avant@courriel.example",
        "1000002": "",
        "1000003": "fausse@courriel.example",
        "1000004": "",
    }
    assert not get("accounts", "User").objects.exclude(email_changed_at=None).exists()  # nobody is held
