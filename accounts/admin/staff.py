"""The list of agents' accounts, for whoever may handle them (AUT-11). `views_agents` opens and resets them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts import agents, journal, ratelimit, second_factor, sessions
from accounts.admin.families import EVERYWHERE, AccountAdmin, enumerate_users
from accounts.models import StaffUser
from accounts.site import TownHallInline
from portail.groupes import INFORMATIQUE

INLINES: dict[type[TownHallInline], Callable[[StaffUser], bool]] = {}
FILTERS: list[type[admin.SimpleListFilter]] = []
COLUMNS: dict[Callable[[Any], str], tuple[str, Callable[[HttpRequest], bool]]] = {}


def add_to_agents(inline: type[TownHallInline], asked_of: Callable[[StaffUser], bool]) -> None:
    """Show these rows of an app above on the page of the agents of whom they are asked. What is taken from an agent
    there ends their sessions: no device goes on showing it.
    """
    INLINES[inline] = asked_of


def add_filter_to_agents(list_filter: type[admin.SimpleListFilter]) -> None:
    """Offer this filter of an app above on the list of agents; it is not there while it has nothing to choose."""
    FILTERS.append(list_filter)


def add_column_to_agents(column: Callable[[Any], str], reads: str, is_shown: Callable[[HttpRequest], bool]) -> None:
    """Show this column of an app above in the list of agents, where `is_shown`; `reads` is the relation it goes
    through.
    """
    COLUMNS[column] = reads, is_shown


@admin.register(StaffUser)
class StaffUserAdmin(AccountAdmin):
    """Opened by `views_agents`, the first one by `create_staff`; closed here on the day somebody leaves."""

    list_display = ["identifiant", "last_name", "first_name", "rights", "is_active", "last_login"]
    list_filter = ["is_active", "groups"]
    fieldsets = [
        (None, {"fields": ["identifiant", "first_name", "last_name", "email", "is_active"]}),
        AccountAdmin.connexion,
        (
            "Droits",
            {
                "fields": ["is_superuser", "rights"],
                "description": "Donnés à l’ouverture du compte, jamais ici.",
            },
        ),
    ]
    readonly_fields = [*AccountAdmin.readonly_fields, "is_superuser", "rights"]
    actions = ["unlock", "close_sessions", "write_again"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[StaffUser]:
        """Those that this agent may open, for who opens some but not all; else all, to be read."""
        staff = super().get_queryset(request).prefetch_related("groups")
        staff = staff.prefetch_related(*(COLUMNS[column][0] for column in self._columns(request)))
        given = agents.groups_given_by(request.user)
        return agents.handled_by(request.user, staff) if given and INFORMATIQUE not in given else staff

    def has_change_permission(self, request: HttpRequest, obj: StaffUser | None = None) -> bool:
        """Whether this agent may change this account: never their own, which another agent changes."""
        mine = obj is None or agents.may_handle(request.user, obj)
        return mine and super().has_change_permission(request, obj)

    def _columns(self, request: HttpRequest) -> list[Callable[[Any], str]]:
        """Those of the apps above, on the list alone."""
        if request.resolver_match is None or not str(request.resolver_match.url_name).endswith("_changelist"):
            return []
        return [column for column, (_reads, is_shown) in COLUMNS.items() if is_shown(request)]

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        first, last = self.list_display[:4], self.list_display[4:]
        return [*first, *self._columns(request), *last]

    def get_list_filter(self, request: HttpRequest) -> list[Any]:
        return [*super().get_list_filter(request), *FILTERS]

    def get_inlines(self, request: HttpRequest, obj: StaffUser | None) -> list[Any]:
        asked = [] if obj is None else [inline for inline, asked_of in INLINES.items() if asked_of(obj)]
        return [*super().get_inlines(request, obj), *asked]

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        super().save_formset(request, form, formset, change)
        if formset.deleted_objects or formset.changed_objects:
            sessions.end_all(form.instance)
            journal.event("sessions_closed", user=form.instance.pk, by=request.user.pk, request=request)

    @admin.display(description="groupes", empty_value="aucun")
    def rights(self, agent: StaffUser) -> str | None:
        return ", ".join(group.name for group in agent.groups.all()) or None

    @admin.action(
        description="Remettre à zéro les essais de connexion",
        permissions=["change"],
        location=EVERYWHERE,
    )
    def unlock(self, request: HttpRequest, queryset: QuerySet[StaffUser]) -> None:
        agents = list(queryset)
        for agent in agents:
            ratelimit.free(agent)
            second_factor.forgive(agent)
            self.log_change(request, agent, "Essais de connexion remis à zéro.")
            journal.event("account_unlocked", user=agent.pk, by=request.user.pk, request=request)
        self.message_user(
            request, f"La connexion est de nouveau possible\u00a0: {enumerate_users(agents)}.", messages.SUCCESS
        )
