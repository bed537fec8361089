"""Credentials in number: by mail, by letter, or those that parents have already. Seen before anything is done."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone

from accounts import journal
from accounts.site import TownHallAdmin
from accounts.views import password_asked
from enfance.mairie.destinataires import Public
from enfance.mairie.envois import BilanIdentifiants, envoyer_identifiants
from enfance.mairie.forms import IdentifiantsForm, LettresForm, NumerosConfirmationForm, NumerosForm
from enfance.mairie.identifiants import importer
from enfance.mairie.lettres import Lettre, lettres
from enfance.mairie.liste_identifiants import lire
from enfance.models import Responsable
from portail.tables import ImportRefuse

MONTRES = 20  # lines of the report that stay on the screen after the import


class IdentifiantsAdmin(TownHallAdmin):
    """The list of adults, with what is done for many of them at once."""

    import_export_change_list_template = "admin/enfance/responsable/liste.html"

    def get_urls(self) -> list[URLPattern]:
        admin_view = self.admin_site.admin_view
        return [
            path("identifiants/", admin_view(self.identifiants_view), name="enfance_responsable_identifiants"),
            path("lettres/", admin_view(self.lettres_view), name="enfance_responsable_lettres"),
            path("numeros/", admin_view(self.numeros_view), name="enfance_responsable_numeros"),
            *super().get_urls(),
        ]

    def has_send_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("accounts.change_user")

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return super().changelist_view(
            request, {"may_send": self.has_send_permission(request), **(extra_context or {})}
        )

    def _courrier_page(self, request: HttpRequest, template: str, title: str, **context: Any) -> HttpResponse:
        if not self.has_send_permission(request):
            raise PermissionDenied
        page = {**self.admin_site.each_context(request), "title": title, "opts": self.opts, "media": self.media}
        return TemplateResponse(request, f"admin/enfance/responsable/{template}.html", page | context)

    # --- By mail ------------------------------------------------------------------------------------------------------

    def identifiants_view(self, request: HttpRequest) -> HttpResponse:
        """To whom, what would leave, then the sending, which is followed on its own page."""
        form = IdentifiantsForm(request.POST or None, today=timezone.localdate())
        title = "Envoyer les identifiants"
        if not form.is_valid() or not self.has_send_permission(request):
            return self._courrier_page(request, "identifiants", title, form=form)
        public, confirmed = form.public, "confirmer" in request.POST
        bilan = envoyer_identifiants(
            public,
            connectes=form.cleaned_data["connectes"],
            par=request.user.pk,
            now=timezone.now(),
            simuler=not confirmed,
        )
        if not confirmed:
            return self._courrier_page(request, "identifiants", title, form=form, bilan=bilan, public=public)
        return self._sent(request, bilan, public)

    def _sent(self, request: HttpRequest, bilan: BilanIdentifiants, public: Public) -> HttpResponse:
        if bilan.envoi is None:
            self.message_user(request, "Rien de plus à envoyer\u00a0: ces e-mails sont déjà en route, ou partis.")
            return redirect("admin:accounts_mailing_changelist")
        self._log(request, [a for a in bilan.adultes if a.user in bilan.envoyes], "Identifiants envoyés par e-mail.")
        self.message_user(request, f"L’envoi pour {public.phrase} est en route.", messages.SUCCESS)
        if bilan.sans_courriel:
            noms = ", ".join(map(str, bilan.sans_courriel))
            self.message_user(request, f"Sans adresse e-mail, une lettre à imprimer\u00a0: {noms}.", messages.WARNING)
        return redirect("admin:accounts_mailing_change", bilan.envoi.pk)

    def _log(self, request: HttpRequest, adultes: Iterable[Responsable], message: str) -> None:
        LogEntry.objects.log_actions(request.user.pk, list(adultes), CHANGE, message)

    # --- By letter ----------------------------------------------------------------------------------------------------

    def lettres_view(self, request: HttpRequest) -> HttpResponse:
        """For whom, then one page an adult, to be printed."""
        if self.has_send_permission(request) and (answer := password_asked(request)):
            return answer
        form = LettresForm(request.POST or None, today=timezone.localdate())
        if not form.is_valid() or not self.has_send_permission(request):
            return self._courrier_page(request, "choix_lettres", "Imprimer des lettres", form=form)
        return self._lettres(request, form.adultes())

    @admin.action(description="Imprimer la lettre de l’identifiant", permissions=["send"])
    def print_letters(self, request: HttpRequest, queryset: Any) -> HttpResponse | None:
        if answer := password_asked(request):
            return answer
        ouverts = queryset.filter(user__is_active=True, user__is_staff=False).select_related("user", "foyer")
        return self._lettres(request, ouverts.order_by("user__tri", "pk"))

    def _lettres(self, request: HttpRequest, adultes: Iterable[Responsable]) -> HttpResponse:
        pages: list[Lettre] = lettres(adultes)
        if pages and self.has_send_permission(request):
            self._log(request, [page.adulte for page in pages], "Lettre de l’identifiant imprimée.")
            journal.event("letters_printed", user=request.user.pk, request=request, letters=len(pages))
        return self._courrier_page(
            request,
            "lettres",
            "Lettres",
            lettres=pages,
            sans_adresse=[page.adulte for page in pages if not page.adresse],
            aujourdhui=timezone.localdate(),
            adresse_mairie=settings.COMMUNE_ADRESSE.split(", "),
            adresse_site=settings.SITE_URL.partition("://")[2],
        )

    # --- Numbers that parents know ------------------------------------------------------------------------------------

    def numeros_view(self, request: HttpRequest) -> HttpResponse:
        """The file, then what it would change, then the change."""
        title = "Importer des identifiants"
        if not self.has_send_permission(request):
            raise PermissionDenied
        if "confirmer" in request.POST:
            return self._renumber(request, title)
        form = NumerosForm(request.POST or None, request.FILES or None)
        if not form.is_valid():
            return self._courrier_page(request, "numeros", title, form=form)
        try:
            confirmation = form.confirmation()
            bilan = importer(lire(form.lu), now=timezone.now(), simuler=True)
        except ImportRefuse as error:
            return self._courrier_page(request, "numeros", title, form=form, refus=list(map(str, error.refus)))
        return self._courrier_page(request, "numeros", title, bilan=bilan, confirmation=confirmation)

    def _renumber(self, request: HttpRequest, title: str) -> HttpResponse:
        confirmation = NumerosConfirmationForm(request.POST)
        if not confirmation.is_valid():
            refus = confirmation.errors.get("liste", [])
            return self._courrier_page(request, "numeros", title, form=NumerosForm(), refus=refus)
        try:
            bilan = importer(lire(confirmation.lu), now=timezone.now(), user_id=request.user.pk)
        except ImportRefuse as error:
            return self._courrier_page(request, "numeros", title, form=NumerosForm(), refus=list(map(str, error.refus)))
        for adulte, avant in bilan.changes:
            self.log_change(request, adulte, f"Identifiant {avant} remplacé par {adulte.user.identifiant}.")
        self.message_user(request, " ".join(bilan.phrases()), messages.SUCCESS)
        if bilan.refus:
            suite = "…" if len(bilan.refus) > MONTRES else ""
            texte = "\u202f; ".join(str(refus).rstrip(".") for refus in bilan.refus[:MONTRES])
            self.message_user(request, f"Lignes refusées\u00a0: {texte}{suite}", messages.WARNING)
        return redirect("admin:enfance_responsable_changelist")
