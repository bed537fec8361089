"""Doubles that the town hall made one. ONDE may go on giving each its line: they are read as one person, told once.

The last values of each are kept beside those of the person (`doubles`): none of them is news.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from enfance.models import Enfant, Foyer, Responsable
from enfance.onde.corrections import ECOLES
from enfance.onde.foyers import Personne
from enfance.onde.rapprochement import merge_lignes
from portail.cles import cle

IDENTITE = ("nom", "nom_usage", "prenom", "date_naissance", "sexe", "ine")  # of a child


def traces(responsable: Responsable) -> list[dict[str, Any]]:
    """What ONDE last said of this adult, then of each double; of each, what it says in the files of each school."""
    faces = [responsable.onde, *responsable.onde.get("doubles", ())]
    return [dite for face in faces for dite in (face, *_autres(face))]


def _autres(face: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"enfants": face.get("enfants", ()), **dite} for dite in face.get(ECOLES, {}).values()]


def unite_adultes(reste: dict[str, Any], double: dict[str, Any]) -> dict[str, Any]:
    """The last values of both, as those of one adult."""
    if not reste or not double:
        return reste or double
    autres = [*reste.get("doubles", ()), *({**double, "doubles": []}, *double.get("doubles", ()))]
    enfants = {*reste.get("enfants", ()), *double.get("enfants", ())}
    return {**reste, "enfants": sorted(enfants), "doubles": [_sans_doubles(onde) for onde in autres]}


def unite_enfants(premier: Enfant, double: Enfant) -> dict[str, Any]:
    """The last values of both, as those of one child: those of `premier`, and what `double` is called besides."""
    dites = [_sans_doubles(double.onde), identite(double), *double.onde.get("doubles", ())]
    autres = [*premier.onde.get("doubles", ()), *dites]
    scolarites = {**double.onde.get("scolarites", {}), **premier.onde.get("scolarites", {})}
    faces = [{champ: face[champ] for champ in IDENTITE if face.get(champ)} for face in autres]
    uniques = [face for rang, face in enumerate(faces) if face and face not in faces[:rang]]
    return {**premier.onde, **({"scolarites": scolarites} if scolarites else {}), "doubles": uniques}


def identite(enfant: Enfant) -> dict[str, Any]:
    """What the town hall calls this child, as ONDE would give it."""
    return {
        "nom": enfant.nom,
        "nom_usage": enfant.nom_usage,
        "prenom": enfant.prenom,
        "date_naissance": enfant.date_naissance.isoformat(),
        "ine": enfant.ine or "",
    }


def replace_enfant(onde: dict[str, Any], double: int, reste: int) -> dict[str, Any]:
    """The last values of an adult, with the children (primary keys) that ONDE gave: `double` is `reste` now."""
    suite = dict(onde)
    if double in onde.get("enfants", ()):
        suite["enfants"] = sorted({reste if pk == double else pk for pk in onde["enfants"]})
    if onde.get("doubles"):
        suite["doubles"] = [replace_enfant(autre, double, reste) for autre in onde["doubles"]]
    return suite


def forget_enfants(onde: dict[str, Any], enfants: Collection[int]) -> dict[str, Any]:
    """The last values of an adult, without these children (primary keys)."""
    suite = dict(onde)
    if any(pk in enfants for pk in onde.get("enfants", ())):
        suite["enfants"] = [pk for pk in onde["enfants"] if pk not in enfants]
    if onde.get("doubles"):
        suite["doubles"] = [forget_enfants(autre, enfants) for autre in onde["doubles"]]
    return suite


def unite_foyers(reste: Foyer, double: Foyer) -> dict[str, Any]:
    """The last addresses of both homes, as those of one."""
    return _with_adresses(reste, [double.onde.get("adresse", ""), *double.onde.get("doubles", ())])


def settle(adulte: Responsable, foyer: Foyer) -> dict[str, Any]:
    """The last addresses of the home where the town hall put this adult: those that ONDE gives of them are no news."""
    return _with_adresses(foyer, [onde.get("adresse", "") for onde in traces(adulte)])


def _with_adresses(foyer: Foyer, adresses: Iterable[str]) -> dict[str, Any]:
    connues = {*foyer.onde.get("doubles", ()), *adresses} - {"", foyer.onde.get("adresse")}
    return {**foyer.onde, "doubles": sorted(connues)} if connues else foyer.onde


def _sans_doubles(onde: Mapping[str, Any]) -> dict[str, Any]:
    return {champ: valeur for champ, valeur in onde.items() if champ != "doubles"}


def join_doubles(personnes: list[Personne], connus: Iterable[Responsable]) -> list[Personne]:
    """The adults of the file, with the lines of one person made one; the line that it was kept by comes first."""
    for responsable in connus:
        if not responsable.onde.get("doubles"):
            continue
        faces = traces(responsable)
        lignes = [personne for personne in personnes if any(_is_face(personne, onde) for onde in faces)]
        if len(lignes) > 1:
            lignes.sort(key=lambda personne: -_likeness(personne, responsable.onde))
            adulte = merge_lignes([personne.adulte for personne in lignes])
            une = Personne(adulte, frozenset().union(*(personne.enfants for personne in lignes)))
            personnes = [personne for personne in personnes if personne not in lignes] + [une]
    return sorted(personnes, key=lambda personne: personne.adulte.ligne)


def _is_face(personne: Personne, onde: Mapping[str, Any]) -> bool:
    """Whether this line is of whom ONDE said that: the same names, a child in common."""
    noms = {cle(onde.get("nom", "")), cle(onde.get("nom_usage", ""))} - {""}
    prenom = cle(onde.get("first_name", ""))
    return (
        bool(personne.adulte.noms & noms)
        and cle(personne.adulte.prenom) == prenom
        and bool(personne.enfants & {*onde.get("enfants", ())})
    )


def _likeness(personne: Personne, onde: Mapping[str, Any]) -> int:
    """In how much this line is what ONDE said."""
    adulte = personne.adulte
    lus = {"adresse": adulte.cle_adresse, "email": adulte.courriel, "telephone": adulte.telephone}
    return _is_face(personne, onde) + sum(bool(lu) and lu == onde.get(champ) for champ, lu in lus.items())
