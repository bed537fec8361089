"""French typography of what comes from data: no rule, no word, only spaces that must not break."""

import re
from datetime import date, datetime

from django import template

from portail import dates, francais
from portail.francais import NBSP

register = template.Library()
register.filter("jour_abrege", dates.jour_abrege)
register.filter("jour_court", dates.jour_court)
register.filter("jour_long", dates.jour_long, expects_localtime=True)
register.filter("jour_annee", dates.jour_annee, expects_localtime=True)
register.filter("quantieme", dates.quantieme)
register.filter("said", dates.said)
register.filter("date_heure", dates.date_heure)
register.filter("de", francais.de)
register.filter("pluriel", francais.pluriel)
register.filter("milliers", francais.milliers)


@register.filter(expects_localtime=True)
def quantieme_annee(jour: date | None) -> str:
    """As `dates.quantieme_annee`, of the day in Paris of an instant too; nothing without a day."""
    return dates.quantieme_annee(jour) if jour else ""


@register.filter
def instant_annee(instant: datetime | None) -> str:
    """As `dates.instant_annee`; nothing without an instant."""
    return dates.instant_annee(instant) if instant else ""


@register.filter
def insecable(text: str) -> str:
    """This text with no-break spaces in place of its spaces: « 04 65 71 00 38 », « 7 h 30 »."""
    return str(text).replace(" ", NBSP)


@register.filter
def tel(number: str) -> str:
    """The `tel:` address of a French number: « 04 65 71 00 38 » → tel:+33465710038."""
    digits = re.sub(r"\D", "", str(number))
    return f"tel:+33{digits[1:]}" if digits.startswith("0") else f"tel:{digits}"
