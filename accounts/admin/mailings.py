"""What was sent to many accounts at once, how far it is, and who has not received it."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Case, Count, IntegerField, Q, QuerySet, Value, When
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts.mailings import State
from accounts.models import Mailing, MailingLine
from accounts.site import ReadOnlyAdmin, ReadOnlyInline

FIRST = [State.FAILED, State.WAITING, State.SKIPPED, State.SENT]  # what asks for a gesture comes first


class MailingLineInline(ReadOnlyInline):
    model = MailingLine
    fields = readonly_fields = ["account", "email", "state", "settled_at"]
    verbose_name_plural = "e-mails"

    def get_queryset(self, request: HttpRequest) -> QuerySet[MailingLine]:
        rank = Case(*[When(state=state, then=Value(n)) for n, state in enumerate(FIRST)], output_field=IntegerField())
        lines = super().get_queryset(request).select_related("user").annotate(rank=rank)
        return lines.order_by("rank", "user__last_name", "user__first_name", "pk")

    @admin.display(description="compte")
    def account(self, line: MailingLine) -> SafeString:
        return format_html('<a href="{}">{}</a>', reverse("admin:accounts_user_change", args=[line.user_id]), line.user)

    @admin.display(description="e-mail")
    def email(self, line: MailingLine) -> str:
        return line.user.email


@admin.register(Mailing)
class MailingAdmin(ReadOnlyAdmin):
    """One page a mailing, to be looked at again while the worker sends."""

    list_display = ["asked_at", "mail", "recipients", "asked_by", "sent", "waiting", "failed"]
    list_display_links = ["asked_at", "mail", "recipients"]
    list_filter = ["mail"]
    list_select_related = ["asked_by"]
    date_hierarchy = "asked_at"
    fields = ["mail", "recipients", "asked_at", "asked_by", "sent", "waiting", "failed", "skipped"]
    inlines = [MailingLineInline]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Mailing]:
        counts: dict[str, Any] = {f"n_{state.value}": Count("lines", filter=Q(lines__state=state)) for state in State}
        return super().get_queryset(request).annotate(**counts)

    def get_readonly_fields(self, request: HttpRequest, obj: Mailing | None = None) -> list[str]:
        return self.fields

    @admin.display(description="envoyés", ordering="n_sent")
    def sent(self, mailing: Mailing) -> int:
        return mailing.n_sent

    @admin.display(description="en attente", ordering="n_waiting")
    def waiting(self, mailing: Mailing) -> int:
        return mailing.n_waiting

    @admin.display(description="non remis", ordering="n_failed")
    def failed(self, mailing: Mailing) -> int:
        return mailing.n_failed

    @admin.display(description="sans objet (compte fermé ou servi entre-temps)")
    def skipped(self, mailing: Mailing) -> int:
        return mailing.n_skipped
