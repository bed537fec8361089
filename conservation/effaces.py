"""The list of what was erased, beside the backups: `effacements.jsonl`, one line a key, no name.

It outlives the database: a restore of an older archive reads it, and erases again. A row of `Effacement` waits, not
written, as long as the folder cannot take its line.
"""

from __future__ import annotations

import fcntl
import json
import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.db import connection, transaction
from django.db.models import Max

from conservation.effacement import erase_noted
from conservation.models import Effacement
from portail.extensions import Extension
from portail.francais import NBSP

FILE = "effacements.jsonl"
LOT = 500  # ids asked at once


class EffacesError(Exception):
    """The list can be neither read nor written; its words say why, and what to do."""


@dataclass(frozen=True)
class LigneEffacee:
    """One line of `effacements.jsonl`: one key that was erased."""

    id: uuid.UUID
    le: datetime
    table: str
    cle: int

    @classmethod
    def of(cls, effacement: Effacement) -> LigneEffacee:
        """The line that tells this erasure."""
        return cls(effacement.id, effacement.le, effacement.modele, effacement.cle)

    @classmethod
    def parse(cls, texte: bytes) -> LigneEffacee:
        """Read one line of `effacements.jsonl`; raises ValueError when it is no such line."""
        lu = json.loads(texte)
        try:
            le = datetime.fromisoformat(lu["le"])
            if le.tzinfo is None or not isinstance(lu["cle"], int) or not isinstance(lu["table"], str):
                raise ValueError
            return cls(uuid.UUID(lu["id"]), le, lu["table"], lu["cle"])
        except (KeyError, TypeError, AttributeError):
            raise ValueError from None

    @property
    def texte(self) -> bytes:
        """This line as `effacements.jsonl` holds it: JSON, its instant in UTC, and a line break at the end."""
        le = self.le.astimezone(UTC).isoformat()
        return json.dumps({"id": str(self.id), "le": le, "table": self.table, "cle": self.cle}).encode() + b"\n"


def write_pending(folder: Path, *, now: datetime) -> int:
    """Append to `effacements.jsonl` in this folder the erasures of the database that it does not tell yet, note at
    `now` that it tells them, and return how many waited. May be run twice, by two at once, or be cut: a line that is
    torn is written anew. Raises EffacesError when the file cannot be written, or has a line that cannot be read, and
    all of them still wait.
    """
    try:
        with _locked(folder) as file:
            known = {ligne.id for ligne in _lines(_whole(file))}
            waiting = list(Effacement.objects.not_written().order_by("le", "modele", "cle"))
            _append(file, b"".join(LigneEffacee.of(row).texte for row in waiting if row.id not in known))
            for start in range(0, len(waiting), LOT):
                written = [row.pk for row in waiting[start : start + LOT]]
                Effacement.objects.filter(pk__in=written).update(ecrit_le=now)
    except OSError as error:
        raise EffacesError(
            f"la liste des effacements n’a pas pu être écrite dans {folder} ({error.strerror}). "
            "Rien n’est perdu\u202f: le service des tâches réessaie chaque nuit."
        ) from None
    return len(waiting)


def write_now(*, now: datetime) -> str:
    """Write the erasures that wait in the database into the folder of backups (SAUVEGARDES), and return a French
    sentence that names the list, even when none waited. Without SAUVEGARDES, nothing is written, and the sentence says
    so. Raises EffacesError when the file cannot be written.
    """
    if settings.SAUVEGARDES is None:
        return (
            f"SAUVEGARDES n’est pas réglé{NBSP}: la liste des effacements attend dans la base. Sans elle, une "
            "restauration ne les referait pas."
        )
    write_pending(settings.SAUVEGARDES, now=now)
    return f"Noté dans {settings.SAUVEGARDES / FILE}, pour qu’une restauration efface de nouveau."


def read(folder: Path) -> list[LigneEffacee]:
    """All the erasures that the list of this folder (`effacements.jsonl`) tells, in its order; empty when there is no
    list. A last line that was torn is left out: it still waits in the database that tore it. Raises EffacesError when
    the list cannot be read.
    """
    try:
        contenu = (folder / FILE).read_bytes()
    except FileNotFoundError:
        return []
    except OSError as error:
        raise EffacesError(f"{folder / FILE} ne se lit pas ({error.strerror}).") from None
    return _lines(contenu[: _end(contenu)])


def replay(folder: Path, *, now: datetime) -> int:
    """Erase again, on the database of the default connection, the keys that the list of this folder tells and that this
    database does not know as erased; return how many keys, whether their row was there or not. Those of a table that no
    app erases any more are passed over.

    For a database that nobody else uses. The keys of one erasure of the past are erased again as one, with the same
    rows of `Effacement`. Raises EffacesError when the list cannot be read.
    """
    lignes = {ligne.id: ligne for ligne in read(folder)}
    told = list(lignes)
    for start in range(0, len(told), LOT):
        for known in Effacement.objects.filter(pk__in=told[start : start + LOT]).values_list("pk", flat=True):
            del lignes[known]
    modeles = Extension.installed().effacements.modeles
    ensemble: dict[datetime, list[Effacement]] = {}
    for ligne in lignes.values():
        if ligne.table in modeles:  # of an application that is no more, nothing is left to erase
            row = Effacement(id=ligne.id, le=ligne.le, modele=ligne.table, cle=ligne.cle, ecrit_le=now)
            ensemble.setdefault(ligne.le, []).append(row)
    with transaction.atomic():
        for _, rows in sorted(ensemble.items()):
            erase_noted(rows, now=now, seul=True)
    return sum(map(len, ensemble.values()))


def advance_sequences(folder: Path) -> None:
    """Make sure that no new row gets a key that was erased: the next key of each table is past those of the list in
    this folder, of the rows of `Effacement`, and of the table itself.
    """
    highest: dict[str, int] = {}
    told = [*read(folder), *map(LigneEffacee.of, Effacement.objects.all())]
    modeles = Extension.installed().effacements.modeles
    for ligne in told:
        if ligne.table in modeles:
            highest[ligne.table] = max(highest.get(ligne.table, 0), ligne.cle)
    for table, key in highest.items():
        model = apps.get_model(table)
        top = max(key, model._base_manager.aggregate(top=Max("pk"))["top"] or 0)
        _advance(model._meta.db_table, str(model._meta.pk.column), top)


def _advance(table: str, column: str, key: int) -> None:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT pg_get_serial_sequence(%s, %s)", [connection.ops.quote_name(table), column])
            (sequence,) = cursor.fetchone()
            cursor.execute(f"SELECT last_value FROM {sequence}")  # noqa: S608 - PostgreSQL has just named it
            (last,) = cursor.fetchone()
            cursor.execute("SELECT setval(%s, %s)", [sequence, max(last, key)])
        else:
            cursor.execute("UPDATE sqlite_sequence SET seq = max(seq, %s) WHERE name = %s", [key, table])
            if cursor.rowcount == 0:
                cursor.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (%s, %s)", [table, key])


@contextmanager
def _locked(folder: Path) -> Iterator[int]:
    """The list, open for one writer at a time; made if it is not there, in a folder that is."""
    path = folder / FILE
    is_new = not path.exists()
    file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(file, fcntl.LOCK_EX)
        if is_new:
            _sync_folder(folder)
        yield file
    finally:
        os.close(file)


def _whole(file: int) -> bytes:
    """What the list tells, once the line that a death or a full disk has torn is taken away."""
    size = os.fstat(file).st_size
    contenu = b""
    while len(contenu) < size and (more := os.pread(file, size - len(contenu), len(contenu))):
        contenu += more
    end = _end(contenu)
    if end < size:
        os.ftruncate(file, end)
    if end and contenu[end - 1 : end] != b"\n":
        _append(file, b"\n")  # somebody has opened it, and their editor ended it so
    return contenu[:end]


def _end(contenu: bytes) -> int:
    """Where the last whole line ends: one that is torn is no JSON."""
    start = contenu.rfind(b"\n") + 1
    try:
        LigneEffacee.parse(contenu[start:])
    except ValueError:
        return start
    return len(contenu)


def _append(file: int, lignes: bytes) -> None:
    """All of it, on the disk, or nothing."""
    before = os.fstat(file).st_size
    try:
        reste = memoryview(lignes)
        while reste:
            reste = reste[os.write(file, reste) :]
        os.fsync(file)
    except OSError:
        os.ftruncate(file, before)
        raise


def _lines(contenu: bytes) -> list[LigneEffacee]:
    lignes: list[LigneEffacee] = []
    for numero, texte in enumerate(contenu.splitlines(), 1):
        try:
            lignes.append(LigneEffacee.parse(texte))
        except ValueError:
            raise EffacesError(
                f"la ligne {numero} de {FILE} n’est pas lisible. Corrigez-la d’après une copie de ce fichier\u202f; "
                "une ligne ôtée est un effacement qui ne sera pas refait."
            ) from None
    return lignes


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
