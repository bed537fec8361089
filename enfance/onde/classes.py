"""The classes that ONDE names, and those that the town hall typed before: where they differ, it is asked."""

from __future__ import annotations

import re
from typing import Any

from enfance.models import AnneeScolaire, Classe, Ecole, Scolarite
from enfance.models.ecoles import PREMIERE
from enfance.onde.bilan import Bilan
from enfance.onde.corrections import reprend
from enfance.onde.lecture import Eleve
from enfance.onde.questions import Option, Question, Reponses, answer, signature
from portail.cles import cle
from portail.francais import accord
from portail.tables import LigneRefusee

GARDER, PRENDRE = "garder", "prendre"
NOMMES = 5


class Classes:
    """Those of a year in a school. A pupil whose class was typed by hand keeps it until the town hall has answered: one
    question for all those of the same two classes.
    """

    def __init__(self, annee: AnneeScolaire, ecole: Ecole, choix: Reponses, fichier: str) -> None:
        self._annee, self._ecole, self._choix, self._fichier = annee, ecole, choix, fichier
        self._connues = {cle(classe.nom): classe for classe in annee.classes.filter(ecole=ecole)}
        self._ecarts: dict[tuple[Classe, Classe], list[Eleve]] = {}

    def write(self, scolarite: Scolarite, dernieres: dict[str, Any], eleve: Eleve) -> str:
        """Give the pupil the class of the file, unless the town hall typed another one; the change in words.

        `dernieres` holds what ONDE last said of this pupil and year. Nothing is saved here but a new class.
        """
        ici, voulue = scolarite.classe, self._find(eleve.classe)
        if ici is None or voulue is None or ici == voulue or not _is_typed(ici, dernieres, eleve):
            return reprend(scolarite, dernieres, "classe", voulue, eleve.classe)
        self._ecarts.setdefault((ici, voulue), []).append(eleve)
        reponse = answer(self._choix, _cle(ici, voulue), _options(ici, voulue))
        if reponse:
            dernieres["classe"] = eleve.classe
        if reponse != PRENDRE:
            return ""
        scolarite.classe = voulue
        return f"classe « {ici} » → « {voulue} »"

    def ask(self, bilan: Bilan) -> None:
        """Put the differences that `write` met to the town hall, answered or not."""
        for (ici, voulue), eleves in self._ecarts.items():
            options = _options(ici, voulue)
            reponse = answer(self._choix, _cle(ici, voulue), options)
            dit = f"la mairie a saisi la classe « {ici} », ONDE dit « {voulue} » : {_noms(eleves)}."
            refus = LigneRefusee(self._fichier, eleves[0].ligne, f"{dit} Sans réponse, la classe saisie est gardée.")
            texte = f"{dit[0].upper()}{dit[1:]} Quelle est la bonne classe ?"
            question = Question(_cle(ici, voulue), texte, refus, options, reponse)
            bilan.ask(question, sans_reponse=not reponse)

    def _find(self, nom: str) -> Classe | None:
        """The class of this name, made if it is new; None without a name."""
        if not cle(nom):
            return None
        if cle(nom) not in self._connues:
            enseignant = re.search(r"\b(M\.|Mme|Mlle|Mr)\s.+$", nom)
            self._connues[cle(nom)] = Classe.objects.create(
                annee=self._annee, ecole=self._ecole, nom=nom, enseignant=enseignant.group() if enseignant else ""
            )
        return self._connues[cle(nom)]


def _is_typed(ici: Classe, dernieres: dict[str, Any], eleve: Eleve) -> bool:
    """Whether the town hall chose this class, and ONDE has said another one since."""
    connue = dernieres.get("classe")
    return connue is None or (connue != eleve.classe and cle(connue) != cle(ici.nom))


def _cle(ici: Classe, voulue: Classe) -> str:
    ecole = [] if voulue.ecole_id == PREMIERE else [str(voulue.ecole_id)]  # two schools may have a « CP »
    return signature("classe", cle(ici.nom), cle(voulue.nom), *ecole)


def _options(ici: Classe, voulue: Classe) -> tuple[Option, ...]:
    return Option(GARDER, f"{ici}, saisie par la mairie"), Option(PRENDRE, f"{voulue}, celle d’ONDE")


def _noms(eleves: list[Eleve]) -> str:
    noms = ", ".join(map(str, eleves[:NOMMES]))
    reste = len(eleves) - NOMMES
    return f"{noms} et {accord(reste, 'autre')}" if reste > 0 else noms
