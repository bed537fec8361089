"""The schools in which an agent of the team or of the canteen works: on the agent's page, and over the list of them."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.forms.models import BaseInlineFormSet
from django.http import HttpRequest

from accounts import journal, sessions
from accounts.admin.staff import StaffUserAdmin
from accounts.models import StaffUser
from accounts.site import TownHallInline
from enfance.ecoles import SUR_PLACE, agents_sans_ecole, is_assigned
from enfance.mairie.ecoles import ecoles_offered
from enfance.models import Affectation

SANS_ECOLE = "sans"


class AffectationFormSet(BaseInlineFormSet):
    def get_unique_error_message(self, unique_check: Any) -> str:
        """The error, in plain French, of the page on which one school is chosen twice for an agent."""
        return "La même école est choisie deux fois."

    def get_form_error(self) -> str:
        """The error, in plain French, beside a school that is chosen a second time for an agent."""
        return "Cette école est déjà choisie."


class AffectationInline(TownHallInline):
    model = Affectation
    formset = AffectationFormSet
    fields = ["ecole"]
    feminine = True
    verbose_name = "école"
    verbose_name_plural = "écoles où travaille cet agent"


class AgentEcoleFilter(admin.SimpleListFilter):
    """Those who work in a school, or whose school nobody has said; not there while there is one."""

    title = "école"
    parameter_name = "ecole"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        """The schools, and « école à dire » for agents whose school nobody has said; nothing, so no filter, in a town
        of one school.
        """
        ecoles = [(ecole.code, ecole.nom) for ecole in ecoles_offered(request)]
        return [*ecoles, (SANS_ECOLE, "école à dire")] if ecoles else []

    def queryset(self, request: HttpRequest, queryset: QuerySet[StaffUser]) -> QuerySet[StaffUser]:
        """The agents who work in the school chosen, or those whose school nobody has said. All of them without a
        choice.
        """
        if self.value() == SANS_ECOLE:
            return queryset.filter(pk__in=agents_sans_ecole().order_by().values("pk"))
        return queryset.filter(affectations__ecole__code=self.value()) if self.value() else queryset


@admin.display(description="écoles")
def ecoles_dites(agent: StaffUser) -> str:
    """The schools where the agent works, in words: « toutes » for an agent whose work is not tied to a school, « à dire
    » for one who needs a school and has none, « aucune » for the others without one.
    """
    if agent.is_superuser or any(groupe.name not in SUR_PLACE for groupe in agent.groups.all()):
        return "toutes"
    dites = [affectation.ecole.nom for affectation in agent.affectations.all()]
    a_dire = "à dire" if agent.is_active and agent.groups.all() else "aucune"
    return ", ".join(dites) or a_dire


admin.site.unregister(StaffUser)


@admin.register(StaffUser)
class AgentAdmin(StaffUserAdmin):
    """With the schools of each, in a town of several."""

    def get_queryset(self, request: HttpRequest) -> QuerySet[StaffUser]:
        """On the list of agents, in a town of several schools, the schools of each are read in the same go."""
        agents = super().get_queryset(request)
        return agents.prefetch_related("affectations__ecole") if self._is_list_of_several(request) else agents

    def _is_list_of_several(self, request: HttpRequest) -> bool:
        """Whether this is the list, and there are several schools to tell."""
        match = request.resolver_match
        return match is not None and str(match.url_name).endswith("_changelist") and bool(ecoles_offered(request))

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        """In a town of several schools, adds the column « écoles »."""
        if not self._is_list_of_several(request):
            return self.list_display
        first, last = self.list_display[:4], self.list_display[4:]
        return [*first, ecoles_dites, *last]

    def get_list_filter(self, request: HttpRequest) -> list[Any]:
        """Adds the filter by school, which shows only in a town of several schools."""
        return [*super().get_list_filter(request), AgentEcoleFilter]

    def get_inlines(self, request: HttpRequest, obj: StaffUser | None) -> list[Any]:
        """Adds the schools where the agent works, for an agent who has to have one."""
        ecoles = [AffectationInline] if obj is not None and is_assigned(obj) else []
        return [*super().get_inlines(request, obj), *ecoles]

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        """When a school of the agent was changed or taken away, ends all the agent's sessions, so that no device goes
        on showing the children of a former school. A school that is only added ends none.
        """
        super().save_formset(request, form, formset, change)
        if formset.deleted_objects or formset.changed_objects:
            sessions.end_all(form.instance)
            journal.event("sessions_closed", user=form.instance.pk, by=request.user.pk, request=request)
