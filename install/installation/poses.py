"""The files of the system that the installer has put, by what they held then: one that the town has changed since, or
that was there before, is left as it is, and ours is laid beside the portal for whoever compares."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path

from install.installation.fichiers import ROOT, Fichier, poser

REGISTER = "var/installation.poses"
PROPOSED = "var/propositions"
DPKG = Path("/var/lib/dpkg/status")


@dataclass
class Poses:
    """The files of the system that the installer puts, and what came of each: changed, or kept as the town has it."""

    dossier: Path
    racine: Path
    owner: str
    changed: set[Path] = field(default_factory=set)
    kept: dict[Path, Path] = field(default_factory=dict)  # and where ours is

    def put(self, fichiers: list[Fichier]) -> bool:
        """Put these files on the machine; True when something has changed in this run, by this call or one before. A
        file that the town has changed, or that was there before, stays as it is, and ours is laid in
        `var/propositions`; one that only its package has brought is replaced, and kept as `.origine`.
        """
        known = self.known()
        for fichier in fichiers:
            path = fichier.below(self.racine)
            if path.is_file() and not self.is_ours(path, fichier, known):
                self.kept[path] = self.dossier / PROPOSED / fichier.chemin.relative_to(ROOT)
                poser(Fichier(self.kept[path], fichier.contenu, 0o600, self.owner))
                continue
            if path.is_file() and str(path) not in known and path.read_text("utf-8", "replace") != fichier.contenu:
                poser(Fichier(path.with_name(f"{path.name}.origine"), path.read_text("utf-8"), 0o644), ROOT)
            if poser(fichier, self.racine):
                self.changed.add(fichier.chemin)
            known[str(path)] = digest(fichier.contenu)
        poser(self.register(known))
        return bool(self.changed)

    def take_back(self, path: Path, held: bytes | None) -> None:
        """Put back at this path the contents that it had before (`held`), or remove the file when it had none; it is no
        longer noted as put by the installer.
        """
        if held is None:
            path.unlink(missing_ok=True)
        elif path.read_bytes() != held:
            path.write_bytes(held)
        poser(self.register({known: told for known, told in self.known().items() if known != str(path)}))

    def is_ours(self, path: Path, fichier: Fichier, known: dict[str, str]) -> bool:
        """Whether the file at this path may be replaced: it is as the installer left it (by `known`), as it would write
        it, or as its package brought it.
        """
        held = path.read_bytes()
        return (
            held == fichier.contenu.encode()
            or hashlib.sha256(held).hexdigest() == known.get(str(path))
            or f" {fichier.chemin} {md5(held)}" in self.packaged()
        )

    def packaged(self) -> list[str]:
        """The lines of Debian's list of installed packages (dpkg), which give the MD5 of each configuration file; empty
        when there is none.
        """
        status = self.racine / DPKG.relative_to(ROOT)
        return status.read_text("utf-8", "replace").splitlines() if status.exists() else []

    def known(self) -> dict[str, str]:
        """The SHA-256 of what the installer last put at each path, as it has noted them; empty when nothing
        is noted.
        """
        try:
            found = json.loads((self.dossier / REGISTER).read_text("utf-8"))
        except (FileNotFoundError, ValueError):
            return {}
        return {str(path): str(held) for path, held in found.items()} if isinstance(found, dict) else {}

    def register(self, known: dict[str, str]) -> Fichier:
        """The file in which the installer notes the SHA-256 of what it has put at each path."""
        text = json.dumps(dict(sorted(known.items())), indent=1) + "\n"
        return Fichier(self.dossier / REGISTER, text, 0o600, self.owner)


def digest(text: str) -> str:
    """The SHA-256 of this text in UTF-8, in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


def md5(held: bytes) -> str:
    """The MD5 of these bytes, in hexadecimal, as dpkg keeps it."""
    return hashlib.md5(held, usedforsecurity=False).hexdigest()
