"""The site in front of the portal: TLS, whose address a request comes from, what is not written down."""

from __future__ import annotations

from pathlib import Path

from install.installation.fichiers import Fichier
from install.installation.modele import fill
from install.installation.reponses import Reponses
from install.installation.unites import in_file_system

NGINX = Path("/etc/nginx/conf.d/portail.conf")
CADDY = Path("/etc/caddy/Caddyfile")


def site(r: Reponses) -> list[Fichier]:
    answers = {"nom": r.nom_public, "acme": r.acme, "certificat": r.certificat, "cle": r.cle}
    if r.serveur == "caddy":
        tls = f"tls {r.certificat} {r.cle} " if r.certificat else "tls "
        upstream = f"unix/{r.adresse_locale}" if in_file_system(r) else r.adresse_locale
        return [Fichier(CADDY, fill("Caddyfile", **answers, tls=tls, amont=upstream))]
    model = "nginx.conf" if r.certificat else "nginx-sans-certificat.conf"
    upstream = f"unix:{r.adresse_locale}" if in_file_system(r) else r.adresse_locale
    return [Fichier(NGINX, fill(model, **answers, amont=upstream))]
