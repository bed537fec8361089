"""The form of one residence of the town's list."""

from __future__ import annotations

from typing import Any

from django import forms

from facturation.models import LieuResidence
from facturation.payeurs.lieux import refus_des_communes
from portail.formulaires import WholeModelForm
from portail.signes import validate_ligne


class LieuForm(WholeModelForm):
    """A residence: its name, the communes whose addresses propose it, whether it is the one by default."""

    marks_optional = True
    defaut = forms.BooleanField(label="Le prix d’un payeur dont on ne sait rien est le sien", required=False)

    class Meta:
        model = LieuResidence
        fields = ["nom", "communes"]  # the writer alone makes one the default
        widgets = {
            "nom": forms.TextInput({"class": "saisie", "autocomplete": "off"}),
            "communes": forms.Textarea({"class": "saisie", "rows": 4}),
        }
        labels = {
            "communes": "Communes qui la proposent",
        }
        help_texts = {
            "communes": "Une par ligne, comme sur les adresses. Vide\u00a0: aucune adresse ne la propose, "
            "vous la dites payeur par payeur.",
        }
        error_messages = {"nom": {"unique": "Une autre résidence porte déjà ce nom."}}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["defaut"] = self.instance.defaut

    def clean_communes(self) -> str:
        """The communes, one a line, without empty lines. ValidationError where another residence has one of them."""
        lignes = [ligne.strip() for ligne in self.cleaned_data["communes"].splitlines() if ligne.strip()]
        for ligne in lignes:
            validate_ligne(ligne)
        communes = "\n".join(lignes)
        if refus := refus_des_communes(communes, self.instance.pk):
            raise forms.ValidationError(refus)
        return communes

    def clean_defaut(self) -> bool:
        """Whether it is the one by default. ValidationError when that would leave none."""
        voulu: bool = self.cleaned_data["defaut"]
        if self.initial.get("defaut") and not voulu:
            raise forms.ValidationError("Il en faut une par défaut\u00a0: cochez plutôt l’autre résidence.")
        return voulu
