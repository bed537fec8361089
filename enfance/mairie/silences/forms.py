"""The form of a silence: from when to when the portal did not answer, in the hours of Paris."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django import forms

from enfance.equipe.heures import lire_heure
from enfance.mairie.champs import JOUR_ATTRS
from enfance.models import Indisponibilite
from enfance.silences import Silence
from portail.dates import PARIS, instant
from portail.formulaires import WholeForm, is_key

HEURE_ATTRS = {"class": "saisie", "autocomplete": "off"}
TOLERANCE = timedelta(minutes=1)  # a silence is said in whole minutes, and its last one may not be over


class HeureField(forms.CharField):
    """An hour as people type it: « 11 h 20 », « 11:20 », « 1120 »."""

    def __init__(self, *, label: str) -> None:
        super().__init__(label=label, max_length=10, widget=forms.TextInput(HEURE_ATTRS))

    def clean(self, value: Any) -> Any:
        """This hour; refused when it is none."""
        heure = lire_heure(super().clean(value))
        if heure is None:
            raise forms.ValidationError("Une heure s’écrit «\u00a011 h 20\u00a0».", code="invalid")
        return heure


class SilenceForm(WholeForm):
    """The day, from when to when, the day when it ended if it was another one; what the portal proposed, if it did."""

    obligatoires = "obligatoires"
    jour = forms.DateField(label="Jour", widget=forms.DateInput(JOUR_ATTRS, "%Y-%m-%d"))
    de = HeureField(label="De")
    a = HeureField(label="À")
    fin = forms.DateField(
        label="Jour de la fin",
        required=False,
        widget=forms.DateInput(JOUR_ATTRS, "%Y-%m-%d"),
        help_text="Facultatif\u00a0: vide, c’est le même jour.",
    )
    proposition = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.now = now

    @classmethod
    def saying(cls, proposition: Indisponibilite) -> dict[str, str]:
        """What the form says of this proposition, as its fields are sent."""
        du, au = proposition.du.astimezone(PARIS), proposition.au.astimezone(PARIS)
        fin = "" if du.date() == au.date() else au.date().isoformat()
        return {
            "jour": du.date().isoformat(),
            "de": f"{du.hour} h {du.minute:02}",
            "a": f"{au.hour} h {au.minute:02}",
            "fin": fin,
            "proposition": str(proposition.pk),
        }

    @property
    def proposee(self) -> Indisponibilite | None:
        """What the portal proposed and this form is about, as long as it waits for an answer."""
        key = self.data.get("proposition", "")
        return Indisponibilite.objects.proposed().filter(pk=key).first() if is_key(key) else None

    def clean(self) -> dict[str, Any] | None:
        """Refuse a silence that ends before it begins, is not over, or is declared already."""
        saisi = super().clean() or self.cleaned_data
        if not self.errors:
            jour: date = saisi["jour"]
            self.silence = Silence(instant(jour, saisi["de"]), instant(saisi["fin"] or jour, saisi["a"]))
            if self.silence.duree <= timedelta(0):
                self.add_error("a", "La fin doit suivre le début. Si c’est le lendemain, dites le jour de la fin.")
            elif self.silence.au > self.now + TOLERANCE:
                self.add_error("a", "Un silence se déclare une fois fini\u00a0: cette heure n’est pas passée.")
            elif Indisponibilite.objects.standing().filter(du__lte=self.silence.du, au__gte=self.silence.au).exists():
                self.add_error("jour", "Ce silence est déjà déclaré.")
        return saisi
