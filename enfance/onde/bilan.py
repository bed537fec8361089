"""What an import tells a secretary: what it did, or would do, in sentences; what it leaves open, as questions. Pure.

A question is known by what the file says of the person, never by the number of its line: the answers hold when the
file is sorted otherwise, and when another file comes in its place.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from portail.empreintes import fingerprint_of
from portail.francais import accord
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
    `commune` says in a few words of whom the same is asked, where one answer may do for all of them. `ouverte`: nothing
    is settled by the answer, if there is one.
    """

    cle: str
    texte: str
    refus: LigneRefusee
    options: tuple[Option, ...]
    reponse: str = ""
    commune: str = ""
    ouverte: bool = False

    @property
    def choisie(self) -> str:
        """The answer that was chosen, in words; empty without one."""
        return next((option.libelle for option in self.options if option.valeur == self.reponse), "")


@dataclass(frozen=True)
class QuestionCommune:
    """The same question about several people, which one answer may settle for all."""

    questions: tuple[Question, ...]

    @property
    def cle(self) -> str:
        """What the button that answers for all sends to name these questions: the values of their options."""
        return "+".join(option.valeur for option in self.options)

    @property
    def texte(self) -> str:
        """In a few words, about which people the same is asked."""
        return self.questions[0].commune

    @property
    def options(self) -> tuple[Option, ...]:
        """The answers between which to choose, the same for all of these questions."""
        return self.questions[0].options

    @property
    def comptes(self) -> list[tuple[int, str]]:
        """How many of the questions have each answer, and the answer in words; those without one come last (« Sans
        réponse »). An answer that none has is left out.
        """
        valeurs = [*((option.valeur, option.libelle) for option in self.options), ("", "Sans réponse")]
        comptes = [(sum(q.reponse == valeur for q in self.questions), dit) for valeur, dit in valeurs]
        return [(n, dit) for n, dit in comptes if n]


def regroup(questions: Iterable[Question]) -> tuple[list[QuestionCommune], list[Question]]:
    """The questions of an import sorted in two: those that ask the same of two people or more, grouped so that one
    answer may do for all, then those that stand alone.
    """
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
    """The answers, by key of the question, that one button gives for all the people of whom the same is asked. `tous`
    is what the button sends: « key of the group:value »; empty when it names no such group or answer.
    """
    cle, _, valeur = tous.partition(":")
    communes, _seules = regroup(questions)
    return {
        question.cle: valeur
        for commune in communes
        if commune.cle == cle and valeur in {option.valeur for option in commune.options}
        for question in commune.questions
    }


def signature(*textes: str) -> str:
    """The key of a question, twenty hexadecimal digits made from these texts of the file: it stays the same from a file
    to another, and tells nothing of what they say.
    """
    return hashlib.sha256("\x1f".join(textes).encode()).hexdigest()[:20]


def answer(reponses: Reponses, cle: str, options: tuple[Option, ...]) -> str:
    """The value that `reponses` gives to the question of this key; empty when there is none, or when it is none of
    `options` any more.
    """
    reponse = reponses.get(cle, "")
    return reponse if reponse in {option.valeur for option in options} else ""


# --- What it did ----------------------------------------------------------------------------------------------------


@dataclass
class Denombrement:
    """Who was created; how many were left alone, or confirmed in the place that the rollover had supposed; who was
    changed, and what; who left, who came back.
    """

    nouveaux: list[str] = field(default_factory=list)
    inchanges: int = 0
    confirmes: int = 0
    modifies: list[str] = field(default_factory=list)
    partis: list[str] = field(default_factory=list)
    revenus: list[str] = field(default_factory=list)

    @property
    def crees(self) -> int:
        """How many were created."""
        return len(self.nouveaux)

    @property
    def venus(self) -> list[str]:
        """The names of those who were created, when others were known already; empty in a first import, which creates
        everybody.
        """
        return self.nouveaux if self.inchanges or self.confirmes or self.modifies else []

    def add(self, qui: object, *, cree: bool, changements: list[str], confirme: bool = False) -> None:
        """Count a pupil, an adult or a home as created, changed, confirmed in the place supposed for it, or left alone,
        the first of these that holds; `changements` are its changes in words.
        """
        if cree:
            self.nouveaux.append(str(qui))
        elif changements:
            self.modifies.append(f"{qui} : {', '.join(changements)}")
        elif confirme:
            self.confirmes += 1
        else:
            self.inchanges += 1

    def phrase(self, singulier: str) -> str:
        """The counts in words: « 2 créés, 0 modifié, 218 inchangés », in the gender of `singulier` (« élève »); pupils
        gone and back are counted for « élève » alone. Zero is said, but for « confirmé » and « revenu ».
        """
        nombres = [(self.crees, "créé"), (len(self.modifies), "modifié"), (self.inchanges, "inchangé")]
        if self.confirmes:
            nombres.insert(2, (self.confirmes, "confirmé"))
        if singulier == "élève":
            nombres.append((len(self.partis), "parti"))
            if self.revenus:
                nombres.append((len(self.revenus), "revenu"))
        return ", ".join(accord(n, mot) for n, mot in nombres)


@dataclass(frozen=True)
class Bilan:
    """The report of an import, composed at once, by `importation`, of what each step returned.

    `a_preciser`: the questions, answered or not, and the lines that wait for the answers of others. `a_confirmer`: the
    pupils missing are too many to be believed.
    """

    annee: str
    simulation: bool
    eleves: Denombrement = field(default_factory=Denombrement)
    responsables: Denombrement = field(default_factory=Denombrement)
    foyers: Denombrement = field(default_factory=Denombrement)
    refus: list[LigneRefusee] = field(default_factory=list)
    a_preciser: list[Question | LigneRefusee] = field(default_factory=list)
    propositions: list[str] = field(default_factory=list)
    fiches: dict[str, list[int]] = field(default_factory=dict)  # of these, by sentence, the children it is about
    sans_courriel: list[str] = field(default_factory=list)
    inscriptions_annulees: int = 0
    inscriptions_retablies: int = 0
    inscriptions_deplacees: int = 0  # to the school where their pupils arrive
    inscriptions_perdues: int = 0  # that this school has no créneau or no place for
    jours_annules: list[str] = field(default_factory=list)  # those that departures cancel, a child a line
    jours_perdus: list[str] = field(default_factory=list)  # those that the new school cannot take
    a_retablir: dict[int, str] = field(default_factory=dict)  # by child who is back, what may be given back
    a_confirmer: str = ""

    @property
    def questions(self) -> list[Question]:
        """All the questions that the import asks the town hall, answered or not."""
        return [dit for dit in self.a_preciser if isinstance(dit, Question)]

    @property
    def doutes(self) -> list[LigneRefusee]:
        """What is not settled, line by line: the questions without an answer that settles them, and the lines that wait
        for the answers to others.
        """
        dits = [dit for dit in self.a_preciser if isinstance(dit, LigneRefusee) or dit.ouverte]
        return [dit.refus if isinstance(dit, Question) else dit for dit in dits]

    @property
    def en_attente(self) -> list[LigneRefusee]:
        """The lines of the file that no question is asked about, and that wait for the answers about other people."""
        return [dit for dit in self.a_preciser if isinstance(dit, LigneRefusee)]

    @property
    def empreinte(self) -> str:
        """A fingerprint of all that the report says, but for its warning `a_confirmer` and its being a simulation,
        whatever the order of its lines: when it differs, the import would do something else than what was seen.
        """
        noms = [("", nouveaux.nouveaux) for nouveaux in (self.eleves, self.responsables, self.foyers)]
        dits = [f"{titre}: {sorted(map(str, elements))}" for titre, elements in [*self.listes(), *noms]]
        return fingerprint_of([*self.phrases(), *dits])

    def lignes(self) -> Iterator[str]:
        """The whole report of the import, its sentences, its lists but the empty ones, then its warning, line by line,
        for a terminal or a file.
        """
        yield f"Import d’ONDE, année {self.annee}"
        if self.simulation:
            yield "Simulation : rien n’est écrit."
        yield from self.phrases()
        for titre, elements in self.listes():
            if elements:
                yield ""
                yield f"{titre} ({len(elements)}) :"
                yield from (f"  - {element}" for element in elements)
        if self.a_confirmer:
            yield ""
            yield self.a_confirmer

    def phrases(self) -> Iterator[str]:
        """What was counted, in sentences: pupils, adults, homes, and the inscriptions that the import cancelled, gave
        back or moved. Of inscriptions, what is zero is left out.
        """
        yield f"Élèves : {self.eleves.phrase('élève')}."
        yield f"Responsables : {self.responsables.phrase('responsable')}."
        yield f"Foyers : {self.foyers.phrase('foyer')}."
        if self.inscriptions_annulees:
            yield f"Inscriptions annulées par ces départs : {self.inscriptions_annulees} (gardées en mémoire)."
        if self.inscriptions_retablies:
            yield f"Inscriptions rétablies par ces retours : {self.inscriptions_retablies}."

        if self.inscriptions_deplacees:
            yield f"Inscriptions passées à la nouvelle école\u00a0: {self.inscriptions_deplacees}."
        if self.inscriptions_perdues:
            yield f"Inscriptions que la nouvelle école ne peut prendre, annulées\u00a0: {self.inscriptions_perdues}."

    def listes(self) -> list[tuple[str, list[str]]]:
        """The lists of the report, each with its title: lines refused, what is to be settled, answers given, pupils
        created, gone… Empty lists are included.
        """
        return [
            ("Lignes refusées", list(map(str, self.refus))),
            ("À préciser, rien n’a été deviné", list(map(str, self.doutes))),
            ("Choix de la mairie", [f"{q.texte} {q.choisie}." for q in self.questions if q.choisie]),
            *self._suites(),
        ]

    @property
    def apercu(self) -> list[tuple[str, list[str]]]:
        """The lists to show beside the questions of the preview, each with its title; what the questions ask is left
        out. Empty lists are included.
        """
        return [
            ("Lignes refusées", list(map(str, self.refus))),
            ("En attente des réponses", list(map(str, self.en_attente))),
            *self._suites(),
        ]

    def _suites(self) -> list[tuple[str, list[str]]]:
        return [
            ("Élèves créés", self.eleves.venus),
            ("Élèves partis", self.eleves.partis),
            ("Jours annulés par ces départs, aucun e-mail ne le dit", self.jours_annules),
            ("Élèves de retour", self.eleves.revenus),
            ("Élèves modifiés", self.eleves.modifies),
            ("Jours que la nouvelle école ne peut prendre, un e-mail le dit aux familles", self.jours_perdus),
            ("Responsables créés", self.responsables.venus),
            ("Responsables modifiés", self.responsables.modifies),
            ("Foyers modifiés", self.foyers.modifies),
            ("Propositions à la mairie", self.propositions),
            ("Adultes sans e-mail, à prévenir par lettre", self.sans_courriel),
        ]
