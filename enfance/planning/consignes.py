"""The deadlines as the head of a planning states them. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from enfance import delais
from enfance.models import Creneau
from enfance.regles import Action, regle
from portail.francais import NBSP, et


def regles_phrases(creneaux: Iterable[Creneau]) -> list[str]:
    """The deadlines in words: one sentence when all créneaux share them, else one a rule."""
    par_regle: dict[tuple[str, str], list[str]] = {}
    for creneau in creneaux:
        phrases = tuple(delais.delai_phrase(regle(creneau, action).valeur) for action in Action)
        par_regle.setdefault((phrases[0], phrases[1]), []).append(creneau.nom_court)
    resultat = []
    for (inscrire, annuler), noms in par_regle.items():
        sujet = "" if len(par_regle) == 1 else f"{et(noms).capitalize()}{NBSP}: "
        verbe = "modifiable" if inscrire == annuler else "à inscrire"
        suite = "" if inscrire == annuler else f", à annuler {annuler}"
        phrase = f"{sujet}{verbe} {inscrire}{suite}."
        resultat.append(phrase[0].upper() + phrase[1:])
    return resultat
