"""What the pages of a child show of its health: to whom has the right, and each reading kept (ADM-03)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from accounts.site import TownHallAdmin
from enfance.famille.accords import choisir
from enfance.famille.sante import keep_lecture, sees_sante, with_sante
from enfance.models import Enfant


class SanteAdmin(TownHallAdmin):
    """The list and the page of children, whose columns, filters and fields of health want `view_sante`."""

    sante_fieldset = ("Santé", {"fields": ["pai", "pai_fin", "consigne", "pai_cantine"]})

    @admin.display(description="PAI", ordering="pai")
    def sante(self, enfant: Enfant) -> str:
        return "PAI" if enfant.pai else ""

    def get_fieldsets(self, request: HttpRequest, obj: Enfant | None = None) -> list[Any]:
        fieldsets = super().get_fieldsets(request, obj)
        return [*fieldsets, self.sante_fieldset] if sees_sante(request) else fieldsets

    def save_model(self, request: HttpRequest, obj: Enfant, form: forms.ModelForm, change: bool) -> None:
        """A family that agrees at the counter that the canteen may know does so by the writer of its own page."""
        voulu = obj.pai_cantine
        if "pai_cantine" in form.changed_data:
            obj.pai_cantine = not voulu
        super().save_model(request, obj, form, change)
        if "pai_cantine" in form.changed_data and not choisir(obj, request.user, voulu, now=timezone.now()):
            sentence = "Rien n’est signalé à la cantine\u00a0: ni PAI, ni consigne n’est noté."
            self.message_user(request, sentence, messages.WARNING)

    def get_list_display(self, request: HttpRequest) -> list[str]:
        return [name for name in self.list_display if name != "sante" or sees_sante(request)]

    def get_list_filter(self, request: HttpRequest) -> list[Any]:
        return [item for item in self.list_filter if item != "pai" or sees_sante(request)]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        response = super().changelist_view(request, extra_context)
        shown = (getattr(response, "context_data", None) or {}).get("cl")
        if shown and sees_sante(request):
            keep_lecture(request, [enfant.pk for enfant in shown.result_list if enfant.pai])
        return response

    def render_change_form(
        self, request: HttpRequest, *args: Any, obj: Enfant | None = None, **kw: Any
    ) -> HttpResponse:
        if obj and sees_sante(request):
            keep_lecture(request, with_sante([obj]))
        return super().render_change_form(request, *args, obj=obj, **kw)
