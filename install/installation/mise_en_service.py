"""The units, the site of the web server, and what makes them run where systemd does."""

from __future__ import annotations

import http.client
import socket
import time
from pathlib import Path

from install.installation import serveurs, unites
from install.installation.chantier import Chantier, Skipped
from install.installation.fichiers import ROOT, Fichier, InstallError
from install.installation.machine import last_words

ANSWERS_WITHIN = 60  # seconds
JOURNAL = "systemd-journald@portail.service"
CHECKED_BY = {
    "nginx": ("nginx", "-t"),
    "caddy": ("caddy", "validate", "--config", "/etc/caddy/Caddyfile", "--adapter", "caddyfile"),
}


def units(c: Chantier) -> bool:
    """Write the systemd units of the portal; True when something changed."""
    return c.poses.put(unites.fichiers(c.r))


def site(c: Chantier) -> bool:
    """Write the portal's site of the web server, and have that server check it, but below another root; True when
    something changed. A site that it refuses is taken back, for it would stop the town's other sites with the next
    restart, and InstallError is raised.
    """
    fichiers = serveurs.site(c.r, c.machine)
    before = {path: path.read_bytes() if path.is_file() else None for path in paths(c, fichiers)}
    changed = c.poses.put(fichiers)
    if c.r.serveur == "nginx":
        changed |= make_challenge_folder(c.r.acme, c.machine.racine)
    command = CHECKED_BY[c.r.serveur]
    if not c.machine.elsewhere and not (done := c.machine.run(*command)).ok:
        for path, held in before.items():
            c.poses.take_back(path, held)
        raise InstallError(
            f"{c.r.serveur} refuse le site du portail, qui est donc retiré ({last_words(done)}). "
            f"À revoir : « {' '.join(command)} », et le port 80 et le 443, qu’un autre serveur tient peut-être."
        )
    return changed


def paths(c: Chantier, fichiers: list[Fichier]) -> list[Path]:
    """Where these files are on the machine, below its root."""
    return [fichier.below(c.machine.racine) for fichier in fichiers]


def make_challenge_folder(acme: Path, racine: Path) -> bool:
    """Make the folder in which certbot leaves what the certificate authority comes to read, open to nginx; True when it
    was not there. Raises InstallError when it cannot be made.
    """
    folder = racine / acme.relative_to(ROOT)
    if folder.is_dir():
        return False
    try:
        folder.mkdir(parents=True, mode=0o755)
    except OSError as error:
        raise InstallError(f"{folder} ne peut pas être préparé ({error.strerror}).") from None
    return True


def start(c: Chantier) -> bool:
    """Enable and start the portal's units and the web server, have them take in what has changed, and see that the
    portal answers; True when something was done. Raises Skipped where there is no systemd, InstallError when something
    fails.
    """
    if not c.machine.has_systemd:
        raise Skipped("il n’y a pas de systemd ici : les fichiers sont écrits, rien n’est démarré")
    changed_units = {path.name for path in c.poses.changed}
    did = False
    if any(path.is_relative_to("/etc/systemd") for path in c.poses.changed):
        order(c, "daemon-reload")
        did = True
    if unites.JOURNAL in c.poses.changed and state(c, "is-active", JOURNAL):
        order(c, "restart", JOURNAL)
    for name in unites.TO_ENABLE:
        if not (state(c, "is-enabled", name) and state(c, "is-active", name)):
            order(c, "enable", "--now", name)
            did = True
        elif name in changed_units:
            order(c, "restart", name)
    proxy = f"{c.r.serveur}.service"
    if not (state(c, "is-enabled", proxy) and state(c, "is-active", proxy)):
        order(c, "enable", "--now", proxy)
        did = True
    elif any(c.r.serveur in str(path) for path in c.poses.changed):
        order(c, "reload", proxy)
        did = True
    see_it_answer(c)
    return did


def state(c: Chantier, question: str, unit: str) -> bool:
    """What systemctl answers for this unit to `question`, « is-active » or « is-enabled »."""
    return c.machine.run("systemctl", "--quiet", question, unit).ok


def order(c: Chantier, *words: str) -> None:
    """Run systemctl with these words; raises InstallError when it fails."""
    done = c.machine.run("systemctl", *words)
    if not done.ok:
        raise InstallError(
            f"systemctl {' '.join(words)} a échoué ({last_words(done)}). "
            f"Voyez « journalctl --namespace=+portail -u {words[-1]} -n 30 »."
        )


class Link(http.client.HTTPConnection):
    """A connection to the portal, at « 127.0.0.1:8000 » or by a socket of the file system."""

    def __init__(self, address: str) -> None:
        super().__init__("localhost" if address.startswith("/") else address, timeout=20)
        self.path = address if address.startswith("/") else ""

    def connect(self) -> None:
        """Connect to the address, or to the socket of the file system."""
        if not self.path:
            return super().connect()
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


def see_it_answer(c: Chantier) -> None:
    """Ask for the login page of the portal as its web server would, until it answers. Raises InstallError when it has
    not after 60 seconds.
    """
    headers = {"Host": c.r.nom_public, "X-Forwarded-Proto": "https", "X-Forwarded-For": "127.0.0.1"}
    until, why = time.monotonic() + ANSWERS_WITHIN, ""
    while time.monotonic() < until:
        link = Link(c.r.adresse_locale)
        try:
            link.request("GET", "/connexion/", headers=headers)
            answer = link.getresponse()
            if answer.status == 200:
                return
            why = f"il répond {answer.status}"
        except (OSError, http.client.HTTPException) as error:
            why = str(error) or type(error).__name__
        finally:
            link.close()
        time.sleep(1)
    raise InstallError(f"Le portail ne sert pas ({why}). Voyez « journalctl --namespace=+portail -u portail -n 30 ».")
