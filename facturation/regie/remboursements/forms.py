"""What giving back a credit asks: by which régie, how much, why, and what the treasury wrote of it."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

from django import forms
from django.utils import timezone

from facturation.regie.forms import EurosField
from facturation.regie.remboursements.lecture import AVANCES, RECETTES, Credit
from portail.dates import instant
from portail.formulaires import WholeForm
from portail.signes import validate_ligne

LIGNE = {"class": "saisie", "autocomplete": "off"}
MOTIF, RAISON = 90, 60  # characters: both are kept as one reason, of 200 at most


class RembourserForm(WholeForm):
    """How much of a credit is given back, and why. `regie` is asked while the act of the régie is not said,
    `raison_cesu` when some of the credit came in CESU.
    """

    regie = forms.ChoiceField(
        label="Votre régie",
        choices=[
            (RECETTES, "Régie de recettes\u00a0: la trésorerie a payé, sur un mandat"),
            (AVANCES, "Régie d’avances\u00a0: je rends l’argent"),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": "Choisissez ce que dit l’acte de votre régie."},
    )
    montant = EurosField(
        label="Montant rendu, en euros", error_messages={"required": "Écrivez la somme rendue, par exemple 12,40."}
    )
    motif = forms.CharField(
        label="Raison, gardée dans le journal",
        max_length=MOTIF,
        validators=[validate_ligne],
        widget=forms.TextInput(LIGNE),
        error_messages={"required": "Écrivez la raison, par exemple\u00a0: la famille déménage."},
    )
    raison_cesu = forms.CharField(
        label="Pourquoi rendre des CESU en argent (facultatif s’ils restent en crédit)",
        required=False,
        max_length=RAISON,
        validators=[validate_ligne],
        widget=forms.TextInput(LIGNE),
    )
    reference = forms.CharField(
        label="Référence du virement (obligatoire pour une régie de recettes)",
        required=False,
        max_length=60,
        validators=[validate_ligne],
        widget=forms.TextInput(LIGNE),
    )
    rendu_le = forms.DateField(
        label="Rendu le (obligatoire pour une régie de recettes)",
        required=False,
        input_formats=["%Y-%m-%d", "%d/%m/%Y"],
        widget=forms.DateInput({"class": "saisie saisie--date", "type": "date"}, "%Y-%m-%d"),
    )
    cle = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, credit: Credit, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.credit, self.now = credit, now
        if credit.regie:
            del self.fields["regie"]
        if not credit.cesu:
            del self.fields["raison_cesu"]
        if credit.regie == RECETTES:
            self.fields["reference"].label, self.fields["rendu_le"].label = "Référence du virement", "Rendu le"
        elif credit.regie == AVANCES:
            self.fields["reference"].label = "Référence (facultatif)"
            self.fields["rendu_le"].label = "Rendu le (facultatif)"

    @property
    def genre(self) -> str:
        """The kind of régie: what its act says, else what was chosen; empty while nothing was."""
        return self.credit.regie or self.cleaned_data.get("regie", "")

    def clean_rendu_le(self) -> date | None:
        """The day when the money went back; None when none is typed. ValidationError for a day to come, or before the
        year before this one.
        """
        jour: date | None = self.cleaned_data["rendu_le"]
        today = timezone.localdate(self.now)
        if jour and not date(today.year - 1, 1, 1) <= jour <= today:
            raise forms.ValidationError("Choisissez aujourd’hui ou un jour passé, depuis moins de deux ans.")
        return jour

    def clean(self) -> dict[str, Any] | None:
        """A régie de recettes writes the entry once the treasury has paid: its reference and its day are asked for."""
        cleaned = super().clean()
        if self.genre == RECETTES:
            if not self.cleaned_data.get("reference") and "reference" not in self.errors:
                self.add_error(
                    "reference", "Écrivez la référence du virement de la trésorerie, une fois qu’elle a payé."
                )
            if not self.cleaned_data.get("rendu_le") and "rendu_le" not in self.errors:
                self.add_error("rendu_le", "Écrivez le jour où la trésorerie a payé.")
        return cleaned

    @property
    def quand(self) -> datetime:
        """The instant when the money of this valid form went: now, or noon in Paris of another day that was chosen."""
        jour = self.cleaned_data["rendu_le"]
        return self.now if jour in (None, timezone.localdate(self.now)) else instant(jour, time(12))
