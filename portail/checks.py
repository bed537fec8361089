"""What production must not start with (HDR-06, LEG-01).

Settings ask `production_obstacles` when SITE_URL is in https, so that gunicorn, the worker and every command
stop alike; `check --deploy` asks again of whatever the settings have become since.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import timedelta
from email.utils import parseaddr
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.apps import AppConfig
from django.conf import settings
from django.core import checks
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.http.request import validate_host
from django.utils import timezone

from portail.mots_inconnus import known, unknown_words
from portail.rgaa import LOGICIEL, evaluation

# The example's own values: no town hall, no host has them.
PLACEHOLDER = re.compile(r"\bcommune\.example\b|\bexemple\b", re.IGNORECASE)
# The name that stands for the town's own in the examples, in whatever writing: no commune is called so.
ANY_TOWN = re.compile(r"\b(notre|votre|ma|nom de la)[\W_]*(commune|ville|mairie)\b", re.IGNORECASE)
NAMED = ["COMMUNE_NOM", "DEFAULT_FROM_EMAIL"]  # where the town's own name stands
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
ADDRESSES = ["DEFAULT_FROM_EMAIL", "COMMUNE_COURRIEL", "COMMUNE_DPO", "CANTINE_COURRIEL"]  # empty is judged above
# The commune of the demo, and of the examples before 0.5: a real one that has this name has it in its address too.
FICTION = re.compile(r"\b(saint|st)[ -]sauveur\b", re.IGNORECASE)
KEY_LENGTH, KEY_ADVISED = 32, 50  # 128 bits in hexadecimal; what Django advises, and `check --deploy` with it

STATEMENT_LASTS = timedelta(days=3 * 365)  # the accessibility statement (RGA-03)


def production_obstacles(value_of: Callable[[str], Any]) -> list[str]:
    """Why the portal must not serve families with these settings, one French sentence each; empty when it may.
    `value_of` gives the value of a setting by its name."""
    obstacles = []
    key = value_of("SECRET_KEY")
    if not key:
        obstacles.append("SECRET_KEY : donnez une clé secrète, longue et tirée au hasard.")
    elif is_weak(key):
        obstacles.append(
            f"SECRET_KEY : trop courte ou trop simple, il en faut {KEY_LENGTH} caractères tirés au hasard."
        )
    if any(map(is_weak, value_of("SECRET_KEY_FALLBACKS"))):
        obstacles.append(
            "SECRET_KEY_FALLBACKS\u00a0: une des clés d’avant est trop courte ou trop simple, et ouvrirait "
            "encore\u00a0: retirez-la."
        )
    if value_of("DEBUG"):
        obstacles.append("DEBUG : à retirer, il montre l’intérieur du portail à tout le monde.")
    host = str(urlsplit(value_of("SITE_URL")).hostname)
    if PLACEHOLDER.search(host):
        obstacles.append(f"SITE_URL : « {host} » est un nom d’exemple, donnez le vôtre.")
    if not value_of("ALLOWED_HOSTS") or "*" in value_of("ALLOWED_HOSTS"):
        obstacles.append("ALLOWED_HOSTS : donnez les noms du site, séparés par des virgules, et jamais « * ».")
    elif not validate_host(host, value_of("ALLOWED_HOSTS")):
        obstacles.append(f"ALLOWED_HOSTS : il y manque « {host} », le nom de SITE_URL (sans https://, sans port).")
    if not value_of("TRUSTED_PROXIES") and not value_of("DIRECT_ACCESS"):
        obstacles.append(
            "TRUSTED_PROXIES : donnez l’adresse du serveur placé devant le portail, "
            "ou DIRECT_ACCESS=1 (jamais sur Internet)."
        )
    if any(mailer["BACKEND"] == "portail.courriels.FileMailBackend" for mailer in value_of("MAILERS").values()):
        obstacles.append("EMAIL_URL : donnez un serveur de mail (smtp+tls:// ou smtps://), pas un dossier de fichiers.")
    hosts = [mailer.get("OPTIONS", {}).get("host", "") for mailer in value_of("MAILERS").values()]
    if any(map(PLACEHOLDER.search, hosts)):
        obstacles.append("EMAIL_URL : ce serveur de mail est un exemple, donnez le vôtre.")
    returned = value_of("RETOURS_COURRIEL")
    if returned is not None and any(map(PLACEHOLDER.search, (returned.host, returned.address))):
        obstacles.append("RETOURS_COURRIEL : cette boîte est un exemple, donnez la vôtre, ou retirez la ligne.")
    if value_of("PAYFIP_NUMCLI") and "://" in (wsdl := value_of("PAYFIP_WSDL")) and not wsdl.startswith("https://"):
        obstacles.append("PAYFIP_WSDL\u00a0: donnez une adresse en https://, un fichier, ou retirez la ligne.")
    for name in SAID_TO_FAMILIES:
        if not value_of(name).strip():
            obstacles.append(f"{name} : à renseigner.")
        elif PLACEHOLDER.search(value_of(name)):
            obstacles.append(f"{name} : « {value_of(name)} » est une valeur d’exemple, donnez la vôtre.")
    for name in NAMED:
        if ANY_TOWN.search(value_of(name)) and not PLACEHOLDER.search(value_of(name)):  # said once
            obstacles.append(
                f"{name}\u00a0: «\u00a0{value_of(name)}\u00a0» est resté de l’exemple\u00a0: donnez le nom de votre "
                "commune."
            )
        if FICTION.search(value_of(name)) and not FICTION.search(value_of("COMMUNE_ADRESSE")):
            obstacles.append(
                f"{name} : « {value_of(name)} » est resté de l’exemple, et COMMUNE_ADRESSE n’est pas à "
                "Saint-Sauveur : donnez le nom de votre commune."
            )
    for name in ADDRESSES:
        if value_of(name).strip() and not is_address(value_of(name), named=name == "DEFAULT_FROM_EMAIL"):
            obstacles.append(f"{name} : « {value_of(name)} » n’est pas une adresse e-mail.")
    return obstacles


def is_weak(key: str) -> bool:
    """Whether this secret key is shorter than `KEY_LENGTH` or has fewer than five different characters."""
    return len(key) < KEY_LENGTH or len(set(key)) < 5


def is_address(value: str, *, named: bool) -> bool:
    """Whether this is an e-mail address, « garderie@commune.fr », or when `named`, one that may have a name, « Garderie
    <garderie@commune.fr> »."""
    try:
        validate_email(parseaddr(value)[1] if named else value)
    except ValidationError:
        return False
    return True


@checks.register(checks.Tags.security, deploy=True)
def check_production(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[checks.CheckMessage]:
    """Refuse what production must not start with (`production_obstacles`); in a trial, warn that it is one."""
    if not settings.PRODUCTION:
        return [
            checks.Warning("SITE_URL n’est pas en https:// : ce réglage ne convient qu’à un essai.", id="portail.W001")
        ]
    return [checks.Error(obstacle, id="portail.E001") for obstacle in production_obstacles(partial(getattr, settings))]


@checks.register(checks.Tags.security, deploy=True)
def check_mails_leave(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[checks.CheckMessage]:
    """Warn that ENVOIS_RETENUS holds all mails back, as after a restore."""
    if not settings.ENVOIS_RETENUS:
        return []
    sentence = "ENVOIS_RETENUS : aucun e-mail ne part de lui-même, la mairie laisse partir chacun (E-mails retenus)."
    return [checks.Warning(sentence, id="portail.W005")]


@checks.register(checks.Tags.security, deploy=True)
def check_keys(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[checks.CheckMessage]:
    """Warn of a secret key that is too short or too simple, in French: Django's own security.W009 and W025 say it in
    English."""
    found: list[checks.CheckMessage] = []
    for name, keys in (("SECRET_KEY", [settings.SECRET_KEY]), ("SECRET_KEY_FALLBACKS", settings.SECRET_KEY_FALLBACKS)):
        if any(len(key) < KEY_ADVISED or is_weak(key) or key.startswith("django-insecure-") for key in keys):
            sentence = (
                f"{name}\u00a0: moins de {KEY_ADVISED} signes, ou trop simple\u00a0: donnez-en une plus longue, tirée "
                "au hasard («\u00a0Changer la clé\u00a0», dans docs/exploitation.md)."
            )
            found.append(checks.Warning(sentence, id="portail.W010"))
    return found


@checks.register(checks.Tags.security, deploy=True)
def check_words(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[checks.CheckMessage]:
    """Warn of each word of `.env` that is not a setting of the portal, which ignores it."""
    words = unknown_words(settings.ENV_FILE, known())
    return [checks.Warning(f"{settings.ENV_FILE.name}, {word.phrase}", id="portail.W009") for word in words]


@checks.register(checks.Tags.security, deploy=True)
def check_something_stands_before(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[checks.CheckMessage]:
    """Warn of DIRECT_ACCESS, when no server stands in front of the portal: whoever sends slowly holds one of its few
    threads."""
    if not settings.DIRECT_ACCESS:
        return []
    sentence = (
        "DIRECT_ACCESS : rien n’est placé devant le portail, que quelques envois lents suffisent alors à arrêter. "
        "Jamais sur Internet : placez-y nginx ou Caddy (install/installer)."
    )
    return [checks.Warning(sentence, id="portail.W008")]


@checks.register(checks.Tags.security, deploy=True)
def check_payments_are_real(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[checks.CheckMessage]:
    """Warn that PayFiP is in its trial mode: invoices would be marked as paid without any money being taken."""
    if not settings.PAYFIP_NUMCLI or settings.PAYFIP_SAISIE == "W":
        return []
    sentence = (
        f"PAYFIP_SAISIE={settings.PAYFIP_SAISIE}\u00a0: PayFiP est à l’essai, aucun argent n’est pris aux familles."
    )
    return [checks.Warning(sentence, id="portail.W007")]


@checks.register(checks.Tags.security, deploy=True)
def check_private(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[checks.CheckMessage]:
    """Warn of a `.env` or SQLite file that an account other than the portal's may read."""
    database = settings.DATABASES["default"]
    data = Path(database["NAME"]) if database["ENGINE"] == "django.db.backends.sqlite3" else None
    return [
        checks.Warning(f"Tous les comptes de la machine peuvent lire {path} : lancez « {remedy} ».", id="portail.W004")
        for path, remedy in [
            (settings.ENV_FILE, f"chmod 600 {settings.ENV_FILE}"),
            *([(data, f"chmod 700 {data.parent}")] if data else []),
        ]
        if path.is_file() and path.stat().st_mode & 0o077 and path.parent.stat().st_mode & 0o077
    ]


@checks.register(checks.Tags.database, deploy=True)
def check_backups(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[checks.CheckMessage]:
    """Warn that no setting says where backups are, or that their folder is missing: the list of what was erased is kept
    there, without which erased data would come back with the first restore."""
    if settings.SAUVEGARDES is None:
        sentence = "SAUVEGARDES : donnez le dossier des sauvegardes, où se tient aussi la liste de ce qui a été effacé."
    elif not settings.SAUVEGARDES.is_dir():
        sentence = f"SAUVEGARDES : le dossier {settings.SAUVEGARDES} n’existe pas, ou n’est pas monté."
    else:
        return []
    return [checks.Warning(sentence, id="portail.W006")]


@checks.register(checks.Tags.compatibility, deploy=True)
def check_accessibilite(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[checks.CheckMessage]:
    """Warn of an accessibility statement that no audit supports, that the software's own evaluation contradicts, or
    that is more than three years old."""
    warnings: list[checks.CheckMessage] = []
    etat, audit = settings.ACCESSIBILITE_ETAT, settings.ACCESSIBILITE_AUDIT
    found = evaluation() if audit == LOGICIEL else None
    if etat != "non conforme" and not audit:  # RGA-01
        warnings.append(
            checks.Warning(
                f"ACCESSIBILITE_ETAT : « {etat} » demande un audit, à résumer dans ACCESSIBILITE_AUDIT.",
                id="portail.W002",
            )
        )
    elif audit == LOGICIEL and etat != "non conforme" and (found is None or found.etat != etat):
        measured = f"le dit « {found.etat} »" if found else "n’est pas là (docs/rgaa.md)"
        warnings.append(
            checks.Warning(
                f"ACCESSIBILITE_ETAT : « {etat} », mais l’évaluation du logiciel, que la commune adopte, {measured}.",
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
