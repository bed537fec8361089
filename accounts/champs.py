"""What a form of the admin asks by the browser's own fields, which need no script: days, hours, boxes to tick."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import DateField, Field, ManyToManyField, TimeField

# A browser sends and wants ISO, whatever it shows.
NATIVE: dict[type[Field[Any, Any]], dict[str, Any]] = {
    DateField: {"widget": forms.DateInput({"type": "date"}, "%Y-%m-%d")},
    ManyToManyField: {"widget": forms.CheckboxSelectMultiple},
    TimeField: {"widget": forms.TimeInput({"type": "time"}, "%H:%M")},
}
