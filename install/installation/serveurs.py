"""The site in front of the portal: TLS, whose address a request comes from, how much it may send and how slowly, what
is not written down."""

from __future__ import annotations

import re
from pathlib import Path

from install.installation.fichiers import Fichier
from install.installation.machine import Machine
from install.installation.modele import fill
from install.installation.reponses import Reponses
from install.installation.unites import in_file_system

NGINX = Path("/etc/nginx/conf.d/portail.conf")
CADDY = Path("/etc/caddy/Caddyfile")
# The addresses that take a file; all others send a form, of less than the portal's DATA_UPLOAD_MAX_MEMORY_SIZE.
TAKE_A_FILE = (
    "/admin/enfance/importonde/add/",
    "/admin/enfance/importonde/[0-9]+/change/",
    "/admin/enfance/listerepas/add/",
    "/admin/enfance/responsable/numeros/",
    "/admin/facturation/quotients/importer/",
    "/cantine/importer/",
)


def site(r: Reponses, machine: Machine) -> list[Fichier]:
    """The files of the portal's site, for nginx or for Caddy as these answers say."""
    answers = {"nom": r.nom_public, "acme": r.acme, "certificat": r.certificat, "cle": r.cle}
    answers["fichiers"] = f"^({'|'.join(TAKE_A_FILE)})$"
    if r.serveur == "caddy":
        answers["tls"] = f"tls {r.certificat} {r.cle} " if r.certificat else "tls "
        answers["retenue"] = held_whole_by_caddy(machine.run("caddy", "version").out)
        answers["amont"] = f"unix/{r.adresse_locale}" if in_file_system(r) else r.adresse_locale
        return [Fichier(CADDY, fill("Caddyfile", **answers))]
    model = "nginx.conf" if r.certificat else "nginx-sans-certificat.conf"
    answers["amont"] = f"unix:{r.adresse_locale}" if in_file_system(r) else r.adresse_locale
    return [Fichier(NGINX, fill(model, **answers))]


def held_whole_by_caddy(version: str) -> str:
    """The lines of a Caddyfile that make Caddy, of this version (« 2.6.2 », « v2.11.7 h1:… »), hold a request until all
    of it is there, before the portal gets it.

    2.6.4 has changed these words, 2.8 refuses the former ones. The size is above that of the largest file: below it,
    what is refused or cut would reach the portal as if it were whole (before 2.6.4 and without a size, an error is
    lost).
    """
    numbers = re.match(r"v?(\d+)\.(\d+)", version.strip())
    if numbers and (int(numbers[1]), int(numbers[2])) < (2, 7):
        return "buffer_requests\n\t\tmax_buffer_size 13MB"
    return "request_buffers 13MB"
