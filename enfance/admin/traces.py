"""The trace of every change of an inscription: read, never written here."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest
from django.utils import formats, timezone

from accounts.site import ReadOnlyAdmin, ReadOnlyInline
from enfance.mairie.ecoles import du_jour
from enfance.mairie.filtres import CreneauFilter, ParEcoleAdmin, ParJourAdmin
from enfance.models import Ecole, Enregistrement, Evenement, EvenementRepas
from enfance.planning.historique import rangs_phrase


@admin.display(description="rang")
def rangs(evenement: Evenement) -> str:
    """The move of the child in the waiting list, in words: « du n° 1 au n° 2 »; empty when its rank did not change."""
    return f"du {rangs_phrase(evenement)}" if evenement.rang_apres else ""


@admin.register(Evenement)
class EvenementAdmin(ParJourAdmin, ReadOnlyAdmin):
    list_display = ["quand", "enfant", "jour", "creneau", "avant", "apres", rangs, "porte", "auteur", "motif"]
    list_filter = ["enregistrement__porte", ("creneau", CreneauFilter), "apres"]
    link_lookups = ("enfant",)
    list_select_related = ["enregistrement__auteur", "enfant", "creneau"]
    search_fields = [
        "enfant__tri",
        "enregistrement__auteur__identifiant",
        "enregistrement__auteur__tri",
        "enregistrement__motif__folded",
    ]
    search_help_text = "Nom ou prénom de l’enfant, identifiant ou nom de l’auteur, motif"
    date_hierarchy = "jour"
    fields = [
        "enregistrement",
        "quand",
        "porte",
        "auteur",
        "motif",
        "enfant",
        "jour",
        "creneau",
        "avant",
        "apres",
        rangs,
    ]
    readonly_fields = ["quand", "porte", "auteur", "motif", rangs]

    @admin.display(description="quand", ordering="enregistrement__quand")
    def quand(self, evenement: Evenement) -> str:
        """When the change was saved, in Paris time."""
        return formats.localize(timezone.localtime(evenement.enregistrement.quand))

    @admin.display(description="par où", ordering="enregistrement__porte")
    def porte(self, evenement: Evenement) -> str:
        """By which way the change was made (`porte`): the families' portal, the town hall, an import…"""
        return evenement.enregistrement.get_porte_display()

    @admin.display(description="auteur", ordering="enregistrement__auteur__tri")
    def auteur(self, evenement: Evenement) -> str | None:
        """Who made the change; None when it was automatic or the account is gone."""
        auteur = evenement.enregistrement.auteur
        return str(auteur) if auteur else None

    @admin.display(description="motif")
    def motif(self, evenement: Evenement) -> str:
        """The reason that was given for the change; empty without one."""
        return evenement.enregistrement.motif


class EvenementInline(ReadOnlyInline):
    model = Evenement
    fields = readonly_fields = ["enfant", "jour", "creneau", "avant", "apres", rangs]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Evenement]:
        return super().get_queryset(request).select_related("enfant", "creneau")


class EvenementRepasInline(ReadOnlyInline):
    model = EvenementRepas
    fields = readonly_fields = ["enfant", "jour", "annule"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[EvenementRepas]:
        return super().get_queryset(request).select_related("enfant")


@admin.register(Enregistrement)
class EnregistrementAdmin(ParEcoleAdmin, ReadOnlyAdmin):
    names_ecole = False  # a save may touch children of several
    list_display = ["__str__", "quand", "porte", "auteur", "motif"]
    list_filter = ["porte"]
    list_select_related = ["auteur"]
    search_fields = ["=pk", "auteur__identifiant", "auteur__last_name", "motif"]
    search_help_text = "Référence, identifiant ou nom de l’auteur, motif"
    date_hierarchy = "quand"
    fields = ["quand", "porte", "auteur", "foyer", "motif", "fermeture", "annule", "dit_avec"]
    inlines = [EvenementInline, EvenementRepasInline]

    def rows_of(self, queryset: QuerySet[Enregistrement], ecole: Ecole, request: HttpRequest) -> QuerySet[Any]:
        """The saves that touched an inscription or a meal of a child who was a pupil of this school on that day."""
        inscrits, repas = (
            Exists(lignes.objects.filter(du_jour(ecole), enregistrement=OuterRef("pk")).order_by())
            for lignes in (Evenement, EvenementRepas)
        )
        return queryset.filter(Q(inscrits) | Q(repas))
