"""At the counter: a temporary password on paper, for a parent whom no e-mail can reach (AUT-12)."""

from __future__ import annotations

from django import forms
from django.conf import settings
from django.contrib.admin.options import ModelAdmin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables

from accounts import journal, passwords
from accounts.models import User
from accounts.views import password_asked


class CounterForm(forms.Form):
    """What the agent says before anything is made. `after`: the account's last temporary password, so that the page
    makes one value however often it is sent."""

    identity = forms.BooleanField(
        label="J’ai vérifié l’identité de cette personne sur une pièce officielle",
        error_messages={"required": "Vérifiez d’abord l’identité, puis cochez la case."},
    )
    after = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=2**62)


class CounterAdmin(ModelAdmin):
    """The page of an account from which such a password is printed: shown once, by the answer that made it."""

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.counter_view)
        return [path("<int:pk>/guichet/", view, name="accounts_user_counter"), *super().get_urls()]

    def has_counter_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("accounts.print_temporarypassword")

    def change_view(self, request: HttpRequest, object_id: str, *args: object, **kwargs: object) -> HttpResponse:
        extra = {"may_print": self.has_counter_permission(request), **(kwargs.pop("extra_context", None) or {})}
        return super().change_view(request, object_id, *args, extra_context=extra, **kwargs)

    @method_decorator(never_cache)
    @sensitive_variables("issued", "value", "context")
    def counter_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        if not self.has_counter_permission(request):
            raise PermissionDenied
        user, now = get_object_or_404(User.objects.filter(is_staff=False), pk=pk), timezone.now()
        if passwords.may_be_printed(user) and (answer := password_asked(request)):
            return answer
        form = CounterForm(request.POST if request.method == "POST" else None)
        context = {
            **self.admin_site.each_context(request),
            "title": "Mot de passe au guichet",
            "opts": self.opts,
            "media": self.media,
            "account": user,
            "form": form,
            "possible": passwords.may_be_printed(user),
            "late": False,
            "adresse_site": settings.SITE_URL.partition("://")[2],
            "value": "",
        }
        if form.is_valid():
            issued = passwords.print_temporary_password(user, after=form.cleaned_data["after"], now=now)
            if issued is None:
                context["late"] = context["possible"]
            else:
                temporary, value = issued
                context |= {"value": value, "expires_at": temporary.expires_at, "title": f"Pour {user.get_full_name()}"}
                self.log_change(request, user, "Identité vérifiée, mot de passe temporaire imprimé au guichet.")
                journal.event("temporary_password_printed", user=user.pk, by=request.user.pk, request=request)
        if not context["value"] and (context["late"] or not form.is_bound):
            context["form"] = CounterForm(initial={"after": passwords.last_temporary(user)})
        return TemplateResponse(request, "admin/accounts/user/guichet.html", context)
