"""« Signaler une erreur »: what a parent says of an invoice, or of a moment of it, and what the town hall answers."""

from __future__ import annotations

from typing import Any

from django import forms

from facturation.models import Prestation, SignalementFacture
from facturation.papiers.facture import TOUTE, FactureLue, moments_to_tell
from portail.formulaires import WholeForm
from portail.signes import validate_texte


class SignalementForm(WholeForm):
    """Which moment of which day, and what is wrong."""

    ligne = forms.ChoiceField(
        label="Quel moment\u202f?",
        widget=forms.Select(attrs={"class": "saisie"}),
        error_messages={
            "invalid_choice": "Choisissez un moment de cette facture.",
            "required": "Choisissez un moment.",
        },
    )
    message = forms.CharField(
        label="Ce qui ne va pas",
        max_length=1000,
        validators=[validate_texte],
        widget=forms.Textarea(attrs={"class": "saisie", "rows": 3}),
        error_messages={
            "required": "Écrivez ce qui ne va pas, même en quelques mots.",
            "max_length": "C’est trop long\u00a0: 1000 signes au plus.",
        },
    )

    def __init__(self, *args: Any, lue: FactureLue, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "erreur_%s"} | kwargs)
        self.fields["ligne"].choices = moments_to_tell(lue)  # type: ignore[attr-defined]

    def ligne_of(self, lue: FactureLue) -> Prestation | None:
        """The line of this invoice that the parent says is wrong, from the valid form; None for the whole invoice."""
        cle = self.cleaned_data["ligne"]
        return None if cle == TOUTE else lue.lignes_by_key[cle]


class ReponseSignalementForm(WholeForm):
    """The answer to one of them."""

    signalement = forms.IntegerField(min_value=1, max_value=2**62, widget=forms.HiddenInput)
    reponse = forms.CharField(
        label="Votre réponse, lue par la famille",
        max_length=1000,
        widget=forms.Textarea(attrs={"class": "saisie", "rows": 3}),
        validators=[validate_texte],
        error_messages={
            "required": "Écrivez la réponse que la famille lira.",
            "max_length": "C’est trop long\u00a0: 1000 signes au plus.",
        },
    )

    def is_about(self, dit: SignalementFacture) -> bool:
        """Whether this form, as it was sent, answers this reported error."""
        return str(self["signalement"].value()) == str(dit.pk)
