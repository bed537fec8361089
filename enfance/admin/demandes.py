"""Names like that of a person to whom a child is never handed: what parents asked, answered in one click."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.views import RedirectURLMixin
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.forms.models import BaseInlineFormSet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone

from accounts.site import TownHallAdmin
from enfance.famille.homonymes import admettre, proches, refuser, reopen, ressemblances
from enfance.mairie.bureau import personnes_a_verifier
from enfance.models import DemandeAutorisation, Enfant, PersonneAutorisee


@dataclass(frozen=True)
class AVerifier:
    """What a parent asked, and the forbidden persons whom the name is like today."""

    demande: DemandeAutorisation
    interdites: list[PersonneAutorisee]


def load_a_verifier(demandes: Iterable[DemandeAutorisation]) -> list[AVerifier]:
    """These requests, in two queries."""
    lues = list(demandes)
    interdites: dict[int, list[PersonneAutorisee]] = {}
    enfants = {demande.enfant_id for demande in lues}
    for personne in PersonneAutorisee.objects.filter(enfant__in=enfants, interdite=True, retiree_le=None):
        interdites.setdefault(personne.enfant_id, []).append(personne)
    return [AVerifier(d, proches(d.nom, d.lien, interdites.get(d.enfant_id, []))) for d in lues]


class ReponseForm(forms.Form):
    """The request that a button answers."""

    admettre = forms.IntegerField(min_value=1, max_value=2**62, required=False)
    refuser = forms.IntegerField(min_value=1, max_value=2**62, required=False)


class DemandesAdmin(TownHallAdmin):
    """The list of children, with the page of the persons to check; and the page of a child, which shows its own."""

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.demandes_view)
        return [path("demandes/", view, name="enfance_enfant_demandes"), *super().get_urls()]

    def demandes_view(self, request: HttpRequest) -> HttpResponse:
        if not self.has_view_permission(request) or not self._sees_personnes(request):
            raise PermissionDenied
        if request.method == "POST":
            if not self._answers(request):
                raise PermissionDenied
            self._answer(request, ReponseForm(request.POST))
            retour = RedirectURLMixin()
            return HttpResponseRedirect(retour.get_redirect_url(request) or reverse("admin:enfance_enfant_demandes"))
        demandes = personnes_a_verifier().select_related("enfant", "demandee_par")
        context = {
            **self.admin_site.each_context(request),
            "title": "Personnes à vérifier",
            "opts": self.opts,
            "media": self.media,
            "a_verifier": load_a_verifier(demandes),
            "may_answer": self._answers(request),
        }
        return TemplateResponse(request, "admin/enfance/enfant/demandes.html", context)

    def _sees_personnes(self, request: HttpRequest) -> bool:
        return request.user.has_perm("enfance.view_personneautorisee")

    def _answers(self, request: HttpRequest) -> bool:
        """Whoever may add an authorised person says who one is."""
        return request.user.has_perm("enfance.add_personneautorisee")

    def _answer(self, request: HttpRequest, form: ReponseForm) -> None:
        """Let this person in, or refuse it, and keep who did it."""
        asked = form.cleaned_data if form.is_valid() else {}
        demande, now = None, timezone.now()
        with transaction.atomic():
            if pk := asked.get("admettre"):
                demande = admettre(pk, request.user, now=now)
                verbe = "peut venir chercher"
            elif pk := asked.get("refuser"):
                demande = refuser(pk, request.user, now=now)
                verbe = "reste sans autorisation de venir chercher"
            if demande:
                sentence = f"{demande.dit} {verbe} {demande.enfant.prenom}."
                self.log_change(request, demande.enfant, f"Personne à vérifier\u00a0: {sentence}")
        if demande:
            self.message_user(request, sentence, messages.SUCCESS)
        else:
            self.message_user(request, "Cette demande a déjà sa réponse\u00a0: rien n’a changé.", messages.WARNING)

    # --- The page of a child ------------------------------------------------------------------------------------------

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, obj: Enfant | None = None, **kw: Any
    ) -> HttpResponse:
        demandes: Iterable[DemandeAutorisation] = ()
        if obj and self._sees_personnes(request):
            demandes = obj.demandes_autorisation.select_related("enfant", "demandee_par", "decidee_par")
        context |= {"a_verifier": load_a_verifier(demandes), "may_answer": self._answers(request)}
        return super().render_change_form(request, context, *args, obj=obj, **kw)

    def save_formset(
        self, request: HttpRequest, form: forms.ModelForm, formset: BaseInlineFormSet, change: bool
    ) -> None:
        """An authorisation is traced; a prohibition asks again about those who were let in as namesakes."""
        if formset.model is PersonneAutorisee:
            for ajout in formset.extra_forms:
                ajout.instance.ajoutee_par = request.user
        super().save_formset(request, form, formset, change)
        if formset.model is PersonneAutorisee:
            changees = [personne for personne, champs in formset.changed_objects if {"interdite", "nom"} & set(champs)]
            for personne in [*formset.new_objects, *changees]:
                if personne.interdite:
                    reopen(personne)

    def response_add(self, request: HttpRequest, obj: Enfant, *args: Any, **kw: Any) -> HttpResponse:
        self._warn(request, obj)
        return super().response_add(request, obj, *args, **kw)

    def response_change(self, request: HttpRequest, obj: Enfant) -> HttpResponse:
        self._warn(request, obj)
        return super().response_change(request, obj)

    def _warn(self, request: HttpRequest, enfant: Enfant) -> None:
        """Say who may fetch the child under a name like that of one who must not, as long as it is so."""
        if not self._sees_personnes(request):
            return
        for personne, interdite in ressemblances(enfant, timezone.localdate()):
            sentence = (
                f"Attention\u00a0: {personne} peut venir chercher {enfant.prenom}, et son nom ressemble à celui de "
                f"{interdite}, à qui l’enfant n’est jamais remis. Si c’est la même personne, supprimez sa ligne\u202f; "
                "sinon, l’équipe demandera une pièce d’identité."
            )
            self.message_user(request, sentence, messages.WARNING)
