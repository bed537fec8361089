"""What production must not start with (HDR-06, LEG-01).

Settings ask `production_obstacles` when SITE_URL is in https, so that gunicorn, the worker and every command
stop alike; `check --deploy` asks again of whatever the settings have become since.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core import checks
from django.utils import timezone

# Names kept for examples (RFC 2606), and the example's own: no town hall, no host has them.
PLACEHOLDER = re.compile(r"\.example\b|\bexemple\b", re.IGNORECASE)
# What every page and mail says of the commune: a family must find a real office behind it.
SAID_TO_FAMILIES = [
    "DEFAULT_FROM_EMAIL",
    "COMMUNE_NOM",
    "COMMUNE_ADRESSE",
    "COMMUNE_TELEPHONE",
    "COMMUNE_HORAIRES",
    "COMMUNE_COURRIEL",
    "COMMUNE_DPO",
    "COMMUNE_DIRECTEUR_PUBLICATION",
    "COMMUNE_HEBERGEUR",
    "GARDERIE_TELEPHONE",
]

STATEMENT_LASTS = timedelta(days=3 * 365)  # the accessibility statement (RGA-03)


def production_obstacles(value_of: Callable[[str], Any]) -> list[str]:
    """Why these settings must not serve families, one French sentence each; empty when they may."""
    obstacles = []
    if value_of("SECRET_KEY") == value_of("INSECURE_KEY"):
        obstacles.append("SECRET_KEY : donnez une clé secrète, longue et tirée au hasard.")
    if value_of("DEBUG"):
        obstacles.append("DEBUG : à retirer, il montre l’intérieur du portail à tout le monde.")
    if not value_of("ALLOWED_HOSTS") or "*" in value_of("ALLOWED_HOSTS"):
        obstacles.append("ALLOWED_HOSTS : donnez les noms du site, séparés par des virgules, et jamais « * ».")
    if not value_of("TRUSTED_PROXIES") and not value_of("DIRECT_ACCESS"):
        obstacles.append(
            "TRUSTED_PROXIES : donnez l’adresse du serveur placé devant le portail, ou DIRECT_ACCESS=1 sinon."
        )
    if any(mailer["BACKEND"] == "portail.courriels.FileMailBackend" for mailer in value_of("MAILERS").values()):
        obstacles.append("EMAIL_URL : donnez un serveur de mail (smtp+tls:// ou smtps://), pas un dossier de fichiers.")
    for name in SAID_TO_FAMILIES:
        if not value_of(name).strip():
            obstacles.append(f"{name} : à renseigner.")
        elif PLACEHOLDER.search(value_of(name)):
            obstacles.append(f"{name} : « {value_of(name)} » est une valeur d’exemple, donnez la vôtre.")
    return obstacles


@checks.register(checks.Tags.security, deploy=True)
def check_production(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[checks.CheckMessage]:
    if not settings.PRODUCTION:
        return [
            checks.Warning("SITE_URL n’est pas en https:// : ce réglage ne convient qu’à un essai.", id="portail.W001")
        ]
    return [checks.Error(obstacle, id="portail.E001") for obstacle in production_obstacles(partial(getattr, settings))]


@checks.register(checks.Tags.compatibility, deploy=True)
def check_accessibilite(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[checks.CheckMessage]:
    warnings: list[checks.CheckMessage] = []
    if settings.ACCESSIBILITE_ETAT != "non conforme" and not settings.ACCESSIBILITE_AUDIT:  # RGA-01
        warnings.append(
            checks.Warning(
                f"ACCESSIBILITE_ETAT : « {settings.ACCESSIBILITE_ETAT} » demande un audit, à résumer dans "
                "ACCESSIBILITE_AUDIT.",
                id="portail.W002",
            )
        )
    if timezone.localdate() > settings.ACCESSIBILITE_DATE + STATEMENT_LASTS:
        warnings.append(
            checks.Warning(
                "ACCESSIBILITE_DATE : la déclaration d’accessibilité a plus de trois ans, elle est à refaire.",
                id="portail.W003",
            )
        )
    return warnings
