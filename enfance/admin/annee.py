"""The school year, its holidays, its classes: the calendar is corrected here."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils import timezone

from accounts.site import TownHallAdmin, TownHallInline
from enfance.admin.rentree import rentree_view
from enfance.models import AnneeScolaire, Classe, Conge, Inscription, load_calendrier
from portail.dates import jour_long


def inscriptions_hors_ecole(today: date) -> dict[date, int]:
    """How many inscriptions, from `today` on, stand on days without school, by day."""
    calendrier = load_calendrier()
    comptes = Inscription.objects.active().filter(jour__gte=today).order_by("jour").values_list("jour")
    return {jour: n for jour, n in comptes.annotate(n=Count("pk")) if not calendrier.is_ecole(jour)}


class CongeInline(TownHallInline):
    model = Conge
    fields = ["genre", "nom", "debut", "fin"]


@admin.register(AnneeScolaire)
class AnneeScolaireAdmin(TownHallAdmin):
    feminine = True
    list_display = ["__str__", "debut", "fin", "zone", "ouverture"]
    search_fields = ["debut", "fin"]
    search_help_text = "Année\u00a0: 2026"
    fieldsets = [
        (None, {"fields": ["debut", "fin", "zone", "ouverture"]}),
        ("Jours d’école", {"fields": [("lundi", "mardi", "mercredi", "jeudi", "vendredi")]}),
    ]
    inlines = [CongeInline]
    change_list_template = "admin/enfance/anneescolaire/change_list.html"

    def get_urls(self) -> list[URLPattern]:
        def rentree(request: HttpRequest, debut: int | None = None) -> HttpResponse:
            return rentree_view(self, request, debut)

        view = self.admin_site.admin_view(rentree)
        return [
            path("rentree/", view, name="enfance_anneescolaire_rentree"),
            path("rentree/<int:debut>/", view, name="enfance_anneescolaire_rentree_de"),
            *super().get_urls(),
        ]

    def save_related(self, request: HttpRequest, form: forms.ModelForm, formsets: Any, change: bool) -> None:
        """Say which inscriptions the calendar leaves on days without school."""
        super().save_related(request, form, formsets, change)
        if touchees := inscriptions_hors_ecole(timezone.localdate()):
            jours = ", ".join(f"{jour_long(jour)} ({n})" for jour, n in touchees.items())
            self.message_user(
                request,
                f"Des inscriptions sont sur un jour sans école\u00a0: {jours}. "
                "Elles ne sont pas annulées, et les familles ne sont pas prévenues.",
                messages.WARNING,
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
