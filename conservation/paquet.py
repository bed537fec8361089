"""The tar file of an archive, and its seal: the SHA-256 of all that stands before it, so that a bit that turned, or an
end that lacks, is seen before anything is believed.
"""

from __future__ import annotations

import hashlib
import tarfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import IO

from conservation.manifeste import ArchiveError

MANIFESTE, SCEAU, GUIDES = "manifeste.json", "sceau.sha256", "guides/"
BLOCK = 2**20
FOREIGN = "{} n’est pas une archive du portail."
DAMAGED = "{} est abîmée ou incomplète\u00a0: l’empreinte de l’archive n’est pas la bonne."
TORN = "{} est abîmée ou incomplète\u00a0: elle ne se lit pas jusqu’au bout."

Membre = tuple[str, Path | bytes]  # its name in the archive, and the file that it is, or its contents


class Scelle:
    """A file that is written once, from its beginning, and knows the digest of what it got so far."""

    def __init__(self, file: IO[bytes]) -> None:
        self.file = file
        self.digest = hashlib.sha256()

    def write(self, data: bytes) -> int:
        self.digest.update(data)
        return self.file.write(data)

    def tell(self) -> int:
        return self.file.tell()


def pack(path: Path, members: list[Membre]) -> None:
    """Write these members, files or contents, then the seal. Nothing of the machine is in it: no owner, no hour."""
    with path.open("xb") as file:
        sealed = Scelle(file)
        with tarfile.open(fileobj=sealed, mode="w", format=tarfile.PAX_FORMAT) as tar:  # type: ignore[call-overload]
            for name, source in members:
                add(tar, name, source)
            add(tar, SCEAU, sealed.digest.hexdigest().encode())


def add(tar: tarfile.TarFile, name: str, source: Path | bytes) -> None:
    info = tarfile.TarInfo(name)
    info.mode = 0o600
    if isinstance(source, bytes):
        info.size = len(source)
        tar.addfile(info, BytesIO(source))
        return
    with source.open("rb") as file:
        info.size = source.stat().st_size
        tar.addfile(info, file)


def unpack(path: Path, folder: Path, title: str, allowed: set[str]) -> None:
    """Check the seal, then extract into `folder`. ArchiveError for another file than one of ours, or a damaged one."""
    try:
        with tarfile.open(path, "r:") as tar:
            members = list(checked(tar, title, allowed))
            if not members or members[-1].name != SCEAU:
                raise ArchiveError((TORN if members else FOREIGN).format(title))
            check_seal(path, title, members[-1])
            for member in members[:-1]:
                extract(tar, member, folder / member.name)
    except (tarfile.TarError, ValueError, OverflowError, EOFError):
        raise ArchiveError((TORN if begins_as_ours(path) else FOREIGN).format(title)) from None


def begins_as_ours(path: Path) -> bool:
    """Whether the first member is the manifest, whatever follows or lacks."""
    with path.open("rb") as file:
        return file.read(len(MANIFESTE) + 1) == MANIFESTE.encode() + b"\0"


def checked(tar: tarfile.TarFile, title: str, allowed: set[str]) -> Iterator[tarfile.TarInfo]:
    """The members, the first of them the manifest: plain files, of the names that an archive of ours has."""
    seen: set[str] = set()
    for member in tar:
        if not seen and member.name != MANIFESTE:
            raise ArchiveError(FOREIGN.format(title))
        if member.type not in {tarfile.REGTYPE, tarfile.AREGTYPE} or not is_ours(member.name, allowed):
            raise ArchiveError(
                f"{title} contient «\u00a0{printable(member.name)}\u00a0», qu’une archive du portail ne contient "
                "pas\u00a0: rien n’en est pris."
            )
        if member.name in seen:
            raise ArchiveError(f"{title} contient deux fois «\u00a0{member.name}\u00a0»\u00a0: rien n’en est pris.")
        seen.add(member.name)
        yield member


def is_ours(name: str, allowed: set[str]) -> bool:
    if not name.startswith(GUIDES):
        return name in allowed or name in {MANIFESTE, SCEAU}
    parts = name.split("/")
    return name.isprintable() and not {"", ".", ".."} & set(parts) and "\\" not in name


def printable(name: str) -> str:
    """A name that may come from anybody, for a sentence."""
    return "".join(sign if sign.isprintable() else "\ufffd" for sign in name)[:100]


def check_seal(path: Path, title: str, seal: tarfile.TarInfo) -> None:
    """Is what stands before the seal what was sealed, and what stands after it nothing?"""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        left = seal.offset
        while left and (block := file.read(min(left, BLOCK))):
            digest.update(block)
            left -= len(block)
        rest = file.read(2 * tarfile.RECORDSIZE)
    if rest != end_of(digest.hexdigest().encode(), seal.offset) or path.stat().st_size != seal.offset + len(rest):
        raise ArchiveError(DAMAGED.format(title))


def end_of(seal: bytes, offset: int) -> bytes:
    """What a tar file of ours holds from `offset` on, when the seal stands there."""
    end = BytesIO()
    with tarfile.open(fileobj=end, mode="w", format=tarfile.PAX_FORMAT) as tar:
        tar.offset = offset
        add(tar, SCEAU, seal)
    return end.getvalue()


def extract(tar: tarfile.TarFile, member: tarfile.TarInfo, target: Path) -> None:
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    source = tar.extractfile(member)
    with target.open("xb") as file:
        while source and (block := source.read(BLOCK)):
            file.write(block)
