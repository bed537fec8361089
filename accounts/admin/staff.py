"""The agents' accounts, for the IT service, which sees no family (ADM-02)."""

from __future__ import annotations

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts import journal, ratelimit, second_factor
from accounts.admin.families import EVERYWHERE, AccountAdmin, enumerate_users
from accounts.models import StaffUser


@admin.register(StaffUser)
class StaffUserAdmin(AccountAdmin):
    """Opened by `create_staff`, which asks for a password; closed here on the day somebody leaves."""

    list_display = ["identifiant", "last_name", "first_name", "rights", "is_active", "last_login"]
    list_filter = ["is_active", "groups"]
    fieldsets = [
        (None, {"fields": ["identifiant", "first_name", "last_name", "email", "is_active"]}),
        AccountAdmin.connexion,
        (
            "Droits",
            {"fields": ["is_superuser", "rights"], "description": "Donnés par les commandes du portail, jamais ici."},
        ),
    ]
    readonly_fields = [*AccountAdmin.readonly_fields, "is_superuser", "rights"]
    actions = ["unlock", "close_sessions"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[StaffUser]:
        return super().get_queryset(request).prefetch_related("groups")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: StaffUser | None = None) -> bool:
        """The e-mail of a superuser leads to its rights: only another one changes it."""
        above = obj is not None and obj.is_superuser and not request.user.is_superuser
        return not above and super().has_change_permission(request, obj)

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
