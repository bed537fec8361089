"""Whether somebody who sends slowly holds the portal, or what is placed before it: asked by a request that keeps its
last byte back (HDR-10)."""

from __future__ import annotations

from contextlib import closing
from http.client import HTTPConnection, HTTPException

from django.conf import settings

from surveillance.diagnostic.constats import Point, bon, mauvais
from surveillance.diagnostic.lieu import Lieu

QUOI = "Envois lents"


def is_held(connection: HTTPConnection, path: str) -> bool:
    """Whether a request that is not complete gets no answer within the connection's timeout: something in front of the
    portal keeps slow requests. A connection that is cut has not reached the portal either, so True."""
    try:
        with closing(connection):
            connection.request("GET", path, headers={"Content-Length": "1"})
            connection.getresponse()
    except (OSError, HTTPException):
        return True
    return False


def judged(held: bool, lieu: Lieu) -> Point:
    """The line of the diagnosis on slow requests: good when they are `held` in front of the portal until they are
    complete."""
    if held:
        return bon(QUOI, "ils attendent devant le portail d’être entiers.")
    install = f"sudo {lieu.dossier}/install/installer"
    if not settings.TRUSTED_PROXIES:
        phrase = (
            "rien n’est placé devant le portail\u00a0: quelques envois lents suffisent à l’arrêter. "
            "DIRECT_ACCESS n’est pas fait pour Internet."
        )
        return mauvais(QUOI, phrase, "Placez-y nginx ou Caddy\u00a0: l’installeur en écrit le site.", install)
    phrase = (
        "le serveur placé devant les passe au portail avant qu’ils soient entiers\u00a0: "
        "quelques-uns suffisent à l’arrêter."
    )
    remede = (
        "Relancez l’installeur, qui écrit le site de nginx ou de Caddy. À la main\u00a0: proxy_request_buffering on "
        "(nginx), request_buffers 13MB dans reverse_proxy (Caddy, depuis 2.7)."
    )
    return mauvais(QUOI, phrase, remede, install)
