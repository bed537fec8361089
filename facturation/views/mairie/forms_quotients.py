"""Forms of the secretary for quotients: a line a payer, and from which month all of them count."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django import forms

from facturation.models import Quotient
from facturation.quotients.ecriture import SaisieQuotient, mois_a_venir, mois_passes, premier_phrase
from facturation.quotients.saisie import SOURCES, QuotientField
from portail.formulaires import WholeForm
from portail.signes import validate_ligne

ANCIENNE = timedelta(days=731)  # an attestation seen before that is a slip of the pen


class LigneQuotientForm(WholeForm):
    """What an attestation says of one payer. A line whose quotient is empty asks for nothing."""

    qf = QuotientField(required=False)
    vu = forms.DateField(
        label="Attestation vue le",
        required=False,
        input_formats=["%Y-%m-%d", "%d/%m/%Y"],
        widget=forms.DateInput({"class": "saisie saisie--date", "type": "date"}, "%Y-%m-%d"),
    )
    src = forms.ChoiceField(label="Source", choices=SOURCES, widget=forms.Select({"class": "saisie saisie--src"}))

    def __init__(self, *args: Any, nom: str, today: date, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {"vu": today, "src": Quotient.Source.CAF})
        super().__init__(*args, **kwargs)
        self.today = today
        for champ in self.fields.values():
            champ.widget.attrs["aria-label"] = f"{champ.label}, {nom}"

    def clean(self) -> dict[str, Any] | None:
        """When a quotient is typed, the day when its attestation was seen is asked for, and must be today or within the
        last two years.
        """
        cleaned = super().clean()
        vu, qf = self.cleaned_data.get("vu"), self.cleaned_data.get("qf")
        if qf is not None and "vu" not in self.errors:
            if vu is None:
                self.add_error("vu", "Dites quel jour vous avez vu l’attestation.")
            elif not self.today - ANCIENNE <= vu <= self.today:
                self.add_error("vu", "Une attestation se voit aujourd’hui, ou un jour passé depuis moins de deux ans.")
        return cleaned

    def saisie(self, foyer: int, debut: date | None, motif: str) -> SaisieQuotient | None:
        """What this valid line asks to write as the quotient of this foyer (primary key), from the month `debut` and
        with this reason; None when no quotient was typed.
        """
        if self.cleaned_data["qf"] is None:
            return None
        cleaned = self.cleaned_data
        return SaisieQuotient(foyer, cleaned["qf"], cleaned["src"], cleaned["vu"], debut, motif)


class DepuisForm(WholeForm):
    """From which month: the first one that counts, a later one, or one gone by, with a reason that the family reads."""

    depuis = forms.ChoiceField(label="À partir du", required=False, widget=forms.Select({"class": "saisie"}))
    raison = forms.CharField(
        label="Raison, lue par la famille",
        required=False,
        max_length=200,
        validators=[validate_ligne],
        widget=forms.TextInput({"class": "saisie", "autocomplete": "off"}),
    )

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        premier, *suite = mois_a_venir(today)
        self.passes = {mois.isoformat(): mois for mois in mois_passes(today)}
        self.suite = {mois.isoformat(): mois for mois in suite}
        self.fields["depuis"].choices = [  # type: ignore[attr-defined]
            ("", premier_phrase(premier)),
            ("Plus tard", [(code, premier_phrase(mois)) for code, mois in self.suite.items()]),
            ("Un mois passé, avec une raison", [(code, premier_phrase(mois)) for code, mois in self.passes.items()]),
        ]

    def clean(self) -> dict[str, Any] | None:
        """A month gone by needs a reason, and a reason needs a month gone by."""
        cleaned = super().clean()
        depuis, raison = self.cleaned_data.get("depuis", ""), self.cleaned_data.get("raison", "")
        if depuis in self.passes and not raison and "raison" not in self.errors:
            self.add_error("raison", "Un mois passé se compte avec une raison.")
        elif raison and depuis not in self.passes:
            self.add_error("depuis", "Choisissez le mois passé dont vous dites la raison, ou effacez-la.")
        return cleaned

    @property
    def debut(self) -> date | None:
        """The first day of the month that this valid form chose; None for the first month that counts."""
        return {**self.passes, **self.suite}.get(self.cleaned_data["depuis"])

    @property
    def motif(self) -> str:
        """Why the quotients count from a month gone by, as typed; empty otherwise."""
        return str(self.cleaned_data["raison"])
