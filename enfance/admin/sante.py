"""What the list of children shows of their health: to whom has the right, and each reading kept (ADM-03)."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse

from accounts.site import TownHallAdmin
from enfance.famille.sante import keep_lecture, sees_sante
from enfance.models import Enfant


class SanteAdmin(TownHallAdmin):
    """The list of children, whose column and filter of health want `view_sante`."""

    @admin.display(description="PAI", ordering="pai")
    def sante(self, enfant: Enfant) -> str:
        """« PAI » for a child who has a health plan, else empty."""
        return "PAI" if enfant.pai else ""

    def get_list_display(self, request: HttpRequest) -> list[str]:
        """Leaves out the column of health for an agent who may not see health (ADM-03)."""
        return [name for name in self.list_display if name != "sante" or sees_sante(request)]

    def get_list_filter(self, request: HttpRequest) -> list[Any]:
        """Leaves out the filter by health plan for an agent who may not see health (ADM-03)."""
        return [item for item in self.list_filter if item != "pai" or sees_sante(request)]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Keeps a trace of the children whose health plan the agent has seen on this page of the list (ADM-03)."""
        response = super().changelist_view(request, extra_context)
        shown = (getattr(response, "context_data", None) or {}).get("cl")
        if shown and sees_sante(request):
            keep_lecture(request, [enfant.pk for enfant in shown.result_list if enfant.pai])
        return response
