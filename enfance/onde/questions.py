"""What ONDE leaves open, put to the town hall: who is this, among those whom it may be? Pure.

A question is known by what the file says of the person, never by the number of its line: the answers hold when the
file is sorted otherwise, and when another file comes in its place.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from portail.tables import LigneRefusee

NOUVEAU, PERSONNE = "nouveau", "personne"  # somebody who is not known here yet; none of them
Reponses = Mapping[str, str]  # by key of the question, the value of an option


@dataclass(frozen=True)
class Option:
    """`pour_tous` says the same of all of whom it is asked."""

    valeur: str
    libelle: str
    pour_tous: str = ""


@dataclass(frozen=True)
class Question:
    """`refus` is what a report says as long as nobody has answered; `texte` asks the same, beside the options.
    `commune` says in a few words of whom the same is asked, where one answer may do for all of them.
    """

    cle: str
    texte: str
    refus: LigneRefusee
    options: tuple[Option, ...]
    reponse: str = ""
    commune: str = ""

    @property
    def choisie(self) -> str:
        """The answer in words."""
        return next((option.libelle for option in self.options if option.valeur == self.reponse), "")


@dataclass(frozen=True)
class QuestionCommune:
    """The same question about several people, which one answer may settle for all."""

    questions: tuple[Question, ...]

    @property
    def cle(self) -> str:
        return "+".join(option.valeur for option in self.options)

    @property
    def texte(self) -> str:
        return self.questions[0].commune

    @property
    def options(self) -> tuple[Option, ...]:
        return self.questions[0].options

    @property
    def comptes(self) -> list[tuple[int, str]]:
        """How many have each answer, and it in words; the answers that somebody has, then those who have none."""
        valeurs = [*((option.valeur, option.libelle) for option in self.options), ("", "Sans réponse")]
        comptes = [(sum(q.reponse == valeur for q in self.questions), dit) for valeur, dit in valeurs]
        return [(n, dit) for n, dit in comptes if n]


def regroup(questions: Iterable[Question]) -> tuple[list[QuestionCommune], list[Question]]:
    """The questions asked of two people or more alike, then those that stand alone."""
    groupes: dict[tuple[str, tuple[Option, ...]], list[Question]] = {}
    seules = []
    for question in questions:
        groupes.setdefault((question.commune or question.cle, question.options), []).append(question)
    communes = []
    for groupe in groupes.values():
        if len(groupe) > 1:
            communes.append(QuestionCommune(tuple(groupe)))
        else:
            seules += groupe
    return communes, seules


def answer_all(questions: Iterable[Question], tous: str) -> dict[str, str]:
    """The answers that « for all » gives, by key: `tous` is what its button sends; none where it names nothing."""
    cle, _, valeur = tous.partition(":")
    communes, _seules = regroup(questions)
    return {
        question.cle: valeur
        for commune in communes
        if commune.cle == cle and valeur in {option.valeur for option in commune.options}
        for question in commune.questions
    }


def signature(*textes: str) -> str:
    """The key of a question, from what the file says: it tells nothing to whoever reads it."""
    return hashlib.sha256("\x1f".join(textes).encode()).hexdigest()[:20]


def answer(reponses: Reponses, cle: str, options: tuple[Option, ...]) -> str:
    """The answer to this question; empty when there is none, or when it is no option any more."""
    reponse = reponses.get(cle, "")
    return reponse if reponse in {option.valeur for option in options} else ""
