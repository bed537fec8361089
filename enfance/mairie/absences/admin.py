"""The list of absences that were told, by day and by name. `pages` shows each."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest
from django.urls import URLPattern

from enfance.mairie.filtres import ParJourAdmin
from enfance.models import Absence


@admin.register(Absence)
class AbsenceAdmin(ParJourAdmin):
    """Told by parents on the portal, or noted on the page of their family after a call; a mistake is taken away."""

    deletable = True
    feminine = True
    list_display = ["jour", "enfant", "signalee_par", "signalee_le", "retiree_par", "retiree_le"]
    list_select_related = ["enfant", "signalee_par", "retiree_par"]
    date_hierarchy = "jour"
    search_fields = ["enfant__nom", "enfant__nom_usage", "enfant__prenom"]
    search_help_text = "Nom ou prénom de l’enfant"

    def has_add_permission(self, request: HttpRequest) -> bool:
        """None is added here: the page of the family notes it, with its mails."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Absence | None = None) -> bool:
        """No absence is corrected: a mistake is deleted."""
        return obj is None and super().has_change_permission(request, obj)

    def get_urls(self) -> list[URLPattern]:
        """Leaves out Django's page of change: the town hall's own page of an absence takes its place."""
        return [url for url in super().get_urls() if url.name != "enfance_absence_change"]
