"""What the installer has been answered: everything the rest of it needs to know of the town and of its machine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType


@dataclass(frozen=True)
class Agent:
    """The first account of the town hall: it opens the others."""

    identifiant: str
    groupe: str = "Informatique"
    nom: str = ""
    prenom: str = ""
    courriel: str = ""


@dataclass(frozen=True)
class Reponses:
    """Whole and valid by construction: `questions.py` lets nothing else through.

    `certificat` and `cle` are files that are there. Without them Caddy gets its own certificate; nginx has none yet,
    and its site can only answer the certificate authority in http (`acme`), until the installer is run again and finds
    what certbot wrote. `base_serveur` is empty when PostgreSQL is on this machine, and reached by its socket.
    """

    systeme_compte: str = "portail"
    dossier: Path = Path("/srv/portail/portail")  # the checkout
    nom_public: str = "portail.commune.fr"
    serveur: str = "nginx"  # or "caddy"
    base: str = "sqlite"  # or "postgresql"
    base_serveur: str = ""
    sauvegardes: Path = Path("/srv/sauvegardes/portail")
    adresse_locale: str = "127.0.0.1:8000"
    certificat: Path | None = None
    cle: Path | None = None
    acme: Path = Path("/var/lib/portail-acme")  # where certbot leaves what the authority comes to read
    journal_mois: int = 12
    python: Path = Path("/usr/bin/python3")  # 3.12 or newer, of the system: it outlives every .venv
    reglages: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))  # of `.env`, by name
    agent: Agent | None = None
