"""What every page says of the commune: phone, hours, state of accessibility."""

from django.conf import settings
from django.http import HttpRequest

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
    return {name.lower(): getattr(settings, name) for name in NAMES}
