"""What ONDE last said, kept beside what is known here: by it the corrections of the town hall win, a field taking the
value of ONDE only if its own has changed since.

Doubles that the town hall made one keep the last values of each beside those of the person (`doubles`): ONDE may go on
giving each its line, and none of them is news.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from typing import Any

from django.db.models import Model

from enfance.models import Ecole, Enfant, Foyer, Responsable
from portail.cles import cle

NOMS = {"nom", "nom_usage", "prenom"}  # whichever way they are written
ECOLES = "ecoles"  # what the files of each school last said, where there are several
EFFACABLES = {"nom_usage"}  # elsewhere an empty cell of ONDE says nothing: it would erase a mail or a telephone


def reprend(objet: Model, dernieres: dict[str, Any], champ: str, valeur: Any, trace: str | None = None) -> str:
    """Write the value that ONDE gives (`valeur`) in the field `champ` of this pupil, adult or place; a value that the
    town hall corrected stays as long as ONDE says the same as before. An empty value erases nothing but a `nom_usage`;
    what was typed before ONDE said anything stays too, and so it is when ONDE speaks of a double. `dernieres`, what
    ONDE last said as text, is updated.
    `trace` is the value as text, when it is not text itself. Returns the change in words for the report, empty when
    there is none. Nothing is saved here.
    """
    trace = valeur if trace is None else trace
    connue = dernieres.get(champ)
    if connue is not None and _is_of_a_double(champ, trace, dernieres):
        return ""  # what ONDE says of a double was known when the town hall made them one
    if trace == connue or (not trace and connue and champ not in EFFACABLES):
        return ""
    dernieres[champ] = trace
    actuelle = getattr(objet, champ)
    if actuelle == valeur or (connue is None and actuelle and not objet._state.adding):
        return ""  # already so, or typed by the town hall before ONDE knew it
    setattr(objet, champ, valeur)
    nom = objet._meta.get_field(champ).verbose_name  # type: ignore[union-attr]
    return f"{nom} {_dit(actuelle)} → {_dit(valeur)}"


def heard(onde: dict[str, Any], ecole: Ecole | None) -> dict[str, Any]:
    """What ONDE last said (`onde`) as the files of this school gave it; for a field of which they never said anything,
    as those of another school did.
    Two schools may say two things of one adult: what one goes on saying is no news, whatever the other says. With
    `ecole` None (a town of one school), it is `onde` itself, else a copy.
    """
    if ecole is None:
        return onde
    return {**onde, **onde.get(ECOLES, {}).get(str(ecole.pk), {})}


def keep_heard(onde: dict[str, Any], dites: dict[str, Any], champs: Iterable[str], ecole: Ecole | None) -> None:
    """Keep in `onde` the values that the files of this school have just given (`dites`, as `heard` gave it and the
    import changed it): those that changed as the last values of all, and all of `champs` as this school's own. Nothing
    to do with `ecole` None (a town of one school).
    """
    if ecole is None:
        return
    avant = heard(onde, ecole)
    siennes = {champ: dites[champ] for champ in champs if champ in dites}
    onde |= {champ: valeur for champ, valeur in siennes.items() if valeur != avant.get(champ)}
    onde[ECOLES] = {**onde.get(ECOLES, {}), str(ecole.pk): siennes}


def _is_of_a_double(champ: str, trace: str, dernieres: dict[str, Any]) -> bool:
    dites = [double[champ] for double in dernieres.get("doubles", ()) if champ in double]
    return trace in dites or (champ in NOMS and cle(trace) in map(cle, dites))


def _dit(valeur: object) -> str:
    if isinstance(valeur, date):
        return f"{valeur:%d/%m/%Y}"
    return f"« {valeur} »" if valeur not in {None, ""} else "vide"


# --- Doubles --------------------------------------------------------------------------------------------------------

IDENTITE = ("nom", "nom_usage", "prenom", "date_naissance", "sexe", "ine")  # of a child


def traces(responsable: Responsable) -> list[dict[str, Any]]:
    """All the descriptions that ONDE has given of this adult: the last one, then that of each file made one with this
    adult; for each, what the files of each school say.
    """
    faces = [responsable.onde, *responsable.onde.get("doubles", ())]
    return [dite for face in faces for dite in (face, *_autres(face))]


def _autres(face: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"enfants": face.get("enfants", ()), **dite} for dite in face.get(ECOLES, {}).values()]


def unite_adultes(reste: dict[str, Any], double: dict[str, Any]) -> dict[str, Any]:
    """The memory of ONDE's last values for two adults made one: that of `reste`, with the children of both, and that of
    `double` kept under « doubles ». When one of the two is empty, the other as it is.
    """
    if not reste or not double:
        return reste or double
    autres = [*reste.get("doubles", ()), *({**double, "doubles": []}, *double.get("doubles", ()))]
    enfants = {*reste.get("enfants", ()), *double.get("enfants", ())}
    return {**reste, "enfants": sorted(enfants), "doubles": [_sans_doubles(onde) for onde in autres]}


def unite_enfants(premier: Enfant, double: Enfant) -> dict[str, Any]:
    """The memory of ONDE's last values for two children made one: that of `premier`, with the places at school of both,
    and what `double` is called kept under « doubles ».
    """
    dites = [_sans_doubles(double.onde), identite(double), *double.onde.get("doubles", ())]
    autres = [*premier.onde.get("doubles", ()), *dites]
    scolarites = {**double.onde.get("scolarites", {}), **premier.onde.get("scolarites", {})}
    faces = [{champ: face[champ] for champ in IDENTITE if face.get(champ)} for face in autres]
    uniques = [face for rang, face in enumerate(faces) if face and face not in faces[:rang]]
    return {**premier.onde, **({"scolarites": scolarites} if scolarites else {}), "doubles": uniques}


def identite(enfant: Enfant) -> dict[str, Any]:
    """The name, birth date and INE that this child has here, as text, in the form of ONDE's last values."""
    return {
        "nom": enfant.nom,
        "nom_usage": enfant.nom_usage,
        "prenom": enfant.prenom,
        "date_naissance": enfant.date_naissance.isoformat(),
        "ine": enfant.ine or "",
    }


def replace_enfant(onde: dict[str, Any], double: int, reste: int) -> dict[str, Any]:
    """A copy of the memory of ONDE's last values for an adult (`onde`), in which the child `double` (primary key) is
    replaced by `reste`.
    """
    suite = dict(onde)
    if double in onde.get("enfants", ()):
        suite["enfants"] = sorted({reste if pk == double else pk for pk in onde["enfants"]})
    if onde.get("doubles"):
        suite["doubles"] = [replace_enfant(autre, double, reste) for autre in onde["doubles"]]
    return suite


def forget_enfants(onde: dict[str, Any], enfants: Collection[int]) -> dict[str, Any]:
    """A copy of the memory of ONDE's last values for an adult (`onde`), from which these children (primary keys) are
    taken out.
    """
    suite = dict(onde)
    if any(pk in enfants for pk in onde.get("enfants", ())):
        suite["enfants"] = [pk for pk in onde["enfants"] if pk not in enfants]
    if onde.get("doubles"):
        suite["doubles"] = [forget_enfants(autre, enfants) for autre in onde["doubles"]]
    return suite


def unite_foyers(reste: Foyer, double: Foyer) -> dict[str, Any]:
    """The memory of ONDE's last addresses for two homes made one: that of `reste`, which also knows the addresses of
    `double`.
    """
    return _with_adresses(reste, [double.onde.get("adresse", ""), *double.onde.get("doubles", ())])


def unite_adresses(adulte: Responsable, foyer: Foyer) -> dict[str, Any]:
    """The memory of ONDE's last addresses for the home where the town hall put this adult: that of the home, which also
    knows the addresses that ONDE gives of the adult, so that they are no news at the next import.
    """
    return _with_adresses(foyer, [onde.get("adresse", "") for onde in traces(adulte)])


def _with_adresses(foyer: Foyer, adresses: Iterable[str]) -> dict[str, Any]:
    connues = {*foyer.onde.get("doubles", ()), *adresses} - {"", foyer.onde.get("adresse")}
    return {**foyer.onde, "doubles": sorted(connues)} if connues else foyer.onde


def _sans_doubles(onde: Mapping[str, Any]) -> dict[str, Any]:
    return {champ: valeur for champ, valeur in onde.items() if champ != "doubles"}
