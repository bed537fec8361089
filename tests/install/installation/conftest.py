"""A town's answers, and a machine whose commands are told what to say."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from install.installation.machine import Done, Machine

OPENSSL = shutil.which("openssl")
ANSWERS = {
    "NOM_PUBLIC": "famille.villard.fr",
    "SAUVEGARDES": "/srv/sauvegardes/portail",
    "EMAIL_SERVEUR": "smtp.villard.fr",
    "EMAIL_COMPTE": "portail@villard.fr",
    "EMAIL_MOT_DE_PASSE": "p@ss/word#1",
    "DEFAULT_FROM_EMAIL": "Garderie de Villard <garderie@villard.fr>",
    "COMMUNE_NOM": "Villard",
    "COMMUNE_ADRESSE": "1 place de la Mairie, 38000 Villard",
    "COMMUNE_TELEPHONE": "04 76 00 00 00",
    "COMMUNE_HORAIRES": "le lundi, de 9 h à 12 h",
    "COMMUNE_COURRIEL": "mairie@villard.fr",
    "GARDERIE_TELEPHONE": "04 76 00 00 01",
    "COMMUNE_DPO": "dpo@villard.fr",
    "COMMUNE_HEBERGEUR": "Mairie de Villard, 1 place de la Mairie, 38000 Villard, 04 76 00 00 00",
    "ENCAISSEMENT": "regie",
    "AGENT_IDENTIFIANT": "1000033",
    "AGENT_PRENOM": "Inès",
    "AGENT_NOM": "Durand",
    "AGENT_COURRIEL": "ines@villard.fr",
}


class Played(Machine):
    """Runs nothing: notes each command, and answers what the test has prepared for its beginning, or that it worked."""

    def __init__(self, racine: Path) -> None:
        super().__init__(racine, systemd=racine)
        self.said: dict[str, Done] = {}
        self.ran: list[str] = []
        self.commands = {"apt-get", "git", "nginx", "caddy", "systemctl", "certbot", "postgres"}

    def run(self, *command, who="", cwd=Path("/"), stdin=None):
        line = " ".join(map(str, command))
        self.ran.append(f"{who}: {line}" if who else line)
        return next((done for start, done in self.said.items() if line.startswith(start)), Done(0, "", ""))

    def has(self, command):
        return command in self.commands


@pytest.fixture
def machine(tmp_path) -> Played:
    return Played(tmp_path)


@pytest.fixture
def certificate(tmp_path):
    if not OPENSSL:
        pytest.skip("openssl n’est pas installé")
    certificate, key = tmp_path / "certificat.pem", tmp_path / "cle.pem"
    subprocess.run(
        [OPENSSL, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
        + ["-subj", "/CN=portail.commune.fr", "-keyout", str(key), "-out", str(certificate)],
        check=True,
        capture_output=True,
    )
    return {"certificat": certificate, "cle": key}
