"""One run of the installer: what was answered, the machine, and what must be told at the end."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from install.installation.fichiers import Fichier, InstallError, poser
from install.installation.machine import Done, Machine, last_words
from install.installation.poses import Poses
from install.installation.reponses import Reponses

LOG = "var/installateur.log"


class Skipped(Exception):
    """Why a step has no place here."""


@dataclass
class Chantier:
    """One run of the installer: the answers (`r`, and `values` as they were given), the machine, the files that it
    puts, and what must be told at the end.
    """

    r: Reponses
    values: dict[str, str]
    machine: Machine
    may_install: bool = True
    poses: Poses = field(init=False)
    password: str = ""  # temporary, of the first agent
    warnings: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.poses = Poses(self.r.dossier, self.machine.racine, self.owner)

    @property
    def owner(self) -> str:
        """The account to which the portal's own files belong."""
        return self.machine.owner(self.r.systeme_compte)

    def manage(self, *words: str) -> Done:
        """Run this command of `manage.py` as the portal's account, with its own Python, and return what it did, even
        when it failed.
        """
        return self.machine.run(self.python, "manage.py", *words, who=self.r.systeme_compte, cwd=self.r.dossier)

    @property
    def python(self) -> Path:
        """The Python of the portal's `.venv`."""
        return self.r.dossier / ".venv/bin/python"

    def must(self, done: Done, sentence: str) -> Done:
        """Return `done`, the command that has run. When it failed, raise InstallError with this sentence and the end of
        what the command said, all of which is kept in a file.
        """
        if not done.ok:
            log = Fichier(self.r.dossier / LOG, f"{done.out}\n{done.err}\n", 0o600, self.owner)
            poser(log)
            raise InstallError(f"{sentence} : {last_words(done)} (tout est dans {log.chemin})")
        return done
