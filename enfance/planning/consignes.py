"""The deadlines as the head of a planning states them. Pure."""

from __future__ import annotations

from enfance import delais
from enfance.models import Creneau
from enfance.regles import Action, Situation, regle
from portail.francais import NBSP, et


def regles_phrases(situation: Situation) -> list[str]:
    """The deadlines to register, to cancel and to register late, in sentences: one when all créneaux share them, else
    one for each rule.

    A créneau is named « soir (École du Hameau) » where two schools give one name to créneaux of different deadlines.
    """
    par_regle: dict[tuple[str, str, str], list[str]] = {}
    regles = {creneau.pk: _regle(situation, creneau) for creneau in situation.creneaux.values()}
    par_nom: dict[str, set[tuple[str, str, str]]] = {}
    for creneau in situation.creneaux.values():
        par_nom.setdefault(creneau.nom_court, set()).add(regles[creneau.pk])
    for creneau in situation.creneaux.values():
        ecoles = _ecoles(situation, creneau) if len(par_nom[creneau.nom_court]) > 1 else ""
        noms = par_regle.setdefault(regles[creneau.pk], [])
        if (nom := f"{creneau.nom_court}{ecoles}") not in noms:
            noms.append(nom)
    resultat = []
    for (inscrire, annuler, puis), noms in par_regle.items():
        tous = et(noms) if situation.tenues else et(noms).capitalize()
        sujet = "" if len(par_regle) == 1 else f"{tous}{NBSP}: "
        verbe = "modifiable" if inscrire == annuler else "à inscrire"
        suite = "" if inscrire == annuler else f", à annuler {annuler}"
        phrase = f"{sujet}{verbe} {inscrire}{suite}{puis}."
        resultat.append(phrase[0].upper() + phrase[1:])
    return resultat


def _regle(situation: Situation, creneau: Creneau) -> tuple[str, str, str]:
    """Until when to register, to cancel, then to register late."""
    inscrire, annuler = (delais.delai_phrase(regle(creneau, action).valeur) for action in Action)
    supplement = situation.tardives(creneau, situation.today) if situation.tardives else None
    if supplement is None or creneau.delai_tardif is None:
        return inscrire, annuler, ""
    tard = delais.delai_phrase(creneau.delai_tardif.valeur)
    return inscrire, annuler, f"{NBSP}; puis à inscrire en retard, {supplement.long}, {tard}"


def _ecoles(situation: Situation, creneau: Creneau) -> str:
    """« (École du Hameau) » where only some of these children's schools hold it."""
    tenues = situation.tenues.get(creneau.pk, frozenset())
    noms = {str(s.ecole) for places in situation.scolarites.values() for s in places if s.ecole_id in tenues}
    return f" ({et(sorted(noms))})" if noms else ""
