"""The list of closures. `views.mairie.fermetures` closes and opens again, and only the reason is corrected here."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from enfance.mairie.ecoles import ecoles_offered, fermetures_of, noms_ecoles
from enfance.mairie.fermetures.ecriture import fermeture_phrase
from enfance.mairie.filtres import ParEcoleAdmin
from enfance.models import Ecole, Fermeture, Inscription


class QuandFilter(admin.SimpleListFilter):
    title = "quand"
    parameter_name = "quand"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        """« En cours et à venir », or « passées »."""
        return [("a_venir", "en cours et à venir"), ("passees", "passées")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Fermeture]) -> QuerySet[Fermeture]:
        """The closures under way and to come, or those that are over. All of them without a choice."""
        match self.value():
            case "a_venir":
                return queryset.filter(fin__gte=timezone.localdate())
            case "passees":
                return queryset.filter(fin__lt=timezone.localdate())
        return queryset


@admin.register(Fermeture)
class FermetureAdmin(ParEcoleAdmin):
    """Only the reason of a closure is corrected: its days and its perimeter were announced."""

    feminine = True
    list_display = ["debut", "fin", "nature", "motif", "portee", "etat", "annulees", "liste"]
    list_display_links = ["debut", "fin", "motif"]
    list_filter = [QuandFilter, "nature", "creneaux"]
    search_fields = ["motif"]
    search_help_text = "Motif"
    date_hierarchy = "debut"
    empty_value_display = "tous"  # of the créneaux to filter on
    fields = ["nature", ("debut", "fin"), "motif", "creneaux", "classes", "inscriptions_annulees"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Fermeture]:
        """The closures with the number of inscriptions that each has cancelled, even those given back since."""
        annulees = Count(
            "enregistrements__evenements", filter=Q(enregistrements__evenements__apres=Inscription.Etat.ANNULEE)
        )
        fermetures = super().get_queryset(request).prefetch_related("creneaux", "classes", "ecoles")
        return fermetures.annotate(nombre_annulees=annulees)

    def rows_of(self, queryset: QuerySet[Fermeture], ecole: Ecole, request: HttpRequest) -> QuerySet[Fermeture]:
        """The closures that touch this school."""
        return queryset.filter(pk__in=fermetures_of(ecole).values("pk"))

    def get_fields(self, request: HttpRequest, obj: Fermeture | None = None) -> list[Any]:
        """Shows the schools in a town of several, and the number of inscriptions cancelled once the closure exists."""
        ecoles = ["ecoles"] if ecoles_offered(request) else []
        sortie = [] if obj is None or obj.is_fermeture else ["niveaux", "qui_reste"]
        fields = [*self.fields[:3], *ecoles, *self.fields[3:5], *sortie, *self.fields[5:]]
        return fields if obj else fields[1:-1]

    def get_readonly_fields(self, request: HttpRequest, obj: Fermeture | None = None) -> list[str]:
        """Only the reason of a closure that exists may be changed: all else was announced."""
        annonces = ["nature", "debut", "fin", "ecoles", "creneaux", "classes", "niveaux", "qui_reste"]
        return [*annonces, "inscriptions_annulees"] if obj else []

    @admin.display(description="écoles")
    def ecole(self, fermeture: Fermeture) -> str:
        """The schools that the closure names, or « toutes les écoles »."""
        return noms_ecoles(fermeture.ecoles.all())

    @admin.display(description="portée")
    def portee(self, fermeture: Fermeture) -> str:
        """The créneaux and the classes that are closed: « midi, soir ; toutes les classes »."""
        creneaux = ", ".join(map(str, fermeture.creneaux.all())) or "tous les créneaux"
        return f"{creneaux}\u202f; {fermeture.groupes or 'toutes les classes'}"

    @admin.display(description="enfants qui restent")
    def qui_reste(self, fermeture: Fermeture) -> str:
        """The children whom a trip leaves out."""
        return ", ".join(map(str, fermeture.restent.all())) or "aucun"

    @admin.display(description="inscriptions annulées", ordering="nombre_annulees")
    def annulees(self, fermeture: Fermeture) -> int:
        """How many inscriptions the closure has cancelled, even those given back since."""
        return fermeture.nombre_annulees

    inscriptions_annulees = annulees

    @admin.display(description="quand")
    def etat(self, fermeture: Fermeture) -> str:
        """Whether the closure is « passée », « à venir » or « en cours » today, in Paris time."""
        today = timezone.localdate()
        if fermeture.fin < today:
            return "passée"
        return "à venir" if fermeture.debut > today else "en cours"

    @admin.display(description="enfants touchés")
    def liste(self, fermeture: Fermeture) -> SafeString:
        """The link to the list of the children whom the closure touches."""
        link = '<a href="{}">Voir la liste<span class="visually-hidden"> ({})</span></a>'
        address = reverse("admin:enfance_fermeture_liste", args=[fermeture.pk])
        return format_html(link, address, fermeture_phrase(fermeture))

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Offers to open again to an agent who may do so."""
        context = {"may_reopen": self._may_reopen(request), **(extra_context or {})}
        return super().change_view(request, object_id, form_url, context)

    def _may_reopen(self, request: HttpRequest) -> bool:
        return request.user.has_perm("enfance.delete_fermeture")
