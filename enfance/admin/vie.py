"""What parents tell the team besides booking."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest

from enfance.mairie.filtres import ParJourAdmin
from enfance.models import Absence
from portail.formulaires import WholeModelForm


class AbsenceDiteForm(WholeModelForm):
    """Once a day: the constraint looks at a column that is not on the page."""

    def clean(self) -> dict[str, Any]:
        """Refuse an absence of a child who already has one that stands on that day."""
        data = super().clean() or self.cleaned_data
        if Absence.objects.standing().filter(enfant=data.get("enfant"), jour=data.get("jour")).exists():
            raise forms.ValidationError("Cette absence est déjà signalée.")
        return data


@admin.register(Absence)
class AbsenceAdmin(ParJourAdmin):
    """Told by parents on the portal, or written here after a call; a mistake is taken away."""

    form = AbsenceDiteForm
    deletable = True
    feminine = True
    list_display = ["jour", "enfant", "signalee_par", "signalee_le", "retiree_par", "retiree_le"]
    list_select_related = ["enfant", "signalee_par", "retiree_par"]
    date_hierarchy = "jour"
    search_fields = ["enfant__nom", "enfant__nom_usage", "enfant__prenom"]
    search_help_text = "Nom ou prénom de l’enfant"
    fields = ["enfant", "jour", "creneaux"]
    autocomplete_fields = ["enfant"]

    def has_change_permission(self, request: HttpRequest, obj: Absence | None = None) -> bool:
        """No absence is corrected on a page of its own: a mistake is deleted."""
        return obj is None and super().has_change_permission(request, obj)

    def save_model(self, request: HttpRequest, obj: Absence, form: forms.ModelForm, change: bool) -> None:
        """The agent who types the absence is the one who told of it."""
        obj.signalee_par = request.user
        super().save_model(request, obj, form, change)
