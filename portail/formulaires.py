"""How forms are drawn: the project's own templates, Django's widgets inside. And how they are believed: whole."""

from __future__ import annotations

import re
from itertools import islice
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.boundfield import BoundField, BoundWidget
from django.forms.renderers import TemplatesSetting

INCOMPLETE = (
    "Ce formulaire n’est pas arrivé tel que la page l’envoie\u00a0: rien n’a changé. "
    "Vérifiez-le, puis envoyez-le de nouveau."
)
MANY = (forms.SelectMultiple, forms.CheckboxSelectMultiple, forms.MultipleHiddenInput)


OPTIONAL = " (facultatif)"
CHOSEN = (forms.CheckboxInput, forms.CheckboxSelectMultiple, forms.RadioSelect, forms.HiddenInput)


class Champ(BoundField):
    """A field whose form says, in the page, which ones have to be filled in (RGA-07).

    The form has either `obligatoires`, the id of the sentence that says all of them are: it describes each; or
    `marks_optional`: those that may stay empty say so in their labels.
    """

    def __init__(self, form: forms.BaseForm, field: forms.Field, name: str) -> None:
        super().__init__(form, field, name)
        widget = getattr(field.widget, "widget", field.widget)  # the admin wraps some
        may_stay_empty = not (field.required or is_late(field) or isinstance(widget, CHOSEN))
        said = f"{self.label} {field.help_text}".lower()  # some are required with another
        if may_stay_empty and getattr(form, "marks_optional", False) and not re.search("facultatif|obligatoire", said):
            self.label = f"{self.label}{OPTIONAL}"

    @property
    def aria_describedby(self) -> str | None:
        """The ids of what describes the field, with first that of the sentence of the form that says which fields are
        required."""
        own: str | None = super().aria_describedby
        sentence = getattr(self.form, "obligatoires", "") if self.field.required else ""
        return " ".join(filter(None, (sentence, own))) if sentence and own is not None else own

    @property
    def groupes(self) -> list[tuple[str, list[BoundWidget]]]:
        """The boxes or radios of the field, as (name of the group, its boxes); a group without a name where the choices
        have none."""
        boites = iter(self.subwidgets)
        groupes = self.field.widget.optgroups(self.html_name, self.field.widget.format_value(self.value()))
        par_nom: dict[str, list[BoundWidget]] = {}
        for nom, options, _ in groupes:
            par_nom.setdefault(nom or "", []).extend(islice(boites, len(options)))
        return list(par_nom.items())


class Renderer(TemplatesSetting):
    field_template_name = "forms/field.html"
    bound_field_class = Champ


def is_key(value: object) -> bool:
    """Whether this text may be a primary key: fewer than 19 ASCII digits, which every database can compare."""
    text = str(value)
    return text.isascii() and text.isdecimal() and len(text) < 19


class RowsField(forms.ModelMultipleChoiceField):
    """Rows chosen by their primary keys. A text that cannot be one is refused before the database is asked: a number
    larger than its own fails there, where Django expects it to find nothing.
    """

    def clean(self, value: Any) -> Any:
        """The rows of these keys; refused when a text cannot be a key."""
        for key in value if isinstance(value, list | tuple) else []:
            if not is_key(key):
                raise ValidationError(
                    self.error_messages["invalid_pk_value"], code="invalid_pk_value", params={"pk": str(key)}
                )
        return super().clean(value)


class _Whole(forms.BaseForm):
    """A field that did not come is not an empty one: Django takes it for such, and would erase what is there (VAL-10).

    Browsers send every field but the boxes and the radios that are not ticked. One that comes twice, with two values,
    is no better understood.
    """

    def full_clean(self) -> None:
        """Validate the form as Django does, and refuse one in which a field did not come, or came twice with two
        values."""
        super().full_clean()
        if self.is_bound and not (self.empty_permitted and not self.has_changed()) and not self._is_whole():
            self.add_error(None, ValidationError(INCOMPLETE, code="incomplete"))

    def _is_whole(self) -> bool:
        asked = {name: field for name, field in self.fields.items() if not (field.disabled or is_late(field))}
        return all(self._came(self.add_prefix(name), field) for name, field in asked.items())

    def _came(self, name: str, field: forms.Field) -> bool:
        widget: Any = getattr(field.widget, "widget", field.widget)  # the admin wraps some
        if isinstance(widget, MANY):
            return True
        values = self.data.getlist(name) if hasattr(self.data, "getlist") else []
        if len(set(values)) > 1:
            return False
        may_be_left_out = isinstance(widget, forms.FileInput | forms.RadioSelect)
        return may_be_left_out or not widget.value_omitted_from_data(self.data, self.files, name)


def is_late(field: forms.Field) -> bool:
    """Whether the form accepts that this field was not in the page when it was shown: it is asked only later, as the
    password when the session has grown old."""
    return getattr(field, "late", False)


class WholeForm(_Whole, forms.Form):
    """A form of which every field may be counted upon."""


class WholeModelForm(_Whole, forms.ModelForm[Any]):
    """The same, of a row."""
