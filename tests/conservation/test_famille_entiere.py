"""The scene itself: it stands for all that a family leaves, or the tests that erase it prove nothing."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.db.models import BinaryField, CharField, JSONField, Model, TextField

from tests.conservation.traces import in_tables
from tests.enfance.famille.test_donnees import linked_to_people

pytestmark = pytest.mark.django_db
TEXT = (BinaryField, CharField, JSONField, TextField)
NAME_NOBODY = {
    "accounts.Passage": "the worker's own jobs",
    "accounts.RecoveryCode": "an agent's: no parent has one",
    "auth.Group": "the groups of agents",
    "auth.Permission": "rights",
    "conservation.Effacement": "what erasing writes: keys",
    "contenttypes.ContentType": "tables",
    "enfance.ReglageCantine": "the association's hour",
    "otp_totp.TOTPDevice": "an agent's: no parent has one",
}


def able_to_name_somebody() -> set[type[Model]]:
    """The models that lead to a person, or have a column in which a name can stand."""
    writable = {model for model in apps.get_models() if any(isinstance(field, TEXT) for field in model._meta.fields)}
    return {model for model in writable | linked_to_people() if not model._meta.proxy}


def test_every_word_stands_somewhere(scene):
    assert set(scene.mots) - set().union(*in_tables(scene.mots).values()) == set()


def test_every_model_that_may_name_somebody_has_a_row(scene):
    """A table that comes later fails here until the scene fills it, or it is said to name nobody."""
    models = {model._meta.label: model for model in able_to_name_somebody()}
    assert sorted(label for label in models.keys() - NAME_NOBODY if not models[label]._base_manager.exists()) == []


def test_what_names_nobody_is_still_there():
    assert NAME_NOBODY.keys() - {model._meta.label for model in apps.get_models()} == set()
