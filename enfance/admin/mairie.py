"""What the town hall says to the families: a banner of their home page, a mail to many of them."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts.admin import EVERYWHERE
from accounts.site import TownHallAdmin
from enfance.mairie.destinataires import Courrier
from enfance.mairie.envois import envoyer, essayer, public_of, retirer
from enfance.mairie.forms import MessageForm
from enfance.models import Actualite, Message
from portail.dates import du_au, jour_long
from portail.francais import pluriel


@admin.register(Actualite)
class ActualiteAdmin(TownHallAdmin):
    """Never deleted: families have read it. It ends."""

    feminine = True
    list_display = ["texte", "periode", "suite"]
    date_hierarchy = "debut"
    fields = ["texte", ("debut", "fin")]
    search_fields = ["texte"]
    search_help_text = "Texte"
    actions = ["withdraw"]

    @admin.display(description="affichée", ordering="debut")
    def periode(self, actualite: Actualite) -> str:
        if actualite.fin is None:
            return f"à partir du {jour_long(actualite.debut)} {actualite.debut.year}"
        return f"{du_au(actualite.debut, actualite.fin)} {actualite.fin.year}"

    @admin.display(description="état")
    def suite(self, actualite: Actualite) -> str:
        today = timezone.localdate()
        if actualite.retiree_le:
            return f"retirée le {timezone.localtime(actualite.retiree_le):%d/%m/%Y à %H:%M}"
        if actualite.debut > today:
            return "à venir"
        return "en cours" if actualite.fin is None or actualite.fin >= today else "finie"

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The form, the banner as families will see it, and only then the news."""
        if request.method == "POST" and "confirmer" not in request.POST and self.has_add_permission(request):
            form = self.get_form(request)(request.POST)
            if form.is_valid():
                context = {
                    **self.admin_site.each_context(request),
                    "title": "Aperçu de l’actualité",
                    "opts": self.opts,
                    "media": self.media,
                    "form": form,
                    "actualites": [form.cleaned_data["texte"]],
                    "periode": self.periode(form.instance),
                }
                return TemplateResponse(request, "admin/enfance/actualite/apercu.html", context)
        return super().add_view(request, form_url, {"title": "Annoncer aux familles", **(extra_context or {})})

    @admin.action(description="Retirer maintenant", permissions=["change"], location=EVERYWHERE)
    def withdraw(self, request: HttpRequest, queryset: QuerySet[Actualite]) -> None:
        retirees = [actualite for actualite in queryset if retirer(actualite, now=timezone.now())]
        for actualite in retirees:
            self.log_change(request, actualite, "Retirée.")
        self.message_user(request, f"Retirées de l’accueil des familles\u00a0: {len(retirees)}.", messages.SUCCESS)


@admin.register(Message)
class MessageAdmin(TownHallAdmin):
    """A draft is written, seen, tried on oneself, sent; then it is kept as it went."""

    form = MessageForm
    list_display = ["objet", "suite", "destinataires", "nombre", "agent"]
    list_select_related = ["auteur", "envoi"]
    search_fields = ["objet__folded", "texte"]
    search_help_text = "Objet ou texte"
    fields = ["cible", "classes", "creneau", "jour", "objet", "texte"]
    sent_fields = ["objet", "texte", "destinataires", "nombre", "agent", "envoye_le", "suivi"]

    def get_urls(self) -> list[URLPattern]:
        apercu = path("<int:pk>/apercu/", self.admin_site.admin_view(self.apercu_view), name="enfance_message_apercu")
        return [apercu, *super().get_urls()]

    def has_change_permission(self, request: HttpRequest, obj: Message | None = None) -> bool:
        """Whoever may write one may correct it until it is sent."""
        return self.has_add_permission(request) and (obj is None or obj.envoye_le is None)

    def get_fields(self, request: HttpRequest, obj: Message | None = None) -> list[str]:
        return self.sent_fields if obj and obj.envoye_le else self.fields

    def get_readonly_fields(self, request: HttpRequest, obj: Message | None = None) -> list[str]:
        return self.sent_fields if obj and obj.envoye_le else []

    def get_form(self, request: HttpRequest, obj: Message | None = None, **kwargs: Any) -> Any:
        if obj and obj.envoye_le:
            return super().get_form(request, obj, **kwargs | {"form": admin.ModelAdmin.form})
        form = super().get_form(request, obj, **kwargs)
        return type(form.__name__, (form,), {"today": timezone.localdate()})

    @admin.display(description="suite", ordering="envoye_le")
    def suite(self, message: Message) -> str:
        if message.envoye_le is None:
            return "brouillon"
        return f"envoyé le {timezone.localtime(message.envoye_le):%d/%m/%Y à %H:%M}"

    @admin.display(description="auteur", ordering="auteur__tri")
    def agent(self, message: Message) -> str:
        return str(message.auteur or "")

    @admin.display(description="suivi")
    def suivi(self, message: Message) -> SafeString | str:
        if message.envoi is None:
            return "Le détail de cet envoi n’est plus gardé."
        adresse = reverse("admin:accounts_mailing_change", args=[message.envoi.pk])
        return format_html('<a href="{}">Qui l’a reçu, qui l’attend</a>', adresse)

    def save_model(self, request: HttpRequest, obj: Message, form: Any, change: bool) -> None:
        obj.auteur = obj.auteur or request.user
        super().save_model(request, obj, form, change)

    def response_add(self, request: HttpRequest, obj: Message, post_url_continue: str | None = None) -> HttpResponse:
        return redirect("admin:enfance_message_apercu", obj.pk)

    def response_change(self, request: HttpRequest, obj: Message) -> HttpResponse:
        return redirect("admin:enfance_message_apercu", obj.pk)

    # --- Seen, tried, sent --------------------------------------------------------------------------------------------

    def apercu_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Who would receive the draft, and what they would read; its buttons try it and send it."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        message = get_object_or_404(Message, pk=pk)
        if message.envoye_le:
            if request.method == "POST":
                self.message_user(request, "Ce message est déjà parti\u00a0: il ne part qu’une fois.")
            return redirect("admin:enfance_message_change", pk)
        if "envoyer" in request.POST:
            return self._envoyer(request, message)
        if "tester" in request.POST:
            self._tester(request, message)
            return HttpResponseRedirect(request.path, status=303)
        public = public_of(message)
        context = {
            **self.admin_site.each_context(request),
            "title": f"Message\u00a0: {message}",
            "opts": self.opts,
            "media": self.media,
            "message": message,
            "public": public,
            "courrier": Courrier.of(public, today=timezone.localdate()),
            "courriel": request.user.email,
        }
        return TemplateResponse(request, "admin/enfance/message/apercu.html", context)

    def _envoyer(self, request: HttpRequest, message: Message) -> HttpResponse:
        if not envoyer(message, par=request.user.pk, now=timezone.now()):
            self.message_user(request, "Rien n’est parti\u00a0: ce message l’est déjà, ou personne n’a d’e-mail.")
            return redirect("admin:enfance_message_apercu", message.pk)
        nombre = pluriel(message.nombre, "e-mail,e-mails")
        self.log_change(request, message, f"Envoyé à {message.destinataires}\u00a0: {nombre}.")
        self.message_user(request, "Le message est en route.", messages.SUCCESS)
        return redirect("admin:accounts_mailing_change", message.envoi_id)

    def _tester(self, request: HttpRequest, message: Message) -> None:
        if essayer(message, request.user):
            self.message_user(request, f"Un essai part à {request.user.email}.", messages.SUCCESS)
        else:
            self.message_user(request, "Votre compte n’a pas d’adresse e-mail.", messages.ERROR)
