"""The settings of a portal that families may be served by, as its environment says them."""

from __future__ import annotations

import os

GOOD = {
    "ENV_FILE": os.devnull,
    "SITE_URL": "https://famille.commune.fr",
    "SECRET_KEY": "h7Kq-2vXw9_Lr4TzPn8-bYc3MsDf6GjVa1QeUo5WiHx0RkZtBy",
    "TRUSTED_PROXIES": "127.0.0.1",
    "EMAIL_URL": "smtp+tls://garderie:secret@mail.commune.fr",
    "DEFAULT_FROM_EMAIL": "Garderie <garderie@commune.fr>",
    "COMMUNE_NOM": "Villard",
    "COMMUNE_ADRESSE": "2 rue Haute, 38000 Villard",
    "COMMUNE_HORAIRES": "le lundi, de 9 h à 12 h",
    "COMMUNE_COURRIEL": "mairie@commune.fr",
    "COMMUNE_DPO": "dpo@commune.fr",
    "COMMUNE_HEBERGEUR": "Hébergeur, 2 rue Haute, 38000 Grenoble",
    "COMMUNE_TELEPHONE": "04 76 00 00 00",
    "GARDERIE_TELEPHONE": "04 76 00 00 01",
    "SAUVEGARDES": "docs",  # a folder that is there
}
