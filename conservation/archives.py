"""Archives of the portal: one file each, whole or not there at all, and read back only when nothing in it has turned.

`portail-2026-11-27T031200Z.tar` (UTC), with `.age` behind when encrypted: a manifest, the database, the town's guides
and a seal.
"""

from __future__ import annotations

import fcntl
import gzip
import os
import shutil
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import connections

from conservation.chantier import chantier, sync
from conservation.chiffrement import decrypt, encrypt, is_encrypted
from conservation.copies import BLOCK, copy_database, digest_of, size_of_database
from conservation.manifeste import DONNEES, SQLITE, ArchiveError, Manifeste
from conservation.noms import names_of
from conservation.paquet import GUIDES, MANIFESTE, Membre, is_ours, pack, printable, unpack
from portail.version import version

LOCK = ".portail.verrou"
ROOM = 16 * 2**20  # bytes to spare, beside what a backup writes


@dataclass(frozen=True)
class Archive:
    """An archive that was checked. `folder` is a private copy of what it holds, for the time of the work."""

    manifeste: Manifeste
    folder: Path

    @property
    def donnees(self) -> Path:
        """The file of the database as the archive holds it: a compressed SQLite file, or a PostgreSQL dump."""
        return self.folder / self.manifeste.donnees

    @property
    def base(self) -> Path:
        """The file of the database, ready to be read: a plain SQLite file, or a PostgreSQL dump."""
        return self.folder / "base.sqlite3" if self.manifeste.moteur == SQLITE else self.donnees

    @property
    def guides(self) -> Path:
        """The folder of the town's own guides; it does not exist when the archive holds none."""
        return self.folder / "guides"


# --- Write ------------------------------------------------------------------------------------------------------------


def write_archive(folder: Path, *, now: datetime) -> Path:
    """Back up the database and the town's guides into a new archive in `folder`, while the portal goes on writing;
    return its path. Its owner alone may read it. Raises ArchiveError when it cannot be made: nothing then bears an
    archive's name.
    """
    umask = os.umask(0o077)
    try:
        with alone(folder):
            for left in folder.glob("portail-*.partiel"):  # of a run that was killed
                left.unlink()
            return _write(folder, now)
    except OSError as error:
        raise ArchiveError(f"La sauvegarde n’a pas pu être écrite dans {folder} ({error.strerror or error}).") from None
    finally:
        os.umask(umask)


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Hold the lock of this folder of backups during the block, so that no other backup writes into it. Raises
    ArchiveError when the folder does not exist, or when another backup is under way there.
    """
    if not folder.is_dir():
        raise ArchiveError(f"Le dossier {folder} n’existe pas, ou n’est pas un dossier\u00a0: créez-le d’abord.")
    with (folder / LOCK).open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ArchiveError(f"Une autre sauvegarde est en cours dans {folder}.") from None
        yield


def _write(folder: Path, now: datetime) -> Path:
    encrypted = bool(settings.SAUVEGARDES_CLE_PUBLIQUE)
    # What is to be encrypted never lies open where the archives are.
    parent = settings.VAR_DIR if encrypted else folder
    check_room(parent)
    with chantier(parent) as work:
        copie = copy_database(work)
        manifeste = Manifeste(
            fait_le=now.astimezone(UTC),
            version=version(),
            moteur=copie.moteur,
            moteur_version=copie.moteur_version,
            migrations=copie.migrations,
            lignes=copie.lignes,
            taille=copie.taille,
            empreinte=digest_of(copie.fichier),
        )
        members: list[Membre] = [(MANIFESTE, manifeste.to_json()), (manifeste.donnees, copie.fichier), *guides()]
        target = free_name(folder, now, ".tar.age" if encrypted else ".tar")
        partial = target.with_name(f"{target.name}.partiel")
        try:
            if encrypted:
                pack(work / "archive.tar", members)
                encrypt(work / "archive.tar", partial)
            else:
                pack(partial, members)
            partial.chmod(0o600)
            sync(partial)
            partial.replace(target)
        finally:
            partial.unlink(missing_ok=True)
        sync(folder)
    return target


def check_room(folder: Path) -> None:
    """Raise ArchiveError when the disk of `folder` clearly has no room for a backup of the database: SQLite's file is
    copied whole, then the data of either engine are compressed (to a tenth as measured, a quarter is asked).
    """
    size = size_of_database()
    needed = (size if connections["default"].vendor == SQLITE else 0) + size // 4 + ROOM
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise ArchiveError(
            f"Il n’y a pas la place de sauvegarder dans {folder}\u00a0: il faut {size_text(needed)}, il reste "
            f"{size_text(free, up=False)}."
        )


def size_text(size: int, *, up: bool = True) -> str:
    """A size in bytes as a text, « 54 Kio » or « 3 Mio »: rounded up for a room that is needed, and down (`up=False`)
    for a room that is left.
    """
    kibibytes, mebibytes = (-(-size // unit) if up else size // unit for unit in (2**10, 2**20))
    return f"{kibibytes}\u00a0Kio" if kibibytes < 1024 else f"{mebibytes}\u00a0Mio"


def guides() -> list[Membre]:
    """The files of the town's guides (`var/guides`), each with its name in the archive, sorted by that name; empty when
    there is no such folder. Raises ArchiveError for a name that cannot be archived, or for a file or folder that cannot
    be read.
    """
    root = settings.VAR_DIR / "guides"
    found = [Path(folder, name) for folder, _, names in os.walk(root, onerror=refuse_unread) for name in names]
    files = {f"{GUIDES}{path.relative_to(root).as_posix()}": path for path in found if path.is_file()}
    for name, path in files.items():
        if not is_ours(name, set()):
            raise ArchiveError(f"Le nom du guide «\u00a0{printable(name)}\u00a0» ne s’archive pas\u00a0: renommez-le.")
        try:
            path.open("rb").close()
        except OSError as error:
            why = error.strerror or error
            raise ArchiveError(f"Le guide {path} ne se lit pas ({why})\u00a0: rendez-le au portail.") from None
    return sorted(files.items())


def refuse_unread(error: OSError) -> None:
    """Raise ArchiveError for a folder of guides that cannot be read, which an archive would miss silently. A folder
    that does not exist is no error: it has no guide.
    """
    if not isinstance(error, FileNotFoundError):
        why = error.strerror or error
        raise ArchiveError(f"Le dossier de guides {error.filename} ne se lit pas ({why})\u00a0: rendez-le au portail.")


def free_name(folder: Path, now: datetime, suffix: str) -> Path:
    """The path in `folder` of an archive made at `now`, ending with `suffix`. When an archive, encrypted or not, has
    that name already, the path is that of the next free second.
    """
    while True:
        names = [folder / name for name in names_of(now)]
        if not any(name.exists() for name in names):
            return names[0].with_name(names[0].name.removesuffix(".tar") + suffix)
        now += timedelta(seconds=1)


# --- Read -------------------------------------------------------------------------------------------------------------


@contextmanager
def open_archive(path: Path, *, cle: Path | None = None) -> Iterator[Archive]:
    """Check an archive whole, and keep what it holds in a private folder under `var/` during the block. `cle` is the
    file of the private key, for an encrypted archive. Raises ArchiveError when it cannot be read or opened by this key,
    is no archive of the portal, or is damaged.
    """
    umask = os.umask(0o077)
    try:
        with chantier(settings.VAR_DIR) as work:
            archive = _extract(path, work, cle)
            os.umask(umask)
            yield archive
    finally:
        os.umask(umask)


def _extract(path: Path, work: Path, cle: Path | None) -> Archive:
    try:
        plain = path
        if is_encrypted(path):
            plain = work / "archive.tar"
            decrypt(path, plain, cle=cle)
        folder = work / "contenu"
        folder.mkdir()
        unpack(plain, folder, path.name, set(DONNEES.values()))
        archive = Archive(Manifeste.from_json((folder / MANIFESTE).read_bytes()), folder)
        check_members(archive, path.name)
        if archive.manifeste.moteur == SQLITE:
            decompress(archive, path.name)
    except OSError as error:
        if isinstance(error, FileNotFoundError) and error.filename == str(path):
            ours = f" Celles du portail sont dans {settings.SAUVEGARDES}." if settings.SAUVEGARDES else ""
            raise ArchiveError(f"L’archive {path} n’existe pas\u00a0: donnez son chemin entier.{ours}") from None
        culprit = path if error.filename in {None, str(path)} else error.filename
        raise ArchiveError(f"L’archive {path} ne se lit pas ({culprit}\u00a0: {error.strerror or error}).") from None
    return archive


def check_members(archive: Archive, title: str) -> None:
    """Raise ArchiveError unless the archive holds the file of the database and the SHA-256 of that file is the one that
    the manifest gives. `title` names the archive in the error.
    """
    if not archive.donnees.is_file() or digest_of(archive.donnees) != archive.manifeste.empreinte:
        raise ArchiveError(f"{title} est abîmée\u00a0: l’empreinte de la base n’est pas celle du manifeste.")


def decompress(archive: Archive, title: str) -> None:
    """Decompress the SQLite file of an archive into the archive's private folder. Raises ArchiveError when the disk has
    no room, or when the result has not the very size that the manifest says. `title` names the archive in the error.
    """
    left = archive.manifeste.taille
    free = shutil.disk_usage(archive.folder).free
    if free < left:
        raise ArchiveError(
            f"Il n’y a pas la place d’ouvrir {title} dans {settings.VAR_DIR}\u00a0: il faut {size_text(left)}, "
            f"il reste {size_text(free, up=False)}."
        )
    try:
        with gzip.open(archive.donnees) as zipped, archive.base.open("xb") as plain:
            while block := zipped.read(BLOCK):
                left -= len(block)
                if left < 0:
                    break
                plain.write(block)
    except (gzip.BadGzipFile, EOFError, zlib.error):
        left = -1
    if left:
        raise ArchiveError(f"{title} est abîmée\u00a0: la base ne se décompresse pas.")
