"""What every page may say: the commune's words, the menu of the town hall."""

from __future__ import annotations

import re
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from portail.extensions import Extension
from portail.guides import aide_of
from portail.menu import menu_of

HEURES = re.compile(r"(?<=\d) (?=h\b)|(?<=\d\u00a0h) (?=\d)|(?<=\d h) (?=\d)")  # « 8 h 30 » must not break
NAMES = [
    "COMMUNE_NOM",
    "COMMUNE_ADRESSE",
    "COMMUNE_TELEPHONE",
    "COMMUNE_HORAIRES",
    "COMMUNE_COURRIEL",
    "GARDERIE_TELEPHONE",
    "ECOLE_TELEPHONE",
    "CANTINE_NOM",
    "CANTINE_TELEPHONE",
    "ACCESSIBILITE_ETAT",
]


def commune(request: HttpRequest | None) -> dict[str, str]:
    """For every template, the settings of the commune (name, telephone, hours…), under their names in lower case: `{{
    commune_telephone }}`."""
    return {name.lower(): HEURES.sub("\u00a0", getattr(settings, name)) for name in NAMES}


def menu(request: HttpRequest | None) -> dict[str, SimpleLazyObject[Any]]:
    """For every template, the town hall's menu and guide for this agent, and the parents' menu, worked out only where a
    page shows one: `{{ menu_mairie }}`, `{{ aide_mairie }}`, `{{ menu_famille }}`."""
    user, maison = getattr(request, "user", None), Extension.installed()
    return {
        "menu_mairie": SimpleLazyObject(lambda: menu_of(request, maison.menu) if request else []),
        "aide_mairie": SimpleLazyObject(lambda: aide_of(user, maison.guides) if user else None),
        "menu_famille": SimpleLazyObject(lambda: maison.menu_famille),
    }
