"""Doubles made one: compare, see what moves, confirm. `mairie.fusions` alone writes it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone

from accounts import journal
from accounts.admin import EVERYWHERE
from accounts.site import TownHallAdmin
from accounts.suggestions import is_key
from accounts.views import password_asked
from enfance.mairie.familles import FamilleTrouvee, find_familles
from enfance.mairie.forms import RechercheForm
from enfance.mairie.fusions import DOUBLE, Bilan, reunir_adultes, reunir_foyers
from enfance.models import Enfant, Foyer, Responsable
from portail.dates import date_heure

RESTE = "reste"


@dataclass(frozen=True)
class Ligne:
    """What each of the two files says; with `champ`, one of them has to be chosen where they differ."""

    libelle: str
    ici: str
    la: str
    champ: str = ""

    @property
    def is_choix(self) -> bool:
        return bool(self.champ and self.ici and self.la and self.ici != self.la)


class ChoixForm(forms.Form):
    """What stays, line by line; and that it is no mistake, where it may be one."""

    certain = forms.BooleanField(required=False)

    def __init__(self, data: Any, lignes: list[Ligne]) -> None:
        super().__init__(data, initial=dict.fromkeys([ligne.champ for ligne in lignes], RESTE))
        for ligne in lignes:
            if ligne.is_choix:
                self.fields[ligne.champ] = forms.ChoiceField(
                    label=ligne.libelle,
                    choices=[(RESTE, ligne.ici), (DOUBLE, ligne.la)],
                    required=False,
                    widget=forms.RadioSelect,
                )

    @property
    def choix(self) -> dict[str, str]:
        """What is chosen; before anything is, that all of the first file stays."""
        valeurs = self.cleaned_data if self.is_bound and self.is_valid() else {}
        return {champ: valeur for champ, valeur in valeurs.items() if champ != "certain"}

    @property
    def questions(self) -> list[forms.BoundField]:
        return [self[champ] for champ in self.fields if champ != "certain"]

    @property
    def is_certain(self) -> bool:
        return self.is_bound and self.is_valid() and self.cleaned_data["certain"]


class FusionAdmin(TownHallAdmin):
    """A list of rows of which two may be one."""

    actions = ["reunir"]
    mots = ("", "")  # « la fiche », « deux fiches »
    rights: tuple[str, ...] = ()
    joins_accounts = False  # then the e-mail of one becomes that of the other: the password is asked (ADM-05)

    def get_urls(self) -> list[URLPattern]:
        name = f"enfance_{self.opts.model_name}_reunir"
        return [path("<int:pk>/reunir/", self.admin_site.admin_view(self.reunir_view), name=name), *super().get_urls()]

    def has_reunir_permission(self, request: HttpRequest) -> bool:
        return self.has_change_permission(request) and request.user.has_perms(self.rights)

    @admin.action(description="Réunir deux doubles", permissions=["reunir"], location=EVERYWHERE)
    def reunir(self, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponse | None:
        """Two rows of the list are compared; for one, the other has still to be found."""
        pks = list(queryset.values_list("pk", flat=True)[:3])
        if len(pks) > 2:
            self.message_user(request, f"Choisissez {self.mots[1]}.", messages.ERROR)
            return None
        return redirect(self.reunir_url(*pks))

    def reunir_url(self, reste: int, double: int | None = None) -> str:
        url = reverse(f"admin:enfance_{self.opts.model_name}_reunir", args=[reste])
        return f"{url}?avec={double}" if double else url

    def reunir_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Find the double, see what would move, then do it, by POST."""
        if not self.has_reunir_permission(request):
            raise PermissionDenied
        ici = get_object_or_404(self.get_queryset(request), pk=pk)
        avec = request.GET.get("avec", "")
        if not avec:
            return self._chercher(request, ici)
        la = get_object_or_404(self.get_queryset(request), pk=avec if is_key(avec) else 0)
        lignes = self._compare(ici, la)
        form = ChoixForm(request.POST if request.method == "POST" else None, lignes)
        if "reunir" in request.POST and form.is_valid():
            if self.joins_accounts and (answer := password_asked(request)):
                return answer
            bilan = self._reunir(ici, la, form.choix, confirme=form.is_certain, simuler=False)
            if not bilan.refus and not bilan.a_confirmer:
                self._tell_reunis(request, ici, la, bilan)
                return redirect("admin:enfance_foyer_famille", self._foyer(ici))
            form.add_error("certain", "Cochez la case si c’est bien le cas.")
        vu = self._reunir(ici, la, form.choix, confirme=True, simuler=True)
        context = {
            "la": la,
            "lignes": lignes,
            "form": form,
            "bilan": vu,
            "autre_sens": self.reunir_url(la.pk, ici.pk),
            "suites": self._suites(ici, la),
        }
        return self._page_reunir(request, ici, context)

    def _chercher(self, request: HttpRequest, ici: Any) -> HttpResponse:
        if request.method == "POST":
            return RechercheForm.keep(request)
        form = RechercheForm.kept(request)
        familles, trop = [], False
        if form.is_valid():
            familles, trop = find_familles(form.cleaned_data["famille"], today=timezone.localdate())
        candidats = [(self.reunir_url(ici.pk, row.pk), texte) for row, texte in self._candidats(familles) if row != ici]
        context = {"recherche": form, "cherche": form.is_valid(), "candidats": candidats, "trop": trop}
        return self._page_reunir(request, ici, context)

    def _page_reunir(self, request: HttpRequest, ici: Model, context: dict[str, Any]) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": f"Réunir {self.mots[1]}",
            "opts": self.opts,
            "media": self.media,
            "ici": ici,
            "retour": reverse(f"admin:enfance_{self.opts.model_name}_change", args=[ici.pk]),
            **context,
        }
        return TemplateResponse(request, "admin/enfance/reunir.html", context)

    def _compare(self, ici: Any, la: Any) -> list[Ligne]:
        raise NotImplementedError

    def _candidats(self, familles: list[FamilleTrouvee]) -> Iterator[tuple[Any, str]]:
        """The rows of these families that may be the double, in words that tell them apart."""
        raise NotImplementedError

    def _suites(self, ici: Any, la: Any) -> list[str]:
        """What always comes of it."""
        raise NotImplementedError

    def _foyer(self, ici: Any) -> int:
        """The home whose page shows what came of it."""
        raise NotImplementedError

    def _reunir(self, ici: Any, la: Any, choix: dict[str, str], *, confirme: bool, simuler: bool) -> Bilan:
        raise NotImplementedError

    def _tell_reunis(self, request: HttpRequest, ici: Any, la: Any, bilan: Bilan) -> None:
        raise NotImplementedError


class AdulteFusionAdmin(FusionAdmin):
    mots = ("la fiche d’un adulte", "deux fiches d’un même adulte")
    rights = ("accounts.change_user",)
    joins_accounts = True

    def _compare(self, ici: Responsable, la: Responsable) -> list[Ligne]:
        deux = (ici, la)
        return [
            Ligne("Identifiant", *(adulte.user.identifiant for adulte in deux)),
            Ligne("Dernière connexion", *(self._connexion(adulte) for adulte in deux)),
            Ligne("Enfants", *(", ".join(map(str, adulte.enfants.all())) or "aucun" for adulte in deux)),
            Ligne("Nom", *(adulte.user.get_full_name() for adulte in deux), "nom"),
            Ligne("E-mail", *(adulte.user.email for adulte in deux), "courriel"),
            Ligne("Civilité", *(adulte.get_civilite_display() for adulte in deux), "civilite"),
            Ligne("Téléphone portable", *(adulte.telephone for adulte in deux), "telephone"),
            Ligne("Téléphone du domicile", *(adulte.telephone_domicile for adulte in deux), "telephone_domicile"),
            Ligne("Téléphone du travail", *(adulte.telephone_travail for adulte in deux), "telephone_travail"),
            Ligne("Foyer", *self._foyers(ici.foyer, la.foyer), "foyer"),
        ]

    def _candidats(self, familles: list[FamilleTrouvee]) -> Iterator[tuple[Responsable, str]]:
        for famille in familles:
            for adulte in famille.adultes:
                mots = [f"{adulte} ({adulte.user.identifiant})", adulte.user.email, famille.foyer.adresse]
                yield adulte, ", ".join(filter(None, mots))

    def _suites(self, ici: Responsable, la: Responsable) -> list[str]:
        reste, double = ici.user.identifiant, la.user.identifiant
        return [
            f"L’identifiant {double} ouvrira le compte {reste}, et ne sera donné à personne d’autre.",
            "Le mot de passe est celui du compte qui reste\u202f; s’il n’en avait pas, celui du double.",
            "Un e-mail le dit à la personne\u202f; qui est connecté avec le double doit s’identifier de nouveau.",
        ]

    def _foyer(self, ici: Responsable) -> int:
        return Responsable.objects.get(pk=ici.pk).foyer_id

    def _connexion(self, adulte: Responsable) -> str:
        return date_heure(adulte.user.last_login) if adulte.user.last_login else "jamais"

    def _foyers(self, ici: Foyer, la: Foyer) -> tuple[str, str]:
        """Two homes that read alike are still two."""
        if ici != la and str(ici) == str(la):
            return f"{ici} (celui-ci)", f"{la} (l’autre)"
        return str(ici), str(la)

    def _reunir(
        self, ici: Responsable, la: Responsable, choix: dict[str, str], *, confirme: bool, simuler: bool
    ) -> Bilan:
        return reunir_adultes(ici.pk, la.pk, choix, now=timezone.now(), confirme=confirme, simuler=simuler)

    def _tell_reunis(self, request: HttpRequest, ici: Responsable, la: Responsable, bilan: Bilan) -> None:
        rendu = la.user.identifiant
        self.log_change(request, ici, f"Réuni avec {la.user}. L’identifiant {rendu} ouvre maintenant ce compte.")
        journal.event("accounts_merged", user=ici.user_id, by=request.user.pk, request=request, double=la.user_id)
        self.message_user(
            request,
            f"Les deux fiches n’en font plus qu’une\u00a0: {ici}, identifiant {ici.user.identifiant}. "
            f"Le numéro {rendu} ouvre le même compte.",
            messages.SUCCESS,
        )
        for avis in bilan.avis:
            self.message_user(request, avis, messages.WARNING)


class FoyerFusionAdmin(FusionAdmin):
    mots = ("un foyer", "deux foyers")
    rights = ("enfance.delete_foyer",)

    def _compare(self, ici: Foyer, la: Foyer) -> list[Ligne]:
        deux = (ici, la)
        return [
            Ligne("Adultes", *(", ".join(map(str, foyer.responsables.all())) or "aucun" for foyer in deux)),
            Ligne("Enfants", *(self._enfants(foyer) or "aucun" for foyer in deux)),
            Ligne("Adresse", *(self._adresse(foyer) for foyer in deux), "adresse"),
        ]

    def _candidats(self, familles: list[FamilleTrouvee]) -> Iterator[tuple[Foyer, str]]:
        for famille in familles:
            yield famille.foyer, ", ".join([str(famille.foyer), *map(str, famille.enfants)])

    def _suites(self, ici: Foyer, la: Foyer) -> list[str]:
        return ["Les adultes des deux foyers n’en font qu’un\u00a0: une adresse, et des inscriptions payées ensemble."]

    def _foyer(self, ici: Foyer) -> int:
        return ici.pk

    def _adresse(self, foyer: Foyer) -> str:
        return " ".join(filter(None, [foyer.adresse, foyer.code_postal, foyer.commune]))

    def _enfants(self, foyer: Foyer) -> str:
        return ", ".join(map(str, Enfant.objects.filter(gardes__foyer=foyer).distinct()))

    def _reunir(self, ici: Foyer, la: Foyer, choix: dict[str, str], *, confirme: bool, simuler: bool) -> Bilan:
        return reunir_foyers(ici.pk, la.pk, choix, confirme=confirme, simuler=simuler)

    def _tell_reunis(self, request: HttpRequest, ici: Foyer, la: Foyer, bilan: Bilan) -> None:
        self.log_change(request, ici, f"Réuni avec le foyer n°\u00a0{la.pk}.")
        journal.event("homes_merged", by=request.user.pk, request=request, kept=ici.pk, double=la.pk)
        self.message_user(request, "Les deux foyers n’en font plus qu’un.", messages.SUCCESS)
