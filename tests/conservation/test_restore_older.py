"""An archive of a version before is brought up to date on its way (REL-01)."""

from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from conservation.archives import write_archive
from conservation.bases import on_database
from conservation.restoring import checks
from enfance.models import Enfant
from tests.conservation.conftest import NOW
from tests.conservation.dossiers import restaurer
from tests.conservation.places import checksums
from tests.factories import EnfantFactory, ResponsableFactory

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.ci, pytest.mark.sqlite]


@pytest.fixture
def older(places, dossier):
    """An archive made before the last migrations, and what its data are today."""
    with on_database(places.migrated()):
        EnfantFactory.create_batch(3, prenom="Léa")
        ResponsableFactory()
        today = checksums()
        call_command("migrate", "conservation", "zero", verbosity=0)
        call_command("migrate", "enfance", "0028", verbosity=0)
        archive = write_archive(dossier, now=NOW)
        yield archive, today


def test_an_older_archive_is_brought_up_to_date(older, places, dossier):
    archive, today = older
    assert "migrations y passeront." in restaurer(archive, "--simuler")

    with on_database(places.empty()):
        said = restaurer(archive)

        assert "migrations passées." in said
        assert Enfant.objects.filter(prenom="Léa").count() == 3
        call_command("migrate", "--check", verbosity=0)
        found = checksums()
    # The rows of the migrations and of the rights are made anew; those of the families are the same.
    made_anew = {"django_migrations", "django_content_type", "auth_permission", "auth_group_permissions"}
    made_anew |= {"facturation_lieuresidence"}
    assert {name: found[name] for name in found if name not in made_anew} == {
        name: today[name] for name in today if name not in made_anew
    }


@pytest.mark.postgresql
def test_a_migration_that_wants_a_transaction_of_its_own_is_refused(older, places, monkeypatch):
    archive, _ = older
    migrations = checks.MigrationExecutor.migration_plan

    def one_apart(self, targets):
        plan = migrations(self, targets)
        plan[-1][0].atomic = False
        return plan

    monkeypatch.setattr(checks.MigrationExecutor, "migration_plan", one_apart)
    before = checksums()
    with pytest.raises(CommandError, match="avec la version du logiciel qui a fait l’archive, puis mettez à jour"):
        restaurer(archive, sans_copie=True)
    assert checksums() == before
    assert MigrationRecorder(connection).applied_migrations()
