"""The school year, its holidays, its classes: the calendar is corrected here."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts.site import TownHallAdmin, TownHallInline
from enfance.admin.calendrier import CalendrierAdmin, CongesFormSet
from enfance.models import AnneeScolaire, Classe, Conge


class CongeInline(TownHallInline):
    model = Conge
    formset = CongesFormSet
    fields = ["genre", "nom", "debut", "fin"]


@admin.register(AnneeScolaire)
class AnneeScolaireAdmin(CalendrierAdmin):
    feminine = True
    list_display = ["__str__", "debut", "fin", "zone", "ouverture", "calendrier"]
    search_fields = ["debut", "fin"]
    search_help_text = "Année\u00a0: 2026"
    fieldsets = [
        (None, {"fields": ["debut", "fin", "zone", "ouverture"]}),
        ("Encadrement", {"fields": ["declaree", "pedt"]}),
        ("Jours d’école", {"fields": [("lundi", "mardi", "mercredi", "jeudi", "vendredi")]}),
    ]
    inlines = [CongeInline]
    change_list_template = "admin/enfance/anneescolaire/change_list.html"

    @admin.display(description="calendrier")
    def calendrier(self, annee: AnneeScolaire) -> SafeString:
        address = reverse("admin:enfance_anneescolaire_calendrier", args=[annee.pk])
        return format_html(
            '<a href="{}">Voir les douze mois<span class="visually-hidden"> de {}</span></a>', address, annee
        )


@admin.register(Classe)
class ClasseAdmin(TownHallAdmin):
    feminine = True
    list_display = ["nom", "enseignant", "annee", "eleves"]
    list_filter = ["annee"]
    list_select_related = ["annee"]
    search_fields = ["nom", "enseignant"]
    search_help_text = "Nom de la classe ou de l’enseignant·e"
    ordering = ["-annee__debut", "nom"]
    fields = ["annee", "nom", "enseignant"]
    autocomplete_fields = ["annee"]
    deletable = True  # the database keeps those that have pupils

    def get_queryset(self, request: HttpRequest) -> QuerySet[Classe]:
        return (
            super()
            .get_queryset(request)
            .select_related("annee")
            .annotate(nombre_eleves=Count("scolarites", filter=Q(scolarites__depart=None)))
        )

    @admin.display(description="élèves", ordering="nombre_eleves")
    def eleves(self, classe: Classe) -> int:
        return classe.nombre_eleves

    def autocomplete_label(self, obj: Classe) -> str:
        return f"{obj} ({obj.annee})"
