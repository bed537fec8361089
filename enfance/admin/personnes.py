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
from enfance.admin.fusions import reunir
from enfance.admin.sante import SanteAdmin
from enfance.admin.tableaux import EnfantTable, ExportAdmin, ResponsableTable
from enfance.mairie.ecoles import adultes_of, enfants_of, foyers_of
from enfance.mairie.enfants.forms import EnfantForm
from enfance.mairie.envois.lettres import imprimer
from enfance.mairie.filtres import (
    ClasseFilter,
    DepartFilter,
    EnfantATraiterFilter,
    ParEcoleAdmin,
    ResponsableATraiterFilter,
    annee_demandee,
)
from enfance.models import (
    Ecole,
    Enfant,
    Foyer,
    Responsabilite,
    Responsable,
    Scolarite,
)
from portail.dates import quantieme_annee


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
        """Whether the agent may make two files of one child one."""
        return request.user.has_perms(
            ["enfance.change_enfant", "enfance.change_garde", "enfance.change_responsabilite"]
        )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Enfant]:
        """The children with the places at school that the list shows (`montrees`), the last one begun first; those of
        the year asked for alone, if one is.
        """
        scolarites = Scolarite.objects.select_related("annee", "classe", "ecole")
        scolarites = scolarites.latest_begun_first(timezone.localdate())
        if annee := annee_demandee(request.GET):
            scolarites = scolarites.filter(annee=annee)
        return super().get_queryset(request).prefetch_related(Prefetch("scolarites", scolarites, "montrees"))

    def rows_of(self, queryset: QuerySet[Enfant], ecole: Ecole, request: HttpRequest) -> QuerySet[Enfant]:
        """The children whose last school is this one, in the year asked for if one is."""
        eux = enfants_of(ecole, today=timezone.localdate(), annee=annee_demandee(request.GET))
        return queryset.filter(pk__in=eux.values("pk"))

    @admin.display(description="école", empty_value="")
    def ecole(self, enfant: Enfant) -> str | None:
        """The school of the child's place that the list shows; None without a place."""
        return next((str(scolarite.ecole) for scolarite in enfant.montrees[:1]), None)

    @admin.display(description="classe", empty_value="sans scolarité")
    def classe(self, enfant: Enfant) -> str | None:
        """The class of the child's place that the list shows, with its year, and the departure or the change of school
        if there is one; None without a place.
        """
        for scolarite in enfant.montrees[:1]:
            classe = scolarite.classe or scolarite.get_niveau_display()
            parti = f", parti le {quantieme_annee(scolarite.depart)}" if scolarite.depart else ""
            if suite := next((s for s in enfant.montrees if s.debut and s.debut == scolarite.depart), None):
                parti = f", puis {suite.ecole} le {quantieme_annee(suite.debut)}"
            return f"{classe} ({scolarite.annee}{parti})"
        return None

    def autocomplete_label(self, obj: Enfant) -> str:
        """The child with its class, as the suggestions of a field name it."""
        return f"{obj}, {self.classe(obj) or 'sans scolarité'}"

    def get_urls(self) -> list[URLPattern]:
        """Leaves out Django's page of change: the town hall's own file of the child takes its place."""
        return [url for url in super().get_urls() if url.name != "enfance_enfant_change"]

    def response_add(self, request: HttpRequest, obj: Enfant, post_url_continue: str | None = None) -> HttpResponse:
        """On to the file of the new child, where its class, home and adults are said."""
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
        """The homes with the number of children who have garde there, even a garde that is over."""
        return (
            super()
            .get_queryset(request)
            .prefetch_related("responsables__user")
            .annotate(nombre_enfants=Count("gardes__enfant", distinct=True))
        )

    def rows_of(self, queryset: QuerySet[Foyer], ecole: Ecole, request: HttpRequest) -> QuerySet[Foyer]:
        """The homes of the children whose last school is this one, and those of the adults who answer for them."""
        return queryset.filter(pk__in=foyers_of(ecole, today=timezone.localdate()).values("pk"))

    def has_reunir_permission(self, request: HttpRequest) -> bool:
        """Whether the agent may make two homes one."""
        return request.user.has_perms(["enfance.change_foyer", "enfance.delete_foyer"])

    def get_inlines(self, request: HttpRequest, obj: Foyer | None) -> list[Any]:
        """No adults under the form of a new home."""
        return self.inlines if obj else []

    @admin.display(description="adultes", empty_value="aucun")
    def adultes(self, foyer: Foyer) -> str | None:
        """The names of the adults of the home; None when it has none."""
        return ", ".join(str(responsable) for responsable in foyer.responsables.all()) or None

    @admin.display(description="enfants", ordering="nombre_enfants")
    def enfants(self, foyer: Foyer) -> int:
        """How many children have garde in the home, even a garde that is over."""
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
        """The adults who answer for a child whose last school is this one."""
        return queryset.filter(pk__in=adultes_of(ecole, today=timezone.localdate()).values("pk"))

    def has_reunir_permission(self, request: HttpRequest) -> bool:
        """Whether the agent may make two files of one adult one."""
        return request.user.has_perms(["enfance.change_responsable", "accounts.change_user"])

    def has_send_permission(self, request: HttpRequest) -> bool:
        """Whether the agent may send temporary passwords and print letters."""
        return request.user.has_perm("accounts.change_user")

    @admin.action(description="Imprimer la lettre de l’identifiant", permissions=["send"])
    def print_letters(self, request: HttpRequest, queryset: QuerySet[Responsable]) -> HttpResponse:
        """The action « Imprimer la lettre de l’identifiant »: asks the agent's password, then the page to print with a
        letter for each of these adults whose account is open, agents left out.
        """
        if answer := password_asked(request):
            return answer
        ouverts = queryset.filter(user__is_active=True, user__is_staff=False).select_related("user", "foyer")
        return imprimer(request, ouverts.order_by("user__tri", "pk"))

    def get_queryset(self, request: HttpRequest) -> QuerySet[Responsable]:
        return super().get_queryset(request).select_related("user", "foyer")

    def get_fields(self, request: HttpRequest, obj: Responsable | None = None) -> list[str]:
        """The account is chosen for a new adult, and only shown for one who exists."""
        return [name for name in self.fields if name != ("user" if obj else "compte")]

    def get_readonly_fields(self, request: HttpRequest, obj: Responsable | None = None) -> list[str]:
        """The home of an adult who exists is not changed here: what becomes of custody is asked on another page."""
        return ["compte", "foyer"] if obj else []  # whoever moves takes custody along, or not: it is asked

    def get_inlines(self, request: HttpRequest, obj: Responsable | None) -> list[Any]:
        """No children under the form of a new adult."""
        return self.inlines if obj else []

    @admin.display(description="nom", ordering="user__tri")
    def nom(self, responsable: Responsable) -> str:
        """The surname of the adult, which the account holds."""
        return responsable.user.last_name

    @admin.display(description="prénom", ordering=Folded("user__first_name"))
    def prenom(self, responsable: Responsable) -> str:
        """The first name of the adult, which the account holds."""
        return responsable.user.first_name

    @admin.display(description="identifiant", ordering="user__identifiant")
    def identifiant(self, responsable: Responsable) -> str:
        """The number with which the adult logs in."""
        return responsable.user.identifiant

    @admin.display(description="e-mail", ordering="user__email")
    def email(self, responsable: Responsable) -> str:
        """The e-mail of the adult, which the account holds; empty without one."""
        return responsable.user.email

    @admin.display(description="foyer", ordering="foyer__adresse")
    def adresse(self, responsable: Responsable) -> str:
        """The address of the adult's home."""
        return responsable.foyer.adresse

    @admin.display(description="compte")
    def compte(self, responsable: Responsable) -> SafeString:
        """The account of the adult and its e-mail, with the link to the page where the name and the
        e-mail are changed.
        """
        user = responsable.user
        return format_html(
            '{}, {} (<a href="{}">modifier le nom ou l’e-mail</a>)',
            user,
            user.email or "sans adresse e-mail",
            reverse("admin:accounts_user_change", args=[user.pk]),
        )

    def autocomplete_label(self, obj: Responsable) -> str:
        """The adult with their identifiant, as the suggestions of a field name them."""
        return f"{obj} ({obj.user.identifiant})"

    @admin.action(
        description="Envoyer un mot de passe temporaire",
        permissions=["send"],
        location=EVERYWHERE,
    )
    def send_temporary_password(self, request: HttpRequest, queryset: QuerySet[Responsable]) -> None:
        """The action « Envoyer un mot de passe temporaire »: mails one to each of these adults. Messages say to whom,
        and what came of each of the others.
        """
        send_temporary_passwords(self, request, [responsable.user for responsable in queryset])
