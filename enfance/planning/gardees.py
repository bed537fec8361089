"""What a device kept of the boxes that a parent ticked, when no answer said that they were saved: what is left to do.

The device knows numbers alone; what became of each box, and the words for it, are found here, under today's rules.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django import forms

from enfance.inscriptions import decide
from enfance.models import Evenement, Inscription
from enfance.planning.apercu import cles_phrases
from enfance.planning.cases import noms_enfants
from enfance.planning.rangees_types import rangees_types
from enfance.planning.resultat import cle_phrase
from enfance.regles import Cle, Situation, cles
from enfance.semaine_modele import HORIZON, Box
from portail.dates import JOURS
from portail.francais import NBSP, et

Etat = Inscription.Etat
MAX = 3000
PASSEES = timedelta(days=31)  # a device keeps nothing for longer
VOULUS = {"r": Etat.INSCRIT, "attente": Etat.ATTENTE, "": Etat.ANNULEE}  # by the name that the box had when it left
VERBES = {Etat.INSCRIT: "à ajouter ", Etat.ATTENTE: "à mettre en liste d’attente ", Etat.ANNULEE: "à retirer "}


@dataclass(frozen=True, order=True)
class Gardee:
    """A box of a month or of a day that a device kept: the state wanted, and the sending that took it along, if any."""

    cle: Cle
    voulu: Etat
    preuve: str

    def __str__(self) -> str:
        return str(self.cle)


@dataclass(frozen=True, order=True)
class TypeGardee:
    """A box of the semaine type that a device kept; `coche`: ticked, or unticked."""

    enfant: int
    box: Box
    coche: bool
    preuve: str

    def __str__(self) -> str:
        jour, creneau = self.box
        return f"{self.enfant}:{jour + 1}:{creneau}"


class GardeesField(forms.Field):
    """Boxes with spaces between, each `box=name=sending`: `12:2026-12-08:soir=r=k3v9`. What is not one refuses all."""

    widget = forms.HiddenInput

    def clean(self, value: Any) -> list[Gardee | TypeGardee]:
        lues = [parse_gardee(texte) for texte in str(value or "").split()]
        if not lues or len(lues) > MAX or None in lues:
            raise forms.ValidationError("Ces cases ne sont pas de cette page.")
        return [lue for lue in lues if lue]


class GardeesForm(forms.Form):
    """What a device asks about."""

    gardees = GardeesField()


def parse_gardee(texte: str) -> Gardee | TypeGardee | None:
    """The box that is written so, None when it is none."""
    match = re.fullmatch(r"([^=]+)=(r|attente|t|)=([a-z0-9]{0,40})", texte)
    if match is None:
        return None
    nom, voulu, preuve = match.groups()
    if (cle := Cle.parse(nom)) and voulu in VOULUS:
        return Gardee(cle, VOULUS[voulu], preuve)
    key = cles.parse_key(nom, cles.pk, cles.jour_semaine, cles.code)
    return TypeGardee(key[0], (key[1], key[2]), voulu == "t", preuve) if key and voulu in {"t", ""} else None


def load_recues(gardees: Iterable[Gardee], user_id: int) -> set[tuple[Cle, str]]:
    """The boxes that were saved by the sending that took them along, whatever became of them since."""
    preuves = {gardee.preuve for gardee in gardees if gardee.preuve}
    if not preuves:
        return set()
    evenements = Evenement.objects.filter(
        enregistrement__auteur=user_id, enregistrement__preuve__in=preuves, rang_apres=None
    )
    lignes = evenements.order_by().values_list("enfant", "jour", "creneau__code", "enregistrement__preuve")
    return {(Cle(enfant, jour, creneau), preuve) for enfant, jour, creneau, preuve in lignes}


def bornes_of(gardees: Iterable[Gardee], today: date) -> tuple[date, date]:
    """The first and the last day of these boxes, of those that a page may have shown."""
    jours = [gardee.cle.jour for gardee in gardees if is_near(gardee, today)]
    return min(jours, default=today), max(jours, default=today)


def is_near(gardee: Gardee, today: date) -> bool:
    """Whether the box is of a day that a page may have shown."""
    return today - PASSEES <= gardee.cle.jour <= today + HORIZON


@dataclass(frozen=True)
class Reprise:
    """The boxes left: `faisables` may be saved now, `lignes` says them in words; `empechees` says why others may not.
    `cles` is all of them, as the device names them.
    """

    cles: Sequence[str]
    faisables: Sequence[Gardee]
    lignes: Sequence[str]
    empechees: Sequence[str]

    @property
    def nombre(self) -> int:
        return len(self.cles)

    def of(self, *voulus: str) -> str:
        """The boxes to save that are to be in one of these states, as a form sends them."""
        return " ".join(str(gardee) for gardee in self.faisables if gardee.voulu in voulus)

    @property
    def avant(self) -> str:
        return self.of(Etat.ANNULEE)

    @property
    def inscrits(self) -> str:
        return self.of(Etat.INSCRIT)

    @property
    def attentes(self) -> str:
        return self.of(Etat.ATTENTE)

    @property
    def mois(self) -> date:
        """The first day of the month where they begin."""
        return min(gardee.cle.jour for gardee in self.faisables).replace(day=1)


def build_reprise(situation: Situation, gardees: Iterable[Gardee], recues: Container[tuple[Cle, str]]) -> Reprise:
    """What is left of these boxes. One that was saved since, or that is as wanted, is not."""
    noms = noms_enfants(situation)
    restent, faisables, empechees = [], [], []
    for gardee in sorted(gardees):
        est_cochee = situation.etat(gardee.cle) != Etat.ANNULEE
        saved = (gardee.cle, gardee.preuve) in recues or est_cochee == (gardee.voulu != Etat.ANNULEE)
        if saved or not is_near(gardee, situation.today):
            continue
        restent.append(str(gardee))
        _, obstacles = decide(situation, gardee.cle, gardee.voulu)
        if obstacles:
            empechees.append(f"{cle_phrase(gardee.cle, situation, noms)}{NBSP}: {obstacles[0].message}")
        else:
            faisables.append(gardee)
    voulus = {gardee.cle: gardee.voulu for gardee in faisables}
    lignes = cles_phrases(situation, voulus, lambda _, cle: VERBES[voulus[cle]], noms=noms)
    return Reprise(restent, faisables, lignes, empechees)


@dataclass(frozen=True)
class RepriseType:
    """The boxes of the semaine type that are left, in words, and the whole pattern with them (`boxes`, as its form
    sends them). Empty `boxes`: none of them may be chosen any more.
    """

    cles: Sequence[str]
    lignes: Sequence[str]
    boxes: Sequence[str]

    @property
    def nombre(self) -> int:
        return len(self.cles)


def build_reprise_type(
    situation: Situation, gardees: Iterable[TypeGardee], suivies: Mapping[int, Collection[Box]], recus: Container[str]
) -> RepriseType:
    """What is left of these boxes beside the patterns that are kept (`suivies`, by child); `recus` are the sendings
    that filled the planning.
    """
    noms = noms_enfants(situation)
    boxes = {enfant: set(suivies.get(enfant, ())) for enfant in situation.enfants}
    codes = {enfant: {rangee.creneau.code for rangee in rangees_types(situation, enfant)} for enfant in boxes}
    restent: list[str] = []
    mots: dict[tuple[int, str, bool], list[int]] = {}
    for gardee in sorted(gardees):
        jour, creneau = gardee.box
        connue = creneau in codes.get(gardee.enfant, ())
        if not connue or gardee.preuve in recus or (gardee.box in boxes[gardee.enfant]) == gardee.coche:
            continue
        restent.append(str(gardee))
        mots.setdefault((gardee.enfant, creneau, gardee.coche), []).append(jour)
        (boxes[gardee.enfant].add if gardee.coche else boxes[gardee.enfant].discard)(gardee.box)
    lignes = [
        f"{noms[enfant]}, {situation.creneaux[creneau].nom_court}{NBSP}: {'à cocher' if coche else 'à décocher'} "
        f"{et([JOURS[jour] for jour in jours])}"
        for (enfant, creneau, coche), jours in mots.items()
    ]
    voulues = [TypeGardee(enfant, box, True, "") for enfant, siennes in boxes.items() for box in sorted(siennes)]
    return RepriseType(restent, lignes, [str(voulue) for voulue in voulues] if restent else [])
