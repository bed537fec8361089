"""What a closure is: the garderie closes, or pupils are away while it stays open to all others. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from portail.codes import LabelledCode
from portail.francais import et


class NatureFermeture(LabelledCode):
    """Each is also the door (`Enregistrement.Porte`) of the saves that it makes."""

    FERMETURE = "fermeture", "fermeture"
    SORTIE = "sortie", "sortie"
    ENSEIGNANT = "enseignant", "enseignant absent"


@dataclass(frozen=True)
class MotsNature:
    """How a nature is said: in a box of the planning (`case`), before its days (`titre`: « Sortie mardi 8 »), of a
    child or of the garderie on that day (`etat`), as a heading over several (`rubrique`), once it is lifted (`levee`),
    of whose meal is ordered all the same (`mange`).
    """

    case: str
    titre: str
    etat: str
    rubrique: str
    levee: str
    mange: str

    def of(self, groupes: str) -> str:
        """This state of these pupils (`groupes_titre`): « CM1 en sortie », « CM1, enseignant absent »."""
        return f"{groupes} {self.etat}" if self.etat.startswith("en ") else f"{groupes}, {self.etat}"


MOTS: Mapping[NatureFermeture, MotsNature] = MappingProxyType(
    {
        NatureFermeture.FERMETURE: MotsNature(
            case="Fermé",
            titre="Fermé",
            etat="garderie fermée",
            rubrique="Garderie fermée",
            levee="Réouverture",
            mange="mange, pause méridienne fermée",
        ),
        NatureFermeture.SORTIE: MotsNature(
            case="Sortie",
            titre="Sortie",
            etat="en sortie",
            rubrique="Sortie",
            levee="Sortie annulée",
            mange="mange, en sortie",
        ),
        NatureFermeture.ENSEIGNANT: MotsNature(
            case="Pas de classe",
            titre="Enseignant absent",
            etat="enseignant absent",
            rubrique="Enseignant absent",
            levee="Classe maintenue",
            mange="mange, enseignant absent",
        ),
    }
)
SECTIONS: Mapping[str, str] = MappingProxyType(
    {"PS": "petites sections", "MS": "moyennes sections", "GS": "grandes sections"}
)


def groupes_phrase(niveaux: Iterable[str], classes: Sequence[str], article: str = "les") -> str:
    """Who is away, by levels (codes) and by names of whole classes: « les CM1 et la classe CM2 M. Aulne »; with the
    `article` « des », « des CM1 et de la classe CM2 M. Aulne ». Empty when neither is named.
    """
    de_la, des_classes = ("la classe", "les classes") if article == "les" else ("de la classe", "des classes")
    dits = [f"{article} {SECTIONS.get(niveau, niveau)}" for niveau in niveaux]
    if classes:
        dits.append(f"{des_classes if len(classes) > 1 else de_la} {et(classes)}")
    return et(dits) if dits else ""


def groupes_titre(niveaux: Iterable[str], classes: Sequence[str]) -> str:
    """The same without an article, for a table or the head of a sentence: « CM1, CM2 M. Aulne »."""
    return ", ".join([*(SECTIONS.get(niveau, niveau) for niveau in niveaux), *classes])
