"""What the town hall types on the page of a child or of an adult: slips of the hand are refused.

Only a field that has changed is checked: what was there before never stands in the way of another correction.
"""

from __future__ import annotations

from datetime import date

from django import forms
from django.utils import timezone

from enfance.famille.forms import clean_numero
from enfance.mairie.forms import clean_naissance
from portail.formulaires import WholeModelForm


class EnfantForm(WholeModelForm):
    def clean_date_naissance(self) -> date:
        jour = self.cleaned_data["date_naissance"]
        return clean_naissance(jour) if "date_naissance" in self.changed_data else jour

    def clean_pai_fin(self) -> date | None:
        jour = self.cleaned_data["pai_fin"]
        if jour and "pai_fin" in self.changed_data and jour < timezone.localdate():
            raise forms.ValidationError("Indiquez une date à venir, ou décochez «\u00a0PAI\u00a0» s’il est fini.")
        return jour


class ResponsableForm(WholeModelForm):
    def _clean_numero(self, champ: str) -> str:
        numero = self.cleaned_data[champ]
        return clean_numero(numero) if champ in self.changed_data else numero

    def clean_telephone(self) -> str:
        return self._clean_numero("telephone")

    def clean_telephone_domicile(self) -> str:
        return self._clean_numero("telephone_domicile")

    def clean_telephone_travail(self) -> str:
        return self._clean_numero("telephone_travail")
