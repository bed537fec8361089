"""A family, or one more of a home, typed at the counter before ONDE has them. `mairie.arrivees` alone writes it."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin.models import ADDITION, LogEntry
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone

from accounts.site import TownHallAdmin
from enfance.admin.fiches import clean_naissance
from enfance.famille.forms import JourField, TelephoneField
from enfance.mairie.arrivees import Arrivee, NouvelAdulte, NouvelEnfant, accueillir, annee_d_accueil, homonymes
from enfance.models import AnneeScolaire, Classe, Enfant, Foyer, Niveau, Responsable
from portail.formulaires import WholeForm, WholeModelForm
from portail.signes import validate_ligne, validate_nom

RIGHTS = (
    "accounts.add_user",
    "enfance.add_responsable",
    "enfance.add_enfant",
    "enfance.add_responsabilite",
    "enfance.add_garde",
)


class FoyerForm(WholeModelForm):
    class Meta:
        model = Foyer
        fields = ["adresse", "code_postal", "commune"]


class AdulteForm(WholeForm):
    prenom = forms.CharField(label="Prénom", max_length=100, validators=[validate_nom])
    nom = forms.CharField(max_length=100, validators=[validate_nom])
    civilite = forms.ChoiceField(
        label="Civilité", choices=[("", "---------"), *Responsable.Civilite.choices], required=False
    )
    courriel = forms.EmailField(label="E-mail", required=False, validators=[validate_ligne])
    telephone = TelephoneField("Téléphone portable")

    def __init__(self, *args: Any, connus: list[Enfant], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if connus:
            self.fields["enfants"] = forms.ModelMultipleChoiceField(
                Enfant.objects.filter(pk__in=[enfant.pk for enfant in connus]),
                label="Responsable de",
                required=False,
                widget=forms.CheckboxSelectMultiple,
            )

    @property
    def valeur(self) -> NouvelAdulte:
        saisi = self.cleaned_data
        enfants = tuple(enfant.pk for enfant in saisi.get("enfants", ()))
        return NouvelAdulte(
            saisi["prenom"], saisi["nom"], saisi["courriel"], saisi["civilite"], saisi["telephone"], enfants
        )


class EnfantForm(WholeForm):
    prenom = forms.CharField(label="Prénom", max_length=100, validators=[validate_nom])
    nom = forms.CharField(label="Nom de famille", max_length=100, validators=[validate_nom])
    date_naissance = JourField("Date de naissance")
    niveau = forms.ChoiceField(choices=[("", "---------"), *Niveau.choices])
    classe = forms.ModelChoiceField(Classe.objects.none(), required=False, empty_label="Pas encore de classe")

    def __init__(self, *args: Any, connus: list[Responsable], annee: AnneeScolaire | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["date_naissance"].required = True
        self.fields["classe"].queryset = Classe.objects.filter(annee=annee)
        if connus:
            self.fields["responsables"] = forms.ModelMultipleChoiceField(
                Responsable.objects.filter(pk__in=[adulte.pk for adulte in connus]).select_related("user"),
                label="Ses responsables",
                required=False,
                widget=forms.CheckboxSelectMultiple,
            )

    def clean_date_naissance(self) -> date:
        return clean_naissance(self.cleaned_data["date_naissance"])

    @property
    def valeur(self) -> NouvelEnfant:
        saisi = self.cleaned_data
        responsables = tuple(adulte.pk for adulte in saisi.get("responsables", ()))
        return NouvelEnfant(
            saisi["prenom"], saisi["nom"], saisi["date_naissance"], saisi["niveau"], saisi["classe"], responsables
        )


class CertainForm(forms.Form):
    certain = forms.BooleanField(required=False)


class Dossier:
    """All that the page asks, as one: the home, adults, children; what is left empty is nobody."""

    def __init__(self, data: Any, foyer: Foyer, annee: AnneeScolaire | None) -> None:
        self.connu = foyer.pk is not None
        adultes = list(foyer.responsables.select_related("user")) if self.connu else []
        enfants = list(Enfant.objects.filter(gardes__foyer=foyer).distinct()) if self.connu else []
        self.foyer = FoyerForm(data, instance=foyer, prefix="foyer")
        lots = 1 if self.connu else 2
        self.adultes = [
            AdulteForm(data, prefix=f"adulte-{n}", connus=enfants, empty_permitted=True, use_required_attribute=False)
            for n in range(lots)
        ]
        self.enfants = [
            EnfantForm(
                data,
                prefix=f"enfant-{n}",
                connus=adultes,
                annee=annee,
                empty_permitted=True,
                use_required_attribute=False,
            )
            for n in range(lots + 1)
        ]
        self.certain = CertainForm(data)
        self.erreur = ""
        self.homonymes: list[str] = []

    @property
    def personnes(self) -> list[forms.Form]:
        return [*self.adultes, *self.enfants]

    def is_valid(self) -> bool:
        valides = [form.is_valid() for form in [*self.personnes, self.certain]]
        valides.append(self.connu or self.foyer.is_valid())
        if not any(form.has_changed() for form in self.personnes):
            self.erreur = "Écrivez au moins un adulte ou un enfant."
        elif not self.connu and not any(form.has_changed() for form in self.adultes):
            self.erreur = "Une nouvelle famille a au moins un adulte."
        if self.erreur or not all(valides):
            return False
        self.homonymes = homonymes(self.nouveaux_adultes, self.nouveaux_enfants)
        return not self.homonymes or self.certain.cleaned_data["certain"]

    @property
    def nouveaux_adultes(self) -> list[NouvelAdulte]:
        return [form.valeur for form in self.adultes if form.has_changed()]

    @property
    def nouveaux_enfants(self) -> list[NouvelEnfant]:
        return [form.valeur for form in self.enfants if form.has_changed()]


class ArriveeAdmin(TownHallAdmin):
    """The list of homes: one is added with those who live there."""

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.ajouter_view)
        return [path("<int:pk>/ajouter/", view, name="enfance_foyer_ajouter"), *super().get_urls()]

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if not (self.has_add_permission(request) and self.has_view_permission(request)):
            raise PermissionDenied
        return self._ajouter(request, Foyer())

    def ajouter_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        return self._ajouter(request, get_object_or_404(Foyer.objects.prefetch_related("responsables__user"), pk=pk))

    def _ajouter(self, request: HttpRequest, foyer: Foyer) -> HttpResponse:
        if not request.user.has_perms(RIGHTS):
            raise PermissionDenied
        annee = annee_d_accueil(timezone.localdate())
        dossier = Dossier(request.POST if request.method == "POST" else None, foyer, annee)
        if request.method == "POST" and dossier.is_valid():
            arrivee = accueillir(foyer, dossier.nouveaux_adultes, dossier.nouveaux_enfants, annee)
            self._tell_arrivee(request, arrivee)
            return redirect("admin:enfance_foyer_famille", foyer.pk)
        context = {
            **self.admin_site.each_context(request),
            "title": f"Ajouter dans {foyer}" if dossier.connu else "Nouvelle famille",
            "opts": self.opts,
            "media": self.media,
            "dossier": dossier,
            "annee": annee,
        }
        return TemplateResponse(request, "admin/enfance/foyer/ajouter.html", context)

    def _tell_arrivee(self, request: HttpRequest, arrivee: Arrivee) -> None:
        LogEntry.objects.log_actions(
            request.user.pk,
            [*arrivee.adultes, *arrivee.enfants],
            ADDITION,
            f"Ajouté au foyer n°\u00a0{arrivee.foyer.pk}.",
        )
        identifiants = ", ".join(f"{adulte} ({adulte.user.identifiant})" for adulte in arrivee.adultes)
        noms = ", ".join(map(str, arrivee.enfants))
        phrases = [f"Adultes\u00a0: {identifiants}."] if identifiants else []
        phrases += [f"Enfants\u00a0: {noms}."] if noms else []
        self.message_user(request, f"Ajoutés. {' '.join(phrases)}", messages.SUCCESS)
