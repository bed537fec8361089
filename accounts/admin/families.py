"""The families' accounts, and what every page of accounts has: no password, hash nor digest is shown, chosen or
searched (AUT-12, ADM-08)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin import ActionLocation
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from accounts import addresses, email_changes, journal, passwords, sessions
from accounts.admin.addresses import EmailAdmin
from accounts.models import StaffUser, TemporaryPassword, UndeliveredMail, User
from accounts.passwords import Sending
from accounts.rebonds import marks
from accounts.site import ReadOnlyInline, TownHallAdmin
from portail.dates import date_heure

WRITE_AGAIN = "L’adresse est bonne\u00a0: écrire de nouveau"
EVERYWHERE = [ActionLocation.CHANGE_LIST, ActionLocation.CHANGE_FORM]

SENDING_REPORT = {
    Sending.ASKED: (messages.SUCCESS, "Un mot de passe temporaire part par e-mail, valable 24\u00a0heures"),
    Sending.NO_ADDRESS: (
        messages.WARNING,
        "Rien n’est envoyé, faute d’adresse e-mail (ces comptes rejoignent les courriels non remis)",
    ),
    Sending.TOO_RECENT: (
        messages.WARNING,
        "Rien n’est envoyé\u00a0: un mot de passe envoyé il y a moins de 10\u00a0minutes est encore valable",
    ),
    Sending.WAITING: (messages.WARNING, "Rien n’est envoyé de plus\u00a0: l’e-mail est déjà en route"),
    Sending.CLOSED: (messages.WARNING, "Rien n’est envoyé\u00a0: le compte est fermé"),
}


def send_temporary_passwords(model_admin: TownHallAdmin, request: HttpRequest, users: Iterable[User]) -> None:
    """Send each of these accounts a temporary password, and show the agent, in messages on the page, what came of
    each."""
    report: dict[Sending, list[User]] = defaultdict(list)
    now = timezone.now()
    for user in users:
        sending = passwords.send_temporary_password(user, now=now)
        report[sending].append(user)
        if sending is Sending.ASKED:
            model_admin.admin_site.get_model_admin(User).log_change(request, user, "Mot de passe temporaire envoyé.")
            journal.event("temporary_password_asked", user=user.pk, by=request.user.pk, request=request)
    for sending, (level, sentence) in SENDING_REPORT.items():
        if sending is Sending.ASKED and settings.ENVOIS_RETENUS:
            sentence = "Un mot de passe temporaire attend parmi les e-mails retenus"
        if report[sending]:
            model_admin.message_user(request, f"{sentence}\u00a0: {enumerate_users(report[sending])}.", level)


def enumerate_users(users: Iterable[User]) -> str:
    """The names of these accounts, separated by commas."""
    return ", ".join(map(str, users))


def report_good(model_admin: TownHallAdmin, request: HttpRequest, users: Iterable[User]) -> None:
    """Note, on the word of this agent, that the e-mail addresses of these accounts are good: mails that came back no
    longer stop those to come, also for other accounts with these addresses. Each account cleared is kept in the
    history, and the agent is told in a message, a warning when no mail came back."""
    now, good = timezone.now(), dict[int, User]()
    for user in list(users):
        good |= {cleared.pk: cleared for cleared in marks.clear(user.email, now=now)}
    for user in good.values():
        page = model_admin.admin_site.get_model_admin(StaffUser if user.is_staff else User)
        page.log_change(request, user, "Adresse e-mail dite bonne.")
    if good:
        told = f"Les e-mails partent de nouveau\u00a0: {enumerate_users(good.values())}."
        model_admin.message_user(request, told, messages.SUCCESS)
    else:
        model_admin.message_user(request, "Rien ne change\u00a0: aucun e-mail n’en revenait.", messages.WARNING)


class FirstLoginFilter(admin.SimpleListFilter):
    title = "mot de passe"
    parameter_name = "mot_de_passe"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        """The choices of the filter: accounts whose password was never chosen, or was."""
        return [("jamais", "jamais choisi"), ("choisi", "choisi")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> QuerySet[User]:
        """The accounts whose owner has never chosen a password (« jamais »), or has (« choisi »); all of them without a
        choice."""
        if self.value() in {"jamais", "choisi"}:
            return queryset.filter(password_changed_at__isnull=self.value() == "jamais")
        return queryset


class NoAddressFilter(admin.SimpleListFilter):
    title = "adresse e-mail"
    parameter_name = "adresse"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        """The choices of the filter: accounts without an e-mail address, from whose address mails come back, or with
        one."""
        return [("sans", "sans adresse"), ("revient", "dont les e-mails reviennent"), ("avec", "avec adresse")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> QuerySet[User]:
        """The accounts without an e-mail address, from whose address mails come back, or with one; all of them without
        a choice."""
        match self.value():
            case "sans":
                return queryset.filter(email="")
            case "revient":
                return queryset.exclude(email_refused_at=None)
            case "avec":
                return queryset.exclude(email="")
        return queryset


class TemporaryPasswordInline(ReadOnlyInline):
    """The account's temporary passwords, read only: when each was sent and what became of it."""

    model = TemporaryPassword
    fields = readonly_fields = ["created_at", "sent_at", "expires_at", "closed_at", "reason"]


class UndeliveredMailInline(ReadOnlyInline):
    model = UndeliveredMail
    fields = readonly_fields = ["created_at", "mail", "reason", "settled_at"]


class AccountAdmin(EmailAdmin):
    """What the pages of families' accounts and of agents' accounts have in common."""

    search_fields = ["identifiant", "tri", "email__folded"]
    search_help_text = "Identifiant, nom, prénom ou e-mail"
    ordering = ["tri", "pk"]
    connexion = (
        "Connexion",
        {"fields": ["password_changed_at", "returned", "email_change", "last_login", "created_at"]},
    )
    readonly_fields = ["identifiant", "password_changed_at", "returned", "email_change", "last_login", "created_at"]
    actions = ["close_sessions", "write_again"]

    def save_model(self, request: HttpRequest, obj: User, form: forms.ModelForm, change: bool) -> None:
        """Save the fields that the page changes and no other, so that a password chosen meanwhile stays; a new account
        is saved whole. A changed e-mail goes through `correct_email`; an account closed or opened again loses its
        sessions (`begin_anew`)."""
        others = [field for field in form.changed_data if field != "email"]
        obj.save(update_fields=others if change else None)
        if "email" in form.changed_data and change:
            addresses.correct_email(obj, obj.email, now=timezone.now())
        if "is_active" in form.changed_data:
            passwords.begin_anew(obj, now=timezone.now())
        for field in {"email", "is_active"} & set(form.changed_data):
            journal.event(f"{field}_changed", user=obj.pk, by=request.user.pk, request=request)

    def acts_on(self, obj: User, action: str) -> bool:
        """Says that an address is good only where mails come back from it."""
        return action != "write_again" or obj.email_refused_at is not None

    @admin.display(description="e-mails revenus")
    def returned(self, obj: User) -> str:
        """In words, whether mails come back from the address of this account, since when and why; « non » when they do
        not."""
        if obj.email_refused_at is None:
            return "non"
        return f"depuis le {date_heure(obj.email_refused_at)}\u00a0: {obj.get_email_refused_display()}"

    @admin.action(description=WRITE_AGAIN, permissions=["change"], location=EVERYWHERE)
    def write_again(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        """Declare good the e-mail addresses of the chosen accounts, from which mails came back: mails leave for them
        again."""
        report_good(self, request, queryset)

    @admin.display(description="changement d’adresse")
    def email_change(self, obj: User) -> str:
        """The last change of e-mail address of this account, in words, and what became of it, so that an agent can
        answer « je n’ai rien reçu » on the telephone. « aucun » when there was none."""
        change = obj.email_changes.first()
        if change is None:
            return "aucun"
        asked_at, expires_at = date_heure(change.asked_at), date_heure(change.expires_at)
        if change.closed_at:
            return f"{change.email or 'aucune'}\u00a0: {change.get_reason_display()}, le {date_heure(change.closed_at)}"
        if not email_changes.is_live(change, now=timezone.now()):
            return f"{change.email}\u00a0: pas confirmée avant le {expires_at}"
        sent = f"e-mail envoyé le {date_heure(change.sent_at)}" if change.sent_at else "e-mail pas encore parti"
        return f"{change.email}\u00a0: demandée le {asked_at}, {sent}, à confirmer avant le {expires_at}"

    @admin.action(
        description="Fermer les sessions",
        permissions=["change"],
        location=EVERYWHERE,
    )
    def close_sessions(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        """End every session of these accounts, and drop their new e-mail addresses that wait to be confirmed."""
        users = list(queryset)
        for user in users:
            sessions.end_all(user)
            addresses.give_up(user, now=timezone.now())
            self.log_change(request, user, "Sessions fermées.")
            journal.event("sessions_closed", user=user.pk, by=request.user.pk, request=request)
        self.message_user(
            request, f"Toutes les sessions sont fermées\u00a0: {enumerate_users(users)}.", messages.SUCCESS
        )


@admin.register(User)
class UserAdmin(AccountAdmin):
    """The families alone: agents have a page and rights of their own, and an account is never both."""

    list_display = ["identifiant", "last_name", "first_name", "email", "is_active", "last_login"]
    list_filter = ["is_active", FirstLoginFilter, NoAddressFilter]
    fieldsets = [
        (None, {"fields": ["identifiant", "first_name", "last_name", "email", "is_active"]}),
        AccountAdmin.connexion,
    ]
    add_fieldsets = [
        (
            None,
            {
                "fields": ["first_name", "last_name", "email"],
                "description": "L’identifiant est tiré au sort. Envoyez ensuite un mot de passe temporaire\u00a0: "
                "personne à la mairie ne choisit ni ne voit le mot de passe d’un parent.",
            },
        ),
    ]
    inlines = [TemporaryPasswordInline, UndeliveredMailInline]
    actions = ["send_temporary_password", "close_sessions", "write_again"]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The page of a family's account, with the link to print a temporary password for agents who may."""
        may_print = request.user.has_perm("accounts.print_temporarypassword")
        return super().change_view(request, object_id, form_url, {"may_print": may_print, **(extra_context or {})})

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        """The accounts of families alone: those of agents have a page of their own."""
        return super().get_queryset(request).filter(is_staff=False)

    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> list[Any]:
        """The sections of the page; for a new account, its names and e-mail alone."""
        return super().get_fieldsets(request, obj) if obj else self.add_fieldsets

    def get_inlines(self, request: HttpRequest, obj: User | None) -> list[Any]:
        """The temporary passwords and undelivered mails of the account; nothing for a new account."""
        return self.inlines if obj else []

    def save_model(self, request: HttpRequest, obj: User, form: forms.ModelForm, change: bool) -> None:
        """Save the account; a new one gets a drawn identifiant and no usable password."""
        if not change:
            obj.identifiant = User.objects.new_identifiant()
            obj.set_unusable_password()
        super().save_model(request, obj, form, change)

    def autocomplete_label(self, obj: User) -> str:
        """The line that suggests this account as one types: its name, its identifiant, and its e-mail if it has one."""
        return f"{obj}, {obj.email}" if obj.email else str(obj)

    @admin.action(
        description="Envoyer un mot de passe temporaire",
        permissions=["change"],
        location=EVERYWHERE,
    )
    def send_temporary_password(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        """Send a temporary password to each of the chosen accounts, and show what came of each."""
        send_temporary_passwords(self, request, queryset)
