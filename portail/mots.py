"""The words by which people are known, found in a text and taken out of it. Pure.

A text is read word by word, case, accents and punctuation aside: « Léa MOREL », « Morel (Léa) » and « morel, lea » are
the same words.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from portail.lettres import plain

EFFACE = "(effacé)"
# A letter or a digit, then what is written with it: an accent may be a sign of its own.
WORD = re.compile(r"[^\W_](?:[^\W_]|[\u0300-\u036f])*")

type Suite = tuple[str, ...]
type Debuts = tuple[dict[str, list[Suite]], re.Pattern[str]]


def suite(texte: str) -> Suite:
    """The words of a text in order, in the form in which they are compared: lower case, without accents nor
    punctuation."""
    return tuple(plain(found[0]) for found in WORD.finditer(texte))


@dataclass(frozen=True)
class Identite:
    """What somebody is called: `noms` stand alone or beside a first name, `prenoms` beside a name. `autres` are whole
    as they stand: an address, a number, a mail.
    """

    noms: tuple[str, ...] = ()
    prenoms: tuple[str, ...] = ()
    autres: tuple[str, ...] = ()

    @property
    def suites(self) -> set[Suite]:
        """The sequences of words that tell who this person is: a name alone, a name and a first name in any order, and
        each of `autres` (address, number, mail)."""
        noms = [mots for nom in self.noms if (mots := suite(nom))]
        prenoms = [suite(prenom) for prenom in self.prenoms]
        couples = [paire for nom in noms for prenom in prenoms for paire in (prenom + nom, nom + prenom)]
        return {mots for mots in (*noms, *couples, *map(suite, self.autres)) if mots}

    @property
    def mots(self) -> set[str]:
        """Each single word of what this person is called."""
        return set(WORD.findall(plain(" ".join((*self.noms, *self.prenoms, *self.autres)))))


@dataclass
class Mots:
    """The words of some people. Those that others bear as well are theirs too: they are left where they stand."""

    suites: set[Suite] = field(default_factory=set)
    prenoms: set[Suite] = field(default_factory=set)

    @classmethod
    def of(cls, eux: Iterable[Identite], autres: Iterable[Identite] = ()) -> Mots:
        """The words to look for of the people `eux`, without those that also name one of `autres`."""
        siens = list(eux)
        suites = set[Suite]().union(*(identite.suites for identite in siens))
        mots = {mot for entiere in suites for mot in entiere}
        for autre in autres if suites else ():
            if not mots.isdisjoint(autre.mots):  # of a whole town, a handful
                suites -= autre.suites
                suites -= {suite(prenom) for prenom in autre.prenoms}  # « Simon » is a name and a first name
        prenoms = {suite(prenom) for identite in siens for prenom in identite.prenoms} - {()}
        return cls(suites, prenoms)

    def __bool__(self) -> bool:
        return bool(self.suites)

    def blank(self, texte: str, *, prenoms: bool = False) -> str:
        """This text with the words of these people replaced by « (effacé) ». `prenoms` says that the text is about
        them, so that a first name alone is replaced too."""
        morceaux, reste = [], 0
        for debut, fin in self._spans(texte, prenoms):
            morceaux += [texte[reste:debut], EFFACE]
            reste = fin
        return "".join([*morceaux, texte[reste:]]) if morceaux else texte

    def blank_json(self, valeur: Any, *, prenoms: bool = False) -> Any:
        """This value of JSON with the words of these people replaced by « (effacé) » in each of its texts and keys.
        `prenoms` says that it is about them, so that a first name alone is replaced too."""
        if isinstance(valeur, str):
            return self.blank(valeur, prenoms=prenoms)
        if isinstance(valeur, list):
            return [self.blank_json(element, prenoms=prenoms) for element in valeur]
        if isinstance(valeur, dict):
            return {
                self.blank(cle, prenoms=prenoms): self.blank_json(sienne, prenoms=prenoms)
                for cle, sienne in valeur.items()
            }
        return valeur

    def blank_message(self, texte: str, *, prenoms: bool = False) -> str:
        """This text with the words of these people replaced by « (effacé) »; when it is JSON, in which accents may be
        written as escapes, each of its texts is read. `prenoms` says that it is about them, so that a first name alone
        is replaced too."""
        if "\\" not in texte and not self._may_be_in(texte, prenoms):
            return texte
        try:
            lu = json.loads(texte)
        except ValueError:
            return self.blank(texte, prenoms=prenoms)
        if not isinstance(lu, list | dict):  # a number is words like others
            return self.blank(texte, prenoms=prenoms)
        sans = self.blank_json(lu, prenoms=prenoms)
        return texte if sans == lu else json.dumps(sans)

    def are_in(self, texte: str) -> bool:
        """Whether this text holds words by which one of these people is known. A first name alone does not count."""
        return next(self._spans(texte, False), None) is not None

    def _may_be_in(self, texte: str, prenoms: bool) -> bool:
        """Whether it may be worth reading: most texts are not, and a history of years is read through."""
        return bool(self._debuts(prenoms)[1].search(plain(texte)))

    def _spans(self, texte: str, prenoms: bool) -> Iterator[tuple[int, int]]:
        """Where they stand, the longest first, one after the other."""
        if not self._may_be_in(texte, prenoms):
            return
        debuts, _ = self._debuts(prenoms)
        lus = [(plain(found[0]), found.start(), found.end()) for found in WORD.finditer(texte)]
        rang = 0
        while rang < len(lus):
            for longue in debuts.get(lus[rang][0], ()):
                if tuple(mot for mot, _, _ in lus[rang : rang + len(longue)]) == longue:
                    yield lus[rang][1], lus[rang + len(longue) - 1][2]
                    rang += len(longue)
                    break
            else:
                rang += 1

    def _debuts(self, prenoms: bool) -> Debuts:
        """Those that begin by each word, the longest first, and what finds one of these words."""
        if prenoms not in self._cache:
            debuts: dict[str, list[Suite]] = {}
            for mots in sorted(self.suites | (self.prenoms if prenoms else set()), key=len, reverse=True):
                debuts.setdefault(mots[0], []).append(mots)
            self._cache[prenoms] = debuts, re.compile("|".join(map(re.escape, debuts)) or r"(?!)")
        return self._cache[prenoms]

    _cache: dict[bool, Debuts] = field(default_factory=dict, repr=False, compare=False)


def telephones(numero: str) -> tuple[str, ...]:
    """The ways of writing this French telephone number, sorted: as given, in pairs, without spaces, and with 33 (no +).

    Empty when there is no digit in it.
    """
    chiffres = "".join(sign for sign in numero if sign.isdigit())
    if not chiffres:
        return ()
    locaux = {f"0{chiffres[2:]}" if chiffres.startswith("33") else chiffres}
    ecrits = {numero}
    for local in locaux:
        paires = " ".join(re.findall("..?", local))
        abroad = local.removeprefix("0")
        ecrits |= {local, paires, f"33{abroad}", f"33 {abroad[:1]} {' '.join(re.findall('..?', abroad[1:]))}"}
    return tuple(sorted(ecrits))
