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
        """The name of the account, or its number where the machine knows no name."""
        try:
            return pwd.getpwuid(self.uid).pw_name
        except KeyError:
            return f"#{self.uid}"

    def as_account(self, words: str) -> str:
        """This line, typed as the account of the portal."""
        if self.uid == 0:
            return words if os.geteuid() == 0 else f"sudo {words}"
        return f"sudo -u {shlex.quote(self.compte)} {words}"

    def manage(self, words: str) -> str:
        """`manage.py` with these words. From another folder, with its whole path."""
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
        """How the file of settings is changed."""
        return f"sudoedit {self.env}" if self.uid == 0 else f"sudoedit -u {self.compte} {self.env}"

    @property
    def reload(self) -> str:
        """How the portal reads its settings again."""
        return f"sudo systemctl reload {self.unit}" if SYSTEMD.is_dir() else "sudo pkill -HUP -f install/prise.py"

    @property
    def unit(self) -> str:
        """What systemd calls the portal."""
        return f"portail@{self.instance}" if self.instance else "portail"

    @property
    def units(self) -> str:
        """Its socket and its service: one starts the other."""
        return f"{self.unit}.socket {self.unit}.service"

    @property
    def start(self) -> str:
        """How it starts again, and where it said why it had stopped."""
        if not SYSTEMD.is_dir():
            serve = self.as_account("python3 -B install/prise.py 127.0.0.1:8000")
            return f"cd {shlex.quote(str(self.dossier))} && {serve}"
        return f"sudo systemctl start {self.units}\n{self.journal('-n 30')}"

    def journal(self, options: str, *, of: str = "") -> str:
        """What a unit of the portal, and systemd about it, last said: `of` the backups, « -sauvegarde »."""
        unit = self.unit.replace("portail", f"portail{of}", 1)
        return f"sudo journalctl --namespace=+portail -u {unit} {options}"

    def to_set(self, line: str) -> str:
        """The remedy of a setting: which line, in which file."""
        return f"Écrivez {line} dans {self.env}, puis rechargez."


def lieu_of(dossier: Path, var: Path, env: Path, instance: str = "") -> Lieu:
    """The owner of `var/` is the account of the portal; of the folder, where there is no `var/` yet."""
    owned = next((path for path in (var, dossier) if path.exists()), None)
    return Lieu(dossier, owned.stat().st_uid if owned else os.geteuid(), env, instance)
