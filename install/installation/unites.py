"""What systemd is told: the service and its socket, the nightly backup, its weekly check, the time a journal is kept.

The portal's journal is in a namespace of systemd's own: kept for as long as the town says, whatever the rest of the
machine writes, and nobody else's with it.
"""

from __future__ import annotations

from pathlib import Path

from install.installation.fichiers import Fichier
from install.installation.modele import fill
from install.installation.reponses import Reponses

UNITS = Path("/etc/systemd/system")
JOURNAL = Path("/etc/systemd/journald@portail.conf")
TO_ENABLE = ["portail.socket", "portail.service", "portail-sauvegarde.timer", "portail-verification.timer"]
OF_SERVERS = {"nginx": "www-data", "caddy": "caddy"}  # the group that may open a socket of the file system
CONFINED = ["portail.service", "portail-sauvegarde.service", "portail-verification.service"]
NAMES = [*CONFINED, "portail.socket", "portail-sauvegarde.timer", "portail-verification.timer"]


def fichiers(r: Reponses) -> list[Fichier]:
    """The files that systemd reads for the portal with these answers: its units, and the settings of its journal."""
    answers = {
        "compte": r.systeme_compte,
        "dossier": r.dossier,
        "sauvegardes": r.sauvegardes,
        "python": r.python,
        "mois": r.journal_mois,
        "ecoute": r.adresse_locale,
        # systemd hands a socket of the file system over; an address can be opened by the service alone as well.
        "adresse": "" if in_file_system(r) else f" {r.adresse_locale}",
        "droits": (
            # its own account too: an upgrade asks there whether the new version answers
            f"SocketUser={r.systeme_compte}\nSocketGroup={OF_SERVERS[r.serveur]}\nSocketMode=0660\n"
            if in_file_system(r)
            else ""
        ),
    }
    answers["confinement"] = fill("confinement", **answers)
    units = [Fichier(UNITS / name, fill(name, **answers)) for name in NAMES]
    return [Fichier(JOURNAL, fill(JOURNAL.name, **answers)), *units]


def in_file_system(r: Reponses) -> bool:
    """Whether the portal listens on a socket of the file system, and not at an address."""
    return r.adresse_locale.startswith("/")
