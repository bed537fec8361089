"""What the server placed before the portal passes on, judged from what the portal saw. Pure but for the settings."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

from accounts.client_ip import is_trusted_proxy
from portail.dates import date_heure
from portail.environnement import UNIX
from portail.version import version
from surveillance.diagnostic.constats import Point, attention, bon, mauvais
from surveillance.diagnostic.lieu import Lieu

QUOI = "Adresse publique"
WHO = "Adresse des visiteurs"
LINES = {
    "Host": "proxy_set_header Host $host;",
    "X-Forwarded-For": "proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;",
    "X-Forwarded-Proto": "proxy_set_header X-Forwarded-Proto $scheme;",
}
APART = timedelta(seconds=15)  # between its answer and our reading of it
RELOAD = "sudo nginx -t && sudo systemctl reload nginx"


def before(header: str, lieu: Lieu) -> str:
    """What to tell the server placed in front of the portal so that it passes this header on."""
    return f"Dans nginx, à côté de proxy_pass\u00a0: {LINES[header]} Caddy (reverse_proxy) le fait de lui-même."


def constats_of(seen: dict[str, Any], *, source: str, forged: str, lieu: Lieu) -> Iterator[Point]:
    """The lines of the diagnosis on what the server placed in front of the portal passes on, from what the portal saw
    of the request (`temoin.seen_by`). `source` is the network address that the diagnosis asked from, `forged` the one
    that it claimed in X-Forwarded-For."""
    yield scheme_of(seen, lieu)
    yield host_of(seen, lieu)
    yield visitor_of(seen, source=source, forged=forged, lieu=lieu)
    yield from process_of(seen, lieu)


def scheme_of(seen: dict[str, Any], lieu: Lieu) -> Point:
    """The line of the diagnosis that says whether the portal knows that it is visited in https."""
    quoi = "X-Forwarded-Proto"
    if settings.PRODUCTION and not seen["https"]:
        return mauvais(quoi, "le portail se croit visité en http.", before(quoi, lieu), RELOAD)
    return bon(quoi, "le portail se sait visité en https." if seen["https"] else "http, comme SITE_URL.")


def host_of(seen: dict[str, Any], lieu: Lieu) -> Point:
    """The line of the diagnosis that says whether the portal sees the host name that was asked for."""
    asked = urlsplit(settings.SITE_URL).netloc
    if (seen["hote"] or "").lower() != asked.lower():
        phrase = (
            f"le portail lit «\u00a0{seen['hote']}\u00a0» au lieu de "
            f"«\u00a0{asked}\u00a0»\u00a0: le serveur placé devant change le nom demandé."
        )
        return mauvais("Host", phrase, before("Host", lieu), RELOAD)
    return bon("Host", f"«\u00a0{asked}\u00a0», tel qu’il est demandé.")


def visitor_of(seen: dict[str, Any], *, source: str, forged: str, lieu: Lieu) -> Point:
    """The line of the diagnosis that says whether the portal knows the true network address of visitors, by which
    limits on attempts count; `source` is the one that the diagnosis asked from, `forged` the one that it claimed."""
    peer, passed = str(seen["voisin"] or UNIX), seen["transmis"]
    if seen["relais"] != settings.TRUSTED_PROXIES:
        phrase = f"le portail sert avec TRUSTED_PROXIES={','.join(seen['relais'])}, qui n’est pas celui de {lieu.env}."
        return mauvais(WHO, phrase, "Faites-lui relire ses réglages.", lieu.reload)
    if not settings.TRUSTED_PROXIES and passed not in {None, forged}:
        phrase = (
            "un serveur est placé devant le portail, et TRUSTED_PROXIES est "
            "vide\u00a0: toutes les familles partagent une limite d’essais."
        )
        return mauvais(WHO, phrase, lieu.to_set(f"TRUSTED_PROXIES={peer}"), lieu.reload)
    if not settings.TRUSTED_PROXIES:
        return bon(WHO, f"{seen['adresse']}, directement\u202f; ce qu’un visiteur en dit n’est pas cru.")
    if not seen["voisin_connu"]:
        listed = ",".join([*settings.TRUSTED_PROXIES, peer])
        phrase = (
            f"TRUSTED_PROXIES ne contient pas {peer}, d’où vient la demande\u00a0: "
            "toutes les familles partagent une limite d’essais."
        )
        return mauvais(WHO, phrase, lieu.to_set(f"TRUSTED_PROXIES={listed}"), lieu.reload)
    if passed is None:
        phrase = (
            "le serveur placé devant ne dit pas de qui vient une demande\u00a0: "
            "toutes les familles partagent une limite d’essais."
        )
        return mauvais(WHO, phrase, before("X-Forwarded-For", lieu), RELOAD)
    if passed.strip() == forged:
        phrase = (
            "le serveur placé devant répète ce que le visiteur dit de son "
            "adresse\u00a0: qui devine un mot de passe n’a plus de limite."
        )
        return mauvais(WHO, phrase, before("X-Forwarded-For", lieu), RELOAD)
    if seen["adresse"] == forged and not is_trusted_proxy(source):
        phrase = "le portail croit l’adresse qu’un visiteur invente\u00a0: TRUSTED_PROXIES contient trop d’adresses."
        return mauvais(WHO, phrase, lieu.to_set("TRUSTED_PROXIES= avec les seuls serveurs placés devant"), lieu.reload)
    if seen["adresse"] not in {source, forged} and is_private(seen["adresse"]) and not is_private(source):
        phrase = (
            f"le portail nous voit à {seen['adresse']}, et nous venons de "
            f"{source}\u00a0: un second serveur est placé devant."
        )
        return attention(
            WHO,
            phrase,
            lieu.to_set(f"TRUSTED_PROXIES={','.join([*settings.TRUSTED_PROXIES, seen['adresse']])}"),
            lieu.reload,
        )
    shown = source if seen["adresse"] == forged else seen["adresse"]
    return bon(WHO, f"{shown}, donnée par le serveur placé devant\u202f; celle qu’un visiteur invente n’est pas crue.")


def is_private(address: str) -> bool:
    """Whether this is a private IP address; False for what is no address."""
    try:
        return ipaddress.ip_address(address).is_private
    except ValueError:
        return False


def process_of(seen: dict[str, Any], lieu: Lieu) -> Iterator[Point]:
    """The lines of the diagnosis on the process that served the request, when there is something to say: its version is
    not that of this folder, its clock is wrong, or it started before the last change of the settings."""
    if seen["version"] != version():
        phrase = f"c’est la {seen['version']} qui sert, et ce dossier est à la {version()}."
        yield attention("Version", phrase, "Finissez la mise à jour.", lieu.as_account("install/mettre-a-jour"))
    theirs = datetime.fromisoformat(seen["heure"])
    if abs(datetime.now(UTC) - theirs) > APART:
        phrase = f"la machine qui sert dit {date_heure(theirs)}, celle-ci {date_heure(datetime.now(UTC))}."
        remede = "Mettez à l’heure celle qui se trompe\u00a0: les codes des téléphones et les délais en dépendent."
        yield mauvais("Horloge de ce qui sert", phrase, remede, "timedatectl\nsudo timedatectl set-ntp true")
    since = datetime.fromisoformat(seen["depuis"])
    if lieu.env.is_file() and datetime.fromtimestamp(lieu.env.stat().st_mtime, UTC) > since:
        phrase = (
            f"{lieu.env} a changé depuis que le portail a démarré "
            f"({date_heure(since)})\u00a0: il sert avec les anciens réglages."
        )
        yield attention("Réglages relus", phrase, "Rechargez-le.", lieu.reload)
