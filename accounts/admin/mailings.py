"""What was sent to many accounts at once, how far it is, and who has not received it."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse

from accounts.mailings import State
from accounts.models import Mailing, MailingLine
from accounts.site import ReadOnlyAdmin
from portail.formulaires import is_key

ORDER = [State.FAILED, State.WAITING, State.SKIPPED, State.SENT]


@admin.register(Mailing)
class MailingAdmin(ReadOnlyAdmin):
    """One page a mailing, to be looked at again while the worker sends."""

    list_display = ["asked_at", "mail", "recipients", "agent", "sent", "waiting", "failed"]
    list_display_links = ["asked_at", "mail", "recipients"]
    list_filter = ["mail"]
    list_select_related = ["asked_by"]
    date_hierarchy = "asked_at"
    fields = ["mail", "recipients", "asked_at", "agent", "sent", "waiting", "failed", "skipped"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Mailing]:
        """The mailings, each with the number of its mails in each state (`n_sent`, `n_waiting`, `n_failed`,
        `n_skipped`)."""
        counts: dict[str, Any] = {f"n_{state.value}": Count("lines", filter=Q(lines__state=state)) for state in State}
        return super().get_queryset(request).annotate(**counts)

    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> HttpResponse:
        """The page of a mailing, with its mails grouped by state: first those not delivered, on which somebody has to
        act."""
        lines = MailingLine.objects.filter(mailing=object_id if is_key(object_id) else 0).select_related("user")
        states = [(state.label, [line for line in lines if line.state == state]) for state in ORDER]
        extra = {"states": states, **(kwargs.pop("extra_context", None) or {})}
        return super().change_view(request, object_id, *args, extra_context=extra, **kwargs)

    def get_readonly_fields(self, request: HttpRequest, obj: Mailing | None = None) -> list[str]:
        """All the fields of the page: a mailing is only read."""
        return self.fields

    @admin.display(description="demandé par", ordering="asked_by__tri")
    def agent(self, mailing: Mailing) -> str:
        """Who asked for this mailing: an agent, or « une commande » when none is known."""
        return str(mailing.asked_by or "une commande")

    @admin.display(description="envoyés", ordering="n_sent")
    def sent(self, mailing: Mailing) -> int:
        """How many mails of this mailing the mail server took."""
        return mailing.n_sent

    @admin.display(description="en attente", ordering="n_waiting")
    def waiting(self, mailing: Mailing) -> int:
        """How many mails of this mailing still wait to be sent."""
        return mailing.n_waiting

    @admin.display(description="non remis", ordering="n_failed")
    def failed(self, mailing: Mailing) -> int:
        """How many mails of this mailing could not be sent."""
        return mailing.n_failed

    @admin.display(description="sans objet (compte fermé ou servi entre-temps)")
    def skipped(self, mailing: Mailing) -> int:
        """How many mails of this mailing were not sent because there was no longer any need."""
        return mailing.n_skipped
