"""The list of imports of ONDE. `views.mairie.onde` lays the files down, shows what they would do, imports."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts.site import ReadOnlyAdmin
from enfance.mairie.filtres import ParEcoleAdmin
from enfance.models import Ecole, ImportOnde
from portail.dates import instant_annee


@admin.register(ImportOnde)
class ImportOndeAdmin(ParEcoleAdmin, ReadOnlyAdmin):
    list_display = ["depose_le", "annee", "etat", "depose_par"]
    list_filter = ["annee"]
    list_select_related = ["annee", "depose_par", "ecole"]
    date_hierarchy = "depose_le"
    change_list_template = "admin/enfance/importonde/change_list.html"

    def get_queryset(self, request: HttpRequest) -> Any:
        """The imports without their files, reports and answers, which the list does not show."""
        queryset = super().get_queryset(request)
        return queryset.defer("eleves", "responsables", "bilan", "choix")

    def rows_of(self, queryset: QuerySet[ImportOnde], ecole: Ecole, request: HttpRequest) -> QuerySet[ImportOnde]:
        """The imports of this school."""
        return queryset.filter(ecole=ecole)

    @admin.display(description="état", ordering="applique_le")
    def etat(self, depot: ImportOnde) -> str:
        """When the import was made, in Paris time, or « à confirmer »."""
        if depot.applique_le:
            return f"importé le {instant_annee(depot.applique_le)}"
        return "à confirmer"
