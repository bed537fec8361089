"""A file that the installer puts on the machine: whole or not at all, and not at all when it is there already."""

from __future__ import annotations

import os
import pwd
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

ROOT = Path("/")


class InstallError(Exception):
    """A sentence for the person at the keyboard: what could not be done."""


@dataclass(frozen=True)
class Fichier:
    """A file to put on the machine: where, what it holds, its mode and its owner. `proprietaire` is an account; the
    file's group is that account's own.
    """

    chemin: Path
    contenu: str
    mode: int = 0o644
    proprietaire: str = "root"

    def below(self, racine: Path) -> Path:
        """The path of this file when the root of the machine is the folder `racine`."""
        return racine / self.chemin.relative_to(ROOT)


def poser(fichier: Fichier, racine: Path = ROOT) -> bool:
    """Put this file on the machine whose root is `racine`, with its folders when they are missing; True when that
    changed something, its mode or owner included. Raises InstallError when it cannot be written.

    A link is refused: `systemctl mask` makes one, and what it leads to is not ours.
    """
    chemin = fichier.below(racine)
    if chemin.is_symlink():
        raise InstallError(f"{chemin} est un lien vers {os.readlink(chemin)}\u00a0: retirez-le, puis relancez.")
    try:
        wanted = fichier.contenu.encode()
        if chemin.exists() and chemin.read_bytes() == wanted:
            return set_mode_and_owner(chemin, fichier, racine)
        chemin.parent.mkdir(parents=True, exist_ok=True)
        aside = chemin.with_name(f".{chemin.name}.{os.getpid()}.partiel")
        try:
            with open(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(wanted)
                file.flush()
                os.fsync(file.fileno())
            set_mode_and_owner(aside, fichier, racine)
            aside.replace(chemin)
        finally:
            aside.unlink(missing_ok=True)
    except OSError as error:
        raise InstallError(f"{chemin} ne peut pas être écrit ({error.strerror}).") from None
    return True


def set_mode_and_owner(chemin: Path, fichier: Fichier, racine: Path = ROOT) -> bool:
    """Give what is at the path `chemin` the mode and the owner that this file must have; True when one of them was
    another.
    """
    found, changed = chemin.stat(), False
    if (owner := owner_of(fichier, racine)) and owner != (found.st_uid, found.st_gid):
        os.chown(chemin, *owner)
        changed = True
    if found.st_mode & 0o7777 != fichier.mode or changed:  # a change of owner may take bits away
        chemin.chmod(fichier.mode)
        changed = True
    return changed


def owner_of(fichier: Fichier, racine: Path) -> tuple[int, int] | None:
    """The numbers of the user and group to give this file; None when root does not run this, or when another root
    (`racine`) has an account that is unknown here. Raises InstallError when the account does not exist on this machine.
    """
    if os.geteuid() != 0:
        return None
    with suppress(KeyError):
        entry = pwd.getpwnam(fichier.proprietaire)
        return entry.pw_uid, entry.pw_gid
    if racine != ROOT:
        return None
    raise InstallError(f"Le compte {fichier.proprietaire} n’existe pas sur cette machine.")
