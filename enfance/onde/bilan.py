"""What an import did, or would do, in sentences for a secretary."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from enfance.onde.table import Refus

NBSP = "\u00a0"


@dataclass
class Compte:
    """How many were created and left alone; who was changed, and what; who left, who came back."""

    crees: int = 0
    inchanges: int = 0
    modifies: list[str] = field(default_factory=list)
    partis: list[str] = field(default_factory=list)
    revenus: list[str] = field(default_factory=list)

    def add(self, qui: object, *, cree: bool, changements: list[str]) -> None:
        if cree:
            self.crees += 1
        elif changements:
            self.modifies.append(f"{qui} : {', '.join(changements)}")
        else:
            self.inchanges += 1

    def phrase(self, singulier: str) -> str:
        """« 2 créés, 0 modifié, 218 inchangés », in the gender of `singulier` (« élève »)."""
        nombres = [(self.crees, "créé"), (len(self.modifies), "modifié"), (self.inchanges, "inchangé")]
        if singulier == "élève":
            nombres.append((len(self.partis), "parti"))
            if self.revenus:
                nombres.append((len(self.revenus), "revenu"))
        return ", ".join(accord(n, mot) for n, mot in nombres)


def accord(n: int, mot: str) -> str:
    """« 0 créé », « 2 créés »: the number and the word."""
    return f"{n}{NBSP}{mot}{'s' if n > 1 else ''}"


@dataclass
class Bilan:
    """The report of an import. `a_confirmer`: the pupils missing are too many to be believed."""

    annee: str
    simulation: bool
    eleves: Compte = field(default_factory=Compte)
    responsables: Compte = field(default_factory=Compte)
    foyers: Compte = field(default_factory=Compte)
    refus: list[Refus] = field(default_factory=list)
    doutes: list[Refus] = field(default_factory=list)
    propositions: list[str] = field(default_factory=list)
    sans_courriel: list[str] = field(default_factory=list)
    inscriptions_annulees: int = 0
    inscriptions_retablies: int = 0
    a_retablir: dict[int, str] = field(default_factory=dict)  # by child who is back, what may be given back
    a_confirmer: str = ""

    def lignes(self) -> Iterator[str]:
        """The report, line by line, for a terminal or a page."""
        yield f"Import d’ONDE, année {self.annee}"
        if self.simulation:
            yield "Simulation : rien n’est écrit."
        yield f"Élèves : {self.eleves.phrase('élève')}."
        yield f"Responsables : {self.responsables.phrase('responsable')}."
        yield f"Foyers : {self.foyers.phrase('foyer')}."
        if self.inscriptions_annulees:
            yield f"Inscriptions annulées par ces départs : {self.inscriptions_annulees} (gardées en mémoire)."
        if self.inscriptions_retablies:
            yield f"Inscriptions rétablies par ces retours : {self.inscriptions_retablies}."
        for titre, elements in self.listes():
            if elements:
                yield ""
                yield f"{titre} ({len(elements)}) :"
                yield from (f"  - {element}" for element in elements)
        if self.a_confirmer:
            yield ""
            yield self.a_confirmer

    def listes(self) -> list[tuple[str, list[str]]]:
        """The lists of the report, each with its title; empty ones included."""
        return [
            ("Lignes refusées", list(map(str, self.refus))),
            ("À préciser, rien n’a été deviné", list(map(str, self.doutes))),
            ("Élèves partis", self.eleves.partis),
            ("Élèves de retour", self.eleves.revenus),
            ("Élèves modifiés", self.eleves.modifies),
            ("Responsables modifiés", self.responsables.modifies),
            ("Foyers modifiés", self.foyers.modifies),
            ("Propositions à la mairie", self.propositions),
            ("Adultes sans e-mail, à prévenir par lettre", self.sans_courriel),
        ]
