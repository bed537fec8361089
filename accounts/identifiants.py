"""The identifiant: its canonical form and its check digit."""

from __future__ import annotations

import re
from urllib.parse import urlencode

from django.core.exceptions import ValidationError
from django.http import QueryDict

DIGITS = re.compile(r"[0-9]{1,12}\Z")


def canonical(text: str) -> str | None:
    """The identifiant meant by what somebody typed, without its spaces (« 381 62 38 »), or None when it can be none
    (AUT-10).

    Only 1 to 12 ASCII digits can be one. Everything else is one and the same unknown: look-ups, limits and logs all
    call this first.
    """
    text = text.replace(" ", "").replace("\u00a0", "").replace("\u202f", "")
    return text if DIGITS.match(text) else None


def in_address(query: QueryDict) -> str:
    """The identifiant that the query string of an address gives (`?identifiant=3816238`); empty when it gives none,
    several, or what cannot be one. Reads no account, so that the page is the same whether the account exists or not
    (AUT-08)."""
    typed = query.getlist("identifiant")
    return (canonical(typed[0]) or "") if len(typed) == 1 else ""


def as_query(typed: str) -> str:
    """The query string that gives the identifiant meant by this text, « ?identifiant=3816238 »; empty when it can be
    none."""
    identifiant = canonical(typed)
    return f"?{urlencode({'identifiant': identifiant})}" if identifiant else ""


def looks_like_email(text: str) -> bool:
    """Whether this text, typed where an identifiant was asked for, has the @ of an e-mail address. Reads no account, so
    tells nothing of any."""
    return "@" in text


def luhn_digit(digits: str) -> str:
    """The Luhn check digit (ISO/IEC 7812-1) that completes these digits; older numbers have none."""
    total = 0
    for position, digit in enumerate(reversed(digits)):
        double = int(digit) * (2 if position % 2 == 0 else 1)
        total += double - 9 if double > 9 else double
    return str(-total % 10)


def validate_identifiant(value: str) -> None:
    """Raise ValidationError unless this is an identifiant in its canonical form: 1 to 12 digits, without spaces."""
    if canonical(value) != value:
        raise ValidationError("Un identifiant ne contient que des chiffres, 12 au plus.", code="invalid")
