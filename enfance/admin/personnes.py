"""Children, homes and adults."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import Count, Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts.admin import EVERYWHERE, send_temporary_passwords
from accounts.confirmation import password_asked
from accounts.search import Folded
from accounts.site import ReadOnlyInline
from enfance.admin.fiches import ResponsableForm
from enfance.admin.filtres import (
    ClasseFilter,
    DepartFilter,
    EnfantATraiterFilter,
    ParEcoleAdmin,
    ResponsableATraiterFilter,
    annee_demandee,
)
from enfance.admin.fusions import reunir
from enfance.admin.sante import SanteAdmin
from enfance.admin.tableaux import EnfantTable, ExportAdmin, ResponsableTable
from enfance.mairie.ecoles import adultes_of, enfants_of, foyers_of
from enfance.mairie.fiches import EnfantForm
from enfance.mairie.lettres import imprimer
from enfance.models import (
    Ecole,
    Enfant,
    Foyer,
    Responsabilite,
    Responsable,
    Scolarite,
)


@admin.register(Enfant)
class EnfantAdmin(ParEcoleAdmin, SanteAdmin, ExportAdmin):
    """The list of children, and a new one; `views.mairie.enfant` is the file of each."""

    form = EnfantForm
    table = EnfantTable
    list_display = ["nom", "prenom", "nom_usage", "date_naissance", "classe", "sante"]
    list_display_links = ["nom", "prenom"]
    list_filter = [
        EnfantATraiterFilter,
        ("scolarites__annee", admin.RelatedOnlyFieldListFilter),
        ClasseFilter,
        "pai",
        DepartFilter,
    ]
    search_fields = [
        "tri",
        "ine__folded",
        "responsables__user__identifiant",
    ]
    search_help_text = "Nom, prénom, INE de l’enfant, ou identifiant d’un parent"
    actions: ClassVar = [reunir]

    def has_reunir_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perms(
            ["enfance.change_enfant", "enfance.change_garde", "enfance.change_responsabilite"]
        )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Enfant]:
        scolarites = Scolarite.objects.select_related("annee", "classe", "ecole")
        scolarites = scolarites.latest_begun_first(timezone.localdate())
        if annee := annee_demandee(request.GET):
            scolarites = scolarites.filter(annee=annee)
        return super().get_queryset(request).prefetch_related(Prefetch("scolarites", scolarites, "montrees"))

    def rows_of(self, queryset: QuerySet[Enfant], ecole: Ecole, request: HttpRequest) -> QuerySet[Enfant]:
        eux = enfants_of(ecole, today=timezone.localdate(), annee=annee_demandee(request.GET))
        return queryset.filter(pk__in=eux.values("pk"))

    @admin.display(description="école", empty_value="")
    def ecole(self, enfant: Enfant) -> str | None:
        return next((str(scolarite.ecole) for scolarite in enfant.montrees[:1]), None)

    @admin.display(description="classe", empty_value="sans scolarité")
    def classe(self, enfant: Enfant) -> str | None:
        for scolarite in enfant.montrees[:1]:
            classe = scolarite.classe or scolarite.get_niveau_display()
            parti = f", parti le {scolarite.depart:%d/%m/%Y}" if scolarite.depart else ""
            if suite := next((s for s in enfant.montrees if s.debut and s.debut == scolarite.depart), None):
                parti = f", puis {suite.ecole} le {suite.debut:%d/%m/%Y}"
            return f"{classe} ({scolarite.annee}{parti})"
        return None

    def autocomplete_label(self, obj: Enfant) -> str:
        return f"{obj}, {self.classe(obj) or 'sans scolarité'}"

    def get_urls(self) -> list[URLPattern]:
        """Without Django's own page of change."""
        return [url for url in super().get_urls() if url.name != "enfance_enfant_change"]

    def response_add(self, request: HttpRequest, obj: Enfant, post_url_continue: str | None = None) -> HttpResponse:
        """On to the file, where the rest is said."""
        super().response_add(request, obj, post_url_continue)
        return redirect("admin:enfance_enfant_change", obj.pk)


class ResponsableInline(ReadOnlyInline):
    model = Responsable
    classes: ClassVar = []
    fields = readonly_fields = ["user", "telephone", "telephone_domicile", "telephone_travail"]
    show_change_link = True

    def get_queryset(self, request: HttpRequest) -> QuerySet[Responsable]:
        return super().get_queryset(request).select_related("user")


@admin.register(Foyer)
class FoyerAdmin(ParEcoleAdmin):
    names_ecole = False  # a home may have several
    actions: ClassVar = [reunir]
    list_display = ["adresse", "code_postal", "commune", "adultes", "enfants"]
    search_fields = [
        "adresse__folded",
        "commune__folded",
        "responsables__user__tri",
        "responsables__user__identifiant",
        "responsables__enfants__tri",
    ]
    search_help_text = "Adresse, nom ou identifiant d’un adulte, nom ou prénom d’un enfant"
    ordering = ["adresse", "pk"]
    fields = ["adresse", "code_postal", "commune"]
    inlines = [ResponsableInline]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Foyer]:
        return (
            super()
            .get_queryset(request)
            .prefetch_related("responsables__user")
            .annotate(nombre_enfants=Count("gardes__enfant", distinct=True))
        )

    def rows_of(self, queryset: QuerySet[Foyer], ecole: Ecole, request: HttpRequest) -> QuerySet[Foyer]:
        return queryset.filter(pk__in=foyers_of(ecole, today=timezone.localdate()).values("pk"))

    def has_reunir_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perms(["enfance.change_foyer", "enfance.delete_foyer"])

    def get_inlines(self, request: HttpRequest, obj: Foyer | None) -> list[Any]:
        return self.inlines if obj else []

    @admin.display(description="adultes", empty_value="aucun")
    def adultes(self, foyer: Foyer) -> str | None:
        return ", ".join(str(responsable) for responsable in foyer.responsables.all()) or None

    @admin.display(description="enfants", ordering="nombre_enfants")
    def enfants(self, foyer: Foyer) -> int:
        return foyer.nombre_enfants


class EnfantInline(ReadOnlyInline):
    model = Responsabilite
    fields = readonly_fields = ["enfant", "origine", "suspendue"]
    verbose_name_plural = "enfants"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Responsabilite]:
        return super().get_queryset(request).select_related("enfant")


@admin.register(Responsable)
class ResponsableAdmin(ParEcoleAdmin, ExportAdmin):
    names_ecole = False  # an adult may answer for pupils of several
    change_list_template = "admin/enfance/responsable/liste.html"
    form = ResponsableForm
    table = ResponsableTable
    list_display = ["nom", "prenom", "identifiant", "email", "telephone", "adresse"]
    list_display_links = ["nom", "prenom"]
    list_filter = [ResponsableATraiterFilter, "user__is_active"]
    list_select_related: ClassVar[list[str]] = ["user", "foyer"]
    search_fields = [
        "user__tri",
        "user__identifiant",
        "user__email__folded",
        "telephone__digits",
    ]
    search_help_text = "Nom, prénom, identifiant, e-mail ou téléphone portable"
    fields = [
        "user",
        "compte",
        "civilite",
        "foyer",
        "telephone",
        "telephone_domicile",
        "telephone_travail",
    ]
    autocomplete_fields = ["user", "foyer"]
    inlines = [EnfantInline]
    actions: ClassVar = ["send_temporary_password", "print_letters", reunir]

    def rows_of(self, queryset: QuerySet[Responsable], ecole: Ecole, request: HttpRequest) -> QuerySet[Responsable]:
        return queryset.filter(pk__in=adultes_of(ecole, today=timezone.localdate()).values("pk"))

    def has_reunir_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perms(["enfance.change_responsable", "accounts.change_user"])

    def has_send_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("accounts.change_user")

    @admin.action(description="Imprimer la lettre de l’identifiant", permissions=["send"])
    def print_letters(self, request: HttpRequest, queryset: QuerySet[Responsable]) -> HttpResponse:
        if answer := password_asked(request):
            return answer
        ouverts = queryset.filter(user__is_active=True, user__is_staff=False).select_related("user", "foyer")
        return imprimer(request, ouverts.order_by("user__tri", "pk"))

    def get_queryset(self, request: HttpRequest) -> QuerySet[Responsable]:
        return super().get_queryset(request).select_related("user", "foyer")

    def get_fields(self, request: HttpRequest, obj: Responsable | None = None) -> list[str]:
        return [name for name in self.fields if name != ("user" if obj else "compte")]

    def get_readonly_fields(self, request: HttpRequest, obj: Responsable | None = None) -> list[str]:
        return ["compte", "foyer"] if obj else []  # whoever moves takes custody along, or not: it is asked

    def get_inlines(self, request: HttpRequest, obj: Responsable | None) -> list[Any]:
        return self.inlines if obj else []

    @admin.display(description="nom", ordering="user__tri")
    def nom(self, responsable: Responsable) -> str:
        return responsable.user.last_name

    @admin.display(description="prénom", ordering=Folded("user__first_name"))
    def prenom(self, responsable: Responsable) -> str:
        return responsable.user.first_name

    @admin.display(description="identifiant", ordering="user__identifiant")
    def identifiant(self, responsable: Responsable) -> str:
        return responsable.user.identifiant

    @admin.display(description="e-mail", ordering="user__email")
    def email(self, responsable: Responsable) -> str:
        return responsable.user.email

    @admin.display(description="foyer", ordering="foyer__adresse")
    def adresse(self, responsable: Responsable) -> str:
        return responsable.foyer.adresse

    @admin.display(description="compte")
    def compte(self, responsable: Responsable) -> SafeString:
        """The way to the name and the e-mail, which are the account's."""
        user = responsable.user
        return format_html(
            '{}, {} (<a href="{}">modifier le nom ou l’e-mail</a>)',
            user,
            user.email or "sans adresse e-mail",
            reverse("admin:accounts_user_change", args=[user.pk]),
        )

    def autocomplete_label(self, obj: Responsable) -> str:
        return f"{obj} ({obj.user.identifiant})"

    @admin.action(
        description="Envoyer un mot de passe temporaire",
        permissions=["send"],
        location=EVERYWHERE,
    )
    def send_temporary_password(self, request: HttpRequest, queryset: QuerySet[Responsable]) -> None:
        send_temporary_passwords(self, request, [responsable.user for responsable in queryset])
