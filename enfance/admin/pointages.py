"""What happened at the gate, to be read: taps, closed sheets."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts.site import ReadOnlyAdmin, ReadOnlyInline
from enfance.admin.tableaux import ExportAdmin, PointageTable
from enfance.mairie.ecoles import ecoles_offered, noms_ecoles
from enfance.mairie.filtres import CreneauFilter, ParEcoleAdmin, ParJourAdmin
from enfance.models import Appel, Creneau, Ecole, Geste, Pointage


class GesteInline(ReadOnlyInline):
    model = Geste
    fields = readonly_fields = ["quoi", "coche", "heure", "fait_le", "recu_le", "auteur", "motif"]


@admin.register(Pointage)
class PointageAdmin(ParJourAdmin, ReadOnlyAdmin, ExportAdmin):
    """The presences; the sheet itself corrects them, with a reason."""

    change_list_template = "admin/enfance/pointage/change_list.html"
    table = PointageTable
    list_display = ["enfant", "jour", "creneau", "present", "arrivee", "depart"]
    list_filter = [("creneau", CreneauFilter), "present"]
    list_select_related = ["enfant", "creneau"]
    search_fields = ["enfant__tri"]
    date_hierarchy = "jour"
    inlines = [GesteInline]


@admin.register(Appel)
class AppelAdmin(ParEcoleAdmin, ReadOnlyAdmin):
    """Sheets that were closed, and those that the town hall opened again."""

    list_display = ["jour", "creneau", "clos_le", "clos_par", "rouvert_le", "rouvert_par", "motif"]
    list_filter = [("creneau", CreneauFilter)]
    list_select_related = ["creneau", "clos_par", "rouvert_par"]
    date_hierarchy = "jour"

    def rows_of(self, queryset: QuerySet[Appel], ecole: Ecole, request: HttpRequest) -> QuerySet[Appel]:
        """The sheets of the créneaux that this school holds."""
        return queryset.filter(creneau__in=Creneau.objects.all().held_by([ecole.pk]).order_by().values("pk"))

    def get_queryset(self, request: HttpRequest) -> QuerySet[Appel]:
        appels = super().get_queryset(request)
        return appels.prefetch_related("creneau__ecoles") if ecoles_offered(request) else appels

    @admin.display(description="écoles")
    def ecole(self, appel: Appel) -> str:
        """The schools that hold the créneau of the sheet, or « toutes les écoles »."""
        return noms_ecoles(appel.creneau.ecoles.all())
