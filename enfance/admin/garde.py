"""A change of garde, as the town hall makes it: what it does to the inscriptions already made is shown first."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest
from django.utils import timezone

from enfance.admin.question import Question, QuestionAdmin
from enfance.mairie.hors_garde import HorsGarde, annuler_hors_garde, load_avant, prevenir
from enfance.models import Enfant, Enregistrement, Garde
from portail.dates import jour_long


class GardeAdmin(QuestionAdmin):
    """The page of a child, which holds its gardes."""

    def save_related(self, request: HttpRequest, form: forms.ModelForm, formsets: Any, change: bool) -> None:
        if not (change and any(formset.model is Garde and formset.has_changed() for formset in formsets)):
            super().save_related(request, form, formsets, change)
            return
        now, enfant = timezone.now(), form.instance
        avant = load_avant([enfant.pk], now=now)
        super().save_related(request, form, formsets, change)
        lignes = avant.laissees(now=now)
        annulation = self._decide_garde(request, enfant, lignes) if lignes else None
        if nombre := prevenir(avant, annulation, now=now):
            self.message_user(request, f"Changement de garde dit aux parents, par e-mail\u00a0: {nombre}.")

    def _decide_garde(self, request: HttpRequest, enfant: Enfant, lignes: list[HorsGarde]) -> Enregistrement | None:
        """Do what the town hall chose for the inscriptions that it was shown; the save that cancelled them."""
        montrees = set(request.POST.getlist("montree"))
        suite = request.POST.get("suite")
        if suite not in {"annuler", "laisser"} or not {str(ligne.cle) for ligne in lignes} <= montrees:
            title = f"Changement de garde\u00a0: {enfant}"
            raise Question("admin/enfance/enfant/garde.html", title, lignes=lignes)
        if suite == "laisser":
            self.message_user(request, f"Inscriptions laissées au foyer qui les a faites\u00a0: {len(lignes)}.")
            return None
        resultat = annuler_hors_garde(lignes, request.user.pk, now=timezone.now())
        self.message_user(
            request, f"Inscriptions annulées par le changement de garde\u00a0: {len(resultat.evenements)}."
        )
        for refus in resultat.refus:
            box = f"{jour_long(refus.cle.jour)}, {refus.cle.creneau}"
            self.message_user(request, f"Non annulée\u00a0: {box}, {refus.obstacles[0].message}", messages.WARNING)
        return resultat.enregistrement
