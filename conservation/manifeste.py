"""What an archive says of itself: when, by which version, of which database, and how many rows a table has."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

FORMAT = 1
SQLITE, POSTGRESQL = "sqlite", "postgresql"
# What each engine's data are called in the archive.
DONNEES = {SQLITE: "base.sqlite3.gz", POSTGRESQL: "base.dump"}

Migration = tuple[str, str]


class ArchiveError(Exception):
    """Why an archive cannot be made or read; its text is a French sentence."""


@dataclass(frozen=True)
class Manifeste:
    """`taille` is that of the data once extracted, in bytes; `empreinte` the SHA-256 of the member `donnees`."""

    fait_le: datetime
    version: str
    moteur: str
    moteur_version: str
    migrations: tuple[Migration, ...]
    lignes: Mapping[str, int]
    taille: int
    empreinte: str

    @property
    def donnees(self) -> str:
        """The name, in the archive, of the file of the database."""
        return DONNEES[self.moteur]

    def to_json(self) -> bytes:
        """This manifest as the archive holds it: a JSON text in UTF-8."""
        said = {
            "format": FORMAT,
            "fait_le": self.fait_le.isoformat(),
            "version": self.version,
            "moteur": self.moteur,
            "moteur_version": self.moteur_version,
            "migrations": [list(migration) for migration in self.migrations],
            "lignes": dict(sorted(self.lignes.items())),
            "donnees": self.donnees,
            "taille": self.taille,
            "empreinte": self.empreinte,
        }
        return json.dumps(said, ensure_ascii=False, indent=1).encode()

    @classmethod
    def from_json(cls, contents: bytes) -> Self:
        """Read the manifest that an archive holds as a JSON text. Raises ArchiveError for another format, or for a text
        that is no manifest.
        """
        try:
            said = json.loads(contents)
            found = said["format"]
            if found == FORMAT:
                return cls._read(said)
        except (KeyError, TypeError, ValueError, RecursionError):
            raise ArchiveError("Le manifeste de cette archive ne se lit pas\u00a0: elle est abîmée.") from None
        raise ArchiveError(
            f"Cette archive est du format «\u00a0{found}\u00a0», et cette version du portail ne lit que le format "
            f"{FORMAT}\u00a0: il faut celle qui l’a faite, ou une plus récente."
        )

    @classmethod
    def _read(cls, said: dict[str, Any]) -> Self:
        manifeste = cls(
            fait_le=datetime.fromisoformat(said["fait_le"]),
            version=str(said["version"]),
            moteur=said["moteur"],
            moteur_version=str(said["moteur_version"]),
            migrations=tuple((str(app), str(name)) for app, name in said["migrations"]),
            lignes={str(table): int(count) for table, count in said["lignes"].items()},
            taille=int(said["taille"]),
            empreinte=str(said["empreinte"]),
        )
        if manifeste.fait_le.tzinfo is None or said["donnees"] != manifeste.donnees:
            raise ValueError("A time without zone, or data of another engine.")
        return manifeste
