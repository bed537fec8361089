"""The school year, its holidays, its classes: the calendar is corrected here."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts.site import TownHallInline
from enfance.admin.calendrier import CalendrierAdmin, CongesFormSet
from enfance.admin.suppression import NommeParFermeturesAdmin
from enfance.mairie.ecoles import ecoles_offered
from enfance.models import AnneeScolaire, Classe, Conge, Ecole
from enfance.models.ecoles import PREMIERE
from portail.formulaires import WholeModelForm


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
        (
            "L’année",
            {
                "fields": ["debut", "fin", "zone", "ouverture"],
                "description": "Ce que vous changez ici ouvre ou ferme des jours à toutes les familles. Si des enfants "
                "y sont inscrits, vous lirez lesquels avant.",
            },
        ),
        ("Encadrement", {"fields": ["declaree", "pedt"]}),
        ("Jours d’école", {"fields": [("lundi", "mardi", "mercredi", "jeudi", "vendredi")]}),
    ]
    inlines = [CongeInline]
    change_list_template = "admin/enfance/anneescolaire/change_list.html"

    @admin.display(description="calendrier")
    def calendrier(self, annee: AnneeScolaire) -> SafeString:
        """The link to the page that shows the twelve months of the year."""
        address = reverse("admin:enfance_anneescolaire_calendrier", args=[annee.pk])
        return format_html(
            '<a href="{}">Voir les douze mois<span class="visually-hidden"> de {}</span></a>', address, annee
        )


class ClasseEcoleForm(WholeModelForm):
    def clean(self) -> dict[str, Any] | None:
        """Refuse a class whose name another class of the same year and school has. Only checked here where the page
        does not show the school (a town of one school); elsewhere the database's constraint does it.
        """
        cleaned = super().clean()
        if "ecole" not in self.fields:
            annee, nom = self.cleaned_data.get("annee"), self.cleaned_data.get("nom")
            ecole = self.instance.ecole_id if self.instance.pk else PREMIERE
            autres = Classe.objects.filter(annee=annee, nom=nom, ecole=ecole).exclude(pk=self.instance.pk)
            if annee and nom and autres.exists():
                self.add_error(None, "Cette classe est déjà dans l’année.")
        return cleaned


@admin.register(Classe)
class ClasseAdmin(NommeParFermeturesAdmin):
    nommes = "classes"
    form = ClasseEcoleForm
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

    def rows_of(self, queryset: QuerySet[Classe], ecole: Ecole, request: HttpRequest) -> QuerySet[Classe]:
        """The classes of this school."""
        return queryset.filter(ecole=ecole)

    def get_fields(self, request: HttpRequest, obj: Classe | None = None) -> list[str]:
        """Adds the school of the class in a town of several."""
        return ["annee", "ecole", *self.fields[1:]] if ecoles_offered(request) else self.fields

    def get_readonly_fields(self, request: HttpRequest, obj: Classe | None = None) -> list[str]:
        """The school of a class that exists already does not change: its pupils are of that school."""
        return ["ecole"] if obj else []  # its pupils are of that school

    def get_queryset(self, request: HttpRequest) -> QuerySet[Classe]:
        """The classes with the number of their pupils who have not left."""
        return (
            super()
            .get_queryset(request)
            .select_related("annee", "ecole")
            .annotate(nombre_eleves=Count("scolarites", filter=Q(scolarites__depart=None)))
        )

    @admin.display(description="élèves", ordering="nombre_eleves")
    def eleves(self, classe: Classe) -> int:
        """How many pupils of the class have not left."""
        return classe.nombre_eleves

    def autocomplete_label(self, obj: Classe) -> str:
        """The class with its school year, as the suggestions of a field name it."""
        return f"{obj} ({obj.annee})"
