"""This machine, as the steps see it: its commands, accounts and services. Below another root, only its files."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from install.installation.fichiers import ROOT, InstallError

SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
# A setting of the portal in root's own environment would win over `.env`: only these go on.
KEPT = ("PATH", "LANG", "LANGUAGE", "TERM", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "DEBIAN_FRONTEND")
KEPT_FAMILIES = ("LC_", "PIP_", "PG", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy")


@dataclass(frozen=True)
class Done:
    code: int
    out: str
    err: str

    @property
    def ok(self) -> bool:
        return self.code == 0


class Machine:
    """`who` is the account that a command runs as. Below another root everything runs as whoever installs."""

    def __init__(self, racine: Path = ROOT, systemd: Path = Path("/run/systemd/system")) -> None:
        self.racine = racine
        self.systemd = systemd
        self.lock: int | None = None  # of the installation: what runs for the portal holds it too, and may outlive us

    @property
    def elsewhere(self) -> bool:
        return self.racine != ROOT

    @property
    def has_systemd(self) -> bool:
        return not self.elsewhere and self.systemd.is_dir() and self.has("systemctl")

    def has(self, command: str) -> bool:
        return shutil.which(command, path=self.path) is not None

    @property
    def path(self) -> str:
        return f"{os.environ.get('PATH', '')}:{SYSTEM_PATH}".removeprefix(":")

    def account(self, name: str) -> pwd.struct_passwd | None:
        try:
            return pwd.getpwnam(name)
        except KeyError:
            return None

    def owner(self, name: str) -> str:
        """Whose the portal's own files are: this account's, or below another root whoever's installs."""
        return pwd.getpwuid(os.geteuid()).pw_name if self.elsewhere else name

    def run(self, *command: str | Path, who: str = "", cwd: Path = ROOT, stdin: str | None = None) -> Done:
        """What the command did, all that it said kept. One that is not there says so, with code 127."""
        try:
            done = subprocess.run(
                [str(word) for word in command],
                cwd=cwd,
                env=self.environment(who),
                input=stdin,
                stdin=subprocess.DEVNULL if stdin is None else None,
                capture_output=True,
                text=True,
                errors="replace",
                umask=0o077 if who else -1,
                pass_fds=[self.lock] if who and self.lock is not None else [],
                **self.identity(who),
            )
        except (FileNotFoundError, PermissionError) as error:
            return Done(127, "", f"{error.filename or command[0]} : {error.strerror}")
        return Done(done.returncode, done.stdout, done.stderr)

    def identity(self, who: str) -> dict[str, Any]:
        """What makes a command run as this account: nothing when it is the one who installs."""
        if not who or self.elsewhere or os.geteuid() != 0:
            return {}
        entry = self.account(who)
        if entry is None:
            raise InstallError(f"Le compte {who} n’existe pas sur cette machine.")
        return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": os.getgrouplist(who, entry.pw_gid)}

    def environment(self, who: str) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if name in KEPT or name.startswith(KEPT_FAMILIES)} | {
            "PATH": self.path,
            "PYTHONUTF8": "1",
            "HOME": os.environ.get("HOME", "/root"),
        }
        entry = self.account(who) if who and not self.elsewhere else None
        if entry:
            kept |= {"HOME": entry.pw_dir, "USER": who, "LOGNAME": who}
        return kept


def last_words(done: Done) -> str:
    """The end of what a command that failed said, on one line."""
    lines = [line.strip() for line in (done.err or done.out).splitlines() if line.strip()]
    said = " ".join(lines[-3:]) or "sans dire pourquoi"
    return said if len(said) <= 400 else f"…{said[-400:]}"
