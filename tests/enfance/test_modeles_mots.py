"""The words of the models, in `enfance` and `accounts`: their names, those of their fields, what a refusal says."""

import pytest
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import CheckConstraint, UniqueConstraint

from enfance.models import Enfant
from tests.enfance.lignes import MODELES, une_regle


@pytest.mark.django_db
@pytest.mark.parametrize(
    "champs",
    [
        {"genre": "jours_ecole"},
        {"genre": "jours"},
        {"genre": "semaine", "nombre": 1},
        {"genre": "mois"},
        {"genre": "groupes"},
    ],
)
def test_a_form_says_what_a_deadline_lacks(champs):
    with pytest.raises(ValidationError) as refus:
        une_regle(**champs).full_clean()

    (message,) = refus.value.messages
    assert message.startswith("Indiquez")


@pytest.mark.parametrize("contrainte", [c for m in MODELES for c in m._meta.constraints], ids=lambda c: c.name)
def test_every_constraint_has_a_french_sentence(contrainte):
    assert isinstance(contrainte, CheckConstraint | UniqueConstraint)
    assert contrainte.violation_error_message != contrainte.default_violation_error_message
    assert contrainte.violation_error_message[0].isupper()
    assert contrainte.violation_error_message.endswith(".")


@pytest.mark.parametrize("model", MODELES, ids=lambda model: model._meta.label)
def test_every_model_and_field_is_named_in_french(model):
    assert {"verbose_name", "verbose_name_plural"} <= model._meta.original_attrs.keys()
    unnamed = [
        field.name
        for field in [*model._meta.local_fields, *model._meta.local_many_to_many]
        if not field.auto_created and field._verbose_name is None and not isinstance(field, models.BigAutoField)
    ]
    # The adults of a child are filled in as responsabilités, and the field's own name is French.
    assert unnamed == (["responsables"] if model is Enfant else [])
