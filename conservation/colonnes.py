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
        """The column of this field of a model: its name, whether it may be empty, and how its values are converted."""
        return cls(str(field.column), field.null, conversion(field))

    def read(self, valeur: Any) -> Any:
        """This value of SQLite's file as PostgreSQL takes it; None stays None where the column may be empty. Raises
        Impossible when PostgreSQL would refuse the value.
        """
        if valeur is not None:
            return self.convert(valeur)
        if not self.nullable:
            raise Impossible("vide, alors qu’il faut une valeur")
        return None


def conversion(field: models.Field[Any, Any]) -> Conversion:
    """The function that turns a value which SQLite holds for this field into the value that PostgreSQL takes. Raises
    NotImplementedError for a kind of field that no model of the portal had.
    """
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
    """The conversion of a column of text, which returns each text as it is. It raises Impossible for a value that is no
    text, that has more than `longueur` signs (None: no limit), or that has signs which PostgreSQL cannot write.
    """

    def convert(valeur: Any) -> str:
        if not isinstance(valeur, str):
            raise Impossible("pas un texte")
        if longueur is not None and len(valeur) > longueur:
            raise Impossible(f"{len(valeur)} signes, {longueur} au plus")
        return check_signes(valeur)

    return convert


def check_signes(valeur: str) -> str:
    """Return this text as it is; raises Impossible when it holds a NUL or a surrogate, which PostgreSQL
    cannot write.
    """
    if "\0" in valeur:
        raise Impossible("un signe nul (NUL), que PostgreSQL n’écrit pas")
    if not valeur.isascii() and SURROGATE.search(valeur):
        raise Impossible("des signes qui ne sont pas de l’Unicode")
    return valeur


def entier(premier: int, dernier: int) -> Conversion:
    """The conversion of a column of whole numbers, which returns each number as it is. It raises Impossible for a value
    that is no whole number, or that is not between `premier` and `dernier`, both included.
    """

    def convert(valeur: Any) -> int:
        if not isinstance(valeur, int):
            raise Impossible("pas un nombre entier")
        if not premier <= valeur <= dernier:
            raise Impossible(f"un nombre hors des bornes, de {premier} à {dernier}")
        return valeur

    return convert


def decimal(chiffres: int | None, decimales: int | None) -> Conversion:
    """The conversion of a column of decimal numbers, which returns each number, or text that says one, rounded to
    `decimales` decimals. It raises Impossible for a value that is no number, or that has more than `chiffres` digits in
    all (None: no limit).
    """
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
    """The truth value that SQLite keeps as 0 or 1; raises Impossible for any other value."""
    if valeur not in (0, 1) or not isinstance(valeur, int):
        raise Impossible("ni vrai ni faux")
    return bool(valeur)


def reel(valeur: Any) -> float:
    """This number of SQLite as a float; raises Impossible for a value that is no number."""
    if not isinstance(valeur, int | float):
        raise Impossible("pas un nombre")
    return float(valeur)


def instant(valeur: Any) -> datetime:
    """The instant that SQLite keeps as a text, without a zone in UTC: an aware time in UTC, to the microsecond. A date
    alone is its midnight. Raises Impossible for a value that is neither.
    """
    return _parsed(_parse_utc, valeur, "pas une date avec son heure")


def jour(valeur: Any) -> date:
    """The date that SQLite keeps as a text; raises Impossible for a value that is no date."""
    return _parsed(parse_date, valeur, "pas une date")


def heure(valeur: Any) -> time:
    """The time of day that SQLite keeps as a text; raises Impossible for a value that is no time."""
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
    """The duration that SQLite keeps as a whole number of microseconds; raises Impossible for a value that is none."""
    if not isinstance(valeur, int):
        raise Impossible("pas une durée")
    try:
        return timedelta(microseconds=valeur)
    except OverflowError:
        raise Impossible("une durée hors des bornes") from None


def numero(valeur: Any) -> UUID:
    """The UUID that SQLite keeps as a text; raises Impossible for a value that is none."""
    try:
        return UUID(valeur)
    except (ValueError, AttributeError, TypeError):
        raise Impossible("pas un numéro (UUID)") from None


def octets(valeur: Any) -> bytes:
    """Return these bytes as they are; raises Impossible for a value that is no bytes."""
    if not isinstance(valeur, bytes):
        raise Impossible("pas des octets")
    return valeur


def texte_json(valeur: Any) -> str:
    """Return the text of a JSON value as it is, to be written once into a column of JSON, not as a text within a JSON.
    Raises Impossible for a value that is no JSON, or that holds numbers or signs which PostgreSQL cannot write.
    """
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
