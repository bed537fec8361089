"""What happened at the gate, to be read: taps, closed sheets, and where they disagree with the bookings."""

from __future__ import annotations

from itertools import groupby

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone

from accounts.site import ReadOnlyAdmin, TownHallInline
from enfance.models import Appel, Geste, Pointage
from enfance.presences import RECENTS, load_constats, load_feuilles_ouvertes

PERIODE_MAX = 370  # days


class PeriodeForm(forms.Form):
    """From one day to another."""

    du = forms.DateField(label="Du", widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"))
    au = forms.DateField(label="Au", widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"))

    def clean(self) -> None:
        du, au = self.cleaned_data.get("du"), self.cleaned_data.get("au")
        if du and au and not 0 <= (au - du).days <= PERIODE_MAX:
            raise forms.ValidationError(
                "Choisissez une période d’un an au plus\u00a0: le dernier jour doit suivre le premier."
            )


class GesteInline(TownHallInline):
    model = Geste
    fields = readonly_fields = ["quoi", "coche", "fait_le", "recu_le", "auteur", "motif"]

    def has_add_permission(self, request: HttpRequest, obj: Pointage | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Pointage | None = None) -> bool:
        return False


@admin.register(Pointage)
class PointageAdmin(ReadOnlyAdmin):
    """The presences; the sheet itself corrects them, with a reason."""

    list_display = ["enfant", "jour", "creneau", "present", "arrivee", "depart"]
    list_filter = ["creneau", "present"]
    list_select_related = ["enfant", "creneau"]
    search_fields = ["enfant__nom__folded", "enfant__prenom__folded"]
    date_hierarchy = "jour"
    inlines = [GesteInline]

    def get_urls(self) -> list[URLPattern]:
        ecarts = path("ecarts/", self.admin_site.admin_view(self.ecarts_view), name="enfance_pointage_ecarts")
        return [ecarts, *super().get_urls()]

    def ecarts_view(self, request: HttpRequest) -> HttpResponse:
        """Registered and absent, there and not registered: of the last fortnight, or of the days asked for."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        today = timezone.localdate()
        form = PeriodeForm(request.GET if "du" in request.GET else {"du": today - RECENTS, "au": today})
        constats = load_constats(form.cleaned_data["du"], form.cleaned_data["au"]) if form.is_valid() else []
        context = {
            **self.admin_site.each_context(request),
            "title": "Écarts de présence",
            "opts": self.opts,
            "media": self.media,
            "form": form,
            "jours": [(jour, list(groupe)) for jour, groupe in groupby(constats, key=lambda constat: constat.jour)],
            "ouvertes": load_feuilles_ouvertes(today),
        }
        return TemplateResponse(request, "admin/enfance/pointage/ecarts.html", context)


@admin.register(Appel)
class AppelAdmin(ReadOnlyAdmin):
    """Sheets that were closed, and those that the town hall opened again."""

    list_display = ["jour", "creneau", "clos_le", "clos_par", "rouvert_le", "rouvert_par", "motif"]
    list_filter = ["creneau"]
    list_select_related = ["creneau", "clos_par", "rouvert_par"]
    date_hierarchy = "jour"
