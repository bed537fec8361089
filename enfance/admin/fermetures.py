"""Closures: seen before they are written, opened again rather than deleted. `mairie.fermetures` alone writes them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts.site import TownHallAdmin
from enfance.admin.question import hidden_of
from enfance.mairie.fermetures import (
    Bilan,
    Portee,
    fermer,
    fermeture_phrase,
    fermeture_titre,
    load_liste,
    remarques_for,
    rien_a_fermer,
    rouvrir,
)
from enfance.models import Classe, Creneau, Fermeture, Inscription, load_calendrier
from portail.formulaires import WholeModelForm

UN_AN = timedelta(days=365)


class ClassesField(forms.ModelMultipleChoiceField):
    def label_from_instance(self, obj: Classe) -> str:
        return f"{obj} ({obj.annee})"


class FermetureForm(WholeModelForm):
    """Few créneaux, few classes: boxes to tick, those of the years that are not long over."""

    creneaux = forms.ModelMultipleChoiceField(
        Creneau.objects.all(),
        label="Créneaux",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Aucun\u00a0: tous.",
    )
    classes = ClassesField(
        Classe.objects.select_related("annee"),
        label="Classes",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Aucune\u00a0: toutes.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        recentes = self.fields["classes"].queryset.filter(annee__fin__gte=timezone.localdate() - UN_AN)
        self.fields["classes"].queryset = recentes

    def clean(self) -> dict[str, Any] | None:
        """Days outside every year, or a class of another one, would close nothing, in silence."""
        cleaned = super().clean()
        debut, fin = self.cleaned_data.get("debut"), self.cleaned_data.get("fin")
        calendrier = load_calendrier()
        for champ, jour in (("debut", debut), ("fin", fin)):
            if jour and calendrier.annee(jour) is None:
                self.add_error(champ, "Indiquez un jour d’une année scolaire déjà préparée.")
        if debut and fin:
            autres = [c for c in self.cleaned_data.get("classes", ()) if c.annee.fin < debut or c.annee.debut > fin]
            if autres:
                noms = ", ".join(f"{classe} ({classe.annee})" for classe in autres)
                self.add_error("classes", f"Pas dans l’année de ces dates\u00a0: {noms}.")
        if not self.errors and debut <= fin and (refus := rien_a_fermer(self.portee)):
            self.add_error("debut", refus)
        return cleaned

    @property
    def portee(self) -> Portee:
        """What a valid form asks to close."""
        asked = self.cleaned_data
        creneaux, classes = tuple(asked["creneaux"]), tuple(asked["classes"])
        return Portee(asked["debut"], asked["fin"], asked["motif"], creneaux, classes)


class QuandFilter(admin.SimpleListFilter):
    title = "quand"
    parameter_name = "quand"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        return [("a_venir", "en cours et à venir"), ("passees", "passées")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Fermeture]) -> QuerySet[Fermeture]:
        match self.value():
            case "a_venir":
                return queryset.filter(fin__gte=timezone.localdate())
            case "passees":
                return queryset.filter(fin__lt=timezone.localdate())
        return queryset


@admin.register(Fermeture)
class FermetureAdmin(TownHallAdmin):
    """Only the reason of a closure is corrected: its days and its perimeter were announced."""

    form = FermetureForm
    feminine = True
    list_display = ["debut", "fin", "motif", "portee", "etat", "annulees", "liste"]
    list_display_links = ["debut", "fin", "motif"]
    list_filter = [QuandFilter, "creneaux"]
    search_fields = ["motif"]
    search_help_text = "Motif"
    date_hierarchy = "debut"
    empty_value_display = "tous"  # of the créneaux to filter on
    fields = [("debut", "fin"), "motif", "creneaux", "classes", "inscriptions_annulees"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Fermeture]:
        annulees = Count(
            "enregistrements__evenements", filter=Q(enregistrements__evenements__apres=Inscription.Etat.ANNULEE)
        )
        fermetures = super().get_queryset(request).prefetch_related("creneaux", "classes")
        return fermetures.annotate(nombre_annulees=annulees)

    def get_fields(self, request: HttpRequest, obj: Fermeture | None = None) -> list[Any]:
        return self.fields if obj else self.fields[:-1]

    def get_readonly_fields(self, request: HttpRequest, obj: Fermeture | None = None) -> list[str]:
        return ["debut", "fin", "creneaux", "classes", "inscriptions_annulees"] if obj else []

    def get_form(self, request: HttpRequest, obj: Fermeture | None = None, **kwargs: Any) -> type[forms.ModelForm]:
        return super().get_form(request, obj, **kwargs | ({"form": WholeModelForm} if obj else {}))

    @admin.display(description="portée")
    def portee(self, fermeture: Fermeture) -> str:
        creneaux = ", ".join(map(str, fermeture.creneaux.all())) or "tous les créneaux"
        classes = ", ".join(map(str, fermeture.classes.all())) or "toutes les classes"
        return f"{creneaux}\u202f; {classes}"

    @admin.display(description="inscriptions annulées", ordering="nombre_annulees")
    def annulees(self, fermeture: Fermeture) -> int:
        return fermeture.nombre_annulees

    inscriptions_annulees = annulees

    @admin.display(description="quand")
    def etat(self, fermeture: Fermeture) -> str:
        today = timezone.localdate()
        if fermeture.fin < today:
            return "passée"
        return "à venir" if fermeture.debut > today else "en cours"

    @admin.display(description="enfants touchés")
    def liste(self, fermeture: Fermeture) -> SafeString:
        link = '<a href="{}">Voir la liste<span class="visually-hidden"> ({})</span></a>'
        address = reverse("admin:enfance_fermeture_liste", args=[fermeture.pk])
        return format_html(link, address, fermeture_phrase(fermeture))

    # --- Closing ------------------------------------------------------------------------------------------------------

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The form, who is touched, and only then the closure."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        if request.method == "POST":
            form = self.get_form(request)(request.POST)
            if form.is_valid():
                confirmed = "confirmer" in request.POST
                bilan = fermer(form.portee, request.user.pk, now=timezone.now(), simuler=not confirmed)
                return self._fermee(request, bilan) if confirmed else self._apercu(request, bilan, form)
        return super().add_view(request, form_url, {"title": "Fermer la garderie", **(extra_context or {})})

    def _fermee(self, request: HttpRequest, bilan: Bilan) -> HttpResponse:
        fermeture = bilan.fermeture
        assert fermeture is not None
        if bilan.deja:
            self.message_user(request, f"Déjà fermé\u00a0: {fermeture_phrase(fermeture)}. Rien n’a changé.")
        else:
            self.log_addition(request, fermeture, f"Touchés\u00a0: {bilan.touches.phrase}.")
            self.message_user(
                request,
                f"Fermé\u00a0: {fermeture_phrase(fermeture)}. Annulées\u00a0: {bilan.touches.phrase}. "
                "Les familles sont prévenues par e-mail.",
                messages.SUCCESS,
            )
            self._tell_injoignables(request, bilan)
        return redirect("admin:enfance_fermeture_changelist")

    # --- Opening again ------------------------------------------------------------------------------------------------

    def get_urls(self) -> list[URLPattern]:
        rouvrir_url = path(
            "<int:pk>/rouvrir/", self.admin_site.admin_view(self.rouvrir_view), name="enfance_fermeture_rouvrir"
        )
        liste_url = path("<int:pk>/liste/", self.admin_site.admin_view(self.liste_view), name="enfance_fermeture_liste")
        return [rouvrir_url, liste_url, *super().get_urls()]

    def liste_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Who is touched, child by child, with the phones of those whom no mail reaches: to be printed."""
        if not (self.has_view_permission(request) and request.user.has_perm("enfance.view_responsable")):
            raise PermissionDenied
        fermeture = get_object_or_404(Fermeture, pk=pk)
        context = {
            **self.admin_site.each_context(request),
            "title": f"Enfants touchés, {fermeture_phrase(fermeture)}",
            "opts": self.opts,
            "media": self.media,
            "enfants": load_liste(fermeture),
        }
        return TemplateResponse(request, "admin/enfance/fermeture/liste.html", context)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        context = {"may_reopen": self._may_reopen(request), **(extra_context or {})}
        return super().change_view(request, object_id, form_url, context)

    def _may_reopen(self, request: HttpRequest) -> bool:
        return request.user.has_perm("enfance.delete_fermeture")

    def rouvrir_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """What would come back, then the opening itself, by POST."""
        if not self._may_reopen(request):
            raise PermissionDenied
        fermeture = get_object_or_404(Fermeture, pk=pk)
        confirmed = request.method == "POST"
        bilan = rouvrir(pk, request.user.pk, now=timezone.now(), simuler=not confirmed)
        if bilan.deja:
            self.message_user(request, f"Cette fermeture est finie\u00a0: {fermeture_phrase(fermeture)}.")
        elif not confirmed:
            return self._apercu(request, bilan)
        else:
            self._rouverte(request, bilan, fermeture)
        return redirect("admin:enfance_fermeture_changelist")

    def _rouverte(self, request: HttpRequest, bilan: Bilan, fermeture: Fermeture) -> None:
        self.log_change(request, fermeture, f"Rouverte. Rétablies\u00a0: {bilan.touches.phrase}.")
        self.message_user(
            request,
            f"Rouvert\u00a0: {fermeture_phrase(fermeture)}. Rétablies\u00a0: {bilan.touches.phrase}. "
            "Les familles sont prévenues par e-mail.",
            messages.SUCCESS,
        )
        for refus in bilan.refus:
            self.message_user(request, f"Non rétabli\u00a0: {refus}", messages.WARNING)
        self._tell_injoignables(request, bilan)

    # --- Both ---------------------------------------------------------------------------------------------------------

    def _apercu(self, request: HttpRequest, bilan: Bilan, form: FermetureForm | None = None) -> HttpResponse:
        fermeture = bilan.fermeture
        assert fermeture is not None
        today = timezone.localdate()
        context = {
            **self.admin_site.each_context(request),
            "title": f"{'Fermer' if form else 'Rouvrir'} {fermeture_titre(fermeture, today=today)}",
            "opts": self.opts,
            "media": self.media,
            "form": form,
            "remarques": remarques_for(form.portee, today=today) if form else [],
            "champs": hidden_of(request) if form else [],
            "bilan": bilan,
            "touches": bilan.touches,
        }
        return TemplateResponse(request, "admin/enfance/fermeture/apercu.html", context)

    def _tell_injoignables(self, request: HttpRequest, bilan: Bilan) -> None:
        if noms := "\u202f; ".join(bilan.touches.injoignables):
            self.message_user(request, f"Sans e-mail, familles à appeler\u00a0: {noms}.", messages.WARNING)
