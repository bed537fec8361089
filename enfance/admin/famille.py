"""The counter and the phone: a family found in one field, and all that is known of it on one page."""

from __future__ import annotations

from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.contrib.admin.views.main import SEARCH_VAR
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone

from accounts import journal, ratelimit
from accounts.admin import send_temporary_passwords
from accounts.models import User
from accounts.search import keep_search, kept_search
from accounts.site import TownHallAdmin
from enfance.famille.sante import keep_lecture, sees_sante
from enfance.mairie.familles import FamilleTrouvee, find_familles, load_famille
from enfance.models import Foyer


class RechercheForm(forms.Form):
    """What is typed of a family. It is sent by POST, and its answer is a page to come back to."""

    famille = forms.CharField(
        max_length=100,
        error_messages={
            "required": "Écrivez un nom, un prénom, un identifiant, un e-mail ou un téléphone.",
            "max_length": "C’est trop long\u00a0: un nom, un e-mail ou un numéro suffisent.",
        },
    )

    @classmethod
    def kept(cls, request: HttpRequest) -> RechercheForm:
        """What the session keeps under the word of the address; empty without one."""
        typed = kept_search(request.session, request.GET.get(SEARCH_VAR, ""))
        return cls() if typed is None else cls({"famille": typed})

    @classmethod
    def keep(cls, request: HttpRequest) -> HttpResponse:
        """To the page that answers what was typed."""
        word = keep_search(request.session, request.POST.get("famille", ""))
        return HttpResponseRedirect(f"{request.path}?{urlencode({SEARCH_VAR: word})}", status=303)


class FamilleAdmin(TownHallAdmin):
    """The list of homes, with the pages of the counter."""

    def get_urls(self) -> list[URLPattern]:
        admin_view = self.admin_site.admin_view
        return [
            path("trouver/", admin_view(self.trouver_view), name="enfance_foyer_trouver"),
            path("<int:pk>/famille/", admin_view(self.famille_view), name="enfance_foyer_famille"),
            *super().get_urls(),
        ]

    # --- Finding --------------------------------------------------------------------------------------------------

    def trouver_view(self, request: HttpRequest) -> HttpResponse:
        """The families in which each word typed is found; the only one opens at once."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        if request.method == "POST":
            return RechercheForm.keep(request)
        form = RechercheForm.kept(request)
        familles: list[FamilleTrouvee] = []
        trop = False
        if form.is_valid():
            familles, trop = find_familles(form.cleaned_data["famille"], today=timezone.localdate())
            if len(familles) == 1:
                return redirect("admin:enfance_foyer_famille", pk=familles[0].foyer.pk)
        context = {
            **self.admin_site.each_context(request),
            "title": "Trouver une famille",
            "opts": self.opts,
            "media": self.media,
            "form": form,
            "cherche": form.is_valid(),
            "familles": familles,
            "trop": trop,
        }
        return TemplateResponse(request, "admin/enfance/foyer/trouver.html", context)

    # --- The page of a family -------------------------------------------------------------------------------------

    def famille_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        foyer = get_object_or_404(Foyer.objects.prefetch_related("responsables__user"), pk=pk)
        if request.method == "POST":
            self._act(request, foyer)
            return redirect("admin:enfance_foyer_famille", pk=pk)
        famille = load_famille(foyer, now=timezone.now())
        if sees_sante(request):
            keep_lecture(request, [fiche.enfant.pk for fiche in famille.enfants if fiche.enfant.pai])
        context = {
            **self.admin_site.each_context(request),
            "title": str(foyer),
            "opts": self.opts,
            "media": self.media,
            "famille": famille,
        }
        return TemplateResponse(request, "admin/enfance/foyer/famille.html", context)

    def _act(self, request: HttpRequest, foyer: Foyer) -> None:
        """Do what a button beside an adult asks: `envoyer` or `debloquer`, and the account's primary key."""
        if not request.user.has_perm("accounts.change_user"):
            raise PermissionDenied
        for action in ("envoyer", "debloquer"):
            if action in request.POST:
                user = self._adulte(foyer, request.POST[action])
                if action == "envoyer":
                    send_temporary_passwords(self, request, [user])
                else:
                    self._free(request, user)

    def _adulte(self, foyer: Foyer, pk: str) -> User:
        """The account of an adult of this home, and of no other."""
        for responsable in foyer.responsables.all():
            if str(responsable.user_id) == pk and not responsable.user.is_staff:
                return responsable.user
        raise Http404

    def _free(self, request: HttpRequest, user: User) -> None:
        ratelimit.free(user)
        self.admin_site.get_model_admin(User).log_change(request, user, "Essais de connexion remis à zéro.")
        journal.event("account_unlocked", user=user.pk, by=request.user.pk, request=request)
        self.message_user(
            request, f"{user}\u00a0: les essais sont remis à zéro, la connexion est possible.", messages.SUCCESS
        )
