"""No table that can name somebody is forgotten by an erasure: each of its columns has a rule, or a reason (RGP-08)."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.apps import apps
from django.db.models import CASCADE, SET_NULL, BinaryField, CharField, ForeignKey, JSONField, Model, TextField

from enfance.models import Absence, Geste
from portail.effacements import Effacements, part
from portail.extensions import Extension
from tests.enfance.famille.liens import linked_to_people

TEXT = (BinaryField, CharField, JSONField, TextField)
RULES = Extension.installed().effacements
MODELS = [model for model in apps.get_models() if not model._meta.proxy]


def label(field) -> str:
    return f"{field.model._meta.label}.{field.name}"


def without(rules, column: str):
    return {name: rule for name, rule in rules.items() if name != column}


def links(model: type[Model]) -> list[ForeignKey]:
    return [field for field in model._meta.fields if isinstance(field, ForeignKey)]


def going(rules: Effacements = RULES) -> set[str]:
    """The models whose rows go with somebody: by a rule, then by what hangs on them."""
    of_roots = [rule for root in rules.modeles for rule in rules.colonnes[root].items()]
    going = {column.rsplit(".", 1)[0] for column, rule in of_roots if rule is part}
    while (
        more := {
            model._meta.label
            for model in MODELS
            for link in links(model)
            if link.related_model._meta.label in going and link.remote_field.on_delete is CASCADE
        }
        - going
    ):
        going |= more
    return going | set(rules.modeles)


def unruled_links(rules: Effacements = RULES) -> list[str]:
    """The columns that lead to a root and have no rule; those that lead to what goes, and would forbid it."""
    unruled = [
        label(link)
        for model in MODELS
        for link in links(model)
        if (root := link.related_model._meta.label) in rules.modeles and label(link) not in rules.colonnes[root]
    ]
    going_ = going(rules) - set(rules.modeles)
    forbidden = [
        label(link)
        for model in MODELS
        for link in links(model)
        if link.related_model._meta.label in going_ and link.remote_field.on_delete not in {CASCADE, SET_NULL}
    ]
    return sorted(unruled + forbidden)


def unruled_texts(rules: Effacements = RULES) -> list[str]:
    """The columns in which a name can stand, of rows that stay, without a rule."""
    return sorted(
        label(field)
        for model in MODELS
        if model._meta.label not in going(rules) | rules.sans_texte.keys()
        for field in model._meta.fields
        if isinstance(field, TEXT) and not field.choices and label(field) not in rules.textes
    )


def test_every_column_that_leads_to_somebody_has_its_rule():  # RGP-08
    assert unruled_links() == []


def test_every_column_where_a_name_can_stand_has_its_rule():  # RGP-08
    assert unruled_texts() == []


def test_every_root_is_what_leads_to_people():
    assert set(RULES.modeles) <= {model._meta.label for model in linked_to_people()}


@pytest.mark.parametrize(
    ("cible", "column"),
    [
        ("accounts.User", "accounts.EmailChange.user"),
        ("enfance.Enfant", "enfance.Absence.enfant"),
        ("accounts.User", "enfance.Geste.auteur"),
    ],
)
def test_column_without_its_rule_is_seen(cible, column):
    siennes = without(RULES.colonnes[cible], column)
    assert column in unruled_links(replace(RULES, colonnes={**RULES.colonnes, cible: siennes}))


def test_text_without_its_rule_is_seen():
    textes = without(RULES.textes, "admin.LogEntry.object_repr")
    rules = replace(RULES, textes=textes, sans_texte=without(RULES.sans_texte, "enfance.Classe"))
    assert {"admin.LogEntry.object_repr", "enfance.Classe.nom"} <= set(unruled_texts(rules))


def test_rules_are_of_columns_that_are_there():
    """One that has changed its name would do nothing."""
    columns = {f"{model._meta.label}.{field.name}" for model in MODELS for field in model._meta.fields}
    ruled = {column for root in RULES.modeles for column in RULES.colonnes[root]}
    assert (ruled | RULES.textes.keys()) - columns == set()
    assert RULES.sans_texte.keys() - {model._meta.label for model in MODELS} == set()
    assert (Absence._meta.label in going(), Geste._meta.label in going()) == (True, True)
