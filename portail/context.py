"""What every page says of the commune: phone, hours, state of accessibility."""

import re

from django.conf import settings
from django.http import HttpRequest

HEURES = re.compile(r"(?<=\d) (?=h\b)|(?<=\d\u00a0h) (?=\d)|(?<=\d h) (?=\d)")  # « 8 h 30 » must not break
NAMES = [
    "COMMUNE_NOM",
    "COMMUNE_ADRESSE",
    "COMMUNE_TELEPHONE",
    "COMMUNE_HORAIRES",
    "COMMUNE_COURRIEL",
    "GARDERIE_TELEPHONE",
    "CANTINE_NOM",
    "ACCESSIBILITE_ETAT",
]


def commune(request: HttpRequest | None) -> dict[str, str]:
    """The commune's own words, in lower case: `{{ commune_telephone }}`."""
    return {name.lower(): HEURES.sub("\u00a0", getattr(settings, name)) for name in NAMES}
