"""The canteen's meals: the association's list, imported after a preview; what is missing, and a mail to families."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from itertools import chain, repeat
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.widgets import AdminDateWidget
from django.core.exceptions import PermissionDenied
from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts.site import ReadOnlyAdmin, TownHallAdmin
from enfance.cantine.forms import Apercu, ConfirmationForm, ListeForm, confirm, preview
from enfance.cantine.repas import prevenir
from enfance.models import Creneau, Inscription, ListeRepas, Repas
from enfance.planning.ecarts import repas_sans_midi
from enfance.planning.historique import jours_phrase
from portail.tables import ImportRefuse


class ImportForm(ListeForm):
    """The same, with the admin's own picker of dates."""

    debut = forms.DateField(label="Premier jour", required=False, widget=AdminDateWidget)
    fin = forms.DateField(label="Dernier jour", required=False, widget=AdminDateWidget)


@admin.register(ListeRepas)
class ListeRepasAdmin(TownHallAdmin):
    """A list is imported, and replaced by another; never written by hand."""

    feminine = True
    list_display = ["__str__", "nombre", "sans_midi", "importee_le", "importee_par"]
    list_select_related = ["importee_par"]
    date_hierarchy = "debut"
    fields = ["debut", "fin", "importee_le", "importee_par", "nombre", "sans_midi"]
    readonly_fields = ["nombre", "sans_midi"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[ListeRepas]:
        manquants = repas_sans_midi(now=timezone.now()).values("pk")
        return (
            super()
            .get_queryset(request)
            .annotate(
                nombre_repas=Count("repas"), nombre_sans_midi=Count("repas", filter=Q(repas__in=Subquery(manquants)))
            )
        )

    def has_change_permission(self, request: HttpRequest, obj: ListeRepas | None = None) -> bool:
        return False

    @admin.display(description="repas", ordering="nombre_repas")
    def nombre(self, liste: ListeRepas) -> SafeString:
        return self._lien(liste, liste.nombre_repas)

    @admin.display(description="sans pause méridienne", ordering="nombre_sans_midi")
    def sans_midi(self, liste: ListeRepas) -> SafeString:
        return self._lien(liste, liste.nombre_sans_midi, "&ecart=sans_midi")

    def _lien(self, liste: ListeRepas, nombre: int, suite: str = "") -> SafeString:
        adresse = f"{reverse('admin:enfance_repas_changelist')}?liste__id__exact={liste.pk}{suite}"
        return format_html('<a href="{}">{}</a>', adresse, nombre)

    # --- Importing ------------------------------------------------------------------------------------------------

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The file, then what it would do, then the import."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        if "confirmer" in request.POST:
            return self._confirmer(request)
        form = ImportForm(request.POST or None, request.FILES or None)
        if not form.is_valid():
            return self._page(request, form=form)
        try:
            apercu = preview(form, now=timezone.now())
        except ImportRefuse as error:
            return self._page(request, form=form, refus=list(map(str, error.refus)))
        return self._page(request, apercu=apercu)

    def _confirmer(self, request: HttpRequest) -> HttpResponse:
        confirmation = ConfirmationForm(request.POST)
        if not confirmation.is_valid():
            return self._page(request, form=ImportForm(), refus=confirmation.errors.get("liste", []))
        try:
            bilan = confirm(confirmation, request.POST, user_id=request.user.pk, now=timezone.now())
        except ImportRefuse as error:  # something has changed since the preview
            return self._page(request, form=ImportForm(), refus=list(map(str, error.refus)))
        if isinstance(bilan, Apercu):
            return self._page(request, apercu=bilan)
        if bilan.liste:
            self.log_addition(request, bilan.liste, bilan.titre)
        for level, text in zip(chain([messages.SUCCESS], repeat(messages.WARNING)), bilan.resume(), strict=False):
            self.message_user(request, text, level)
        return redirect("admin:enfance_listerepas_changelist")

    def _page(
        self,
        request: HttpRequest,
        *,
        form: ImportForm | None = None,
        apercu: Apercu | None = None,
        refus: list[str] = (),
    ) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": "Importer une liste de repas",
            "opts": self.opts,
            "media": self.media + (form.media if form else forms.Media()),
            "form": form,
            "apercu": apercu,
            "refus": refus,
        }
        return TemplateResponse(request, "admin/enfance/listerepas/importer.html", context)


class EcartFilter(admin.SimpleListFilter):
    title = "à vérifier"
    parameter_name = "ecart"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        return [
            ("sans_midi", "Mangent, pas inscrits à la pause méridienne"),
            ("annule", "Dits annulés par la famille"),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() == "sans_midi":
            return queryset.filter(pk__in=Subquery(repas_sans_midi(now=timezone.now()).values("pk")))
        return queryset.filter(annule_le__isnull=False) if self.value() == "annule" else queryset


@admin.register(Repas)
class RepasAdmin(ReadOnlyAdmin):
    """Meals are the association's: read here, and compared with the lunch break."""

    list_display = ["jour", "enfant", "pause_meridienne", "annule_le", "liste"]
    list_filter = [EcartFilter, "liste"]
    list_select_related = ["enfant", "liste"]
    link_lookups = ("enfant",)
    search_fields = ["enfant__tri"]
    search_help_text = "Nom ou prénom de l’enfant"
    date_hierarchy = "jour"
    ordering = ["-jour", "enfant__tri"]
    fields = ["enfant", "jour", "pause_meridienne", "annule_le", "liste"]
    readonly_fields = ["pause_meridienne"]
    actions = ["prevenir"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Repas]:
        midi = Inscription.objects.filter(
            enfant=OuterRef("enfant"), jour=OuterRef("jour"), creneau__code=Creneau.MIDI
        ).values("etat")
        return super().get_queryset(request).annotate(midi=Subquery(midi[:1]))

    def has_prevenir_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("enfance.change_repas")

    @admin.display(description="pause méridienne")
    def pause_meridienne(self, repas: Repas) -> str:
        return Inscription.Etat(repas.midi).label if repas.midi else "pas inscrit"

    @admin.action(description="Prévenir les familles par e-mail", permissions=["prevenir"])
    def prevenir(self, request: HttpRequest, queryset: QuerySet[Repas]) -> HttpResponse | None:
        """Show whose meals lack a lunch break; once confirmed, one mail an address, which says all that is missing."""
        now = timezone.now()
        enfants = queryset.order_by().values("enfant")
        manquants = (
            repas_sans_midi(now=now).filter(enfant__in=enfants).select_related("enfant").order_by("enfant", "jour")
        )
        if not manquants:
            self.message_user(request, "Rien à dire\u00a0: ces repas ont leur pause méridienne, ou n’en demandent pas.")
            return None
        if "confirmer" not in request.POST:
            return self._confirmer(request, manquants)
        prevenus = prevenir(manquants, now=now)
        for repas in manquants:
            self.log_change(request, repas, "Famille prévenue par e-mail.")
        mot = "e-mail envoyé" if prevenus.nombre < 2 else "e-mails envoyés"
        self.message_user(request, f"{prevenus.nombre}\u00a0{mot}.", messages.SUCCESS)
        if prevenus.sans_courriel:
            noms = ", ".join(prevenus.sans_courriel)
            self.message_user(request, f"Sans adresse e-mail, à appeler\u00a0: {noms}.", messages.WARNING)
        return None

    def _confirmer(self, request: HttpRequest, manquants: Iterable[Repas]) -> HttpResponse:
        """One line a child; its first meal stands for all of them, so that the form stays small."""
        par_enfant: dict[int, list[Repas]] = {}
        for repas in manquants:
            par_enfant.setdefault(repas.enfant_id, []).append(repas)
        context = {
            **self.admin_site.each_context(request),
            "title": "Prévenir les familles",
            "opts": self.opts,
            "media": self.media,
            "action_checkbox_name": ACTION_CHECKBOX_NAME,
            "lignes": [
                {"repas": siens[0], "jours": jours_phrase([repas.jour for repas in siens], date.min)}
                for siens in par_enfant.values()
            ],
        }
        return TemplateResponse(request, "admin/enfance/repas/prevenir.html", context)
