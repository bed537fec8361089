"""An account's e-mail, where its passwords are sent, changed in the admin: with the agent's own password (ADM-05)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.admin.utils import unquote
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.debug import sensitive_post_parameters

from accounts import sessions
from accounts.confirmation import is_confirmed
from accounts.forms import PasswordField, PresentPasswordForm
from accounts.models import User
from accounts.pauses import end_of_pause, wait_for_password
from accounts.site import TownHallAdmin

ASKED = "own_password"  # with « password » in it, no ended session keeps it (SES-02)


class OwnPasswordField(PasswordField):
    """The agent's own password, asked beside the fields of an account; it is not saved."""

    late = True

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.widget.attrs["class"] = "vTextField"

    def has_changed(self, initial: Any, data: Any) -> bool:
        """False: the password typed here is a proof, never a change of the account."""
        return False


class EmailAdmin(TownHallAdmin):
    """The page of an account. When the agent's password was not typed a moment ago, it has a field for it, needed only
    if the e-mail changes: to ask on a page of its own would lose what is typed here."""

    def asks_password(self, request: HttpRequest, obj: User | None) -> bool:
        """Whether the page of this account must have the field of the agent's own password: the agent may change the
        account, and typed that password more than a quarter of an hour ago (ADM-05). False for a new account."""
        return (
            obj is not None
            and self.has_change_permission(request, obj)
            and not sessions.is_fresh(request.session, now=timezone.now())
        )

    @method_decorator(sensitive_post_parameters(ASKED))
    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """The page of an account. When the e-mail changes, the agent's own password is checked before the transaction
        of the page begins, since a rollback of that transaction must not undo the count of tries."""
        if request.POST.get(ASKED) and object_id:
            obj = self.get_object(request, unquote(object_id))
            if self.asks_password(request, obj) and request.POST.get("email", "").strip() != obj.email:
                request.password_refusal = self._refusal(request)
        return super().changeform_view(request, object_id, form_url, extra_context)

    def _refusal(self, request: HttpRequest) -> str:
        """What is wrong with the password given, empty when it is right. Counts one try, like a login (LIM-11)."""
        if wait := wait_for_password(request):
            return f"Trop d’essais\u00a0: le mot de passe ne sera plus regardé jusqu’à {end_of_pause(wait)}."
        form = PresentPasswordForm({"password": request.POST[ASKED]}, user=request.user)
        return "" if is_confirmed(request, form) else form.errors["password"][0]

    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> list[Any]:
        """The sections of the page, with the field of the agent's own password after the e-mail when
        `asks_password`."""
        fieldsets = super().get_fieldsets(request, obj)
        if not self.asks_password(request, obj):
            return fieldsets
        (title, options), *others = fieldsets
        fields = list(options["fields"])
        fields.insert(fields.index("email") + 1, ASKED)
        return [(title, {**options, "fields": fields}), *others]

    def get_form(
        self, request: HttpRequest, obj: User | None = None, change: bool = False, **kwargs: Any
    ) -> type[forms.ModelForm]:
        """The form of the page; when `asks_password`, it refuses a changed e-mail unless the agent's own password was
        right."""
        if not self.asks_password(request, obj):
            return super().get_form(request, obj, change=change, **kwargs)
        refusal = getattr(request, "password_refusal", "") or "Indiquez votre mot de passe pour changer l’adresse."

        class AskingForm(self.form):  # type: ignore[name-defined]
            own_password = OwnPasswordField(
                "Votre mot de passe",
                "current-password",
                "",
                required=False,
                help_text="Obligatoire pour changer une adresse e-mail.",
            )

            def clean(form) -> dict[str, Any] | None:
                cleaned = super().clean()
                if "email" in form.changed_data:
                    form.add_error(ASKED, refusal)
                return cleaned

        return super().get_form(request, obj, change=change, form=AskingForm, **kwargs)
