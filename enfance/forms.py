"""What a planning form sends: parsed here, judged by the rules. Nothing but ids and ticks is believed."""

from __future__ import annotations

from collections.abc import Container
from datetime import date
from typing import Any

from django import forms
from django.http import QueryDict

from enfance.cases import Saisie
from enfance.inscriptions import Changement
from enfance.models import Inscription
from enfance.regles import Cle

MAX_CLES = 3000


class ClesField(forms.Field):
    """Planning keys, from one value with spaces or from a repeated field. What is not a key is left out and counted."""

    widget = forms.MultipleHiddenInput

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, **kwargs)

    def clean(self, value: Any) -> frozenset[Cle]:
        textes = [texte for brut in value or [] for texte in str(brut).split()]
        if len(textes) > MAX_CLES:
            raise forms.ValidationError("Trop de cases à la fois : enregistrez en plusieurs fois.")
        cles = [Cle.parse(texte) for texte in textes]
        if None in cles:
            raise forms.ValidationError("Une case envoyée n’existe pas : rechargez la page et recommencez.")
        return frozenset(cle for cle in cles if cle)


class PlanningForm(forms.Form):
    """Fields of the planning and of the day: boxes ticked at display (`avant`), ticked now (`r`, `attente`)."""

    avant = ClesField()
    r = ClesField()
    attente = ClesField()

    @property
    def saisie(self) -> Saisie:
        data = self.cleaned_data
        return Saisie(data["avant"], data["r"] | data["attente"])

    def changements(self) -> list[Changement]:
        """The difference between what was displayed and what is sent, and nothing else."""
        data = self.cleaned_data
        coches = data["r"] | data["attente"]
        voulus = {cle: Inscription.Etat.ANNULEE for cle in data["avant"] - coches}
        voulus |= {cle: Inscription.Etat.ATTENTE for cle in data["attente"] - data["avant"]}
        voulus |= {cle: Inscription.Etat.INSCRIT for cle in data["r"] - data["avant"]}
        return [Changement(cle, voulu) for cle, voulu in voulus.items()]


class RemplissageForm(forms.Form):
    """« Remplir plus vite » : [Cocher] [Soir] [tous les lundis] pour [tous]."""

    q_action = forms.ChoiceField(choices=[("1", "Cocher"), ("0", "Décocher")])
    q_creneau = forms.SlugField()
    q_jour = forms.RegexField(r"^([0-6]|\*)$")
    q_enfant = forms.RegexField(r"^([0-9]{1,18}|\*)$")

    def valeurs(self) -> dict[str, Any]:
        """The arguments of `remplissage.rapide`; weekdays come as in JavaScript, Sunday being 0."""
        data = self.cleaned_data
        return {
            "coche": data["q_action"] == "1",
            "creneau": data["q_creneau"],
            "jour": None if data["q_jour"] == "*" else (int(data["q_jour"]) - 1) % 7,
            "enfant": None if data["q_enfant"] == "*" else int(data["q_enfant"]),
        }


def jour_du_bouton(data: QueryDict, nom: str) -> date | None:
    """The Monday that a button names (`idem=2026-12-07`), None when it names none."""
    try:
        return date.fromisoformat(data.get(nom, ""))
    except ValueError:
        return None


class FiltreForm(forms.Form):
    """The filters of a page's address. A value that means nothing filters nothing."""

    enfant = forms.IntegerField(required=False, min_value=1, max_value=2**62)
    avant = forms.IntegerField(required=False, min_value=1, max_value=2**62)

    def choisi(self, noms: Container[int]) -> int | None:
        """The child asked for, if it is one of these."""
        self.is_valid()
        pk = self.cleaned_data.get("enfant")
        return pk if pk in noms else None

    def reference(self) -> int | None:
        """The reference before which the history is asked for."""
        self.is_valid()
        return self.cleaned_data.get("avant")
