"""Whoever sends slowly, logged in or not, holds the server in front and never the portal (HDR-10)."""

from __future__ import annotations

import ast
import inspect
import os
import re
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from http.client import HTTPConnection
from pathlib import Path

import pytest
from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.resolvers import RoutePattern

from install.installation.machine import Machine
from install.installation.reponses import Reponses
from install.installation.serveurs import TAKE_A_FILE, held_whole_by_caddy, site
from surveillance.diagnostic.envois import is_held
from tests.install.versions_essai import ROOT, environment, free_port, is_open, page, wait_until
from tests.tools import CADDY, NGINX

pytestmark = [pytest.mark.une_fois, pytest.mark.ci]

NAME = "portail.commune.fr"
SLOW = 100  # of each kind, for two processes of four threads
PATIENCE = 8  # seconds that a visit is given: held, it would wait for the slow ones, which take thirty


# --- Which addresses take a file --------------------------------------------------------------------------------------


def addresses(resolver: URLResolver, before: str = "/") -> Iterator[tuple[str, object]]:
    for entry in resolver.url_patterns:
        here = before + str(entry.pattern) if isinstance(entry.pattern, RoutePattern) else before
        if isinstance(entry, URLResolver):
            yield from addresses(entry, here)
        elif isinstance(entry, URLPattern):
            yield here, inspect.unwrap(entry.callback)


def readers(source: str, *, of: str) -> set[str]:
    """The functions of a module that name `of`."""
    functions = [node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)]
    return {node.name for node in functions if of in (ast.get_source_segment(source, node) or "")}


def test_addresses_that_take_a_file_are_those_of_the_code():
    """A view that reads `request.FILES`, or calls a function of its module that does."""
    seen, taking = set(), []
    for address, view in addresses(get_resolver()):
        path = Path(inspect.getsourcefile(view) or "")
        if not path.is_relative_to(ROOT) or "request.FILES" not in (source := path.read_text("utf-8")):
            continue
        names = readers(source, of="request.FILES")
        callers = names | {caller for name in names for caller in readers(source, of=f"{name}(")}
        if view.__name__ in callers:
            seen.add(path)
            taking.append(re.sub(r"<int:\w+>", "[0-9]+", address))

    assert sorted(taking) == sorted(TAKE_A_FILE)
    apps = [ROOT / name for name in ("accounts", "conservation", "enfance", "facturation", "surveillance")]
    assert seen == {path for app in apps for path in app.rglob("*.py") if "request.FILES" in path.read_text("utf-8")}, (
        "a module that reads files has no address of its own"
    )


@pytest.mark.parametrize(
    ("version", "words"),
    [
        ("2.6.2\n", ["buffer_requests", "max_buffer_size 13MB"]),
        ("v2.7.6 h1:w0NymbG2m9PcvKWsrXO6EEkY9Ru4FJK8uQbYcev1p3A=\n", ["request_buffers 13MB"]),
        ("v2.11.7 h1:yj0Y4fYZGPkSvibBJ1sTWE33xC0fxztVyXEW5iIdUT4=\n", ["request_buffers 13MB"]),
        ("", ["request_buffers 13MB"]),  # not there yet, or built by hand
    ],
)
def test_words_are_those_of_the_caddy_found(version, words):
    assert [line.strip() for line in held_whole_by_caddy(version).splitlines()] == words


# --- Slow senders -----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def portal(tmp_path_factory) -> Iterator[int]:
    """The portal, with as many processes and threads as `install/prise.py` gives it, and its port."""
    folder, port = tmp_path_factory.mktemp("portail"), free_port()
    values = {"ENV_FILE": "/dev/null", "SECRET_KEY": "essai", "DEBUG": "1", "DATABASE_URL": f"sqlite:///{folder}/vide"}
    values |= {"SITE_URL": f"http://{NAME}", "ALLOWED_HOSTS": f"{NAME},127.0.0.1", "TRUSTED_PROXIES": "127.0.0.1"}
    gunicorn = "-m gunicorn portail.wsgi --worker-class gthread --workers 2 --threads 4 --no-control-socket"
    with running(folder, [sys.executable, *gunicorn.split(), "--bind", f"127.0.0.1:{port}"], port, **values):
        assert page(port, "/sante/web") == "ok\n"
        assert not is_held(HTTPConnection("127.0.0.1", port, timeout=PATIENCE), "/sante/web")
        yield port


@contextmanager
def running(folder: Path, command: list[object], port: int, **more: str) -> Iterator[None]:
    """What it says is in this folder."""
    with (folder / "journal").open("wb") as log:
        process = subprocess.Popen(
            [str(word) for word in command], cwd=ROOT, env=environment(**more), stdout=log, stderr=log
        )
    try:
        wait_until(lambda: is_open(port) or process.poll() is not None)
        yield
    finally:
        process.terminate()
        process.wait(30)


@contextmanager
def nginx(folder: Path, text: str, port: int) -> Iterator[None]:
    """This nginx serves the site that the installer writes, on another port."""
    text = re.sub(r"listen \[::\].*;\n", "", text).replace("listen 80;", f"listen 127.0.0.1:{free_port()};")
    text = text.replace("listen 443 ssl;", f"listen 127.0.0.1:{port} ssl;").replace("/var/log/nginx/", f"{folder}/")
    (folder / "portail.conf").write_text(text, "utf-8")
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    temporary = "".join(f"{kind}_temp_path {folder}/{kind};\n" for kind in kinds)
    user = "user root;\n" if os.geteuid() == 0 else ""  # as another, it would not enter this folder
    (folder / "nginx.conf").write_text(
        f"{user}daemon off;\npid {folder}/pid;\nevents {{}}\nhttp {{\n{temporary}include {folder}/portail.conf;\n}}\n"
    )
    with running(folder, [NGINX, "-e", "stderr", "-c", folder / "nginx.conf"], port):
        yield


@contextmanager
def caddy(folder: Path, text: str, port: int) -> Iterator[None]:
    """This Caddy does."""
    ours = "{\n\tadmin off\n\tauto_https disable_redirects\n\tdefault_bind 127.0.0.1\n"
    text = text.replace("{\n", ours, 1).replace(f"\n{NAME} {{", f"\nhttps://{NAME}:{port} {{")
    (folder / "Caddyfile").write_text(text, "utf-8")
    homes = {"XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}
    with running(folder, [CADDY, "run", "--adapter", "caddyfile", "--config", folder / "Caddyfile"], port, **homes):
        yield


class Visitor:
    """Comes to this port by the name of the portal, whatever its certificate says."""

    def __init__(self, port: int) -> None:
        self.port, self.tls = port, ssl.create_default_context()
        self.tls.check_hostname, self.tls.verify_mode = False, ssl.CERT_NONE

    def connect(self, timeout: float = PATIENCE) -> ssl.SSLSocket:
        return self.tls.wrap_socket(socket.create_connection(("127.0.0.1", self.port), timeout), server_hostname=NAME)

    def link(self, timeout: float = PATIENCE) -> HTTPConnection:
        link = HTTPConnection(NAME)
        link.sock = self.connect(timeout)
        return link

    def ask(self, method: str, path: str, body: bytes = b"") -> int:
        with closing(self.link()) as link:
            link.request(method, path, body or None, {"Content-Type": "application/octet-stream"})
            return link.getresponse().status


HEAD = f"POST /connexion/ HTTP/1.1\r\nHost: {NAME}\r\nCookie: csrftoken={'a' * 32}\r\n".encode()
BODY = HEAD + b"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 5000\r\n\r\n"


@pytest.mark.parametrize(
    "server",
    [
        pytest.param(nginx, marks=pytest.mark.skipif(NGINX is None, reason="nginx n’est pas installé")),
        pytest.param(caddy, marks=pytest.mark.skipif(CADDY is None, reason="caddy n’est pas installé")),
    ],
)
def test_a_hundred_slow_senders_delay_nobody(tmp_path, certificate, portal, server):
    """The sizes are seen of the same servers: a form has 1 MB, a file 12."""
    port = free_port()
    r = Reponses(serveur=server.__name__, adresse_locale=f"127.0.0.1:{portal}", **certificate)
    (fichier,) = site(r, Machine())
    with server(tmp_path, fichier.contenu, port), ExitStack() as open_ones:
        visitor = Visitor(port)
        assert visitor.ask("GET", "/sante/web") == 200
        assert is_held(visitor.link(2), "/sante/web")
        slow = [open_ones.enter_context(visitor.connect()) for _ in range(2 * SLOW)]
        for number, sock in enumerate(slow):
            sock.sendall(HEAD if number % 2 else BODY)
        for _ in range(5):
            for sock in slow:
                sock.sendall(b"a")
            assert visitor.ask("GET", "/sante/web") == 200

        large = b"a" * 1_200_000
        assert visitor.ask("POST", "/connexion/", large) == 413
        assert visitor.ask("POST", "/cantine/importer/", large) == 403  # the portal's own word to a form of nobody's
