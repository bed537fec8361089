"""The children known here, and which of them the pupils of a file are: by INE, by identity, never guessed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Self

from django.db.models import Q, TextField
from django.db.models.fields.json import KT
from django.db.models.functions import Cast

from enfance.models import Enfant
from enfance.onde.doubles import identite
from enfance.onde.lecture import Eleve
from portail.cles import cle


@dataclass(frozen=True)
class DouteEleve:
    """Why a pupil may be one of these children (primary keys), and what to do where nobody can be asked."""

    raison: str
    conseil: str
    candidats: tuple[int, ...]


class Registre:
    """The children known here, by INE and by identity: corrected by the town hall, or as ONDE last gave them."""

    def __init__(self, enfants: Iterable[Enfant]) -> None:
        self.enfants = {enfant.pk: enfant for enfant in enfants}
        self._ines: dict[str, int] = {}
        self._identites: dict[tuple[str, ...], set[int]] = {}
        for enfant in self.enfants.values():
            for face in _faces(enfant):
                self._ines.setdefault(face.get("ine", ""), enfant.pk)
            for nommee in identites_of(enfant):
                self._identites.setdefault(nommee, set()).add(enfant.pk)
        self._ines |= {enfant.ine: enfant.pk for enfant in self.enfants.values() if enfant.ine}
        self._ines.pop("", None)

    @classmethod
    def load(cls, eleves: Sequence[Eleve]) -> Self:
        """Those whom these pupils may be, and no others of the town: of the same INE, or born on the same days."""
        ines = {eleve.ine for eleve in eleves} - {""}
        jours = {eleve.date_naissance for eleve in eleves}
        proches = Q(ine__in=ines) | Q(date_naissance__in=jours) | Q(onde__has_key="doubles")
        dits = Q(ine_dit__in=ines) | Q(jour_dit__in=[jour.isoformat() for jour in jours])
        dites = {"ine_dit": KT("onde__ine"), "jour_dit": KT("onde__date_naissance")}
        dernieres = {nom: Cast(dite, TextField()) for nom, dite in dites.items()}
        return cls(Enfant.objects.alias(**dernieres).filter(proches | dits))

    def find(self, eleves: Iterable[Eleve]) -> tuple[dict[int, int], dict[int, DouteEleve]]:
        """The child (primary key) of each pupil by line, and the doubts by line; who is in neither is new.

        Two lines under two names are one child where the town hall made its two files one.
        """
        eleves = list(eleves)
        par_enfant = {self._ines[eleve.ine]: eleve.ligne for eleve in eleves if eleve.ine in self._ines}
        trouves = {ligne: pk for pk, ligne in par_enfant.items()}
        doutes = {}
        for eleve in eleves:
            if eleve.ligne in trouves:
                continue
            candidats = sorted(self._identites.get(eleve.identite, set()) - set(trouves.values()))
            autre_ine = [pk for pk in candidats if eleve.ine and self.enfants[pk].ine]
            if len(candidats) > 1:
                raison = f"plusieurs enfants connus s’appellent {eleve}, nés le même jour : lequel est-ce ?"
                doutes[eleve.ligne] = DouteEleve(raison, "", tuple(candidats))
            elif autre_ine:
                doutes[eleve.ligne] = DouteEleve(
                    f"{eleve} est connu avec un autre INE ({self.enfants[autre_ine[0]].ine}, ici {eleve.ine}).",
                    "Si c’est le même enfant, corrigez l’INE de sa fiche et recommencez ; sinon, créez sa fiche.",
                    tuple(autre_ine),
                )
            elif candidats:
                trouves[eleve.ligne] = candidats[0]
            elif (pk := self._other_face(eleve, eleves, trouves)) is not None:
                trouves[eleve.ligne] = pk
        return trouves, doutes

    def _other_face(self, eleve: Eleve, eleves: list[Eleve], trouves: dict[int, int]) -> int | None:
        """The child, found already by another line, of whom this line is another name."""
        deja = {(trouves[autre.ligne], autre.identite) for autre in eleves if autre.ligne in trouves}
        for pk in self._identites.get(eleve.identite, ()):
            memes_ines = not (eleve.ine and self.enfants[pk].ine)  # two INE are two children
            if self.enfants[pk].onde.get("doubles") and memes_ines and (pk, eleve.identite) not in deja:
                return pk
        return None

    def first_lines(self, eleves: Iterable[Eleve], trouves: dict[int, int]) -> set[int]:
        """One line a child, the one that ONDE gave first; a child whom the town hall made of two may have two."""
        par_enfant: dict[int, list[Eleve]] = {}
        for eleve in eleves:
            if eleve.ligne in trouves:
                par_enfant.setdefault(trouves[eleve.ligne], []).append(eleve)
        return {
            max(lignes, key=lambda eleve: _likeness(eleve, self.enfants[pk].onde)).ligne
            for pk, lignes in par_enfant.items()
        }


def _likeness(eleve: Eleve, onde: dict[str, Any]) -> tuple[bool, bool]:
    return bool(eleve.ine) and eleve.ine == onde.get("ine"), eleve.identite == _identite(onde)


def _faces(enfant: Enfant) -> list[dict[str, Any]]:
    """What ONDE last said of this child, then what is known of its doubles."""
    return [enfant.onde, *enfant.onde.get("doubles", ())]


def identites_of(enfant: Enfant) -> set[tuple[str, str, str]]:
    return {_identite(face) for face in (identite(enfant), *_faces(enfant))}


def _identite(face: dict[str, Any]) -> tuple[str, str, str]:
    return cle(face.get("nom", "")), cle(face.get("prenom", "")), face.get("date_naissance", "")
