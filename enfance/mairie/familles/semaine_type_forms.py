"""The form of a child's weekly pattern at the counter, and of its preview."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms

from enfance.calendrier import UN_JOUR
from enfance.planning.forms import SemaineTypeForm
from portail.dates import quantieme_annee
from portail.signes import validate_ligne


class SemaineGuichetForm(SemaineTypeForm):
    """A child's weekly pattern at the counter: from which day on, until when; what becomes of the days that a hand
    chose; on its preview, the list of the full moments, and what a reason passes over.

    A reason passes over a deadline or the number of places, of the moments that are named; a day at the other home and
    an ordered meal are changed on the planning, one by one.
    """

    PASSABLES = (("limite", "la date limite"), ("complet", "le nombre de places"))

    main = forms.ChoiceField(
        label="Les jours que la famille a choisis à la main",
        choices=[("garder", "Les garder"), ("remplacer", "Les remplacer aussi")],
        initial="garder",
        required=False,
    )
    passer = forms.MultipleChoiceField(choices=PASSABLES, required=False)
    motif = forms.CharField(
        label="Motif",
        required=False,
        max_length=200,
        validators=[validate_ligne],
        help_text="Gardé avec le changement, pour la mairie seule\u00a0: la famille ne le lit pas.",
        widget=forms.TextInput({"class": "saisie", "autocomplete": "off", "form": "confirmation"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["du"].label = "À partir du"
        self.fields["du"].widget.attrs["min"] = (self.today + UN_JOUR).isoformat()
        self.fields["au"].label = "Date de fin"

    def clean(self) -> dict[str, Any]:
        """Refuse also a first day that is missing or past the last one, and a rule passed over without a reason."""
        data = super().clean()
        du, fin = data.get("du"), self.choisie
        if fin and "du" not in self.errors:
            if du is None:
                self.add_error("du", "Indiquez la date de début.")
            elif du > fin.fin:
                self.add_error("du", f"La date de début doit être avant le {quantieme_annee(fin.fin)}.")
        if data.get("passer") and not data.get("motif") and "motif" not in self.errors:
            self.add_error("motif", "Pour passer outre, écrivez pourquoi, puis enregistrez de nouveau.")
        return data

    @property
    def attente(self) -> bool:
        """Whether full moments join the waiting list: yes, unless the preview (which sends `vu`) was told otherwise."""
        return "vu" not in self.data or bool(self.cleaned_data["avec_attente"])

    @property
    def passes(self) -> frozenset[str]:
        """The rules that the reason passes over; none without a reason."""
        return frozenset(self.cleaned_data["passer"] if self.cleaned_data.get("motif") else ())

    @property
    def vides(self) -> frozenset[int]:
        """All the children of the form: its preview says what an empty week removes."""
        return frozenset(self.enfants)

    @property
    def repris(self) -> frozenset[tuple[int, bool]]:
        """Of the child, what a hand added and removed, where it is to be replaced."""
        signes = (True, False) if self.cleaned_data["main"] == "remplacer" else ()
        return frozenset((pk, ajoute) for pk in self.enfants for ajoute in signes)

    @property
    def periode(self) -> tuple[date, date]:
        """The first and the last day of the pattern, both included; today is changed on the planning."""
        du, au = self.cleaned_data["du"], self.cleaned_data["au"]
        fin = self.choisie
        return max(du, self.today + UN_JOUR, *([fin.debut] if fin else [])), fin.fin if fin else au
