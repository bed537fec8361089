"""Fields of the admin that suggest as one types. What is typed is sent by POST; only keys are looked up."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.admin.widgets import AutocompleteSelect
from django.db.models import ForeignKey, ManyToManyField
from django.http import HttpRequest

from portail.formulaires import RowsField, is_key


class Suggestions(AutocompleteSelect):
    """Django's asks the database for whatever was posted: a text that is no key would be an error 500 (VAL-08).
    And it asks for suggestions by GET: a name does not belong in an address (HDR-08).
    """

    @property
    def media(self) -> forms.Media:
        """The scripts of the field: Django's, and ours that sends what is typed by POST."""
        return super().media + forms.Media(js=["admin/js/autocomplete.js", "js/suggestions.js"])

    def build_attrs(self, base_attrs: dict[str, Any], extra_attrs: dict[str, Any] | None = None) -> dict[str, Any]:
        """The attributes of the field: suggestions are asked by POST, and are drawn inside the main part of the
        page."""
        more = {"data-ajax--type": "POST", "data-dropdown-parent": "#content"}  # in the page's main part, not after it
        return super().build_attrs(base_attrs, extra_attrs) | more

    def optgroups(self, name: str, value: list[Any], attr: dict[str, Any] | None = None) -> Any:
        """The options of the field: only the rows whose keys were chosen; a text that cannot be a key is left out."""
        groups = super().optgroups(name, [key for key in value if is_key(key)], attr)
        options = groups[0][1]
        if self.is_required:
            options.insert(0, self.create_option(name, "", "", False, 0))  # the first must be the one of no choice
        for option in options:
            option["label"] = option["label"] or "---------"  # an empty one is no valid HTML
        return groups


class SuggestingFields:
    """What lists and inlines share: their `autocomplete_fields` take the widget above; keys of rows are bounded."""

    def formfield_for_foreignkey(self, db_field: ForeignKey, request: HttpRequest, **kwargs: Any) -> forms.Field:
        """The field of a foreign key, which suggests as one types when it is among `autocomplete_fields`."""
        if db_field.name in self.get_autocomplete_fields(request):
            kwargs.setdefault("widget", Suggestions(db_field, self.admin_site))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_manytomany(self, db_field: ManyToManyField, request: HttpRequest, **kwargs: Any) -> forms.Field:
        """The field of several rows, which refuses a text that cannot be a key before asking the database."""
        return super().formfield_for_manytomany(db_field, request, **{"form_class": RowsField, **kwargs})
