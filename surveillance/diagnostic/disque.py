"""Is there room, on each disk that the portal writes on?"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.db import connection

from surveillance.diagnostic.constats import Point, bon, mauvais
from surveillance.etat import DISK_LOW

LOW_TEMPORARY = 50
FEW = 1000  # files that may still be made


def check_disks(low: int = DISK_LOW) -> Iterator[Point]:
    """One line of the diagnosis for each disk that the portal writes on: the room that is left. `low` is the least, in
    MiB. The disk of temporary files needs 50 MiB, whatever `low`. A folder that does not exist is passed over."""
    seen: set[int] = set()
    for quoi, folder, enough in folders(low):
        if not folder.is_dir():
            continue
        if (device := folder.stat().st_dev) not in seen:  # one line a disk
            seen.add(device)
            yield check_disk(quoi, folder, enough)


def folders(low: int) -> Iterator[tuple[str, Path, int]]:
    """The folders that the portal writes in: the name of the disk of each, its path, and the least free room in MiB."""
    if connection.vendor == "sqlite":
        yield "Disque de la base", Path(connection.settings_dict["NAME"]).parent, low
    yield "Disque de var/", settings.VAR_DIR, low
    if settings.SAUVEGARDES:
        yield "Disque des sauvegardes", settings.SAUVEGARDES, low
    yield "Disque des fichiers temporaires", Path(tempfile.gettempdir()), LOW_TEMPORARY


def check_disk(quoi: str, folder: Path, enough: int) -> Point:
    """The line of the diagnosis on the disk of this folder, under the name `quoi`: read-only, less than `enough` MiB
    free, few inodes, or good."""
    found = os.statvfs(folder)
    free = found.f_bavail * found.f_frsize // 2**20
    commande = f"df -h {folder}\nsudo du -xh --max-depth=2 {mount_of(folder)} | sort -h | tail"
    remede = "Faites de la place\u00a0: journaux anciens, copies oubliées, ou un disque plus grand."
    if found.f_flag & os.ST_RDONLY:
        phrase = f"celui de {folder} est en lecture seule, sans doute après une erreur du disque."
        return mauvais(
            quoi, phrase, "Lisez ce qu’en dit le noyau avant de le remonter en écriture.", "sudo dmesg | tail"
        )
    if free < enough:
        return mauvais(quoi, f"il reste {free} Mio là où est {folder}, il en faut {enough}.", remede, commande)
    if found.f_files and found.f_favail < FEW:
        phrase = f"il n’y reste la place que de {found.f_favail} fichiers (inodes), là où est {folder}."
        return mauvais(quoi, phrase, remede, f"df -i {folder}")
    return bon(quoi, f"il reste {said(free)} là où est {folder}.")


def said(free: int) -> str:
    """These MiB in words: « 340 Mio », « 12 Gio »."""
    return f"{free // 1024} Gio" if free >= 10 * 1024 else f"{free} Mio"


def mount_of(folder: Path) -> Path:
    """The folder where the disk that holds `folder` is mounted."""
    path = folder.resolve()
    return next((parent for parent in (path, *path.parents) if parent.is_mount()), path)
