"""Registered into a sheet that is already closed: was the child there after all, or is it a place that nobody used?"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from uuid import uuid4

from accounts.models import User
from enfance.equipe.pointages import GesteRecu, enregistrer
from enfance.models import Appel, Geste, Pointage
from enfance.regles import Cle
from portail.dates import PARIS

PRESENT, PLACE = "present", "place"
MOTIF = "Inscrit au guichet après l’appel"


@dataclass(frozen=True)
class ApresAppel:
    """A box to register, on a closed sheet that does not have the child. `reponse`: `present`, `place`, or empty as
    long as nobody has said which.
    """

    cle: Cle
    clos: Appel
    reponse: str = ""

    @property
    def champ(self) -> str:
        """The name of the form field that asks whether the child was there."""
        return champ_of(self.cle)


def champ_of(cle: Cle) -> str:
    """The name of the form field that asks, for this box (child, day, créneau), whether the child was there."""
    return f"feuille:{cle}"


def load_apres_appel(
    cles: Collection[Cle], data: Mapping[str, str], *, corrige: bool, now: datetime
) -> list[ApresAppel]:
    """The boxes, among these, whose attendance sheet is closed and does not have the child: it must be asked whether
    the child was there. Each comes with the answer that the form gives.

    `corrige`: whether the agent may correct a closed sheet, and so answer that the child was there. Two queries, none
    where all days are to come.
    """
    today = now.astimezone(PARIS).date()
    jours = {cle.jour for cle in cles if cle.jour <= today}
    if not jours:
        return []
    appels = Appel.objects.clos().filter(jour__in=jours).select_related("creneau", "clos_par")
    clos = {(appel.jour, appel.creneau.code): appel for appel in appels}
    presents = Pointage.objects.filter(present=True, jour__in=jours, enfant__in={cle.enfant for cle in cles})
    venus = set(presents.values_list("enfant", "jour", "creneau__code"))
    possibles = {PRESENT, PLACE} if corrige else {PLACE}
    return [
        ApresAppel(cle, clos[cle.jour, cle.creneau], reponse if reponse in possibles else "")
        for cle in sorted(cles)
        if (cle.jour, cle.creneau) in clos and cle not in venus
        for reponse in [data.get(champ_of(cle), "")]
    ]


def note_presents(
    boxes: Collection[ApresAppel], auteur: User, motif: str, *, now: datetime
) -> tuple[list[ApresAppel], list[tuple[ApresAppel, str]]]:
    """Correct the closed attendance sheets for the children who are said to have been there (answer `present`), with
    the reason `motif` (« Inscrit au guichet après l’appel » if empty).

    Returns the boxes that were noted, and those that the sheet refuses, each with why (such as a place kept from before
    the calendar changed).
    """
    venus: list[ApresAppel] = []
    refus: list[tuple[ApresAppel, str]] = []
    presents = sorted((box for box in boxes if box.reponse == PRESENT), key=_feuille)
    for (jour, code), groupe in groupby(presents, key=_feuille):
        par_geste = {uuid4(): box for box in groupe}
        gestes = [GesteRecu(pk, box.cle.enfant, Geste.Quoi.PRESENT, True, now) for pk, box in par_geste.items()]
        bilan = enregistrer(gestes, jour, code, auteur, now=now, correction=motif or MOTIF)
        refus += [(par_geste.pop(un.id), un.phrase) for un in bilan.refus]
        venus += par_geste.values()
    return venus, refus


def _feuille(box: ApresAppel) -> tuple[date, str]:
    return box.cle.jour, box.cle.creneau
