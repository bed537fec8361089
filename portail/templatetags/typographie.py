"""French typography of what comes from data: no rule, no word, only spaces that must not break."""

import re

from django import template

from portail import dates, francais
from portail.francais import NBSP

register = template.Library()
register.filter("jour_court", dates.jour_court)
register.filter("jour_long", dates.jour_long)
register.filter("jour_annee", dates.jour_annee)
register.filter("quantieme", dates.quantieme)
register.filter("quantieme_annee", dates.quantieme_annee)
register.filter("date_heure", dates.date_heure)
register.filter("de", francais.de)
register.filter("pluriel", francais.pluriel)
register.filter("milliers", francais.milliers)


@register.filter
def insecable(text: str) -> str:
    """This text with no-break spaces in place of its spaces: « 04 65 71 00 38 », « 7 h 30 »."""
    return str(text).replace(" ", NBSP)


@register.filter
def tel(number: str) -> str:
    """The `tel:` address of a French number: « 04 65 71 00 38 » → tel:+33465710038."""
    digits = re.sub(r"\D", "", str(number))
    return f"tel:+33{digits[1:]}" if digits.startswith("0") else f"tel:{digits}"
