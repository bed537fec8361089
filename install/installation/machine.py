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
    """A command that has run: the code that it ended with, and what it printed on its output and on its error
    output.
    """

    code: int
    out: str
    err: str

    @property
    def ok(self) -> bool:
        """Whether the command succeeded."""
        return self.code == 0


class Machine:
    """The machine to install on: its root, its accounts, its commands.

    `who` is the account that a command runs as. Below another root everything runs as whoever installs.
    """

    def __init__(self, racine: Path = ROOT, systemd: Path = Path("/run/systemd/system")) -> None:
        self.racine = racine
        self.systemd = systemd
        self.lock: int | None = None  # of the installation: what runs for the portal holds it too, and may outlive us

    @property
    def elsewhere(self) -> bool:
        """Whether the files go below another root than this machine's (`--racine`): no account, package or service is
        then touched.
        """
        return self.racine != ROOT

    @property
    def has_systemd(self) -> bool:
        """Whether systemd runs this machine, and services may be started."""
        return not self.elsewhere and self.systemd.is_dir() and self.has("systemctl")

    def has(self, command: str) -> bool:
        """Whether this command is on the machine."""
        return shutil.which(command, path=self.path) is not None

    @property
    def path(self) -> str:
        """The PATH in which commands are sought: that of whoever installs, then the system's folders."""
        return f"{os.environ.get('PATH', '')}:{SYSTEM_PATH}".removeprefix(":")

    def account(self, name: str) -> pwd.struct_passwd | None:
        """The system account of this name, as `pwd` gives it; None when there is none."""
        try:
            return pwd.getpwnam(name)
        except KeyError:
            return None

    def owner(self, name: str) -> str:
        """The account to which the portal's own files belong: the one of this name, or, below another root, whoever
        installs.
        """
        return pwd.getpwuid(os.geteuid()).pw_name if self.elsewhere else name

    def run(self, *command: str | Path, who: str = "", cwd: Path = ROOT, stdin: str | None = None) -> Done:
        """Run this command as the account `who` (empty: whoever installs), in the folder `cwd`; return its code and all
        that it said. A command that cannot be started gives code 127. Raises InstallError when root installs and there
        is no such account.
        """
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
        """The arguments of `subprocess.run` that make a command run as the account `who`: none below another root, or
        when it is not root who installs. Raises InstallError when the account does not exist.
        """
        if not who or self.elsewhere or os.geteuid() != 0:
            return {}
        entry = self.account(who)
        if entry is None:
            raise InstallError(f"Le compte {who} n’existe pas sur cette machine.")
        return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": os.getgrouplist(who, entry.pw_gid)}

    def environment(self, who: str) -> dict[str, str]:
        """The environment variables for a command that runs as the account `who`: a few are kept from whoever installs,
        and none of them can be a setting of the portal.
        """
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
    """The last lines of what a command that failed has said, on one line of 400 signs or so. When it said nothing, the
    French words that say so.
    """
    lines = [line.strip() for line in (done.err or done.out).splitlines() if line.strip()]
    said = " ".join(lines[-3:]) or "sans dire pourquoi"
    return said if len(said) <= 400 else f"…{said[-400:]}"
