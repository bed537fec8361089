"""What a value of SQLite's file becomes in PostgreSQL, or why it cannot.

SQLite keeps any value in any column; PostgreSQL has types, lengths and ranges. The values are read as the file holds
them, so that none is lost in silence: Django's own reading makes nothing of a date that it does not understand.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from django.db import models
from django.db.backends.base.operations import BaseDatabaseOperations
from django.utils.dateparse import parse_date, parse_datetime, parse_time

Conversion = Callable[[Any], Any]
SURROGATE = re.compile("[\ud800-\udfff]")
FLOAT_DIGITS = 15  # of a decimal that SQLite keeps as a real, as Django reads it
LONGEST_EXPONENT = 100_000  # of a number in JSON: PostgreSQL goes to 131 072 digits


class Impossible(Exception):
    """Why PostgreSQL would not take a value, in French: the value itself is never said."""


@dataclass(frozen=True)
class ColonneTransferee:
    """A column of a model: what SQLite holds there is read as PostgreSQL takes it."""

    nom: str
    nullable: bool
    convert: Conversion

    @classmethod
    def of(cls, field: models.Field[Any, Any]) -> ColonneTransferee:
        return cls(str(field.column), field.null, conversion(field))

    def read(self, valeur: Any) -> Any:
        """The value for PostgreSQL; raises Impossible."""
        if valeur is not None:
            return self.convert(valeur)
        if not self.nullable:
            raise Impossible("vide, alors qu’il faut une valeur")
        return None


def conversion(field: models.Field[Any, Any]) -> Conversion:
    """How the values of this field are read; raises NotImplementedError for a kind that no model had."""
    while isinstance(field, models.ForeignKey):
        field = field.target_field
    genre = field.get_internal_type()
    if genre in BaseDatabaseOperations.integer_field_ranges:
        return entier(*BaseDatabaseOperations.integer_field_ranges[genre])
    match genre:
        case "CharField" | "SlugField" | "FileField" | "FilePathField":
            return texte(field.max_length)
        case "TextField":
            return texte(None)
        case "DecimalField" if isinstance(field, models.DecimalField):
            return decimal(field.max_digits, field.decimal_places)
    if genre not in CONVERSIONS:
        raise NotImplementedError(f"{field}: {genre}")
    return CONVERSIONS[genre]


def texte(longueur: int | None) -> Conversion:
    def convert(valeur: Any) -> str:
        if not isinstance(valeur, str):
            raise Impossible("pas un texte")
        if longueur is not None and len(valeur) > longueur:
            raise Impossible(f"{len(valeur)} signes, {longueur} au plus")
        return check_signes(valeur)

    return convert


def check_signes(valeur: str) -> str:
    if "\0" in valeur:
        raise Impossible("un signe nul (NUL), que PostgreSQL n’écrit pas")
    if not valeur.isascii() and SURROGATE.search(valeur):
        raise Impossible("des signes qui ne sont pas de l’Unicode")
    return valeur


def entier(premier: int, dernier: int) -> Conversion:
    def convert(valeur: Any) -> int:
        if not isinstance(valeur, int):
            raise Impossible("pas un nombre entier")
        if not premier <= valeur <= dernier:
            raise Impossible(f"un nombre hors des bornes, de {premier} à {dernier}")
        return valeur

    return convert


def decimal(chiffres: int | None, decimales: int | None) -> Conversion:
    pas = Decimal(1).scaleb(-(decimales or 0))
    illisible = "pas un nombre décimal que l’on puisse écrire"

    def convert(valeur: Any) -> Decimal:
        if not isinstance(valeur, int | float | str):
            raise Impossible("pas un nombre")
        try:
            lue = Decimal(f"{valeur:.{FLOAT_DIGITS}g}" if isinstance(valeur, float) else valeur)
            arrondie = lue.quantize(pas)
        except InvalidOperation:
            raise Impossible(illisible) from None
        if not arrondie.is_finite():
            raise Impossible(illisible)
        if chiffres is not None and abs(arrondie) >= Decimal(1).scaleb(chiffres - (decimales or 0)):
            raise Impossible(f"un nombre de plus de {chiffres} chiffres")
        return arrondie

    return convert


def booleen(valeur: Any) -> bool:
    if valeur not in (0, 1) or not isinstance(valeur, int):
        raise Impossible("ni vrai ni faux")
    return bool(valeur)


def reel(valeur: Any) -> float:
    if not isinstance(valeur, int | float):
        raise Impossible("pas un nombre")
    return float(valeur)


def instant(valeur: Any) -> datetime:
    """An aware time: SQLite's are of UTC, to the microsecond."""
    return _parsed(_parse_utc, valeur, "pas une date avec son heure")


def jour(valeur: Any) -> date:
    return _parsed(parse_date, valeur, "pas une date")


def heure(valeur: Any) -> time:
    return _parsed(parse_time, valeur, "pas une heure")


def _parse_utc(texte: str) -> datetime | None:
    lu = parse_datetime(texte)
    if lu is None:
        return None
    return lu.replace(tzinfo=UTC) if lu.tzinfo is None else lu.astimezone(UTC)


def _parsed[T](parse: Callable[[str], T | None], valeur: Any, raison: str) -> T:
    try:
        lue = parse(valeur) if isinstance(valeur, str) else None
    except (ValueError, OverflowError):
        lue = None
    if lue is None:
        raise Impossible(raison)
    return lue


def duree(valeur: Any) -> timedelta:
    if not isinstance(valeur, int):
        raise Impossible("pas une durée")
    try:
        return timedelta(microseconds=valeur)
    except OverflowError:
        raise Impossible("une durée hors des bornes") from None


def numero(valeur: Any) -> UUID:
    try:
        return UUID(valeur)
    except (ValueError, AttributeError, TypeError):
        raise Impossible("pas un numéro (UUID)") from None


def octets(valeur: Any) -> bytes:
    if not isinstance(valeur, bytes):
        raise Impossible("pas des octets")
    return valeur


def texte_json(valeur: Any) -> str:
    """The text of a JSON value, as it is: it is written once into a column of JSON, not as a text within a JSON."""
    if not isinstance(valeur, str):
        raise Impossible("pas du JSON")
    check_signes(valeur)
    try:
        lue = json.loads(valeur, parse_constant=_constant, parse_float=_number)
    except RecursionError:
        raise Impossible("du JSON trop profond") from None
    except ValueError:
        raise Impossible("pas du JSON") from None
    if "\\u" in valeur:  # the only way for such a sign to be there
        for element in _texts(lue):
            check_signes(element)
    return valeur


def _constant(nom: str) -> float:
    raise Impossible(f"{nom} dans du JSON, que PostgreSQL n’écrit pas")


def _number(chiffres: str) -> float:
    exposant = chiffres.lower().partition("e")[2]
    if exposant and abs(int(exposant)) > LONGEST_EXPONENT:
        raise Impossible("un nombre hors des bornes dans du JSON")
    return float(chiffres)


def _texts(valeur: Any) -> Iterator[str]:
    restent = [valeur]
    while restent:
        element = restent.pop()
        if isinstance(element, str):
            yield element
        elif isinstance(element, dict):
            restent += [*element, *element.values()]
        elif isinstance(element, list):
            restent += element


CONVERSIONS: dict[str, Conversion] = {
    "BinaryField": octets,
    "BooleanField": booleen,
    "DateField": jour,
    "DateTimeField": instant,
    "DurationField": duree,
    "FloatField": reel,
    "JSONField": texte_json,
    "TimeField": heure,
    "UUIDField": numero,
}
