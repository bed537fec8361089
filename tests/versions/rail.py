"""What in a migration the version before would not survive: it runs on the new schema while an upgrade goes on, and for
as long as the town wishes after `install/mettre-a-jour --retour`.

A column goes in two versions: the first stops using it, the next removes it. A column that must hold something comes
with `db_default`: the version before writes rows without knowing it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from django.db.migrations import Migration
from django.db.migrations.operations import (
    AddConstraint,
    AddField,
    AddIndex,
    AlterConstraint,
    AlterField,
    AlterModelManagers,
    AlterModelOptions,
    AlterModelTableComment,
    AlterUniqueTogether,
    CreateModel,
    DeleteModel,
    RemoveConstraint,
    RemoveField,
    RemoveIndex,
    RenameField,
    RenameIndex,
    RenameModel,
    SeparateDatabaseAndState,
)
from django.db.migrations.operations.base import Operation
from django.db.migrations.operations.models import AlterModelTable
from django.db.migrations.state import ProjectState
from django.db.models import Field
from django.db.models.deletion import DatabaseOnDelete
from django.db.models.fields import NOT_PROVIDED

GONE = "la version d’avant s’en sert encore"
REFUSED = "la version d’avant écrirait une ligne que la base refuse"
OPAQUE = "rien ne dit ce que la version d’avant en verrait"
HARMLESS = (
    AddIndex,
    AlterConstraint,
    AlterModelManagers,
    AlterModelOptions,
    AlterModelTableComment,
    RemoveConstraint,
    RemoveIndex,
    RenameIndex,
)


def breaks(migration: Migration, before: ProjectState, known: Collection[str]) -> dict[str, str]:
    """What in this migration the version before would not survive, and why, under the words of Django.

    `before` is the state that it finds; `known`, the models of the version before: the others are its own affair.
    """
    state, found = before.clone(), {}
    for operation in migration.operations:
        for inner in in_database(operation):
            if reason := reason_of(inner, migration.app_label, state, known):
                found[inner.describe()] = reason
        operation.state_forwards(migration.app_label, state)
    return found


def in_database(operation: Operation) -> Iterator[Operation]:
    """Itself; of one that only holds others, those that reach the database."""
    if isinstance(operation, SeparateDatabaseAndState):
        for inner in operation.database_operations:
            yield from in_database(inner)
    else:
        yield operation


def reason_of(operation: Operation, app_label: str, state: ProjectState, known: Collection[str]) -> str:
    if isinstance(operation, CreateModel):
        targets = [target for _, field in operation.fields if (target := pointed(field, app_label, known))]
        return reason_to_point(*sorted(set(targets)))
    name = getattr(operation, "model_name", None) or getattr(operation, "old_name", None)
    name = name or getattr(operation, "name", None)
    model = f"{app_label}.{name}".lower()
    if isinstance(operation, HARMLESS):
        return ""
    if name and model not in known:
        return reason_to_point(pointed(operation.field, app_label, known)) if isinstance(operation, AddField) else ""
    match operation:
        case RemoveField() | DeleteModel() | RenameField() | RenameModel() | AlterModelTable():
            return GONE
        case AddConstraint():
            return REFUSED
        case AlterUniqueTogether():
            return REFUSED if operation.option_value else ""
        case AddField():
            return reason_to_add(operation.field) or reason_to_point(
                pointed(operation.field, app_label, known, itself=model)
            )
        case AlterField():
            old = state.models[app_label, operation.model_name_lower].fields[operation.name]
            return reason_to_alter(old, operation.field)
    return OPAQUE


def is_filled(field: Field) -> bool:
    """Whether a row that does not name this column is written all the same."""
    return bool(field.null or field.many_to_many or field.generated or field.db_default is not NOT_PROVIDED)


def reason_to_add(field: Field) -> str:
    if not is_filled(field):
        return f"{REFUSED}\u00a0: ni vide admis, ni db_default"
    if field.unique and not field.null and not field.many_to_many:
        return f"{REFUSED}\u00a0: deux lignes auraient la même valeur"
    return ""


def reason_to_alter(old: Field, new: Field) -> str:
    """Why the version before, which knows `old`, would stumble on `new`."""
    if is_filled(old) and not is_filled(new):
        return f"{REFUSED}\u00a0: ni vide admis, ni db_default"
    if old.null and not new.null:
        return f"{REFUSED}\u00a0: elle y écrit encore du vide"
    if new.unique and not old.unique:
        return f"{REFUSED}\u00a0: elle y écrit deux fois la même valeur"
    if new.max_length and (old.max_length is None or old.max_length > new.max_length):
        return f"{REFUSED}\u00a0: plus court"
    return f"{GONE}\u00a0: sous une autre forme" if shape(old) != shape(new) else ""


def shape(field: Field) -> tuple[str, str, str]:
    """How its column is read, whatever its length: a kind of value, or a line of a table; its name."""
    texts = {"CharField", "EmailField", "SlugField", "TextField", "URLField"}
    kind = field.get_internal_type()
    return "text" if kind in texts else kind, target_of(field), field.db_column or ""


def target_of(field: Field) -> str:
    if field.remote_field is None:
        return ""
    model = field.remote_field.model
    return (model if isinstance(model, str) else model._meta.label).lower()


def pointed(field: Field, app_label: str, known: Collection[str], *, itself: str = "") -> str:
    """The table of the version before to which this column points; empty when the database sees to what is deleted."""
    if field.remote_field is None or field.many_to_many or not field.db_constraint:
        return ""
    target = target_of(field)
    target = itself if target == "self" else target if "." in target else f"{app_label}.{target}"
    return "" if isinstance(field.remote_field.on_delete, DatabaseOnDelete) or target not in known else target


def reason_to_point(*targets: str) -> str:
    """A line that points to another keeps the version before, which does not know it, from deleting that other."""
    named = ", ".join(f"«\u00a0{target}\u00a0»" for target in targets if target)
    return f"la version d’avant ne pourrait plus supprimer une ligne de {named}" if named else ""
