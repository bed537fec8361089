"""Pairs of files that look like those of one child: mostly a child typed by hand, then given by ONDE. Reads only.

A town has twenty thousand children, born on three thousand days: those of ONDE are not compared with each other, most
pairs are set aside by the letters of their names, and only the files that are near another one are read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from difflib import SequenceMatcher
from functools import cache
from itertools import combinations
from typing import Any

from django.db.models import Exists, OuterRef, Q

from enfance.mairie.doubles.fusion_enfants import refus_phrases
from enfance.models import Enfant, Scolarite
from enfance.onde.eleves import is_from_onde
from portail.cles import cle

PROCHE = 0.8  # of two names, before a letter typed for another makes them two
CASES = 61  # of a set of signs
A_L_ECOLE = Exists(Scolarite.objects.present().filter(enfant=OuterRef("pk")))


@dataclass(frozen=True, slots=True)
class Nom:
    """A name as it is compared, and the set of its signs: two may share a place, which sets no pair aside wrongly."""

    lettres: str
    signes: int

    @classmethod
    def of(cls, texte: str) -> Nom:
        """This name made ready to be compared: its letters, whatever the case and the accents, and the set of them as
        bits.
        """
        lettres, signes = cle(texte), 0
        for lettre in lettres:
            signes |= 1 << ord(lettre) % CASES
        return cls(lettres, signes)

    def may_be_near(self, autre: Nom) -> bool:
        """Whether the letters that the two names share leave it possible that they are near: a quick test, at which
        most pairs of names stop.
        """
        ici, la = self.signes & ~autre.signes, autre.signes & ~self.signes
        if not (ici and la):
            return True  # all those of one are in the other: it may be a part of it
        communes = min(len(self.lettres) - ici.bit_count(), len(autre.lettres) - la.bit_count())
        return 2 * communes >= PROCHE * (len(self.lettres) + len(autre.lettres))

    def is_near(self, autre: Nom) -> bool:
        """Whether one name begins with the other, or the two differ by a few letters only; an empty name is near
        nothing.
        """
        if not (self.lettres and autre.lettres and self.may_be_near(autre)):
            return False
        if self.lettres.startswith(autre.lettres) or autre.lettres.startswith(self.lettres):
            return True
        return SequenceMatcher(None, self.lettres, autre.lettres).ratio() >= PROCHE


@dataclass(frozen=True, slots=True)
class Appellation:
    """The first name of a child, and the surnames that it has."""

    prenom: Nom
    noms: tuple[Nom, ...]

    def is_near(self, autre: Appellation) -> bool:
        """Whether the first names are near, and a surname of one is near a surname of the other."""
        return self.prenom.is_near(autre.prenom) and any(un.is_near(la) for un in self.noms for la in autre.noms)


def load_paires() -> list[tuple[Enfant, Enfant]]:
    """The pairs of files that may be those of one child: born on one day under near names, when nothing says that they
    are two children. The file that ONDE knows comes first in each pair.

    Two pupils whom ONDE gives at the same time, such as twins, are two children.
    """
    proches = _proches()
    if not proches:
        return []
    enfants: list[Any] = list(Enfant.objects.filter(pk__in=proches).annotate(a_l_ecole=A_L_ECOLE))
    a_l_ecole = {enfant.pk for enfant in enfants if enfant.a_l_ecole}
    return [
        (ici, la)
        for ici, la in _near_pairs(enfants)
        if not (is_from_onde(la) and {ici.pk, la.pk} <= a_l_ecole) and not refus_phrases(ici, la)
    ]


def _proches() -> set[int]:
    """The children (primary keys) near another one who was born on the same day, unless ONDE gives both side by side:
    mostly it gives all of them, and only the days on which another child was born are read.
    """
    nom_of = cache(Nom.of)  # many have the same
    a_part = Enfant.objects.exclude(A_L_ECOLE, onde__has_key="nom").order_by().values("date_naissance")
    lus = Enfant.objects.filter(date_naissance__in=a_part).annotate(a_l_ecole=A_L_ECOLE, d_onde=Q(onde__has_key="nom"))
    nes: dict[date, list[tuple[int, bool, Nom, list[str]]]] = {}
    colonnes = ("pk", "date_naissance", "a_l_ecole", "d_onde", "prenom", "nom", "nom_usage")
    for pk, jour, a_l_ecole, d_onde, prenom, *noms in lus.order_by().values_list(*colonnes):
        nes.setdefault(jour, []).append((pk, a_l_ecole and d_onde, nom_of(prenom), noms))
    proches: set[int] = set()
    for groupe in nes.values():
        for (ici, connu, un, noms), (la, lautre_connu, autre, autres) in combinations(groupe, 2):
            if not (connu and lautre_connu) and un.may_be_near(autre) and un.is_near(autre):
                siens, ses = ([nom_of(nom) for nom in tous if nom] for tous in (noms, autres))
                if any(nom.is_near(lautre) for nom in siens for lautre in ses):
                    proches |= {ici, la}
    return proches


def _near_pairs(enfants: Iterable[Enfant]) -> Iterator[tuple[Enfant, Enfant]]:
    par_date: dict[object, list[Enfant]] = {}
    for enfant in enfants:
        par_date.setdefault(enfant.date_naissance, []).append(enfant)
    for groupe in par_date.values():
        groupe.sort(key=lambda enfant: not is_from_onde(enfant))
        yield from ((ici, la) for ici, la in combinations(groupe, 2) if are_near(ici, la))


def are_near(ici: Enfant, la: Enfant) -> bool:
    """Whether these two children have near first names and a near surname: one begins with the other, or they differ by
    a few letters only.
    """
    return _appellation(ici).is_near(_appellation(la))


def _appellation(enfant: Enfant) -> Appellation:
    return Appellation(Nom.of(enfant.prenom), tuple(Nom.of(nom) for nom in (enfant.nom, enfant.nom_usage) if nom))
