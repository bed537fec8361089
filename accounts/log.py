"""What an agent did, written beside the change: one `LogEntry` a write, with what was and what is (ADM-04).

The values are in the entry's own message, as Django writes it, under the key « values »: [label, before, after].
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django import forms
from django.contrib.admin.models import ADDITION, CHANGE, DELETION, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db.models import Model
from django.http import HttpRequest

from accounts.decorators import agent_of
from accounts.extensions import AccountsExtension
from portail.dates import date_heure, jour_annee


@dataclass(frozen=True)
class FieldChange:
    """One field: its label, what it was and what it is, in words; both None where only the change may be told."""

    label: str
    before: str | None
    after: str | None


def log_addition(request: HttpRequest, row: Model, message: str) -> None:
    """Write in the history (`LogEntry`) that the agent of this request made `row`. Call it inside the transaction of
    the change."""
    _write(request, row, ADDITION, message)


def log_addition_once(request: HttpRequest, row: Model, message: str) -> None:
    """Write in the history (`LogEntry`) that the agent of this request made `row`, unless the history already says that
    the row was made: for what is asked twice and made once. Call it inside the transaction of the change."""
    about = {"content_type": ContentType.objects.get_for_model(row), "object_id": str(row.pk)}
    if not LogEntry.objects.filter(action_flag=ADDITION, **about).exists():
        log_addition(request, row, message)


def log_change(request: HttpRequest, row: Model, message: str, changes: Iterable[FieldChange] = ()) -> None:
    """Write in the history (`LogEntry`) that the agent of this request changed `row`, with the value of each of these
    fields before and after. Call it inside the transaction of the change; give `message` alone when it says all."""
    if changes := list(changes):
        values = [[change.label, change.before, change.after] for change in changes]
        part = {"fields": [change.label for change in changes], "values": values}
        _write(request, row, CHANGE, json.dumps([{"changed": part | ({"said": message} if message else {})}]))
    else:
        _write(request, row, CHANGE, message)


def log_deletion(request: HttpRequest, row: Model, message: str) -> None:
    """Write in the history (`LogEntry`) that the agent of this request deletes `row`. Call it before the row goes, in
    the same transaction."""
    _write(request, row, DELETION, message)


def _write(request: HttpRequest, row: Model, flag: int, message: str) -> None:
    LogEntry.objects.log_actions(agent_of(request).pk, [row], flag, change_message=message, single_object=True)


def changes_of(form: forms.ModelForm[Any]) -> list[FieldChange]:
    """The changes that this valid form makes, field by field, with the values in words, but fields that read the same
    before and after; without the values for the fields that an app keeps out of the history
    (`AccountsExtension.hidden`)."""
    return list(_changes_of(form))


def _changes_of(form: forms.ModelForm[Any]) -> Iterator[FieldChange]:
    hidden = AccountsExtension.installed().hidden.get(form.instance._meta.label_lower, ())
    for name in form.changed_data:
        field = form.fields.get(name)
        if field is None or name not in form.cleaned_data:
            continue
        label = str(field.label or name)
        if name in hidden:
            yield FieldChange(label, None, None)
            continue
        before, after = (in_words(value, field) for value in (form.initial.get(name), form.cleaned_data[name]))
        if before != after:
            yield FieldChange(label, before, after)


def in_words(value: object, field: forms.Field) -> str:
    """This value of a form's field as an agent reads it in the history: « oui », a date in French, the names of the
    rows chosen; empty when there is none."""
    if value is None or value == "":
        return ""
    if says := getattr(field, "in_words", None):
        return str(says(value))
    if isinstance(value, bool):
        return "oui" if value else "non"
    if isinstance(value, datetime):
        return date_heure(value)
    if isinstance(value, date):
        return jour_annee(value)
    if isinstance(field, forms.ModelMultipleChoiceField):
        return ", ".join(sorted(map(str, value)))  # type: ignore[call-overload]
    if isinstance(field, forms.ModelChoiceField):
        row = value if isinstance(value, Model) else field.to_python(value)
        return str(row or "")
    if isinstance(field, forms.ChoiceField):
        return str(dict(field.choices).get(value, value))  # type: ignore[arg-type]
    return str(value)


def with_values(message: Any, form: forms.ModelForm[Any], formsets: Iterable[Any]) -> Any:
    """The message that Django makes of a change in the admin, with what each field of the form and of its inline rows
    was and is added to each of its parts; as it is when it is no list of parts."""
    if not isinstance(message, list):
        return message
    forms_of = [form, *(row for formset in formsets for row in _changed_rows(formset))]
    parts = [part["changed"] for part in message if "changed" in part]
    if form.has_changed() is False:
        forms_of.pop(0)
    for part, changed in zip(parts, forms_of, strict=False):
        part["values"] = [[change.label, change.before, change.after] for change in _changes_of(changed)]
    return message


def _changed_rows(formset: Any) -> Iterator[forms.ModelForm[Any]]:
    changed = [row for row, _ in formset.changed_objects]
    yield from (row for wanted in changed for row in formset.initial_forms if row.instance == wanted)


def read_changes(entry: LogEntry) -> list[tuple[str, FieldChange]]:
    """What this entry of the history says was changed, as pairs: the name of the inline row, empty for the row itself,
    and the change of one field. Empty when the message of the entry has no values."""
    try:
        parts = json.loads(entry.change_message)
    except ValueError:
        return []
    told = []
    for part in parts if isinstance(parts, list) else []:
        changed = part.get("changed") or {}
        row = f"{changed['name']} {changed['object']}" if "object" in changed else ""
        told += [(row, FieldChange(*value)) for value in changed.get("values", ())]
    return told
