"""Makes the ONDE files of the demo's fictional town, one folder a school: `python demo/fabriquer_ville.py`

A maternelle, an élémentaire, a hamlet’s school of one class: 70 families. A family lives in the village or
in the hamlet; its youngest go to the maternelle. The Morels, on the edge of both, have a child in each. As in real life
no file says which school it is of, and the adults of children in two schools are in two files.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from fabriquer_ecole import Ecole, _famille, write_ecole  # noqa: E402 (a script beside this one)

DOSSIER = Path(__file__).resolve().parent / "ville"
TAILLES = [1] * 37 + [2] * 26 + [3] * 6  # children by family, beside the Morels: 107 in 69
HAMEAU = 5  # one family in so many lives there
ECOLES = {
    "maternelle": [("PS-MS Mme Laurier", ["PS", "MS"]), ("MS-GS M. Cormier", ["MS", "GS"])],
    "elementaire": [
        ("CP-CE1 Mme Hêtre", ["CP", "CE1"]),
        ("CE1-CE2 M. Chêne", ["CE1", "CE2"]),
        ("CM1-CM2 Mme Platane", ["CM1", "CM2"]),
    ],
    "hameau": [("Classe unique Mme Alisier", ["CP", "CE1", "CE2", "CM1", "CM2"])],
}


class Ville(Ecole):
    """The town being made. `grands`: the school of the older children of the family being made."""

    def __init__(self) -> None:
        super().__init__([classe for classes in ECOLES.values() for classe in classes], graine=20260902)
        self.grands = "elementaire"

    def classe(self, niveau: str) -> str:
        autres = {"elementaire", "hameau"} - {self.grands}
        ouvertes = [
            (nom, niveaux) for ecole, classes in ECOLES.items() if ecole not in autres for nom, niveaux in classes
        ]
        classe = min((nom for nom, niveaux in ouvertes if niveau in niveaux), key=lambda nom: self._places[nom])
        self._places[classe] += 1
        return classe


def make_ville() -> Ville:
    ville = Ville()
    maison = "12 chemin des Tilleuls"
    ville._adresses.add(maison)
    morel = []
    for ville.grands, niveau, prenom, sexe in (
        ("elementaire", "CM1", "Léa", "F"),
        ("hameau", "CE1", "Tom", "M"),
        ("elementaire", "MS", "Zoé", "F"),
    ):
        morel.append(ville.enfant("MOREL", niveau, prenom, sexe))
    ville.adulte("MME", "MOREL", morel, maison, prenom="Camille")
    ville.adulte("M.", "MOREL", morel, maison, prenom="Karim")
    tailles = list(TAILLES)
    ville.hasard.shuffle(tailles)
    for rang, taille in enumerate(tailles):
        ville.grands = "elementaire" if rang % HAMEAU else "hameau"
        _famille(ville, rang, taille)
    return ville


def write_schools(ville: Ville, dossier: Path) -> None:
    """Each school's own files: its pupils, and the adults who answer for some of them, with those alone."""
    enfants, adultes = ville.enfants, ville.adultes
    for ecole, classes in ECOLES.items():
        noms = {nom for nom, _ in classes}
        ville.enfants = [enfant for enfant in enfants if enfant.classe in noms]
        leurs = [(adulte, [enfant for enfant in adulte.enfants if enfant.classe in noms]) for adulte in adultes]
        ville.adultes = [replace(adulte, enfants=siens) for adulte, siens in leurs if siens]
        (dossier / ecole).mkdir(parents=True, exist_ok=True)
        write_ecole(ville, dossier / ecole)
    ville.enfants, ville.adultes = enfants, adultes


def main(dossier: Path = DOSSIER) -> None:
    write_schools(make_ville(), dossier)


if __name__ == "__main__":
    main()
