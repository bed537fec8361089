"""Forms of the secretary for one payer: where it lives, how its invoices go, who shares the price of a child."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

from django import forms

from facturation.fiche_payeur import EnfantPartage, FoyerPossible
from facturation.models import Compte
from facturation.payeurs.partages import refus_of
from facturation.prix.tarifs import LIEUX, Residence
from facturation.votes.forms import validate_siecle
from portail.formulaires import WholeForm

DATE = {"class": "saisie", "type": "date"}
FORMATS = ["%Y-%m-%d", "%d/%m/%Y"]


class PayeurForm(WholeForm):
    """Residence and sending."""

    residence = forms.ChoiceField(
        label="Résidence",
        widget=forms.RadioSelect,
        error_messages={"required": "Dites si ce foyer habite la commune."},
    )
    envoi = forms.ChoiceField(label="Envoi des factures", choices=Compte.Envoi.choices, widget=forms.RadioSelect)

    def __init__(self, *args: Any, noms: Mapping[str, str], **kwargs: Any) -> None:
        """`noms`: the residences of the town, code and name."""
        super().__init__(*args, **kwargs)
        commune = (Residence.COMMUNE, LIEUX[Residence.COMMUNE])
        choix = [
            (code, "dans la commune" if (code, nom) == commune else f"{nom[:1].lower()}{nom[1:]}")
            for code, nom in noms.items()
        ]
        cast(forms.ChoiceField, self.fields["residence"]).choices = choix


class PartageForm(WholeForm):
    """The shares of one child between two dates: a part for each foyer, empty for none."""

    debut = forms.DateField(
        label="À partir du (vide\u00a0: depuis toujours)",
        required=False,
        input_formats=FORMATS,
        widget=forms.DateInput(DATE, "%Y-%m-%d"),
        validators=[validate_siecle],
    )
    fin = forms.DateField(
        label="Jusqu’au (vide\u00a0: sans fin)",
        required=False,
        input_formats=FORMATS,
        widget=forms.DateInput(DATE, "%Y-%m-%d"),
        validators=[validate_siecle],
    )

    def __init__(self, *args: Any, enfant: EnfantPartage, **kwargs: Any) -> None:
        super().__init__(*args, **{"prefix": f"p{enfant.enfant.pk}", **kwargs})
        self.enfant = enfant
        actuelles = {p.compte.foyer_id: p.part for p in enfant.periodes[0].parts} if enfant.periodes else {}
        parts = {}
        for foyer in enfant.foyers:
            parts[self._champ(foyer)] = forms.IntegerField(
                label=f"{foyer.nom}, en\u00a0%",
                required=False,
                min_value=0,
                max_value=100,
                initial=actuelles.get(foyer.pk),
                widget=forms.TextInput({"class": "saisie saisie--qf", "inputmode": "numeric", "autocomplete": "off"}),
                error_messages={"min_value": "De 0 à 100.", "max_value": "De 0 à 100.", "invalid": "Un nombre entier."},
            )
        self.fields = parts | self.fields

    @staticmethod
    def _champ(foyer: FoyerPossible) -> str:
        return f"part-{foyer.pk}"

    def clean(self) -> dict[str, Any] | None:
        """Refuse shares that do not make 100 per cent, or dates out of order, with the sentences of `refus_of`."""
        cleaned = super().clean()
        if not self.errors:
            for phrase in refus_of(self.parts, self.cleaned_data["debut"], self.cleaned_data["fin"]):
                self.add_error(None, phrase)
        return cleaned

    @property
    def parts(self) -> dict[int, int]:
        """The share in per cent of each foyer (primary key) that was given one; 0 is none."""
        voulues = {foyer.pk: self.cleaned_data.get(self._champ(foyer)) for foyer in self.enfant.foyers}
        return {cle: part for cle, part in voulues.items() if part}

    @property
    def champs_parts(self) -> Sequence[forms.BoundField]:
        """The form's fields of the shares, one for each foyer that may owe a part, for the page."""
        return [self[self._champ(foyer)] for foyer in self.enfant.foyers]
