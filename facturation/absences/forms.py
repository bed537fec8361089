"""What is typed on the page of absences: an answer, a search."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms

from facturation.absences.lecture import Recherche
from facturation.models import ReponseAbsence
from portail.formulaires import WholeForm, is_key
from portail.signes import validate_ligne

AUTRE = "-autre"  # the button of an answer whose reason is typed
REPONSES = [(f"{code}{suite}", nom) for code, nom in ReponseAbsence.Reponse.choices for suite in ("", AUTRE)]
LONGTEMPS = 366  # days of a decision, more than anybody is away


class JourneesField(forms.Field):
    """The days that an answer is for, each with its créneaux (primary keys): « 2026-11-27 3 4 »."""

    widget = forms.MultipleHiddenInput
    default_error_messages = {"required": "Cochez au moins un jour.", "invalid": "Ces jours ne se lisent pas."}

    def to_python(self, value: Any) -> dict[date, list[int]]:
        """The primary keys of the créneaux, by day. ValidationError for what is neither."""
        journees = {}
        for texte in list(value or [])[:LONGTEMPS]:
            jour, *cles = str(texte).split()
            try:
                journees[date.fromisoformat(jour)] = [int(cle) for cle in cles if is_key(cle)]
            except ValueError:
                raise forms.ValidationError(self.error_messages["invalid"]) from None
        return journees


class ReponseAbsenceForm(WholeForm):
    """The answer of a button: which days of which child, which answer, the reason that the family reads."""

    enfant = forms.IntegerField(min_value=1, max_value=2**62)
    journees = JourneesField()
    r = forms.ChoiceField(choices=REPONSES)
    changer = forms.BooleanField(required=False)
    raison = forms.CharField(required=False, max_length=200, validators=[validate_ligne])
    raison_excusee = forms.CharField(required=False, max_length=200, validators=[validate_ligne])
    raison_facturee = forms.CharField(required=False, max_length=200, validators=[validate_ligne])

    def clean(self) -> None:
        """The answer without what says that its reason is typed; the reason that the family reads (`motif`): the one
        that was typed, else the one written under the button."""
        cleaned = self.cleaned_data
        if "r" not in cleaned or "raison" in self.errors:
            return
        reponse, autre, _ = cleaned["r"].partition(AUTRE)
        cleaned["r"] = reponse
        cleaned["motif"] = cleaned["raison"] or ("" if autre else cleaned.get(f"raison_{reponse}", ""))
        if not cleaned["motif"]:
            self.add_error("raison", "Écrivez la raison que la famille lira.")


class ChercherAbsenceForm(forms.Form):
    """Whose absences, and when. It is sent by POST: a name does not belong in an address."""

    nom = forms.CharField(
        label="Nom ou prénom de l’enfant",
        required=False,
        max_length=100,
        widget=forms.TextInput({"class": "saisie", "type": "search", "autocomplete": "off"}),
    )
    du = forms.DateField(
        label="Du",
        required=False,
        widget=forms.DateInput({"class": "saisie saisie--date", "type": "date"}, "%Y-%m-%d"),
        error_messages={"invalid": "Écrivez un jour, par exemple 27/11/2026."},
    )
    au = forms.DateField(
        label="Au",
        required=False,
        help_text="Vide\u00a0: ce jour-là seulement.",
        widget=forms.DateInput({"class": "saisie saisie--date", "type": "date"}, "%Y-%m-%d"),
        error_messages={"invalid": "Écrivez un jour, par exemple 27/11/2026."},
    )

    def clean(self) -> None:
        """Something to look for; a period in its order."""
        du, au = self.cleaned_data.get("du"), self.cleaned_data.get("au")
        if du and au and au < du:
            self.add_error("au", "La fin vient après le début.")
        if not self.errors and not (self.recherche.texte.strip() or du or au):
            self.add_error("nom", "Écrivez un nom, ou un jour.")

    @property
    def recherche(self) -> Recherche:
        """What is looked for; one day alone where a single date is typed."""
        cleaned = self.cleaned_data
        du, au = cleaned.get("du"), cleaned.get("au")
        return Recherche(cleaned.get("nom", ""), du or au, au or du)
