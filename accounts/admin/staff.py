"""The list of agents' accounts, for whoever may handle them (AUT-11). `views_agents` opens and resets them.

An app above that has more to say of an agent registers a class upon this one in its place.
"""

from __future__ import annotations

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts import agents, journal, ratelimit, second_factor
from accounts.admin.families import EVERYWHERE, AccountAdmin, enumerate_users
from accounts.models import StaffUser
from portail.groupes import INFORMATIQUE


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
        """The agents' accounts in this list: those alone that this agent may open, for an agent who gives some groups
        and not Informatique; else all of them, to be read, also for who gives no group."""
        staff = super().get_queryset(request).prefetch_related("groups")
        given = agents.groups_given_by(request.user)
        return agents.handled_by(request.user, staff) if given and INFORMATIQUE not in given else staff

    def has_change_permission(self, request: HttpRequest, obj: StaffUser | None = None) -> bool:
        """Whether this agent may change this account: one that the agent handles (`may_handle`), never their own.
        Without an account, only the right to change accounts is asked."""
        mine = obj is None or agents.may_handle(request.user, obj)
        return mine and super().has_change_permission(request, obj)

    @admin.display(description="groupes", empty_value="aucun")
    def rights(self, agent: StaffUser) -> str | None:
        """The names of the groups of this agent, separated by commas; None without any."""
        return ", ".join(group.name for group in agent.groups.all()) or None

    @admin.action(
        description="Remettre à zéro les essais de connexion",
        permissions=["change"],
        location=EVERYWHERE,
    )
    def unlock(self, request: HttpRequest, queryset: QuerySet[StaffUser]) -> None:
        """Reset all the counts of tries (`reset_account`) and of wrong phone codes of the chosen agents, so that they
        can log in at once."""
        agents = list(queryset)
        for agent in agents:
            ratelimit.reset_account(agent)
            second_factor.forget_wrong_codes(agent)
            self.log_change(request, agent, "Essais de connexion remis à zéro.")
            journal.event("account_unlocked", user=agent.pk, by=request.user.pk, request=request)
        self.message_user(
            request, f"La connexion est de nouveau possible\u00a0: {enumerate_users(agents)}.", messages.SUCCESS
        )
