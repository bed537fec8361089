"""What a device kept of the boxes that a parent ticked, when no answer said that they were saved: what is left to do.

The device knows numbers alone; what became of each box, and the words for it, are found here, under today's rules.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from typing import Any

from django import forms

from enfance.inscriptions import decide
from enfance.models import EtatInscription, Evenement, Inscription
from enfance.planning.apercu import cles_phrases
from enfance.planning.cases import noms_enfants
from enfance.planning.rangees_types import rangees_types
from enfance.planning.resultat import cle_phrase, faite_phrase, is_done
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
    voulu: EtatInscription
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
        """The kept boxes sent; ValidationError when there is none, when one is malformed, or for more than 3000."""
        lues = [parse_gardee(texte) for texte in str(value or "").split()]
        if not lues or len(lues) > MAX or None in lues:
            raise forms.ValidationError("Ces cases ne sont pas de cette page.")
        return [lue for lue in lues if lue]


class GardeesForm(forms.Form):
    """What a device asks about; `montrees`, which of them a grid in view shows, with spaces between: absent without
    such a grid.
    """

    gardees = GardeesField()
    montrees = forms.CharField(required=False, widget=forms.HiddenInput)


def parse_gardee(texte: str) -> Gardee | TypeGardee | None:
    """The kept box written as `box=state=sending` (`12:2026-12-08:soir=r=k3v9`), of a month or of a weekly pattern;
    None when the text is malformed.
    """
    match = re.fullmatch(r"([^=]+)=(r|attente|t|)=([a-z0-9]{0,40})", texte)
    if match is None:
        return None
    nom, voulu, preuve = match.groups()
    if (cle := Cle.parse(nom)) and voulu in VOULUS:
        return Gardee(cle, VOULUS[voulu], preuve)
    key = cles.parse_key(nom, cles.pk, cles.jour_semaine, cles.code)
    return TypeGardee(key[0], (key[1], key[2]), voulu == "t", preuve) if key and voulu in {"t", ""} else None


def load_recues(gardees: Iterable[Gardee], user_id: int) -> set[tuple[Cle, str]]:
    """Of these kept boxes, those that the server did save with the sending that carried them (pairs of box and
    sending), whatever became of them since. `user_id`: the account that sent them.
    """
    preuves = {gardee.preuve for gardee in gardees if gardee.preuve}
    if not preuves:
        return set()
    evenements = Evenement.objects.filter(
        enregistrement__auteur=user_id, enregistrement__preuve__in=preuves, rang_apres=None
    )
    lignes = evenements.order_by().values_list("enfant", "jour", "creneau__code", "enregistrement__preuve")
    return {(Cle(enfant, jour, creneau), preuve) for enfant, jour, creneau, preuve in lignes}


def bornes_of(gardees: Iterable[Gardee], today: date) -> tuple[date, date]:
    """The first and the last day of these kept boxes, only those that a page may have shown; `today` twice
    without any.
    """
    jours = [gardee.cle.jour for gardee in gardees if is_near(gardee, today)]
    return min(jours, default=today), max(jours, default=today)


def is_near(gardee: Gardee, today: date) -> bool:
    """Whether this kept box is of a day that a page may have shown: at most 31 days ago, and within the horizon of the
    planning.
    """
    return today - PASSEES <= gardee.cle.jour <= today + HORIZON


@dataclass(frozen=True)
class MoisAilleurs:
    """The boxes of a month that the page in view does not show: `mois`, its first day, and each in words."""

    mois: date
    lignes: Sequence[str]


@dataclass(frozen=True)
class Reprise:
    """What is left of the boxes. `cles` is all of them, as the device names them: those to put back in the grid in view
    (`ici`, in words `mots`), those of other pages (`ailleurs`, in words `suites`), those of which `empechees` says why
    they are possible no more. `faites` says those that somebody saved meanwhile: nothing is left of them.
    """

    cles: Sequence[str] = ()
    ici: Sequence[str] = ()
    mots: Sequence[str] = ()
    ailleurs: Sequence[str] = ()
    suites: Sequence[MoisAilleurs] = ()
    empechees: Sequence[str] = ()
    faites: Sequence[str] = ()


def build_reprise(
    situation: Situation, gardees: Iterable[Gardee], recues: Container[tuple[Cle, str]], montrees: Container[str] = ()
) -> Reprise:
    """What is still to do of the boxes that a device kept: those to tick again in the grid in view (`montrees`), those
    of other pages, those that are no longer possible.

    A box that was saved with its sending (`recues`) or that no page may show now is left out; one that already is as
    wanted is only told in `faites`.
    """
    noms = noms_enfants(situation)
    cles, faites, empechees = [], [], []
    voulus: dict[Cle, str] = {}
    for gardee in sorted(gardees):
        cle = gardee.cle
        if (cle, gardee.preuve) in recues or not is_near(gardee, situation.today):
            continue
        if is_done(situation, cle, gardee.voulu):
            faites.append(faite_phrase(situation, cle, noms))
            continue
        cles.append(str(gardee))
        etat, obstacles = decide(situation, cle, gardee.voulu)
        if obstacles:
            empechees.append(f"{cle_phrase(cle, situation, noms)}{NBSP}: {obstacles[0].message}")
        else:
            voulus[cle] = etat
    ici = [cle for cle in voulus if str(cle) in montrees]
    ailleurs = [cle for cle in voulus if str(cle) not in montrees]

    def phrases(siennes: Collection[Cle]) -> list[str]:
        return cles_phrases(situation, siennes, lambda _, cle: VERBES[Etat(voulus[cle])], noms=noms)

    par_mois = groupby(sorted(ailleurs, key=lambda cle: cle.jour), key=lambda cle: cle.jour.replace(day=1))
    suites = [MoisAilleurs(mois, phrases(list(siennes))) for mois, siennes in par_mois]
    return Reprise(
        cles, [str(cle) for cle in ici], phrases(ici), [str(cle) for cle in ailleurs], suites, empechees, faites
    )


@dataclass(frozen=True)
class RepriseType:
    """What is left of the boxes of the semaine type: those to put back in its page, which is in view (`ici`, in words
    `mots`), and the others (`ailleurs`, in words `lignes`).
    """

    cles: Sequence[str] = ()
    ici: Sequence[str] = ()
    mots: Sequence[str] = ()
    ailleurs: Sequence[str] = ()
    lignes: Sequence[str] = ()


def build_reprise_type(
    situation: Situation,
    gardees: Iterable[TypeGardee],
    suivies: Mapping[int, Collection[Box]],
    recus: Container[str],
    montrees: Container[str] = (),
) -> RepriseType:
    """What is still to do of the boxes of weekly patterns that a device kept: those of the page in view (`montrees`),
    and the others.

    A box that the kept pattern (`suivies`, by child) already has as wanted is left out, and so is one that the child's
    week does not have, or whose sending has filled the planning (`recus`).
    """
    noms = noms_enfants(situation)
    codes = {
        enfant: {rangee.creneau.code for rangee in rangees_types(situation, enfant)} for enfant in situation.enfants
    }
    restent = [
        gardee
        for gardee in sorted(gardees)
        if gardee.box[1] in codes.get(gardee.enfant, ())
        and gardee.preuve not in recus
        and (gardee.box in suivies.get(gardee.enfant, ())) != gardee.coche
    ]
    ici = [gardee for gardee in restent if str(gardee) in montrees]
    ailleurs = [gardee for gardee in restent if str(gardee) not in montrees]

    def phrases(siennes: Iterable[TypeGardee]) -> list[str]:
        mots: dict[tuple[int, str, bool], list[int]] = {}
        for gardee in siennes:
            jour, creneau = gardee.box
            mots.setdefault((gardee.enfant, creneau, gardee.coche), []).append(jour)
        return [
            f"{noms[enfant]}, {situation.creneaux[creneau].nom_court}{NBSP}: {'à cocher' if coche else 'à décocher'} "
            f"{et([JOURS[jour] for jour in jours])}"
            for (enfant, creneau, coche), jours in mots.items()
        ]

    cles, siennes, autres = ([str(gardee) for gardee in liste] for liste in (restent, ici, ailleurs))
    return RepriseType(cles, siennes, phrases(ici), autres, phrases(ailleurs))
