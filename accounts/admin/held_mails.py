"""The mails that are held: let go, or given up, by somebody of the town hall."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin.models import CHANGE, DELETION, LogEntry
from django.core.exceptions import BadRequest
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.decorators import method_decorator
from django_tasks_db.models import get_date_max

from accounts import held_mails, journal, outbox
from accounts.listes import TownHallList
from accounts.models import HeldMail
from accounts.site import ReadOnlyAdmin
from portail.confirmation import Apercu, Effet, Suite, Tableau, asks_first, confirm
from portail.dates import date_heure
from portail.francais import pluriel

LEAVE = "e-mail va partir,e-mails vont partir", "l’un après l’autre", "Un e-mail parti ne se rappelle pas."
GIVEN_UP = "e-mail ne partira,e-mails ne partiront", "jamais", "Cela ne se défait pas."


class HeldMailList(TownHallList):
    def get_results(self, request: HttpRequest) -> None:
        """The rows of the page, each with its name and recipient in words (`held_mails.describe`)."""
        super().get_results(request)
        self.result_list = list(self.result_list)
        held_mails.describe(self.result_list)


class KindFilter(admin.SimpleListFilter):
    title = "e-mail"
    parameter_name = "nature"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        """The choices of the filter: the kinds of mail of which one at least is held."""
        held = set(model_admin.get_queryset(request).order_by().values_list("task_path", flat=True).distinct())
        kinds = {**outbox.KINDS, **outbox.FANS}
        return [(path, kind.name) for path, kind in kinds.items() if path in held]

    def queryset(self, request: HttpRequest, queryset: QuerySet[HeldMail]) -> QuerySet[HeldMail]:
        """The held mails of the kind that was chosen; all of them without a choice."""
        return queryset.filter(task_path=self.value()) if self.value() else queryset


@admin.register(HeldMail)
class HeldMailAdmin(ReadOnlyAdmin):
    """What each mail is and for whom; nothing of it is written yet, and no temporary password is made."""

    change_list_template = "admin/accounts/heldmail/change_list.html"
    list_display = ["mail", "recipient", "asked", "not_before"]
    list_display_links = None
    list_filter = [KindFilter]
    list_per_page = 100
    list_max_show_all = 0  # « tout » is a button of ours
    ordering = ["enqueued_at", "pk"]
    actions = ["release", "give_up"]
    fields = ["mail", "recipient", "asked", "not_before"]
    readonly_fields = fields

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Whether the list of held mails is in the index of the admin: only while ENVOIS_RETENUS is set."""
        return settings.ENVOIS_RETENUS and super().has_module_permission(request)  # else the home tells of a restore's

    def has_handle_permission(self, request: HttpRequest) -> bool:
        """Whether this agent may let held mails leave or give them up."""
        return request.user.has_perm("accounts.change_heldmail")

    def get_object(self, *args: Any, **kwargs: Any) -> HeldMail | None:
        """The held mail, with its name and recipient in words; None when it does not exist."""
        mail = super().get_object(*args, **kwargs)
        if mail:
            held_mails.describe([mail])
        return mail

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[HeldMailList]:
        return HeldMailList

    def is_key(self, text: str) -> bool:
        """Whether this text may be the primary key of a held mail: a UUID."""
        try:
            return bool(UUID(text))
        except ValueError:
            return False

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The list, with the instant at which it was read: an action on all rows touches no mail that came later."""
        extra = {"retenus": settings.ENVOIS_RETENUS, "may_handle": self.has_handle_permission(request)}
        extra["until"] = timezone.now().isoformat()  # before the rows are read: none is touched that was not counted
        return super().changelist_view(request, {**extra, **(extra_context or {})})

    @admin.display(description="e-mail", ordering="task_path")
    def mail(self, mail: HeldMail) -> str:
        """The name of the held mail, as the town hall calls it."""
        return mail.name

    @admin.display(description="pour")
    def recipient(self, mail: HeldMail) -> str:
        """For whom the held mail is, in words."""
        return mail.recipient

    @admin.display(description="demandé le", ordering="enqueued_at")
    def asked(self, mail: HeldMail) -> str:
        """The day and hour when the held mail was asked for, Paris time."""
        return date_heure(mail.enqueued_at)

    @admin.display(description="pas avant", ordering="run_after")
    def not_before(self, mail: HeldMail) -> str:
        """The day and hour (Paris) before which the held mail must not leave; empty when that hour is past or was not
        given."""
        return date_heure(mail.run_after) if timezone.now() < mail.run_after < get_date_max() else ""

    @admin.action(description="Laisser partir", permissions=["handle"])
    @method_decorator(asks_first)
    def release(self, request: HttpRequest, queryset: QuerySet[HeldMail]) -> HttpResponse | None:
        """Let the chosen held mails leave in the next minutes; a page asks for confirmation first when all the list is
        chosen. Those asked for after the list was read stay held."""
        if request.POST.get("select_across") == "1":
            self._ask(request, queryset, "Laisser partir", LEAVE)
        done = self._carry_out(request, queryset, held_mails.release, CHANGE, "Laissé partir.")
        journal.event("mails_released", by=request.user.pk, request=request, number=done)
        self._tell(request, f"{pluriel(done, 'e-mail part,e-mails partent')} dans les minutes qui viennent.", done)
        return None

    @admin.action(description="Ne pas envoyer", permissions=["handle"])
    @method_decorator(asks_first)
    def give_up(self, request: HttpRequest, queryset: QuerySet[HeldMail]) -> HttpResponse | None:
        """Delete the chosen held mails, which are then never sent, once the agent has confirmed it on a page. When none
        is held any more, nothing is asked."""
        self._ask(request, queryset, "Ne pas envoyer", GIVEN_UP)
        give_up = partial(held_mails.give_up, now=timezone.now())
        done = self._carry_out(request, queryset, give_up, DELETION, "Abandonné, jamais envoyé.")
        journal.event("mails_given_up", by=request.user.pk, request=request, number=done)
        self._tell(request, f"{pluriel(done, 'e-mail abandonné,e-mails abandonnés')}\u00a0: rien ne partira.", done)
        return None

    def _ask(self, request: HttpRequest, mails: QuerySet[HeldMail], verb: str, words: tuple[str, str, str]) -> None:
        """Have it confirmed, with how many of which there are and for whom. Not asked when none is held any more."""
        shown = list(self._seen(request, mails))
        if not shown:
            return
        held_mails.describe(shown)
        number, (will, how, consequence) = pluriel(len(shown), "e-mail,e-mails"), words
        kinds = Counter(mail.name for mail in shown).most_common()
        names = tuple((mail.name, mail.recipient) for mail in shown[: self.list_per_page])
        rest = len(shown) - len(names)
        here = reverse("admin:accounts_heldmail_changelist")
        confirm(
            request,
            Apercu(
                titre=f"{verb}\u00a0: {number}",
                phrase=f"{pluriel(len(shown), will)} {how}.",
                question=f"{verb}\u00a0: {number}\u00a0?",
                suites=(Suite(verb),),
                retour=here,
                fil=(("Courriels retenus", here),),
                consequence=consequence,
                effets=tuple(Effet(name, "e-mail" if n == 1 else "e-mails", n) for name, n in kinds),
                tableaux=(Tableau("Pour qui", ("E-mail", "Pour"), names, f"et {rest} de plus" if rest else ""),),
                grave=True,
                marque=repr(sorted(str(mail.pk) for mail in shown)),
            ),
        )

    def _seen(self, request: HttpRequest, mails: QuerySet[HeldMail]) -> QuerySet[HeldMail]:
        if "until" not in request.POST:
            return mails
        try:
            until = parse_datetime(request.POST["until"])
        except ValueError:
            until = None
        if until is None or timezone.is_naive(until):
            raise BadRequest("No instant.")
        return mails.filter(enqueued_at__lte=until)

    def _carry_out(
        self,
        request: HttpRequest,
        mails: QuerySet[HeldMail],
        what: Callable[[QuerySet[HeldMail]], list[HeldMail]],
        flag: int,
        sentence: str,
    ) -> int:
        done = what(self._seen(request, mails))
        if done:
            LogEntry.objects.log_actions(request.user.pk, done, flag, change_message=sentence)
        return len(done)

    def _tell(self, request: HttpRequest, sentence: str, number: int) -> None:
        if number:
            self.message_user(request, sentence, messages.SUCCESS)
        else:
            self.message_user(request, "Rien à faire\u00a0: ces e-mails ne sont plus retenus.", messages.WARNING)
