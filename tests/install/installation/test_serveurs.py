"""The site in front of the portal is one that nginx and Caddy take, and believes nobody about whose address it is."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from install import gunicorn_hooks
from install.installation.machine import Machine
from install.installation.reponses import Reponses
from install.installation.serveurs import site
from tests.tools import CADDY, NGINX

pytestmark = [pytest.mark.une_fois, pytest.mark.ci]
ADDRESSES = pytest.mark.parametrize("address", ["127.0.0.1:8000", "/run/portail.sock"])


def text(**answers) -> str:
    (fichier,) = site(Reponses(**answers), Machine())
    return fichier.contenu


def ask_nginx(tmp_path: Path, site: str) -> str:
    """What nginx says of this site within a configuration that needs no rights; its complaints alone."""
    (tmp_path / "portail.conf").write_text(site.replace("/var/log/nginx/", f"{tmp_path}/"), "utf-8")
    (tmp_path / "nginx.conf").write_text(
        f"events {{}}\npid {tmp_path}/pid;\nerror_log stderr warn;\nhttp {{\ninclude {tmp_path}/portail.conf;\n}}\n"
    )
    result = subprocess.run(
        [str(NGINX), "-t", "-e", "stderr", "-c", str(tmp_path / "nginx.conf")],
        capture_output=True,
        text=True,
        check=False,
    )
    return "\n".join(line for line in result.stderr.splitlines() if "[" in line)


@pytest.mark.skipif(NGINX is None, reason="nginx n’est pas installé")
@ADDRESSES
def test_nginx_takes_its_site(tmp_path, certificate, address):
    assert ask_nginx(tmp_path, text(adresse_locale=address, **certificate)) == ""


@pytest.mark.skipif(NGINX is None, reason="nginx n’est pas installé")
def test_nginx_takes_its_site_before_there_is_a_certificate(tmp_path):
    assert ask_nginx(tmp_path, text()) == ""


@pytest.mark.skipif(CADDY is None, reason="caddy n’est pas installé")
@ADDRESSES
@pytest.mark.parametrize("own", [True, False], ids=["our certificate", "its own"])
def test_caddy_takes_its_site(tmp_path, monkeypatch, certificate, address, own):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    (tmp_path / "Caddyfile").write_text(
        text(serveur="caddy", adresse_locale=address, **(certificate if own else {})), "utf-8"
    )

    result = subprocess.run(
        [str(CADDY), "validate", "--adapter", "caddyfile", "--config", "Caddyfile"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    assert result.returncode == 0, result.stderr
    assert "not formatted" not in result.stderr


def test_nginx_says_itself_whose_address_it_is():
    """A header of the browser's is replaced, not added to (LIM-06)."""
    text_ = text(certificat=Path("/c"), cle=Path("/k"))

    assert re.findall(r"proxy_set_header (\S+) (\S+);", text_) == [
        ("Host", "$http_host"),
        ("X-Forwarded-For", "$remote_addr"),
        ("X-Forwarded-Proto", "$scheme"),
    ]


def test_nginx_takes_nothing_older_than_tls_1_2():
    assert re.findall(r"ssl_protocols (.*);", text(certificat=Path("/c"), cle=Path("/k"))) == [
        "TLSv1.2 TLSv1.3"
    ]  # HDR-05


def test_addresses_that_are_secrets_are_not_written_down():
    """Those that open something without a login, by what they hold (HDR-08)."""
    kept = re.search(
        r"location ~ (\S+) \{\s*access_log off;\s*error_log /dev/null;", text(certificat=Path("/c"), cle=Path("/k"))
    )

    assert kept
    for address in ["/agenda/abcdef.ics", "/courriel/confirmer/abc:def/", "/rappel/abc:def/"]:
        assert re.match(kept[1], address)
    assert not re.match(kept[1], "/courriel/")


def test_identifiant_that_an_address_gives_is_not_written_down():
    """The journal of requests has no query; that of errors, which has, writes nothing of these two pages (HDR-08)."""
    site = text(certificat=Path("/c"), cle=Path("/k"))
    [silent] = re.findall(r"location ~ (\S+) \{\s*error_log /dev/null;", site)

    [log_format] = re.findall(r"log_format portail '(.*)';", site)
    assert "$uri" in log_format
    assert not re.search(r"\$(request|request_uri|args|query_string|http_referer)\b", log_format)
    for address in ["/connexion/", "/mot-de-passe-oublie/"]:
        assert re.match(silent, address)
    assert not re.match(silent, "/mot-de-passe-oublie/envoye/")
    assert "request>uri delete" in text(serveur="caddy")


def test_gunicorn_asked_for_a_journal_of_requests_writes_no_query_in_it():
    assert {"r", "q", "f"}.isdisjoint(re.findall(r"%\(([^)]*)\)s", gunicorn_hooks.access_log_format))  # HDR-08


def test_nothing_is_left_to_fill():
    for server in ["nginx", "caddy"]:
        for certificate in [{}, {"certificat": Path("/c.pem"), "cle": Path("/k.pem")}]:
            assert "§" not in text(serveur=server, **certificate)
