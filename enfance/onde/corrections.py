"""The town hall's corrections win: a field takes ONDE's value only if ONDE's own has changed since."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db.models import Model

from enfance.models import Ecole
from portail.cles import cle

NOMS = {"nom", "nom_usage", "prenom"}  # whichever way they are written
ECOLES = "ecoles"  # what the files of each school last said, where there are several
EFFACABLES = {"nom_usage"}  # elsewhere an empty cell of ONDE says nothing: it would erase a mail or a telephone


def reprend(objet: Model, dernieres: dict[str, Any], champ: str, valeur: Any, trace: str | None = None) -> str:
    """Give `champ` of `objet` the value of ONDE, unless the town hall's own must stay; keep it as the last imported.

    `dernieres` holds the last imported values of the object, as text; `trace` is that text when it is not the value.
    Returns the change in words for the report, empty when there is none. Nothing is saved here.
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
    """The last imported values, as the files of this school gave them; what they never said, as those of another did.

    Two schools may say two things of one adult: what one goes on saying is no news, whatever the other says. None where
    there is but one school: it has `onde` itself.
    """
    if ecole is None:
        return onde
    return {**onde, **onde.get(ECOLES, {}).get(str(ecole.pk), {})}


def keep_heard(onde: dict[str, Any], dites: dict[str, Any], champs: Iterable[str], ecole: Ecole | None) -> None:
    """Keep in `onde` what `heard` has become: the news as the last of all, and the whole as this school's own."""
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
