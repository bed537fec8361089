"""A change of garde, as the town hall makes it: what it does to the inscriptions already made is shown first."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone

from accounts.site import TownHallAdmin
from enfance.hors_garde import HorsGarde, annuler_hors_garde, load_hors_garde
from enfance.models import Enfant, Garde
from portail.dates import jour_long

NOT_ASKED_AGAIN = {"csrfmiddlewaretoken", "suite_garde", "montree"}


class GardeAConfirmer(Exception):
    """Raised once all is written: the transaction takes it back, and the town hall is asked first."""

    def __init__(self, lignes: list[HorsGarde]) -> None:
        super().__init__()
        self.lignes = lignes


class GardeAdmin(TownHallAdmin):
    """The page of a child, which holds its gardes."""

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except GardeAConfirmer as question:
            return self._confirmer(request, self.get_object(request, object_id or ""), question.lignes)

    def save_related(self, request: HttpRequest, form: forms.ModelForm, formsets: Any, change: bool) -> None:
        changed = change and any(formset.model is Garde and formset.has_changed() for formset in formsets)
        now, enfant = timezone.now(), form.instance.pk
        deja = {ligne.cle for ligne in load_hors_garde(enfant, now=now)} if changed else set()
        super().save_related(request, form, formsets, change)
        lignes = [ligne for ligne in load_hors_garde(enfant, now=now) if ligne.cle not in deja] if changed else []
        if lignes:
            self._decide(request, lignes)

    def _decide(self, request: HttpRequest, lignes: list[HorsGarde]) -> None:
        """Do what the town hall chose for the inscriptions that it was shown."""
        montrees = set(request.POST.getlist("montree"))
        suite = request.POST.get("suite_garde")
        if suite not in {"annuler", "laisser"} or not {str(ligne.cle) for ligne in lignes} <= montrees:
            raise GardeAConfirmer(lignes)
        if suite == "laisser":
            self.message_user(request, f"Inscriptions laissées au foyer qui les a faites\u00a0: {len(lignes)}.")
            return
        resultat = annuler_hors_garde(lignes, request.user.pk, now=timezone.now())
        self.message_user(
            request, f"Inscriptions annulées par le changement de garde\u00a0: {len(resultat.evenements)}."
        )
        for refus in resultat.refus:
            box = f"{jour_long(refus.cle.jour)}, {refus.cle.creneau}"
            self.message_user(request, f"Non annulée\u00a0: {box}, {refus.obstacles[0].message}", messages.WARNING)

    def _confirmer(self, request: HttpRequest, enfant: Enfant, lignes: list[HorsGarde]) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": f"Changement de garde\u00a0: {enfant}",
            "opts": self.opts,
            "media": self.media,
            "enfant": enfant,
            "lignes": lignes,
            "champs": [
                (nom, valeur)
                for nom, valeurs in request.POST.lists()
                if nom not in NOT_ASKED_AGAIN
                for valeur in valeurs
            ],
        }
        return TemplateResponse(request, "admin/enfance/enfant/garde.html", context)
