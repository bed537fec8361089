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
        """Write these bytes to the file and take them into the digest; return how many were written."""
        self.digest.update(data)
        return self.file.write(data)

    def tell(self) -> int:
        """The position in the file, in bytes from its beginning."""
        return self.file.tell()


def pack(path: Path, members: list[Membre]) -> None:
    """Write a new tar file at `path`, which must not exist: these members, files or contents, then the seal, which is
    the SHA-256 of all that stands before it. Nothing of the machine is in it: no owner, no hour.
    """
    with path.open("xb") as file:
        sealed = Scelle(file)
        with tarfile.open(fileobj=sealed, mode="w", format=tarfile.PAX_FORMAT) as tar:  # type: ignore[call-overload]
            for name, source in members:
                add(tar, name, source)
            add(tar, SCEAU, sealed.digest.hexdigest().encode())


def add(tar: tarfile.TarFile, name: str, source: Path | bytes) -> None:
    """Add one member of this name to the tar file, from a file or from its contents, without owner or hour."""
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
    """Check the seal of the tar file `path`, then extract its members into `folder`. `title` names the archive in
    errors; `allowed` are the names of the files of the database that it may hold. Raises ArchiveError when it is no
    archive of the portal, or is damaged.
    """
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
    """Whether this file begins as an archive of the portal, not encrypted: its first member is the manifest. What
    follows may be damaged or missing.
    """
    with path.open("rb") as file:
        return file.read(len(MANIFESTE) + 1) == MANIFESTE.encode() + b"\0"


def checked(tar: tarfile.TarFile, title: str, allowed: set[str]) -> Iterator[tarfile.TarInfo]:
    """The members of the tar file, one after the other, each checked: the manifest first, then plain files of the names
    that an archive of the portal has, none twice. Raises ArchiveError for any other member. `title` names the archive
    in the error; `allowed` are the names of the files of the database.
    """
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
    """Whether an archive of the portal may hold a member of this name: the manifest, the seal, one of `allowed`, or a
    guide whose path does not leave `guides/`.
    """
    if not name.startswith(GUIDES):
        return name in allowed or name in {MANIFESTE, SCEAU}
    parts = name.split("/")
    return name.isprintable() and not {"", ".", ".."} & set(parts) and "\\" not in name


def printable(name: str) -> str:
    """This name, which may come from anybody, made fit for a sentence: each sign that cannot be printed is replaced,
    and only the first 100 signs are kept.
    """
    return "".join(sign if sign.isprintable() else "\ufffd" for sign in name)[:100]


def check_seal(path: Path, title: str, seal: tarfile.TarInfo) -> None:
    """Raise ArchiveError unless the seal is the SHA-256 of all that stands before it in the file `path`, and nothing
    stands after it. `title` names the archive in the error.
    """
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
    """The bytes with which an archive of the portal ends when its seal begins at `offset` bytes: the seal, then what
    tar puts after the last member.
    """
    end = BytesIO()
    with tarfile.open(fileobj=end, mode="w", format=tarfile.PAX_FORMAT) as tar:
        tar.offset = offset
        add(tar, SCEAU, seal)
    return end.getvalue()


def extract(tar: tarfile.TarFile, member: tarfile.TarInfo, target: Path) -> None:
    """Write the contents of this member of the tar file into the new file `target`, whose folders are made when
    missing.
    """
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    source = tar.extractfile(member)
    with target.open("xb") as file:
        while source and (block := source.read(BLOCK)):
            file.write(block)
