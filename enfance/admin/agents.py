"""The schools in which an agent of the team or of the canteen works: on the agent's page, and over the list of them."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.forms.models import BaseInlineFormSet
from django.http import HttpRequest

from accounts.admin.staff import add_column_to_agents, add_filter_to_agents, add_to_agents
from accounts.models import StaffUser
from accounts.site import TownHallInline
from enfance.ecoles import SUR_PLACE, agents_sans_ecole, is_assigned
from enfance.mairie.ecoles import ecoles_offered
from enfance.models import Affectation

SANS_ECOLE = "sans"


class AffectationFormSet(BaseInlineFormSet):
    def get_unique_error_message(self, unique_check: Any) -> str:
        return "La même école est choisie deux fois."

    def get_form_error(self) -> str:
        return "Cette école est déjà choisie."


class AffectationInline(TownHallInline):
    model = Affectation
    formset = AffectationFormSet
    fields = ["ecole"]
    extra = 1  # to choose one without script
    feminine = True
    verbose_name = "école"
    verbose_name_plural = "écoles où travaille cet agent"


class AgentEcoleFilter(admin.SimpleListFilter):
    """Those who work in a school, or whose school nobody has said; not there while there is one."""

    title = "école"
    parameter_name = "ecole"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        ecoles = [(ecole.code, ecole.nom) for ecole in ecoles_offered(request)]
        return [*ecoles, (SANS_ECOLE, "école à dire")] if ecoles else []

    def queryset(self, request: HttpRequest, queryset: QuerySet[StaffUser]) -> QuerySet[StaffUser]:
        if self.value() == SANS_ECOLE:
            return queryset.filter(pk__in=agents_sans_ecole().order_by().values("pk"))
        return queryset.filter(affectations__ecole__code=self.value()) if self.value() else queryset


@admin.display(description="écoles")
def ecoles_dites(agent: StaffUser) -> str:
    """Where the agent works; of who sees every school, that."""
    if agent.is_superuser or any(groupe.name not in SUR_PLACE for groupe in agent.groups.all()):
        return "toutes"
    dites = [affectation.ecole.nom for affectation in agent.affectations.all()]
    a_dire = "à dire" if agent.is_active and agent.groups.all() else "aucune"
    return ", ".join(dites) or a_dire


add_to_agents(AffectationInline, is_assigned)
add_filter_to_agents(AgentEcoleFilter)
add_column_to_agents(ecoles_dites, "affectations__ecole", lambda request: bool(ecoles_offered(request)))
