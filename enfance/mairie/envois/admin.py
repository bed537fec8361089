"""What the town hall says to the families: a banner of their home page, a mail to many of them."""

from __future__ import annotations

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from accounts.admin import EVERYWHERE
from accounts.site import TownHallAdmin
from enfance.mairie.envois.ecriture import retirer
from enfance.models import Actualite, Message
from portail.dates import heure_texte, instant_annee


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
            return f"retirée le {instant_annee(actualite.retiree_le)}"
        if actualite.debut > today:
            return "à venir"
        return "en cours" if actualite.fin is None or actualite.fin >= today else "finie"

    def acts_on(self, obj: Actualite, action: str) -> bool:
        """Nothing that has been taken off, or is over, is taken off."""
        return obj.retiree_le is None and (obj.fin is None or obj.fin >= timezone.localdate())

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
    """The list of messages. They are written, seen and sent in pages of their own (`envois.pages`), then kept as they
    went.
    """

    list_display = ["objet", "suite", "destinataires", "nombre", "agent"]
    list_select_related = ["auteur", "envoi"]
    search_fields = ["objet__folded", "texte"]
    search_help_text = "Objet ou texte"

    def has_change_permission(self, request: HttpRequest, obj: Message | None = None) -> bool:
        """Whether the agent may write messages, and this one is still a draft: a message that was sent is not
        corrected.
        """
        return self.has_add_permission(request) and (obj is None or obj.envoye_le is None)

    @admin.display(description="suite", ordering="envoye_le")
    def suite(self, message: Message) -> str:
        """« brouillon », or when the message was sent, or when it leaves, in Paris time."""
        if message.envoye_le is None:
            return "brouillon"
        if message.depart:
            return f"part à {heure_texte(timezone.localtime(message.depart).time())}"
        return f"envoyé le {instant_annee(message.envoye_le)}"

    @admin.display(description="auteur", ordering="auteur__tri")
    def agent(self, message: Message) -> str:
        """The agent who wrote the message; empty when the account is gone."""
        return str(message.auteur or "")
