"""Where this portal is and whose it is: how a command is typed for it, whole, wherever the reader is."""

from __future__ import annotations

import os
import pwd
import shlex
import sys
from dataclasses import dataclass
from pathlib import Path

SYSTEMD = Path("/run/systemd/system")


@dataclass(frozen=True)
class Lieu:
    """`dossier` is the one folder of the portal, `uid` the account whose `var/` it is, `env` the file of settings, and
    `instance` its name among those of a folder that several share, whose file of settings each command is told."""

    dossier: Path
    uid: int
    env: Path
    instance: str = ""

    @property
    def compte(self) -> str:
        """The name of the system account of the portal, or « #1000 », its number, where the machine knows no name."""
        try:
            return pwd.getpwuid(self.uid).pw_name
        except KeyError:
            return f"#{self.uid}"

    def as_account(self, words: str) -> str:
        """This command line, to be typed as the portal's account."""
        if self.uid == 0:
            return words if os.geteuid() == 0 else f"sudo {words}"
        return f"sudo -u {shlex.quote(self.compte)} {words}"

    def manage(self, words: str) -> str:
        """The command line of `manage.py` with these words, as the portal's account; with whole paths when it is typed
        from another folder."""
        here = Path.cwd() == self.dossier
        venv = self.dossier / ".venv/bin/python"
        if not venv.exists():
            python = shlex.quote(sys.executable)
        else:
            python = ".venv/bin/python" if here else shlex.quote(str(venv))
        elsewhere = self.env.resolve() != (self.dossier / ".env").resolve()
        before = f"env ENV_FILE={shlex.quote(str(self.env))} " if elsewhere else ""
        script = "manage.py" if here else shlex.quote(str(self.dossier / "manage.py"))
        return self.as_account(f"{before}{python} {script} {words}")

    @property
    def edit(self) -> str:
        """The command that edits the file of settings."""
        return f"sudoedit {self.env}" if self.uid == 0 else f"sudoedit -u {self.compte} {self.env}"

    @property
    def reload(self) -> str:
        """The command by which the portal reads its settings again."""
        return f"sudo systemctl reload {self.unit}" if SYSTEMD.is_dir() else "sudo pkill -HUP -f install/prise.py"

    @property
    def unit(self) -> str:
        """The name of the portal's unit of systemd, without its ending."""
        return f"portail@{self.instance}" if self.instance else "portail"

    @property
    def units(self) -> str:
        """The names of the socket and of the service of the portal in systemd."""
        return f"{self.unit}.socket {self.unit}.service"

    @property
    def start(self) -> str:
        """The command that starts the portal again and, under systemd, shows why it had stopped."""
        if not SYSTEMD.is_dir():
            serve = self.as_account("python3 -B install/prise.py 127.0.0.1:8000")
            return f"cd {shlex.quote(str(self.dossier))} && {serve}"
        return f"sudo systemctl start {self.units}\n{self.journal('-n 30')}"

    def journal(self, options: str, *, of: str = "") -> str:
        """The command that shows, with these options of journalctl, what the portal's unit last logged. `of` names
        another unit: « -sauvegarde » for the backups."""
        unit = self.unit.replace("portail", f"portail{of}", 1)
        return f"sudo journalctl --namespace=+portail -u {unit} {options}"

    def to_set(self, line: str) -> str:
        """The French sentence that says to write this line in the file of settings."""
        return f"Écrivez {line} dans {self.env}, puis rechargez."


def lieu_of(dossier: Path, var: Path, env: Path, instance: str = "") -> Lieu:
    """The place of the portal: its folder `dossier`, its `env` file and its `instance`, with as its account the owner
    of `var`, or of the folder where there is no `var` yet."""
    owned = next((path for path in (var, dossier) if path.exists()), None)
    return Lieu(dossier, owned.stat().st_uid if owned else os.geteuid(), env, instance)
