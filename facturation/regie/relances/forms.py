"""Forms of the reminders."""

from __future__ import annotations

from django import forms

from facturation.models import Facture
from portail.formulaires import WholeForm
from portail.signes import validate_ligne


class DeCoteForm(WholeForm):
    """An invoice that is left out of the reminders, and why."""

    numero = forms.ModelChoiceField(
        Facture.objects.factures(),
        to_field_name="numero",
        label="Numéro de la facture",
        widget=forms.TextInput({"class": "saisie", "autocomplete": "off"}),
        error_messages={
            "required": "Écrivez le numéro de la facture, par exemple F-2026-0229.",
            "invalid_choice": "Aucune facture n’a ce numéro.",
        },
    )
    motif = forms.CharField(
        label="Raison",
        max_length=200,
        validators=[validate_ligne],
        widget=forms.TextInput({"class": "saisie", "autocomplete": "off"}),
        error_messages={"required": "Écrivez la raison, par exemple\u00a0: échéancier convenu avec la famille."},
    )
