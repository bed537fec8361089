"""Accounts as the town hall sees them: no password, hash nor digest is shown, chosen or searched (AUT-12, ADM-08)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin import ActionLocation
from django.contrib.admin.models import LogEntry
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts import addresses, journal, passwords, sessions
from accounts.models import TemporaryPassword, UndeliveredMail, User
from accounts.passwords import Sending
from accounts.site import ReadOnlyAdmin, ReadOnlyInline, TownHallAdmin

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
    Sending.NEW_ADDRESS: (
        messages.WARNING,
        "Rien n’est envoyé\u00a0: l’adresse e-mail a changé depuis moins de 24\u00a0heures, confirmez-la d’abord",
    ),
    Sending.CLOSED: (messages.WARNING, "Rien n’est envoyé\u00a0: le compte est fermé"),
}


def may_manage(request: HttpRequest, user: User) -> bool:
    """An agent's account is handled by an administrator only: its e-mail leads to a password, hence to its rights."""
    return request.user.is_superuser or not user.is_staff


def send_temporary_passwords(model_admin: TownHallAdmin, request: HttpRequest, users: Iterable[User]) -> None:
    """Send each of these accounts a temporary password, and tell what came of each."""
    report: dict[Sending, list[User]] = defaultdict(list)
    now = timezone.now()
    for user in keep_manageable(model_admin, request, users):
        sending = passwords.send_temporary_password(user, now=now)
        report[sending].append(user)
        if sending is Sending.ASKED:
            model_admin.admin_site.get_model_admin(User).log_change(request, user, "Mot de passe temporaire envoyé.")
            journal.event("temporary_password_asked", user=user.pk, by=request.user.pk, request=request)
    for sending, (level, sentence) in SENDING_REPORT.items():
        if report[sending]:
            model_admin.message_user(request, f"{sentence}\u00a0: {enumerate_users(report[sending])}.", level)


def keep_manageable(model_admin: TownHallAdmin, request: HttpRequest, users: Iterable[User]) -> list[User]:
    """Those that this agent may handle; the others are named in a message."""
    users = list(users)
    refused = [user for user in users if not may_manage(request, user)]
    if refused:
        sentence = f"Réservé à l’administrateur\u00a0: {enumerate_users(refused)}."
        model_admin.message_user(request, sentence, messages.ERROR)
    return [user for user in users if user not in refused]


def enumerate_users(users: Iterable[User]) -> str:
    return ", ".join(map(str, users))


class FirstLoginFilter(admin.SimpleListFilter):
    title = "mot de passe"
    parameter_name = "mot_de_passe"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        return [("jamais", "jamais choisi"), ("choisi", "choisi")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> QuerySet[User]:
        if self.value() in {"jamais", "choisi"}:
            return queryset.filter(password_changed_at__isnull=self.value() == "jamais")
        return queryset


class NoAddressFilter(admin.SimpleListFilter):
    title = "adresse e-mail"
    parameter_name = "adresse"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        return [("sans", "sans adresse"), ("avec", "avec adresse")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> QuerySet[User]:
        match self.value():
            case "sans":
                return queryset.filter(email="")
            case "avec":
                return queryset.exclude(email="")
        return queryset


class TemporaryPasswordInline(ReadOnlyInline):
    """When one was sent and what became of it, to answer « je n’ai rien reçu »."""

    model = TemporaryPassword
    fields = readonly_fields = ["created_at", "sent_at", "expires_at", "closed_at", "reason"]


class UndeliveredMailInline(ReadOnlyInline):
    model = UndeliveredMail
    fields = readonly_fields = ["created_at", "mail", "reason", "settled_at"]


@admin.register(User)
class UserAdmin(TownHallAdmin):
    list_display = ["identifiant", "last_name", "first_name", "email", "is_active", "is_staff", "last_login"]
    list_filter = ["is_active", "is_staff", FirstLoginFilter, NoAddressFilter]
    search_fields = ["identifiant", "last_name__folded", "first_name__folded", "email__folded"]
    search_help_text = "Identifiant, nom, prénom ou e-mail"
    ordering = ["last_name", "first_name", "pk"]
    fieldsets = [
        (None, {"fields": ["identifiant", "first_name", "last_name", "email", "is_active"]}),
        ("Connexion", {"fields": ["password_changed_at", "email_changed_at", "last_login", "created_at"]}),
        (
            "Droits",
            {
                "fields": ["is_staff", "is_superuser", "rights"],
                "description": "Donnés par le service informatique, jamais ici.",
            },
        ),
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
    readonly_fields = [
        "identifiant",
        "password_changed_at",
        "email_changed_at",
        "last_login",
        "created_at",
        "is_staff",
        "is_superuser",
        "rights",
    ]
    inlines = [TemporaryPasswordInline, UndeliveredMailInline]
    actions = ["send_temporary_password", "confirm_email", "close_sessions"]

    @admin.display(description="groupes")
    def rights(self, user: User) -> str:
        return ", ".join(user.groups.values_list("name", flat=True)) or "aucun"

    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> list[Any]:
        return self.fieldsets if obj else self.add_fieldsets

    def get_inlines(self, request: HttpRequest, obj: User | None) -> list[Any]:
        return self.inlines if obj else []

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return super().has_change_permission(request, obj) and (obj is None or may_manage(request, obj))

    def save_model(self, request: HttpRequest, obj: User, form: forms.ModelForm, change: bool) -> None:
        if not change:
            obj.identifiant = User.objects.new_identifiant()
            obj.set_unusable_password()
        super().save_model(request, obj, form, change)
        if "email" in form.changed_data:
            addresses.confirm(obj)
        for field in {"email", "is_active"} & set(form.changed_data):
            journal.event(f"{field}_changed", user=obj.pk, by=request.user.pk, request=request)

    def autocomplete_label(self, obj: User) -> str:
        return f"{obj}, {obj.email}" if obj.email else str(obj)

    @admin.action(
        description="Envoyer un mot de passe temporaire",
        permissions=["change"],
        location=EVERYWHERE,
    )
    def send_temporary_password(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        send_temporary_passwords(self, request, queryset)

    @admin.action(
        description="Confirmer l’adresse e-mail",
        permissions=["change"],
        location=EVERYWHERE,
    )
    def confirm_email(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        """After a call: the address that a parent changed is theirs, and a password may be sent there (AUT-13)."""
        users = keep_manageable(self, request, queryset.exclude(email_changed_at=None))
        for user in users:
            addresses.confirm(user)
            self.log_change(request, user, "Adresse e-mail confirmée.")
            journal.event("email_confirmed", user=user.pk, by=request.user.pk, request=request)
        sentence = f"Adresses confirmées\u00a0: {enumerate_users(users) or 'aucune, rien n’avait changé'}."
        self.message_user(request, sentence, messages.SUCCESS if users else messages.WARNING)

    @admin.action(
        description="Fermer les sessions",
        permissions=["change"],
        location=EVERYWHERE,
    )
    def close_sessions(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        users = keep_manageable(self, request, queryset)
        for user in users:
            sessions.end_all(user)
            self.log_change(request, user, "Sessions fermées.")
            journal.event("sessions_closed", user=user.pk, by=request.user.pk, request=request)
        if users:
            self.message_user(
                request, f"Toutes les sessions sont fermées\u00a0: {enumerate_users(users)}.", messages.SUCCESS
            )


class SettledFilter(admin.SimpleListFilter):
    """What remains to be done comes first: the list opens on it."""

    title = "suite"
    parameter_name = "suite"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        return [("regles", "réglés"), ("tous", "tous")]

    def choices(self, changelist: Any) -> Iterable[dict[str, Any]]:
        to_do, *others = super().choices(changelist)
        return [to_do | {"display": "à régler"}, *others]

    def queryset(self, request: HttpRequest, queryset: QuerySet[UndeliveredMail]) -> QuerySet[UndeliveredMail]:
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
        "user__last_name__folded",
        "user__first_name__folded",
        "user__email__folded",
    ]
    search_help_text = "Identifiant, nom, prénom ou e-mail"
    date_hierarchy = "created_at"
    actions = ["settle"]

    @admin.display(description="compte", ordering="user__last_name")
    def account(self, mail: UndeliveredMail) -> SafeString:
        return format_html('<a href="{}">{}</a>', reverse("admin:accounts_user_change", args=[mail.user_id]), mail.user)

    @admin.display(description="e-mail", ordering="user__email")
    def email(self, mail: UndeliveredMail) -> str:
        return mail.user.email

    def has_settle_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("accounts.change_undeliveredmail")

    @admin.action(
        description="Marquer comme réglé",
        permissions=["settle"],
        location=EVERYWHERE,
    )
    def settle(self, request: HttpRequest, queryset: QuerySet[UndeliveredMail]) -> None:
        mails = list(queryset.filter(settled_at=None))
        queryset.filter(pk__in=[mail.pk for mail in mails]).update(settled_at=timezone.now())
        for mail in mails:
            self.log_change(request, mail, "Réglé.")
        self.message_user(request, f"Courriels réglés\u00a0: {len(mails)}.", messages.SUCCESS)


@admin.register(LogEntry)
class LogEntryAdmin(ReadOnlyAdmin):
    """What agents did here. Never changed, never deleted (ADM-04)."""

    list_display = ["action_time", "user", "content_type", "object_repr", "action_flag", "message"]
    list_filter = ["action_flag"]
    list_select_related = ["user", "content_type"]
    search_fields = ["user__identifiant", "user__last_name", "object_repr"]
    search_help_text = "Agent (identifiant ou nom) ou objet"
    date_hierarchy = "action_time"
    fields = ["action_time", "user", "content_type", "object_repr", "action_flag", "message"]

    @admin.display(description="changements")
    def message(self, entry: LogEntry) -> str:
        return entry.get_change_message()
