"""The class that a message was written to stays with it, on the way and back."""

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

pytestmark = [pytest.mark.ci, pytest.mark.django_db(transaction=True)]
BEFORE, AFTER = "0024_places_of_the_past", "0025_a_message_to_several_classes"


def migrate(name):
    """The models of enfance as they stand at this migration."""
    MigrationExecutor(connection).migrate([("enfance", name)])
    return MigrationExecutor(connection).loader.project_state([("enfance", name)]).apps.get_model


@pytest.fixture
def latest():
    """The tables of the other tests, whatever happens here."""
    yield
    call_command("migrate", verbosity=0)


def test_class_of_a_message_stays(latest):
    get = migrate(BEFORE)
    annee = get("enfance", "AnneeScolaire").objects.create(debut="2026-09-01", fin="2027-07-03")
    saule = get("enfance", "Classe").objects.create(annee=annee, nom="PS Mme Saule")
    message = get("enfance", "Message").objects.create
    message(objet="Sortie", texte="x", classe=saule)
    message(objet="Photos", texte="x")

    get = migrate(AFTER)
    classes = {m.objet: [c.nom for c in m.classes.all()] for m in get("enfance", "Message").objects.all()}
    back = migrate(BEFORE)("enfance", "Message").objects.values_list("objet", "classe__nom")

    assert classes == {"Sortie": ["PS Mme Saule"], "Photos": []}
    assert dict(back) == {"Sortie": "PS Mme Saule", "Photos": None}
