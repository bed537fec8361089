"""What a sheet sends: taps one by one, or the whole form without script. Nothing but ids and ticks is believed."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import Any
from uuid import uuid4

from django import forms
from django.http import QueryDict

from enfance.equipe.encadrement import ADULTES_MAX
from enfance.equipe.feuille import Saisie
from enfance.equipe.heures import CHAMPS, HeuresEcrites, lire_heure
from enfance.equipe.pointages import AdultesRecus, GesteRecu
from enfance.models import Geste
from enfance.regles import cles
from portail.signes import validate_ligne

PREMIER_INSTANT, DERNIER_INSTANT = datetime(1970, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
GESTES_MAX = 500
HEURE_MAX = 20  # signs of an hour that are read
ADULTES = "adultes"  # what a tap of no child is on


class HorlogeField(forms.DateTimeField):
    """What a clock says, however wrong: between years with which one can still reckon."""

    def clean(self, value: Any) -> datetime | None:
        instant = super().clean(value)
        return instant and min(max(instant, PREMIER_INSTANT), DERNIER_INSTANT)


class GesteForm(forms.Form):
    """One tap: its number, the child, which box, ticked or not, when by the phone's clock."""

    id = forms.UUIDField()
    enfant = forms.IntegerField(min_value=1, max_value=cles.PK_MAX)
    quoi = forms.ChoiceField(choices=Geste.Quoi)
    coche = forms.TypedChoiceField(choices=[("0", ""), ("1", "")], coerce=lambda value: value == "1")
    a = HorlogeField()

    @property
    def geste(self) -> GesteRecu:
        lu = self.cleaned_data
        return GesteRecu(lu["id"], lu["enfant"], lu["quoi"], lu["coche"], lu["a"])


class AdultesForm(forms.Form):
    """One tap on the number of adults, which comes as the tick of a box would, without a child."""

    id = forms.UUIDField()
    coche = forms.IntegerField(min_value=0, max_value=ADULTES_MAX)
    a = HorlogeField()

    @property
    def recu(self) -> AdultesRecus:
        lu = self.cleaned_data
        return AdultesRecus(lu["id"], lu["coche"], lu["a"])


class LectureForm(forms.Form):
    """A card opened without network: its number, the child, what was read of it, when by the phone's clock."""

    id = forms.UUIDField()
    enfant = forms.IntegerField(min_value=1, max_value=cles.PK_MAX)
    quoi = forms.ChoiceField(choices=[("fiche", ""), ("consigne", "")])
    a = HorlogeField()


class EnvoiForm(forms.Form):
    """What is said once for all its taps: when they left, by the phone's clock."""

    envoye = HorlogeField(required=False)


@dataclass(frozen=True)
class EnvoiGestes:
    gestes: list[GesteRecu]
    adultes: list[AdultesRecus]
    envoye: datetime | None


def parse_envoi(data: QueryDict) -> EnvoiGestes | None:
    """One tap or several; None when it is not that."""
    envoi, rows = EnvoiForm(data), read_rows(data, GesteForm)
    taps = [GesteForm(row) for row in rows if row["quoi"] != ADULTES]
    adultes = [AdultesForm(row) for row in rows if row["quoi"] == ADULTES]
    if not rows or not all(form.is_valid() for form in [envoi, *taps, *adultes]):
        return None
    return EnvoiGestes([form.geste for form in taps], [form.recu for form in adultes], envoi.cleaned_data["envoye"])


def read_rows(data: QueryDict, form_class: type[forms.Form]) -> list[dict[str, str]]:
    """What a device sends by the dozen: each field of the form once a row, in the same order; none when it is not
    that.
    """
    names = list(form_class.base_fields)
    columns = [data.getlist(name) for name in names]
    if len({len(column) for column in columns}) > 1 or not 1 <= len(columns[0]) <= GESTES_MAX:
        return []
    return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]


class EnfantsCochesField(forms.Field):
    """Keys of children, as a repeated field."""

    widget = forms.MultipleHiddenInput

    def clean(self, value: Any) -> frozenset[int]:
        return frozenset(pk for (pk,) in _keys(value or [], cles.pk))


class EnfantsNommesField(forms.CharField):
    """« 12 15 »: the children whom the question before closing named, as still there."""

    def clean(self, value: Any) -> frozenset[int]:
        return frozenset(pk for (pk,) in _keys(super().clean(value).split(), cles.pk))


class BeforeField(forms.CharField):
    """« 12:present 12:parti »: what was ticked as the page was shown."""

    def clean(self, value: Any) -> frozenset[tuple[int, str]]:
        boxes = frozenset(_keys(super().clean(value).split(), cles.pk, cles.code))
        if any(quoi not in Geste.Quoi.values for _, quoi in boxes):
            raise forms.ValidationError("Une case envoyée n’existe pas.")
        return boxes


class HoursField(forms.CharField):
    """« 12:present:1631 12:parti:1750 »: the hours that the page showed."""

    def clean(self, value: Any) -> dict[tuple[int, str], time]:
        keys = _keys(super().clean(value).split(), cles.pk, cles.code, cles.code)
        hours = {(enfant, quoi): heure for enfant, quoi, texte in keys if (heure := lire_heure(texte)) is not None}
        if len(hours) < len(keys) or any(quoi not in Geste.Quoi.values for _, quoi in hours):
            raise forms.ValidationError("Une heure envoyée n’existe pas.")
        return hours


def _keys(texts: Iterable[str], *parts: Callable[[str], Any]) -> list[tuple[Any, ...]]:
    """These keys of boxes, read by `parts`; one that is not a key refuses the whole."""
    keys = [cles.parse_key(text, *parts) for text in texts]
    if None in keys:
        raise forms.ValidationError("Une case envoyée n’existe pas.")
    return [key for key in keys if key]


class AppelForm(forms.Form):
    """The whole sheet. Only the difference with what was displayed counts: what another phone ticked since stands."""

    avant = BeforeField(required=False)
    heures = HoursField(required=False)
    encore = EnfantsNommesField(required=False)
    present = EnfantsCochesField(required=False)
    parti = EnfantsCochesField(required=False)
    adultes = forms.IntegerField(min_value=0, max_value=ADULTES_MAX, required=False)
    justes = forms.CharField(required=False)  # the hours far from the créneau that somebody says to be right
    motif = forms.CharField(max_length=200, required=False, validators=[validate_ligne])

    @property
    def saisie(self) -> Saisie:
        """The boxes that were changed, arrivals before departures."""
        avant = self.cleaned_data["avant"]
        coches = {(enfant, quoi) for quoi in Geste.Quoi.values for enfant in self.cleaned_data[quoi]}
        boxes = sorted(avant ^ coches, key=lambda box: (box[1] == Geste.Quoi.PARTI, box[0]))
        return {box: box in coches for box in boxes}

    @property
    def ecrites(self) -> HeuresEcrites:
        """The boxes with the hours that are written beside them."""
        coches = {(enfant, quoi) for quoi in Geste.Quoi.values for enfant in self.cleaned_data[quoi]}
        return HeuresEcrites.read(self.cleaned_data["avant"], coches, self.cleaned_data["heures"], self._textes)

    @property
    def _textes(self) -> dict[tuple[int, str], str]:
        """What the fields of hours hold; one that the page did not show is none."""
        textes = {}
        for quoi, champ in CHAMPS.items():
            for nom, texte in self.data.items():
                debut, _, cle = nom.partition("-")
                if debut == champ and (lue := cles.parse_key(cle, cles.pk)):
                    textes[lue[0], quoi] = texte[:HEURE_MAX]
        return textes

    def adultes_recus(self, now: datetime) -> list[AdultesRecus]:
        """The adults that a button counts, as said now; none when it was another one."""
        nombre = self.cleaned_data["adultes"]
        return [] if nombre is None else [AdultesRecus(uuid4(), nombre, now)]

    def gestes(self, now: datetime) -> list[GesteRecu]:
        """As taps made now."""
        return [GesteRecu(uuid4(), enfant, quoi, coche, now) for (enfant, quoi), coche in self.saisie.items()]


class RechercheEnfantForm(forms.Form):
    """A part of the name of a child."""

    nom = forms.CharField(
        label="Nom ou prénom",
        max_length=100,
        widget=forms.TextInput({"class": "saisie", "autocomplete": "off", "type": "search"}),
    )
