"""The diagnosis through the public address: real connections to servers that answer badly, and what a portal saw."""

from __future__ import annotations

import json
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest
from django.core.signing import TimestampSigner
from django.test import RequestFactory

from portail.version import version
from surveillance.diagnostic import adresse, envois, relais, temoin
from surveillance.diagnostic.lieu import Lieu
from tests.accounts.scripted import CERTIFICATES, CUT, SILENT, scripted
from tests.reading import plain
from tests.surveillance.constater import LIEU, lines, only, told

SEEN: dict[str, object] = {
    "adresse": "192.0.2.9",
    "voisin": "127.0.0.1",
    "voisin_connu": True,
    "relais": ["127.0.0.1"],
    "transmis": f"{adresse.FORGED}, 192.0.2.9",
    "https": True,
    "hote": "portail.commune.fr",
    "version": version(),
    "depuis": datetime.now(UTC).isoformat(),
}


@pytest.fixture(autouse=True)
def production(settings, monkeypatch):
    settings.PRODUCTION, settings.SITE_URL = True, "https://portail.commune.fr"
    settings.TRUSTED_PROXIES = ["127.0.0.1"]
    monkeypatch.setattr(adresse, "TIMEOUT", 1)


@contextmanager
def answering(
    status: int, body: str = "", *, certificate: str = "", location: str = "", server: str = "nginx"
) -> Iterator[str]:
    """The address of a server that answers each request so."""

    class Handler(BaseHTTPRequestHandler):
        server_version, sys_version = server, ""

        def do_GET(self) -> None:  # noqa: N802
            self.send_response(status)
            if location:
                self.send_header("Location", location.replace("SITE", site))
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *args: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as http:
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(CERTIFICATES / f"{certificate}.pem")
            http.socket = context.wrap_socket(http.socket, server_side=True)
        site = f"http{'s' if certificate else ''}://127.0.0.1:{http.server_port}"
        thread = Thread(target=http.serve_forever, args=[0.02])
        thread.start()
        yield site
        http.shutdown()
        thread.join()


# --- Before any answer ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("site", "says", "commande"),
    [
        ("https://nulle-part.invalid", "le nom « nulle-part.invalid » n’existe pas", "getent hosts nulle-part.invalid"),
        ("https://127.0.0.1:1", "rien n’écoute à 127.0.0.1:1", "ss -ltnp 'sport = :1'"),
    ],
)
def test_address_that_leads_nowhere_is_told(settings, site, says, commande):
    settings.SITE_URL = site

    constat = only(adresse.check_public_address(LIEU))

    assert (constat.etat, says in plain(constat.phrase), commande in constat.commande) == ("mauvais", True, True)


@pytest.mark.parametrize(
    ("said", "scheme", "says"),
    [
        (SILENT, "https", "ne répond pas en 1 secondes"),
        (CUT, "http", "coupe la connexion sans répondre"),
        ("HTTP/1.0 400 Bad Request", "https", "ne parle pas TLS"),
    ],
)
def test_address_that_answers_nothing_good_is_told(settings, said, scheme, says):
    with scripted([said]) as (port, _):
        settings.SITE_URL = f"{scheme}://127.0.0.1:{port}"
        constat = only(adresse.check_public_address(LIEU))

    assert (constat.etat, says in plain(constat.phrase)) == ("mauvais", True)


@pytest.mark.parametrize(
    ("certificate", "known", "says", "commande"),
    [
        ("expire", "expire", "il a expiré", "certbot renew"),
        ("autre", "autre", "il n’est pas au nom de « 127.0.0.1 »", "subjectAltName"),
        ("inconnu", "", "d’une autorité que cette machine ne connaît pas", "update-ca-certificates"),
    ],
)
def test_certificate_that_is_refused_is_told(settings, monkeypatch, certificate, known, says, commande):
    if known:
        monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATES / f"{known}.pem"))
    with answering(200, certificate=certificate) as settings.SITE_URL:
        constat = only(adresse.check_public_address(LIEU))

    assert (constat.quoi, constat.etat) == ("Certificat", "mauvais")
    assert says in plain(constat.phrase)
    assert commande in constat.commande


def test_authority_that_python_finds_too_loose_is_told(settings):
    error = ssl.SSLCertVerificationError(1, "")
    error.verify_code, error.verify_message = 92, "CA cert does not include key usage extension"

    constat = adresse.why(error, "portail.commune.fr", 443, LIEU)

    assert "« CA cert does not include key usage extension »" in plain(constat.phrase)
    assert "-x509_strict" in constat.commande


@pytest.mark.parametrize(("left", "etat"), [(timedelta(days=60), "bon"), (timedelta(days=5), "attention")])
def test_end_of_the_certificate_is_told(left, etat):
    assert only(adresse.check_end(datetime.now(UTC) + left, LIEU)).etat == etat


# --- Another answer than ours -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "more", "quoi", "says"),
    [
        (301, {"location": "SITE/sante/web"}, "X-Forwarded-Proto", "renvoie sans fin vers lui-même"),
        (302, {"location": "https://ailleurs.fr/"}, "Adresse publique", "elle renvoie vers https://ailleurs.fr/"),
        (400, {}, "Adresse publique", "ALLOWED_HOSTS (testserver, 127.0.0.1, localhost"),
        (502, {}, "Adresse publique", "répond 502 (nginx) : il ne joint pas le portail"),
        (503, {"server": "gunicorn"}, "Adresse publique", "il s’arrête"),
        (401, {}, "Adresse publique", "un mot de passe ou une règle est placé devant"),
        (404, {}, "Adresse publique", "n’y existe pas (nginx)"),
        (200, {"body": "ok\n"}, "Adresse publique", "avec une autre SECRET_KEY"),
        (200, {"body": "<html>Bienvenue"}, "Adresse publique", "ce n’est pas le portail qui y répond"),
    ],
)
def test_another_answer_is_told(settings, status, more, quoi, says):
    with answering(status, **more) as settings.SITE_URL:
        constat = only(adresse.check_public_address(LIEU))

    assert (constat.quoi, constat.etat) == (quoi, "mauvais")
    assert says in plain(constat.phrase)


def test_loop_without_trusted_proxies_asks_for_them(settings):
    settings.TRUSTED_PROXIES = []
    with answering(301, location="SITE/sante/web") as settings.SITE_URL:
        constat = only(adresse.check_public_address(LIEU))

    assert "TRUSTED_PROXIES=127.0.0.1" in constat.remede


def test_portal_that_answers_is_good(settings, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATES / "inconnu.pem"))
    said = json.dumps(SEEN | {"heure": datetime.now(UTC).isoformat()})
    with answering(200, said, certificate="inconnu") as site:
        settings.SITE_URL = site
        found = lines(adresse.check_public_address(LIEU))

    assert [constat.quoi for constat in found][:3] == ["Certificat", "Adresse publique", "X-Forwarded-Proto"]
    # SEEN is of another name, and this server answers what is not whole yet (HDR-10).
    assert [constat.quoi for constat in found if constat.etat == "mauvais"] == ["Host", "Envois lents"]


def test_slow_senders_that_reach_the_portal_are_told(settings):
    with answering(200) as site:
        assert not envois.is_held(adresse.connection_to(site, 5), adresse.PATH)
    with scripted([SILENT]) as (port, _):
        assert envois.is_held(adresse.connection_to(f"http://127.0.0.1:{port}", 0.1), adresse.PATH)

    assert envois.judged(True, LIEU).etat == "bon"
    behind = envois.judged(False, LIEU)
    settings.TRUSTED_PROXIES = []
    assert ("installer" in behind.commande, "DIRECT_ACCESS" in envois.judged(False, LIEU).phrase) == (True, True)


# --- What the portal saw ----------------------------------------------------------------------------------------------


def judged(lieu: Lieu = LIEU, source: str = "192.0.2.9", **seen: object) -> dict[str, tuple[str, str, str]]:
    now = {"heure": datetime.now(UTC).isoformat()}
    found = lines(relais.constats_of(SEEN | now | seen, source=source, forged=adresse.FORGED, lieu=lieu))
    return {constat.quoi: (*told(constat), plain(constat.remede)) for constat in found}


def test_proxy_that_passes_all_on_is_good():
    assert {quoi: etat for quoi, (etat, _, _) in judged().items()} == {
        "X-Forwarded-Proto": "bon",
        "Host": "bon",
        "Adresse des visiteurs": "bon",
    }


@pytest.mark.parametrize(
    ("quoi", "seen", "says", "remede"),
    [
        ("X-Forwarded-Proto", {"https": False}, "se croit visité en http", "X-Forwarded-Proto $scheme"),
        ("Host", {"hote": "127.0.0.1:8000"}, "lit « 127.0.0.1:8000 » au lieu de", "proxy_set_header Host $host"),
        ("Adresse des visiteurs", {"transmis": None}, "ne dit pas de qui vient", "$proxy_add_x_forwarded_for"),
        ("Adresse des visiteurs", {"transmis": adresse.FORGED}, "répète ce que le visiteur dit", "$proxy_add_x"),
        ("Adresse des visiteurs", {"adresse": adresse.FORGED}, "croit l’adresse qu’un visiteur invente", "TRUSTED"),
        (
            "Adresse des visiteurs",
            {"voisin": "10.0.0.4", "voisin_connu": False},
            "TRUSTED_PROXIES ne contient pas 10.0.0.4",
            "TRUSTED_PROXIES=127.0.0.1,10.0.0.4",
        ),
        (
            "Adresse des visiteurs",
            {"voisin": "", "voisin_connu": False},
            "TRUSTED_PROXIES ne contient pas unix",
            "TRUSTED_PROXIES=127.0.0.1,unix",
        ),
    ],
)
def test_what_the_proxy_does_not_pass_on_is_told(quoi, seen, says, remede):
    etat, phrase, what_to_do = judged(**seen)[quoi]

    assert (etat, says in phrase, remede in what_to_do) == ("mauvais", True, True)


def test_portal_that_trusts_others_than_its_settings_say_is_told():
    etat, phrase, _ = judged(relais=["10.0.0.1"])["Adresse des visiteurs"]

    assert (etat, phrase) == (
        "mauvais",
        f"le portail sert avec TRUSTED_PROXIES=10.0.0.1, qui n’est pas celui de {LIEU.env}.",
    )


def test_second_server_before_the_portal_is_told():
    etat, phrase, remede = judged(adresse="10.0.0.7", source="51.15.0.1")["Adresse des visiteurs"]

    assert (etat, "un second serveur est placé devant" in phrase) == ("attention", True)
    assert "TRUSTED_PROXIES=127.0.0.1,10.0.0.7" in remede


def test_command_typed_on_the_machine_of_the_proxy_is_no_forgery():
    assert judged(source="127.0.0.1", adresse=adresse.FORGED)["Adresse des visiteurs"][0] == "bon"


def test_portal_without_a_proxy_is_judged(settings):
    settings.TRUSTED_PROXIES = []
    assert judged(transmis=adresse.FORGED, relais=[])["Adresse des visiteurs"][0] == "bon"
    etat, _, remede = judged(relais=[])["Adresse des visiteurs"]
    assert (etat, "TRUSTED_PROXIES=127.0.0.1" in remede) == ("mauvais", True)


def test_process_that_is_behind_the_disk_is_told(tmp_path):
    env = tmp_path / ".env"
    env.touch()
    lieu = Lieu(tmp_path, LIEU.uid, env)

    found = judged(lieu, version="0.3.0", depuis=(datetime.now(UTC) - timedelta(hours=1)).isoformat())

    assert found["Version"][0] == "attention"
    assert found["Réglages relus"][1].endswith("il sert avec les anciens réglages.")
    assert judged(heure=(datetime.now(UTC) - timedelta(hours=1)).isoformat())["Horloge de ce qui sert"][0] == "mauvais"
    assert set(judged(lieu, depuis=(datetime.now(UTC) + timedelta(hours=1)).isoformat())) == set(judged())


# --- The word of the minute -------------------------------------------------------------------------------------------


def request(word: str):
    headers = {temoin.HEADER: word, "X-Forwarded-For": "192.0.2.9", "Host": "testserver"}
    return RequestFactory().get("/sante/web", REMOTE_ADDR="127.0.0.1", headers=headers)


def test_page_tells_what_it_saw_to_who_holds_the_key():
    seen = temoin.seen_by(request(temoin.word()))

    assert seen is not None
    assert (seen["adresse"], seen["voisin"], seen["voisin_connu"]) == ("192.0.2.9", "127.0.0.1", True)
    assert (seen["transmis"], seen["https"], seen["hote"], seen["version"]) == (
        "192.0.2.9",
        False,
        "testserver",
        version(),
    )


def test_page_answers_the_diagnosis_alone(client, settings):
    settings.PRODUCTION, settings.TRUSTED_PROXIES = False, []

    assert client.get("/sante/web", headers={temoin.HEADER: temoin.word()}).json()["version"] == version()
    assert client.get("/sante/web", headers={temoin.HEADER: "vu:1:2"}).content == b"ok\n"


@pytest.mark.parametrize(
    "word",
    ["", "vu", "vu:1:2", pytest.param(TimestampSigner(salt="another").sign("vu"), id="of another salt")],
)
def test_page_tells_nothing_to_others(word):
    assert temoin.seen_by(request(word)) is None


def test_word_is_good_for_a_minute(monkeypatch):
    word = temoin.word()
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 59)
    assert temoin.seen_by(request(word))
    monkeypatch.setattr(time, "time", lambda: now + 62)
    assert temoin.seen_by(request(word)) is None
