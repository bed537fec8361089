"""Ask the portal through its public address, as a family does: name, connection, certificate, and who answers."""

from __future__ import annotations

import errno
import json
import socket
import ssl
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

from portail.certificats import CertificateFault, fault_of
from portail.dates import jour_annee
from surveillance.diagnostic import envois
from surveillance.diagnostic.constats import Point, attention, bon, mauvais
from surveillance.diagnostic.lieu import Lieu
from surveillance.diagnostic.relais import QUOI, before, constats_of
from surveillance.diagnostic.temoin import HEADER, word

TIMEOUT = 5  # seconds
HELD_WITHIN = 2  # seconds: a portal that answers slower than that seems not to be reached
PATH = "/sante/web"
FORGED = "203.0.113.77"  # of no machine (RFC 5737)
SOON = timedelta(days=14)


class Unreachable(Exception):
    """The address does not answer: the line that says why."""

    def __init__(self, constat: Point) -> None:
        super().__init__(constat.phrase)
        self.constat = constat


@dataclass(frozen=True)
class Reponse:
    """`source` is the address that we asked from, `until` the end of the certificate."""

    status: int
    location: str
    server: str
    body: str
    source: str
    until: datetime | None


def check_public_address(lieu: Lieu) -> Iterator[Point]:
    """The lines of the diagnosis on the public address: the certificate, who answers at SITE_URL, what the portal saw
    of a request that came that way, and whether slow requests hold it. One line alone when the address does not
    answer."""
    try:
        answer = ask(settings.SITE_URL, lieu)
    except Unreachable as error:
        yield error.constat
        return
    if answer.until is not None:
        yield from check_end(answer.until, lieu)
    seen = said_by_the_portal(answer)
    if seen is None:
        yield what_answers(answer, lieu)
    else:
        yield bon(QUOI, f"le portail {seen['version']} y répond.")
        yield from constats_of(seen, source=answer.source, forged=FORGED, lieu=lieu)
        yield envois.judged(envois.is_held(connection_to(settings.SITE_URL, HELD_WITHIN), PATH), lieu)


def connection_to(site: str, timeout: float) -> HTTPConnection:
    """A connection, not opened yet, to the host of this address, over TLS for https. `timeout` in seconds."""
    parts = urlsplit(site)
    host, port = str(parts.hostname), parts.port
    if parts.scheme == "https":
        return HTTPSConnection(host, port, timeout=timeout, context=ssl.create_default_context())
    return HTTPConnection(host, port, timeout=timeout)


def ask(site: str, lieu: Lieu) -> Reponse:
    """The answer of the portal to a request of the diagnosis by this address, with a forged X-Forwarded-For. Raises
    Unreachable, with the line of the diagnosis to show, when nothing answers."""
    connection = connection_to(site, TIMEOUT)
    headers = {HEADER: word(), "X-Forwarded-For": FORGED, "User-Agent": "portail-diagnostic", "Accept": "*/*"}
    try:
        with closing(connection):
            connection.request("GET", PATH, headers=headers)
            opened = connection.sock
            source = opened.getsockname()[0] if opened else ""
            until = end_of(opened) if isinstance(opened, ssl.SSLSocket) else None
            told = connection.getresponse()
            body = told.read(10_000).decode("utf-8", "replace")
    except (OSError, HTTPException) as error:
        raise Unreachable(why(error, connection.host, connection.port, lieu)) from None
    location, server = told.getheader("Location") or "", (told.getheader("Server") or "").strip()
    return Reponse(told.status, location, server, body, source, until)


def end_of(opened: ssl.SSLSocket) -> datetime | None:
    """The instant when the certificate of this open connection expires (UTC); None when the connection tells none."""
    certificate: dict[str, Any] = opened.getpeercert() or {}
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(certificate["notAfter"]), UTC) if certificate else None


def check_end(until: datetime, lieu: Lieu) -> Iterator[Point]:
    """The line of the diagnosis on the certificate, which expires at `until`: a warning when that is less than 14 days
    away."""
    left = until - datetime.now(UTC)
    if left < SOON:
        phrase = f"il finit le {jour_annee(until.date())}, dans {left.days} jours\u00a0: rien ne l’a renouvelé."
        yield attention(
            "Certificat",
            phrase,
            "Voyez ce qui le renouvelle (certbot, Caddy, votre hébergeur).",
            "sudo certbot renew --dry-run",
        )
    else:
        yield bon("Certificat", f"reconnu, bon jusqu’au {jour_annee(until.date())}.")


def why(error: Exception, host: str, port: int, lieu: Lieu) -> Point:
    """The line of the diagnosis that says why a request got no answer from this host and port, from the error that it
    met."""
    at = f"{host}:{port}"
    shown = f"openssl s_client -connect {at} -servername {host} </dev/null | openssl x509 -noout"
    if isinstance(error, socket.gaierror):
        remede = "Créez l’enregistrement A ou AAAA de ce nom, ou corrigez SITE_URL."
        return mauvais(
            QUOI, f"le nom «\u00a0{host}\u00a0» n’existe pas pour cette machine.", remede, f"getent hosts {host}"
        )
    if isinstance(error, ssl.SSLCertVerificationError):
        return certificate_refused(error, host, at, shown)
    if isinstance(error, ssl.SSLError):
        phrase = f"ce qui écoute à {at} ne parle pas TLS."
        return mauvais(
            QUOI,
            phrase,
            "Le serveur placé devant doit y écouter en TLS (nginx\u00a0: listen 443 ssl).",
            f"sudo ss -ltnp 'sport = :{port}'",
        )
    if isinstance(error, ConnectionRefusedError):
        phrase = f"rien n’écoute à {at}\u00a0: le serveur placé devant est arrêté, ou écoute ailleurs."
        return mauvais(
            QUOI,
            phrase,
            "Démarrez-le.",
            f"sudo ss -ltnp 'sport = :{port}'\nsudo systemctl status nginx caddy --no-pager",
        )
    if isinstance(error, TimeoutError):
        phrase = (
            f"{at} ne répond pas en {TIMEOUT} secondes\u00a0: un pare-feu, un serveur figé, ou une "
            "box qui ne ramène pas ses propres machines à leur adresse publique."
        )
        remede = (
            "Essayez d’ailleurs\u202f; dans le dernier cas, une ligne "
            f"«\u00a0ADRESSE_LOCALE {host}\u00a0» dans /etc/hosts suffit."
        )
        return mauvais(QUOI, phrase, remede, f"curl -v --max-time 10 {settings.SITE_URL}/sante/web")
    if isinstance(error, OSError) and error.errno in {errno.EHOSTUNREACH, errno.ENETUNREACH}:
        return mauvais(
            QUOI, f"aucune route ne mène à {at}.", "Vérifiez l’adresse de ce nom et le réseau.", f"getent hosts {host}"
        )
    phrase = f"{at} coupe la connexion sans répondre ({type(error).__name__})."
    return mauvais(
        QUOI,
        phrase,
        "Voyez le journal du serveur placé devant.",
        f"curl -v --max-time 10 {settings.SITE_URL}/sante/web",
    )


def certificate_refused(error: ssl.SSLCertVerificationError, host: str, at: str, shown: str) -> Point:
    """The line of the diagnosis that says why the certificate of this host is refused, and what to do. `at` is
    « host:port », `shown` the openssl command that shows the certificate."""
    quoi, fault = "Certificat", fault_of(error)
    if fault is CertificateFault.EXPIRED:
        return mauvais(
            quoi,
            "il a expiré\u00a0: les familles voient un avertissement.",
            "Renouvelez-le, puis rechargez le serveur placé devant.",
            f"{shown} -dates\nsudo certbot renew",
        )
    if fault is CertificateFault.NOT_YET:
        return mauvais(
            quoi,
            "il n’est pas encore valable, ou cette machine retarde.",
            "Mettez la machine à l’heure.",
            f"{shown} -dates\ndate",
        )
    if fault is CertificateFault.OTHER_NAME:
        return mauvais(
            quoi,
            f"il n’est pas au nom de «\u00a0{host}\u00a0».",
            "Demandez-en un à ce nom, ou corrigez SITE_URL.",
            f"{shown} -subject -ext subjectAltName",
        )
    if fault is CertificateFault.UNKNOWN_ISSUER:
        phrase = (
            "il vient d’une autorité que cette machine ne connaît pas\u00a0: "
            "privée, fait soi-même, ou chaîne incomplète."
        )
        remede = (
            "Donnez au serveur placé devant la chaîne entière (fullchain.pem). Une autorité à "
            "vous\u00a0: ajoutez-la à la machine, et sachez que les familles seront averties."
        )
        return mauvais(
            quoi,
            phrase,
            remede,
            f"{shown} -issuer\nsudo cp AUTORITE.crt /usr/local/share/ca-certificates/ && sudo update-ca-certificates",
        )
    phrase = f"il n’est pas reconnu\u00a0: «\u00a0{error.verify_message}\u00a0»."
    remede = (
        "Python est plus strict qu’un navigateur, surtout pour une autorité à vous\u00a0: refaites-la avec les "
        "extensions keyUsage (keyCertSign) et subjectKeyIdentifier."
    )
    return mauvais(quoi, phrase, remede, f"openssl s_client -connect {at} -x509_strict -verify_return_error </dev/null")


def said_by_the_portal(answer: Reponse) -> dict[str, Any] | None:
    """What the portal said that it saw of the request of the diagnosis (`temoin.seen_by`); None when the answer is
    something else."""
    try:
        said = json.loads(answer.body)
    except ValueError:
        return None
    return said if answer.status == 200 and isinstance(said, dict) and "voisin" in said else None


def what_answers(answer: Reponse, lieu: Lieu) -> Point:
    """The line of the diagnosis for an answer that is not that of the portal to the diagnosis: from its status, what
    stands there and what to do."""
    site, status = settings.SITE_URL, answer.status
    whom = f" ({answer.server})" if answer.server else ""
    tried = f"curl -i --max-time 10 {site}/sante/web"
    if status in {301, 302, 307, 308}:
        if answer.location.split("?")[0] == f"{site}{PATH}":
            return loops(lieu)
        phrase = f"elle renvoie vers {answer.location[:120]}\u00a0: SITE_URL n’est pas l’adresse où le portail sert."
        return mauvais(QUOI, phrase, "Corrigez SITE_URL, ou le renvoi du serveur placé devant.", tried)
    if status == 400:
        phrase = (
            "le portail refuse la demande (400)\u00a0: le nom qui lui arrive n’est pas "
            f"dans ALLOWED_HOSTS ({', '.join(settings.ALLOWED_HOSTS)})."
        )
        return mauvais(QUOI, phrase, before("Host", lieu), f"{tried}\n{lieu.journal('-n 20')}")
    if status in {502, 504} or (status == 503 and "nginx" in answer.server):
        phrase = f"le serveur placé devant répond {status}{whom}\u00a0: il ne joint pas le portail."
        return mauvais(
            QUOI,
            phrase,
            "Démarrez le portail, ou corrigez l’adresse vers laquelle ce serveur se tourne (proxy_pass).",
            f"sudo systemctl status {lieu.units} --no-pager\n{lieu.start}",
        )
    if status == 503:
        return mauvais(
            QUOI, "le portail répond qu’il s’arrête (503).", "Recommencez dans une minute.", lieu.manage("diagnostic")
        )
    if status in {401, 403}:
        phrase = f"un mot de passe ou une règle est placé devant le portail ({status}{whom})."
        return mauvais(QUOI, phrase, "Retirez-le\u00a0: les familles ne passent pas non plus.", tried)
    if status == 404:
        phrase = f"{PATH} n’y existe pas{whom}\u00a0: un autre site répond, ou une version plus ancienne du portail."
        return mauvais(QUOI, phrase, "Voyez quel site sert à ce nom, et la version du portail.", tried)
    if status == 200 and answer.body.strip() == "ok":
        phrase = "le portail y répond, mais avec une autre SECRET_KEY que celle de .env."
        return mauvais(QUOI, phrase, "Faites-lui relire ses réglages.", lieu.reload)
    return mauvais(
        QUOI,
        f"ce n’est pas le portail qui y répond, mais un {status}{whom}.",
        "Voyez quel site sert à ce nom.",
        tried,
    )


def loops(lieu: Lieu) -> Point:
    """The line of the diagnosis for an address that redirects to itself for ever: the portal takes the request for one
    in http, and sends it to https."""
    quoi = "X-Forwarded-Proto"
    phrase = "le portail se croit visité en http, et renvoie sans fin vers lui-même\u00a0: aucune page ne s’ouvre."
    if not settings.TRUSTED_PROXIES:
        remede = lieu.to_set("TRUSTED_PROXIES=127.0.0.1 (l’adresse du serveur placé devant)")
        return mauvais(quoi, f"{phrase} TRUSTED_PROXIES est vide.", remede, lieu.reload)
    return mauvais(quoi, phrase, before("X-Forwarded-Proto", lieu), "sudo nginx -t && sudo systemctl reload nginx")
