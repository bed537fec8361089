"""What a sheet sends: taps one by one, or the whole form without script. Nothing but ids and ticks is believed."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import Any
from uuid import uuid4

from django import forms
from django.http import QueryDict

from enfance.equipe.appel import ANNULE, CASES, PARTI, PRESENT
from enfance.equipe.encadrement import ADULTES_MAX
from enfance.equipe.feuille import Saisie
from enfance.equipe.heures import CHAMPS, HeuresEcrites, lire_heure
from enfance.equipe.pointages import AdultesRecus, GesteRecu
from enfance.equipe.remises import QuiVient, RemiseRecue
from enfance.models import RemiseEnfant
from enfance.regles import cles
from portail.signes import validate_ligne

PREMIER_INSTANT, DERNIER_INSTANT = datetime(1970, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
GESTES_MAX = 500
LECTURES_MAX = 200
HEURE_MAX = 20  # signs of an hour that are read
ADULTES, REMISE = "adultes", "remise"  # what a tap is on, that is on no box


class HorlogeField(forms.DateTimeField):
    """What a clock says, however wrong: between years with which one can still reckon."""

    def clean(self, value: Any) -> datetime | None:
        """The instant that the phone's clock says, brought between the years 1970 and 2100; ValidationError for what is
        no instant.
        """
        instant: datetime | None = super().clean(value)
        return instant and min(max(instant, PREMIER_INSTANT), DERNIER_INSTANT)


class GesteForm(forms.Form):
    """One tap: its number, the child, which box, ticked or not, when by the phone's clock."""

    id = forms.UUIDField()
    enfant = forms.IntegerField(min_value=1, max_value=cles.PK_MAX)
    quoi = forms.ChoiceField(choices=[(case, "") for case in CASES])
    coche = forms.TypedChoiceField(choices=[("0", ""), ("1", "")], coerce=lambda value: value == "1")
    a = HorlogeField()

    @property
    def geste(self) -> GesteRecu:
        """The tap of this valid form, on a box of a child."""
        lu = self.cleaned_data
        return GesteRecu(lu["id"], lu["enfant"], lu["quoi"], lu["coche"], lu["a"])


class AdultesForm(forms.Form):
    """One tap on the number of adults, which comes as the tick of a box would, without a child."""

    id = forms.UUIDField()
    coche = forms.IntegerField(min_value=0, max_value=ADULTES_MAX)
    a = HorlogeField()

    @property
    def recu(self) -> AdultesRecus:
        """The number of adults that this valid form says."""
        lu = self.cleaned_data
        return AdultesRecus(lu["id"], lu["coche"], lu["a"])


class AnnuleForm(forms.Form):
    """One tap that undoes another, whose number comes as the tick of a box would."""

    id = forms.UUIDField()
    enfant = forms.IntegerField(min_value=1, max_value=cles.PK_MAX)
    coche = forms.UUIDField()
    a = HorlogeField()

    @property
    def geste(self) -> GesteRecu:
        """The tap of this valid form, which undoes another one (`cible`)."""
        lu = self.cleaned_data
        return GesteRecu(lu["id"], lu["enfant"], ANNULE, coche=True, fait_le=lu["a"], cible=lu["coche"])


class QuiVientField(forms.CharField):
    """« interdite:34:appel:12 »: who came for a child, and what followed."""

    def clean(self, value: Any) -> QuiVient:
        """Who came for a child and what followed, read from the text; ValidationError for a choice that does
        not exist.
        """
        try:
            return QuiVient.parse(super().clean(value))
        except ValueError:
            raise forms.ValidationError("Ce choix n’existe pas.") from None


class RemiseForm(forms.Form):
    """One tap on who came for a child, which comes as the tick of a box would."""

    id = forms.UUIDField()
    enfant = forms.IntegerField(min_value=1, max_value=cles.PK_MAX)
    coche = QuiVientField(max_length=60)
    a = HorlogeField()

    @property
    def recue(self) -> RemiseRecue:
        """The tap of this valid form, that says who came for a child."""
        lu = self.cleaned_data
        return RemiseRecue(lu["id"], lu["enfant"], lu["coche"], lu["a"])


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
    """Taps of a phone, and when it sent them, both by its own clock."""

    gestes: list[GesteRecu]
    adultes: list[AdultesRecus]
    remises: list[RemiseRecue]
    envoye: datetime | None


FORMS = {ADULTES: AdultesForm, ANNULE: AnnuleForm, REMISE: RemiseForm}


def parse_envoi(data: QueryDict) -> EnvoiGestes | None:
    """What a phone sends: its taps of all kinds, each field repeated in the same order, and when it sent them; None
    when one of them is not valid, or when there is none.
    """
    envoi, rows = EnvoiForm(data), read_rows(data, GesteForm)
    lus = [FORMS.get(row["quoi"], GesteForm)(row) for row in rows]
    if not rows or not all(form.is_valid() for form in [envoi, *lus]):
        return None
    return EnvoiGestes(
        [form.geste for form in lus if isinstance(form, GesteForm | AnnuleForm)],
        [form.recu for form in lus if isinstance(form, AdultesForm)],
        [form.recue for form in lus if isinstance(form, RemiseForm)],
        envoi.cleaned_data["envoye"],
    )


def read_rows(data: QueryDict, form_class: type[forms.Form], *, at_most: int = GESTES_MAX) -> list[dict[str, str]]:
    """The rows that a device sends at once, each field of `form_class` repeated once a row in the same order; empty
    when the fields do not match, or for more than `at_most` rows.
    """
    names = list(form_class.base_fields)
    columns = [data.getlist(name) for name in names]
    if len({len(column) for column in columns}) > 1 or not 1 <= len(columns[0]) <= at_most:
        return []
    return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]


class EnfantsCochesField(forms.Field):
    """Keys of children, as a repeated field."""

    widget = forms.MultipleHiddenInput

    def clean(self, value: Any) -> frozenset[int]:
        """The children (primary keys) whose box is ticked; ValidationError for a value that is no key."""
        return frozenset(pk for (pk,) in _keys(value or [], cles.pk))


class EnfantsNommesField(forms.CharField):
    """« 12 15 »: the children whom the question before closing named, as still there."""

    def clean(self, value: Any) -> frozenset[int]:
        """The children (primary keys) whom the question before closing named as still there; ValidationError for a
        value that is no key.
        """
        return frozenset(pk for (pk,) in _keys(super().clean(value).split(), cles.pk))


class BeforeField(forms.CharField):
    """« 12:present 12:parti »: what was ticked as the page was shown."""

    def clean(self, value: Any) -> frozenset[tuple[int, str]]:
        """The boxes, child and « present » or « parti », that were ticked as the page was shown; ValidationError for a
        box that does not exist.
        """
        boxes = frozenset(_keys(super().clean(value).split(), cles.pk, cles.code))
        if any(quoi not in CASES for _, quoi in boxes):
            raise forms.ValidationError("Une case envoyée n’existe pas.")
        return boxes


class HoursField(forms.CharField):
    """« 12:present:1631 12:parti:1750 »: the hours that the page showed."""

    def clean(self, value: Any) -> dict[tuple[int, str], time]:
        """The hours that the page showed, by child and « present » or « parti »; ValidationError for one that is no
        hour.
        """
        keys = _keys(super().clean(value).split(), cles.pk, cles.code, cles.code)
        hours = {(enfant, quoi): heure for enfant, quoi, texte in keys if (heure := lire_heure(texte)) is not None}
        if len(hours) < len(keys) or any(quoi not in CASES for _, quoi in hours):
            raise forms.ValidationError("Une heure envoyée n’existe pas.")
        return hours


# « Arrivée oubliée ? »: what each answer ticks and unticks, in order.
REPONSES: Mapping[str, list[tuple[str, bool]]] = {
    "ici": [(PARTI, False), (PRESENT, True)],
    "reparti": [(PRESENT, True)],
    "absent": [(PARTI, False)],
}


class ReponseField(forms.CharField):
    """« 12:ici »: a child, and what was meant of its departure."""

    def clean(self, value: Any) -> tuple[int, list[tuple[str, bool]]] | None:
        """The answer to « Arrivée oubliée ? »: the child (primary key), and its boxes to tick or untick in order; None
        without an answer. ValidationError for an answer that does not exist.
        """
        texte = super().clean(value)
        if not texte:
            return None
        [(enfant, reponse)] = _keys([texte], cles.pk, cles.code)
        if reponse not in REPONSES:
            raise forms.ValidationError("Cette réponse n’existe pas.")
        return enfant, REPONSES[reponse]


class RemiseEnfantField(forms.CharField):
    """« 12:parent::remis:7 »: a child, and who came for it."""

    def clean(self, value: Any) -> tuple[int, QuiVient] | None:
        """The child (primary key), and who came for it; None when the field is empty. ValidationError for a choice that
        does not exist.
        """
        texte = super().clean(value)
        if not texte:
            return None
        enfant, _, qui = texte.partition(":")
        try:
            return cles.pk(enfant), QuiVient.parse(qui)
        except ValueError:
            raise forms.ValidationError("Ce choix n’existe pas.") from None


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
    reponse = ReponseField(required=False)
    remise = RemiseEnfantField(required=False)
    noter = forms.CharField(required=False)
    venu = forms.CharField(required=False)
    suite = forms.CharField(required=False)

    def clean(self) -> dict[str, Any]:
        """Make the field `remise` of three others when somebody unexpected came: the child that the button names
        (`noter`), who it was (`venu`) and what followed (`suite`).
        """
        lues = self.cleaned_data
        if lues.get("noter") and lues.get("venu"):
            lues["remise"] = RemiseEnfantField().clean(":".join(lues[nom] for nom in ("noter", "venu", "suite")))
        return lues

    @property
    def saisie(self) -> Saisie:
        """The boxes whose tick differs from what the page showed, with their new tick, arrivals before departures."""
        avant = self.cleaned_data["avant"]
        coches = {(enfant, quoi) for quoi in CASES for enfant in self.cleaned_data[quoi]}
        boxes = sorted(avant ^ coches, key=lambda box: (box[1] == PARTI, box[0]))
        return {box: box in coches for box in boxes}

    @property
    def ecrites(self) -> HeuresEcrites:
        """The boxes of the sheet with the hours that are written beside them, before and now."""
        coches = {(enfant, quoi) for quoi in CASES for enfant in self.cleaned_data[quoi]}
        return HeuresEcrites.read(self.cleaned_data["avant"], coches, self.cleaned_data["heures"], self._textes)

    @property
    def _textes(self) -> dict[tuple[int, str], str]:
        """What the fields of hours hold; one that the page did not show is none."""
        textes: dict[tuple[int, str], str] = {}
        for quoi, champ in CHAMPS.items():
            for nom, texte in self.data.items():
                debut, _, cle = nom.partition("-")
                if debut == champ and (lue := cles.parse_key(cle, cles.pk)):
                    textes[lue[0], quoi] = texte[:HEURE_MAX]
        return textes

    def adultes_recus(self, now: datetime) -> list[AdultesRecus]:
        """The number of adults that the pressed button says, as said at `now`; empty when another button was
        pressed.
        """
        nombre = self.cleaned_data["adultes"]
        return [] if nombre is None else [AdultesRecus(uuid4(), nombre, now)]

    def remises(self, now: datetime) -> list[RemiseRecue]:
        """Who came for a child, as the pressed button says it, at `now`; empty when another button was pressed."""
        if self.cleaned_data["remise"] is None:
            return []
        enfant, qui = self.cleaned_data["remise"]
        return [RemiseRecue(uuid4(), enfant, qui, now)]

    @property
    def noter_seul(self) -> str:
        """The primary key, as text, of the child for whom somebody is to be noted as come, when the form does not say
        who; else empty.
        """
        return "" if self.cleaned_data["venu"] else self.cleaned_data["noter"]

    def suite_of(self, gestes: Collection[GesteRecu]) -> dict[str, str]:
        """What the page must ask after these taps, and of which child: `personne` (who came), or `remis` (to whom the
        one child who just left is handed). Empty when it asks nothing.
        """
        partis = {geste.enfant for geste in gestes if geste.quoi == PARTI and geste.coche and geste.heure is None}
        if self.noter_seul:
            return {"personne": self.noter_seul}
        return {"remis": str(*partis)} if len(partis) == 1 and self.cleaned_data["remise"] is None else {}

    @property
    def partis_decoches(self) -> set[int]:
        """The children (primary keys) who have left and whose « Présent » alone is unticked: the team must say whether
        they are still there or never came.
        """
        partis = {enfant for enfant, quoi in self.cleaned_data["avant"] if quoi == PARTI} & self.cleaned_data[PARTI]
        return {enfant for enfant in partis if self.saisie.get((enfant, PRESENT)) is False}

    def gestes(self, now: datetime) -> list[GesteRecu]:
        """The changes of this form, as taps made at `now`. Children who have left and whose « Présent » alone is
        unticked are left out, as they must be asked about. Also the boxes of the answer to « Arrivée oubliée ? », and
        the departure of a child handed over after a call.
        """
        saisie = {case: coche for case, coche in self.saisie.items() if case[0] not in self.partis_decoches}
        if reponse := self.cleaned_data["reponse"]:
            enfant, cases = reponse
            saisie |= {(enfant, quoi): coche for quoi, coche in cases}
        for remise in self.remises(now):
            if remise.qui.suite == RemiseEnfant.Suite.APPEL:
                saisie[remise.enfant, PARTI] = True
        return [GesteRecu(uuid4(), enfant, quoi, coche, now) for (enfant, quoi), coche in saisie.items()]


class RechercheEnfantForm(forms.Form):
    """A part of the name of a child."""

    nom = forms.CharField(
        label="Nom ou prénom",
        max_length=100,
        widget=forms.TextInput({"class": "saisie", "autocomplete": "off", "type": "search"}),
    )
