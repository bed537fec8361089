"""A departure, as the town hall writes it on the page of a child: what it cancels or gives back is shown first."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.forms.models import BaseInlineFormSet
from django.http import HttpRequest
from django.utils import timezone

from enfance.admin.question import Question, QuestionAdmin
from enfance.mairie.departs import suivre
from enfance.models import Scolarite
from portail.formulaires import WholeModelForm


class ScolariteForm(WholeModelForm):
    def clean(self) -> dict[str, Any] | None:
        """A departure is a day of its year: another would cancel everything, or nothing, in silence."""
        cleaned = super().clean()
        annee, depart = self.cleaned_data.get("annee"), self.cleaned_data.get("depart")
        if self.has_changed() and annee and depart and not annee.debut <= depart <= annee.fin:
            phrase = f"Indiquez un jour de l’année {annee}, du {annee.debut:%d/%m/%Y} au {annee.fin:%d/%m/%Y}."
            self.add_error("depart", phrase)
        return cleaned


class DepartAdmin(QuestionAdmin):
    """The page of a child, which holds its years. Its answer, `depart_vu`, goes along with the form: the same save may
    be asked about something else."""

    def save_formset(
        self, request: HttpRequest, form: forms.ModelForm, formset: BaseInlineFormSet, change: bool
    ) -> None:
        super().save_formset(request, form, formset, change)
        if formset.model is not Scolarite:
            return
        for scolarite, fields in getattr(formset, "changed_objects", []):
            if "depart" in fields:
                self._follow(request, scolarite)

    def _follow(self, request: HttpRequest, scolarite: Scolarite) -> None:
        """Do what the town hall was shown, if it is still the same."""
        bilan = suivre(scolarite, request.user.pk, now=timezone.now())
        if not bilan:
            return
        if bilan.empreinte not in request.POST.getlist("depart_vu"):
            title = f"{'Départ' if scolarite.depart else 'Retour'}\u00a0: {scolarite.enfant}"
            raise Question("admin/enfance/enfant/depart.html", title, bilan=bilan, scolarite=scolarite)
        if bilan.annulees:
            sentence = f"Inscriptions annulées à partir du départ\u00a0: {len(bilan.annulees)}."
            self.log_change(request, scolarite.enfant, sentence)
            self.message_user(request, f"{sentence} La famille n’est pas prévenue par e-mail.", messages.WARNING)
        if bilan.rendues:
            sentence = f"Inscriptions rétablies\u00a0: {len(bilan.rendues)}."
            self.log_change(request, scolarite.enfant, sentence)
            self.message_user(request, f"{sentence} La famille est prévenue par e-mail.", messages.SUCCESS)
        for phrase in bilan.non_rendues:
            self.message_user(request, f"Non rétablie\u00a0: {phrase}", messages.WARNING)
