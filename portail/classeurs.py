"""Reads a workbook (XLSX) as the CSV that its first sheet would be. Nothing in it is run: a formula stays its text.

What reads it is loaded with the first workbook: ten mebibytes, that a process which sees none does without.
"""

from __future__ import annotations

import warnings
from importlib import import_module

from portail.archives import Demesure
from portail.tables import Fichier, check_taille

ZIP = b"PK\x03\x04"

ABIME = (
    "c’est une archive ou un classeur abîmé, pas un classeur XLSX\u00a0: ouvrez-le dans votre tableur, puis "
    "«\u00a0Enregistrer sous\u00a0», au format XLSX ou CSV."
)


def en_csv(fichier: Fichier) -> Fichier:
    """This file as a CSV when it is a workbook (XLSX): the lines of its first sheet, dates as JJ/MM/AAAA; any other
    file is returned as it is.

    Raises ImportRefuse for an archive that is not a workbook, is too large, or that would swell beyond what a list
    weighs.
    """
    if not fichier.contenu.startswith(ZIP):
        return fichier
    check_taille(fichier.nom, len(fichier.contenu))
    try:
        with warnings.catch_warnings(action="ignore"):  # of styles and extensions that are not read
            return Fichier(fichier.nom, import_module("portail.classeurs_lus").texte_of(fichier.contenu))
    except Demesure as demesure:
        raise fichier.refuse(str(demesure)) from None
    except Exception:  # whatever a broken workbook makes of its reader
        raise fichier.refuse(ABIME) from None
