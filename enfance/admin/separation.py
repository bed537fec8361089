"""An adult who goes to another home: custody is asked, the inscriptions left behind are shown, then it is written."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone

from accounts.site import TownHallAdmin
from enfance.famille.forms import JourField
from enfance.mairie.familles import find_familles
from enfance.mairie.separation import Bilan, Depart, Sort, Suite, changer_de_foyer, enfants_du_foyer
from enfance.models import Enfant, Foyer, Garde, Responsable
from portail.formulaires import WholeForm
from portail.signes import validate_ligne, validate_nom


class DepartForm(WholeForm):
    """Where to, from which day on, and for each child where it lives then."""

    adresse = forms.CharField(label="Nouvelle adresse", max_length=200, required=False, validators=[validate_ligne])
    code_postal = forms.CharField(label="Code postal", max_length=10, required=False, validators=[validate_ligne])
    commune = forms.CharField(max_length=100, required=False, validators=[validate_nom])
    chercher = forms.CharField(
        label="ou un foyer déjà connu", max_length=100, required=False, help_text="Un nom ou un identifiant."
    )
    foyer = forms.ModelChoiceField(
        Foyer.objects.none(),
        label="Lequel",
        required=False,
        widget=forms.RadioSelect,
        empty_label="Aucun de ceux-ci",
    )
    le = JourField("À partir du")
    semaine = JourField("En alternance, un jour de la première semaine dans l’autre foyer")
    passage = forms.ChoiceField(label="En alternance, changement de foyer", choices=Garde.Passage, required=False)
    sort = forms.ChoiceField(
        label="Inscriptions laissées à un foyer qui n’a plus la garde",
        choices=Sort,
        required=False,
        widget=forms.RadioSelect,
    )

    def __init__(self, data: Any, enfants: list[Enfant]) -> None:
        super().__init__(data, initial={"le": timezone.localdate(), "passage": Garde.Passage.LUNDI})
        trouves, _ = find_familles((data or {}).get("chercher", ""), today=timezone.localdate())
        self.trouves = [famille.foyer.pk for famille in trouves]
        self.fields["foyer"].queryset = Foyer.objects.filter(pk__in=self.trouves).prefetch_related("responsables__user")
        self.fields["le"].required = True
        for enfant in enfants:
            self.fields[f"enfant-{enfant.pk}"] = forms.ChoiceField(
                label=f"Garde de {enfant}", choices=Suite, widget=forms.RadioSelect
            )
        self.enfants = enfants

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not cleaned.get("foyer") and not cleaned.get("adresse") and not self.errors:
            if self.trouves:
                self.add_error("foyer", "Choisissez le foyer, ou écrivez une adresse.")
            else:
                self.add_error("adresse", "Écrivez une adresse, ou cherchez un foyer déjà connu.")
        return cleaned

    @property
    def vers(self) -> Foyer:
        """The home that was found, or a new one."""
        saisi = self.cleaned_data
        return saisi["foyer"] or Foyer(**{champ: saisi[champ] for champ in ("adresse", "code_postal", "commune")})

    def depart(self, adulte: int) -> Depart:
        saisi = self.cleaned_data
        suites = {enfant.pk: Suite(saisi[f"enfant-{enfant.pk}"]) for enfant in self.enfants}
        return Depart(adulte, saisi["le"], suites, saisi["semaine"], saisi["passage"] or Garde.Passage.LUNDI)

    @property
    def lieu(self) -> list[forms.BoundField]:
        champs = ["adresse", "code_postal", "commune", "chercher", *(["foyer"] if self.trouves else []), "le"]
        return [self[champ] for champ in champs]

    @property
    def garde(self) -> list[forms.BoundField]:
        return [*(self[f"enfant-{enfant.pk}"] for enfant in self.enfants), self["semaine"], self["passage"]]


class SeparationAdmin(TownHallAdmin):
    """The list of adults, each of whom may go to another home."""

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.foyer_view)
        return [path("<int:pk>/foyer/", view, name="enfance_responsable_foyer"), *super().get_urls()]

    def foyer_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        if not self.has_change_permission(request) or not request.user.has_perm("enfance.change_garde"):
            raise PermissionDenied
        adulte = get_object_or_404(Responsable.objects.select_related("user", "foyer"), pk=pk)
        form = DepartForm(request.POST if request.method == "POST" else None, list(enfants_du_foyer(adulte)))
        bilan = None
        if form.is_valid():
            confirmed = "confirmer" in request.POST
            bilan = self._move(request, adulte, form, simuler=True)
            if bilan.refus:
                form.add_error(None, bilan.refus[0])
            elif confirmed and bilan.laissees and not form.cleaned_data["sort"]:
                form.add_error("sort", "Choisissez ce qu’elles deviennent.")
            elif confirmed:
                self._tell_depart(request, adulte, self._move(request, adulte, form, simuler=False))
                return redirect("admin:enfance_foyer_famille", Responsable.objects.get(pk=pk).foyer_id)
        context = {
            **self.admin_site.each_context(request),
            "title": f"Changer de foyer\u00a0: {adulte}",
            "opts": self.opts,
            "media": self.media,
            "adulte": adulte,
            "form": form,
            "bilan": bilan,
        }
        return TemplateResponse(request, "admin/enfance/responsable/foyer.html", context)

    def _move(self, request: HttpRequest, adulte: Responsable, form: DepartForm, *, simuler: bool) -> Bilan:
        depart, sort = form.depart(adulte.pk), form.cleaned_data["sort"]
        return changer_de_foyer(depart, form.vers, sort, request.user.pk, now=timezone.now(), simuler=simuler)

    def _tell_depart(self, request: HttpRequest, adulte: Responsable, bilan: Bilan) -> None:
        self.log_change(request, adulte, " ".join(["Change de foyer.", *(f"{phrase}." for phrase in bilan.gardes)]))
        self.message_user(request, f"{adulte} a changé de foyer.", messages.SUCCESS)
        for phrase in bilan.gardes:
            self.message_user(request, f"{phrase}.")
        if bilan.laissees:
            sort = f"annulées\u00a0: {bilan.annulees}" if bilan.annulees else f"laissées\u00a0: {len(bilan.laissees)}"
            self.message_user(request, f"Inscriptions {sort}.")
