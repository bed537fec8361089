"""What happened at the gate, to be read: taps, closed sheets, and where they disagree with the bookings."""

from __future__ import annotations

from itertools import groupby
from typing import ClassVar

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone

from accounts.site import ReadOnlyAdmin, ReadOnlyInline
from enfance.admin.tableaux import ExportAdmin, PointageTable
from enfance.equipe.pointages import voir
from enfance.equipe.presences import RECENTS, Constat, load_a_voir, load_feuilles_ouvertes, load_lignes
from enfance.models import Appel, Geste, Pointage, classe_du_jour
from portail.formulaires import INCOMPLETE
from portail.francais import pluriel

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


class GesteInline(ReadOnlyInline):
    model = Geste
    fields = readonly_fields = ["quoi", "coche", "fait_le", "recu_le", "auteur", "motif"]


@admin.register(Pointage)
class PointageAdmin(ReadOnlyAdmin, ExportAdmin):
    """The presences; the sheet itself corrects them, with a reason."""

    import_export_change_list_template = "admin/enfance/pointage/change_list.html"
    resource_classes: ClassVar = [PointageTable]
    list_display = ["enfant", "jour", "creneau", "present", "arrivee", "depart"]
    list_filter = ["creneau", "present"]
    list_select_related = ["enfant", "creneau"]
    search_fields = ["enfant__tri"]
    date_hierarchy = "jour"
    inlines = [GesteInline]

    def get_export_queryset(self, request: HttpRequest) -> QuerySet[Pointage]:
        return super().get_export_queryset(request).annotate(classe=classe_du_jour())

    def get_urls(self) -> list[URLPattern]:
        ecarts = path("ecarts/", self.admin_site.admin_view(self.ecarts_view), name="enfance_pointage_ecarts")
        return [ecarts, *super().get_urls()]

    def ecarts_view(self, request: HttpRequest) -> HttpResponse:
        """Registered and absent, there and not registered: of the last fortnight, or of the days asked for."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        today = timezone.localdate()
        form = PeriodeForm(request.GET if "du" in request.GET else {"du": today - RECENTS, "au": today})
        periode = (form.cleaned_data["du"], form.cleaned_data["au"]) if form.is_valid() else None
        may_mark = request.user.has_perm("enfance.add_ecartvu")
        if request.method == "POST":
            if not may_mark:
                raise PermissionDenied
            asked = request.POST.get("vus", "").split()
            if asked:
                self._voir(request, [c for c in load_a_voir(*periode) if c.valeur in asked] if periode else [])
            else:
                self.message_user(request, INCOMPLETE, messages.ERROR)
            return redirect(request.get_full_path())
        lignes = load_lignes(*periode) if periode else []
        context = {
            **self.admin_site.each_context(request),
            "title": "Écarts de présence",
            "opts": self.opts,
            "media": self.media,
            "form": form,
            "jours": [(jour, list(groupe)) for jour, groupe in groupby(lignes, key=lambda ligne: ligne.constat.jour)],
            "a_voir": {ligne.constat.jour for ligne in lignes if may_mark and ligne.vu is None},
            "may_mark": may_mark,
            "ouvertes": load_feuilles_ouvertes(today),
        }
        return TemplateResponse(request, "admin/enfance/pointage/ecarts.html", context)

    def _voir(self, request: HttpRequest, constats: list[Constat]) -> None:
        """Note them as seen, in the page of each child too (ADM-04)."""
        with transaction.atomic():
            voir(constats, request.user, now=timezone.now())
            for constat in constats:
                self.log_change(request, constat.enfant, f"Écart vu\u00a0: {constat.ligne}.")
        self.message_user(request, f"{pluriel(len(constats), 'écart vu,écarts vus')}.", messages.SUCCESS)


@admin.register(Appel)
class AppelAdmin(ReadOnlyAdmin):
    """Sheets that were closed, and those that the town hall opened again."""

    list_display = ["jour", "creneau", "clos_le", "clos_par", "rouvert_le", "rouvert_par", "motif"]
    list_filter = ["creneau"]
    list_select_related = ["creneau", "clos_par", "rouvert_par"]
    date_hierarchy = "jour"
