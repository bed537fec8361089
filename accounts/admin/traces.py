"""What did not leave, what was done, what failed: written by the software, read by people."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.models import LogEntry
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts.admin.families import EVERYWHERE, WRITE_AGAIN, report_good
from accounts.models import FailedTask, UndeliveredMail
from accounts.site import ReadOnlyAdmin
from portail.dates import date_heure


class SettledFilter(admin.SimpleListFilter):
    """Filter of a list by what is settled; without a choice, the list shows what is not."""

    title = "suite"
    parameter_name = "suite"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        """The choices of the filter beside the default one: settled mails, or all of them."""
        return [("regles", "réglés"), ("tous", "tous")]

    def choices(self, changelist: Any) -> Iterable[dict[str, Any]]:
        """The choices of the filter, the default one named « à régler »."""
        to_do, *others = super().choices(changelist)
        return [to_do | {"display": "à régler"}, *others]

    def queryset(self, request: HttpRequest, queryset: QuerySet[UndeliveredMail]) -> QuerySet[UndeliveredMail]:
        """The mails to settle by default, the settled ones with « regles », all with « tous »."""
        match self.value():
            case "tous":
                return queryset
            case "regles":
                return queryset.exclude(settled_at=None)
        return queryset.filter(settled_at=None)


@admin.register(UndeliveredMail)
class UndeliveredMailAdmin(ReadOnlyAdmin):
    """The list of people to call, or to write to on paper (TMP-16)."""

    list_display = ["created_at", "account", "email", "mail", "reason", "settled_at"]
    list_filter = [SettledFilter, "reason"]
    list_select_related = ["user"]
    search_fields = [
        "user__identifiant",
        "user__tri",
        "user__email__folded",
    ]
    search_help_text = "Identifiant, nom, prénom ou e-mail"
    date_hierarchy = "created_at"
    actions = ["settle", "write_again"]

    @admin.display(description="compte", ordering="user__tri")
    def account(self, mail: UndeliveredMail) -> SafeString:
        """The account that this mail was for, linked to its page when it is a family's; without a link for an agent,
        whose page is the IT service's."""
        if mail.user.is_staff:
            return format_html("{}", mail.user)
        return format_html('<a href="{}">{}</a>', reverse("admin:accounts_user_change", args=[mail.user_id]), mail.user)

    @admin.display(description="e-mail", ordering="user__email")
    def email(self, mail: UndeliveredMail) -> str:
        """The present e-mail address of the account that this mail was for."""
        return mail.user.email

    def acts_on(self, obj: UndeliveredMail, action: str) -> bool:
        """Settles only what is not, and says that an address is good only where mails come back from it."""
        return obj.settled_at is None if action == "settle" else obj.user.email_refused_at is not None

    def has_settle_permission(self, request: HttpRequest) -> bool:
        """Whether this agent may mark undelivered mails as settled."""
        return request.user.has_perm("accounts.change_undeliveredmail")

    @admin.action(
        description="Marquer comme réglé",
        permissions=["settle"],
        location=EVERYWHERE,
    )
    def settle(self, request: HttpRequest, queryset: QuerySet[UndeliveredMail]) -> None:
        """Mark as settled now the chosen undelivered mails that were not, and keep it in the history."""
        mails = list(queryset.filter(settled_at=None))
        queryset.filter(pk__in=[mail.pk for mail in mails]).update(settled_at=timezone.now())
        for mail in mails:
            self.log_change(request, mail, "Réglé.")
        self.message_user(request, f"Courriels réglés\u00a0: {len(mails)}.", messages.SUCCESS)

    @admin.action(description=WRITE_AGAIN, permissions=["settle"], location=EVERYWHERE)
    def write_again(self, request: HttpRequest, queryset: QuerySet[UndeliveredMail]) -> None:
        """Declare good the e-mail addresses of the accounts of the chosen mails: mails leave for them again."""
        report_good(self, request, [mail.user for mail in queryset.select_related("user")])


@admin.register(LogEntry)
class LogEntryAdmin(ReadOnlyAdmin):
    """What agents did here. Never changed, never deleted (ADM-04)."""

    list_display = ["action_time", "agent", "genre", "object_repr", "action_flag", "message"]
    list_filter = ["action_flag"]
    list_select_related = ["user", "content_type"]
    search_fields = ["user__identifiant", "user__last_name", "object_repr"]
    search_help_text = "Identifiant ou nom de l’agent, nom de ce qui a été changé"
    date_hierarchy = "action_time"
    fields = ["action_time", "agent", "genre", "object_repr", "action_flag", "message"]

    @admin.display(description="agent", ordering="user__tri")
    def agent(self, entry: LogEntry) -> str:
        """Who made the change."""
        return str(entry.user)

    @admin.display(description="ce qui a été changé", ordering="content_type")
    def genre(self, entry: LogEntry) -> str:
        """What kind of thing was changed, in the words of the town hall: « foyer », « fermeture »; empty when the
        portal no longer has any."""
        return entry.content_type.name if entry.content_type else ""

    @admin.display(description="détail")
    def message(self, entry: LogEntry) -> str:
        """What this entry of the history says of the change, in words."""
        return entry.get_change_message()


@admin.register(FailedTask)
class FailedTaskAdmin(ReadOnlyAdmin):
    """What the worker could not do and why, for the IT service: never about whom (no argument, no message)."""

    list_display = ["end", "name", "error"]
    ordering = ["-finished_at"]
    search_fields = ["task_path", "exception_class_path"]
    search_help_text = "Nom de la tâche ou de l’erreur"
    fields = ["name", "asked", "end", "error", "where"]
    readonly_fields = fields

    @admin.display(description="échouée le", ordering="finished_at")
    def end(self, task: FailedTask) -> str:
        """The day and hour when this task failed, Paris time; empty when it is not known."""
        return date_heure(task.finished_at) if task.finished_at else ""

    @admin.display(description="tâche", ordering="task_path")
    def name(self, task: FailedTask) -> str:
        """The dotted path of the function of this task."""
        return task.task_path

    @admin.display(description="erreur", ordering="exception_class_path")
    def error(self, task: FailedTask) -> str:
        """The dotted path of the class of the exception that ended this task."""
        return task.exception_class_path

    @admin.display(description="demandée le")
    def asked(self, task: FailedTask) -> str:
        """The day and hour when this task was put in the queue, Paris time."""
        return date_heure(task.enqueued_at)

    @admin.display(description="où")
    def where(self, task: FailedTask) -> str:
        """The file and line of each step of the traceback of this task, one a line, without the exception's message."""
        return task.where
