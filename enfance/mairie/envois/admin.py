"""What the town hall says to the families: a banner of their home page, a mail to many of them."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts.admin import EVERYWHERE
from accounts.site import TownHallAdmin
from enfance.mairie.ecoles import ecoles_offered
from enfance.mairie.envois.ecriture import retirer
from enfance.mairie.envois.forms import MessageForm
from enfance.models import Actualite, Message


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
        """The days on which the news is shown, in words."""
        return actualite.periode

    @admin.display(description="état")
    def suite(self, actualite: Actualite) -> str:
        """Whether the news is « à venir », « en cours » or « finie » today, or when it was taken off, in Paris time.
        Without a last day, it stays « en cours » until it is taken off.
        """
        today = timezone.localdate()
        if actualite.retiree_le:
            return f"retirée le {timezone.localtime(actualite.retiree_le):%d/%m/%Y à %H:%M}"
        if actualite.debut > today:
            return "à venir"
        return "en cours" if actualite.fin is None or actualite.fin >= today else "finie"

    @admin.action(description="Retirer maintenant", permissions=["change"], location=EVERYWHERE)
    def withdraw(self, request: HttpRequest, queryset: QuerySet[Actualite]) -> None:
        """The action « Retirer maintenant »: takes these news off the families' home page at once. Those taken off
        before are passed over.
        """
        retirees = [actualite for actualite in queryset if retirer(actualite, now=timezone.now())]
        for actualite in retirees:
            self.log_change(request, actualite, "Retirée.")
        self.message_user(request, f"Retirées de l’accueil des familles\u00a0: {len(retirees)}.", messages.SUCCESS)


@admin.register(Message)
class MessageAdmin(TownHallAdmin):
    """A draft is written here, seen and sent (`views.mairie.annonces`); then it is kept as it went."""

    form = MessageForm
    list_display = ["objet", "suite", "destinataires", "nombre", "agent"]
    list_select_related = ["auteur", "envoi"]
    search_fields = ["objet__folded", "texte"]
    search_help_text = "Objet ou texte"
    fields = ["cible", "ecoles", "classes", "creneau", "jour", "objet", "texte"]
    sent_fields = ["objet", "texte", "destinataires", "nombre", "agent", "envoye_le", "suivi"]

    def has_change_permission(self, request: HttpRequest, obj: Message | None = None) -> bool:
        """Whether the agent may write messages, and this one is still a draft: a message that was sent is not
        corrected.
        """
        return self.has_add_permission(request) and (obj is None or obj.envoye_le is None)

    def get_fields(self, request: HttpRequest, obj: Message | None = None) -> list[str]:
        """Of a message that was sent, what became of it; of a draft, what is to be typed, with the schools in a town of
        several.
        """
        if obj and obj.envoye_le:
            return self.sent_fields
        return self.fields if ecoles_offered(request) else [nom for nom in self.fields if nom != "ecoles"]

    def get_readonly_fields(self, request: HttpRequest, obj: Message | None = None) -> list[str]:
        """Nothing of a message that was sent may be changed."""
        return self.sent_fields if obj and obj.envoye_le else []

    def get_form(self, request: HttpRequest, obj: Message | None = None, **kwargs: Any) -> Any:
        """Gives today's date to the form of a draft; a message that was sent, which is only read, gets Django's plain
        form.
        """
        if obj and obj.envoye_le:
            return super().get_form(request, obj, **kwargs | {"form": admin.ModelAdmin.form})
        form = type(self.form.__name__, (self.form,), {"today": timezone.localdate()})
        return super().get_form(request, obj, **kwargs | {"form": form})

    @admin.display(description="suite", ordering="envoye_le")
    def suite(self, message: Message) -> str:
        """« brouillon », or when the message was sent, in Paris time."""
        if message.envoye_le is None:
            return "brouillon"
        return f"envoyé le {timezone.localtime(message.envoye_le):%d/%m/%Y à %H:%M}"

    @admin.display(description="auteur", ordering="auteur__tri")
    def agent(self, message: Message) -> str:
        """The agent who wrote the message; empty when the account is gone."""
        return str(message.auteur or "")

    @admin.display(description="suivi")
    def suivi(self, message: Message) -> SafeString | str:
        """The link to the page that tells who received the message and who waits for it; a sentence when that is not
        kept any more.
        """
        if message.envoi is None:
            return "Le détail de cet envoi n’est plus gardé."
        adresse = reverse("admin:accounts_mailing_change", args=[message.envoi.pk])
        return format_html('<a href="{}">Qui l’a reçu, qui l’attend</a>', adresse)

    def save_model(self, request: HttpRequest, obj: Message, form: Any, change: bool) -> None:
        """The agent who first saves the message is its author."""
        obj.auteur = obj.auteur or request.user
        super().save_model(request, obj, form, change)

    def response_add(self, request: HttpRequest, obj: Message, post_url_continue: str | None = None) -> HttpResponse:
        """On to the page that shows the draft before it is sent."""
        return redirect("admin:enfance_message_apercu", obj.pk)

    def response_change(self, request: HttpRequest, obj: Message) -> HttpResponse:
        """On to the page that shows the draft before it is sent."""
        return redirect("admin:enfance_message_apercu", obj.pk)
