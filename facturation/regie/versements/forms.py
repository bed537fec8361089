"""What the page of the versement asks: what leaves, which receipts are kept, the cash that was counted."""

from __future__ import annotations

from typing import Any

from django import forms
from django.forms.boundfield import BoundField

from facturation.montants import euros
from facturation.regie.forms import EurosField
from facturation.regie.versements.lecture import ORDRE
from portail.formulaires import WholeForm, is_key

BILLETS = (100, 50, 20, 10, 5)  # euros
NOMBRE = {"class": "saisie", "inputmode": "numeric", "autocomplete": "off"}


class RecusField(forms.MultipleChoiceField):
    """Primary keys that are ticked: what they are is read again where they serve."""

    def valid_value(self, value: Any) -> bool:
        """Whether this text may be a primary key."""
        return is_key(value)


class VerserForm(WholeForm):
    """What leaves, until which day, and the cash that was counted. `comptes`: the receipts that the page showed. The
    fields of the cash are in the page when cash leaves.
    """

    moyens = forms.MultipleChoiceField(
        choices=[(code, code) for code in ORDRE], required=False, widget=forms.CheckboxSelectMultiple
    )
    de_cote = RecusField(required=False, widget=forms.CheckboxSelectMultiple)
    verse_le = forms.DateField(
        label="Versé le",
        input_formats=["%Y-%m-%d", "%d/%m/%Y"],
        widget=forms.DateInput({"class": "saisie saisie--date", "type": "date"}, "%Y-%m-%d"),
        error_messages={"required": "Choisissez le jour du versement."},
    )
    comptes = forms.CharField(required=False, widget=forms.HiddenInput)
    pieces = EurosField(label="Pièces", required=False, widget=forms.TextInput(NOMBRE | {"inputmode": "decimal"}))
    ecart = forms.BooleanField(
        required=False, label="J’ai recompté\u00a0: je verse, et j’explique l’écart à la trésorerie"
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for valeur in BILLETS:
            self.fields[f"b{valeur}"] = forms.IntegerField(
                label=euros(100 * valeur).replace(",00", ""),
                required=False,
                min_value=0,
                max_value=9999,
                widget=forms.TextInput(NOMBRE),
                error_messages={"invalid": "Écrivez un nombre de billets."},
            )
        for nom in ("pieces", *(f"b{valeur}" for valeur in BILLETS)):
            self.fields[nom].late = True  # type: ignore[attr-defined]

    def clean_comptes(self) -> set[int]:
        """The primary keys of the receipts that the page showed as leaving."""
        return {int(texte) for texte in self.cleaned_data["comptes"].split(",") if is_key(texte)}

    def clean_de_cote(self) -> set[int]:
        """The primary keys of the receipts that are kept."""
        return {int(texte) for texte in self.cleaned_data["de_cote"]}

    def clean_pieces(self) -> int | None:
        """The coins, in centimes; None when nothing is typed."""
        pieces: int | None = self.cleaned_data["pieces"]
        if pieces is not None and pieces < 0:
            raise forms.ValidationError("Écrivez la somme des pièces, par exemple 8,35.")
        return pieces

    @property
    def compte(self) -> int | None:
        """The cash that was counted, in centimes; None when nothing was typed. Of what can be read."""
        lu = getattr(self, "cleaned_data", {})
        sommes = [100 * valeur * lu[f"b{valeur}"] for valeur in BILLETS if lu.get(f"b{valeur}") is not None]
        if lu.get("pieces") is not None:
            sommes.append(lu["pieces"])
        return sum(sommes) if sommes else None

    @property
    def billets(self) -> list[tuple[BoundField, str]]:
        """The fields of the count, each with the sum that it gives, the largest notes first."""
        lu = getattr(self, "cleaned_data", {})
        lignes = []
        for valeur in BILLETS:
            nombre = lu.get(f"b{valeur}")
            lignes.append((self[f"b{valeur}"], "" if nombre is None else euros(100 * valeur * nombre)))
        pieces = lu.get("pieces")
        return [*lignes, (self["pieces"], "" if pieces is None else euros(pieces))]
