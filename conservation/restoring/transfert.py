"""From SQLite to PostgreSQL: how a town grows. Every row of every model, in one transaction; not the other way.

The file is one that a restore has prepared: migrated like the portal, its erasures replayed, what must not live on made
void. It is read as it stands, apart from Django's connections; the default connection is the PostgreSQL that takes it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any
from urllib.parse import quote

from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.db import DatabaseError, IntegrityError, connection, models, transaction
from django.db.migrations.recorder import MigrationRecorder

from conservation.colonnes import ColonneTransferee, Impossible
from conservation.restoring.checks import NOT_THIS_WAY, RestoreError

Progress = Callable[[int], object]  # told how many rows a batch had
PAR_LOT = 10_000  # rows read, then copied, before the links of these rows are checked


class TransfertError(RestoreError):
    """The transfer is refused, and no row is changed; its text is the French sentence."""


def silent(lignes: int) -> None:
    """Do nothing with the number of rows of a batch: the progress of a transfer that nobody watches."""


@dataclass(frozen=True)
class RefusTransfert:
    """What PostgreSQL would not take, said without the value."""

    table: str  # as « enfance.Enfant »
    cle: object
    colonne: str
    raison: str

    def __str__(self) -> str:
        cle = "sans clé" if self.cle is None else f"clé {self.cle}"
        return f"{self.table}, {cle}, {self.colonne}\u00a0: {self.raison}"


@dataclass(frozen=True)
class Transfert:
    """Rows copied, by table of the database; and the rows of tables that no model knows, which stayed behind."""

    lignes: dict[str, int]
    laissees: dict[str, int]


@dataclass(frozen=True)
class TableTransferee:
    """A table to carry from SQLite to PostgreSQL: a model, and its columns in the order of the model's fields."""

    model: type[models.Model]
    colonnes: tuple[ColonneTransferee, ...]
    place_cle: int

    @classmethod
    def of(cls, model: type[models.Model]) -> TableTransferee:
        """The table of this model, with the conversion of each of its columns."""
        fields = model._meta.concrete_fields
        return cls(model, tuple(ColonneTransferee.of(field) for field in fields), fields.index(model._meta.pk))

    @property
    def nom(self) -> str:
        """The name of the table in the database."""
        return self.model._meta.db_table

    @property
    def libelle(self) -> str:
        """The name of the model, as « enfance.Enfant »."""
        return self.model._meta.label

    @property
    def cle(self) -> ColonneTransferee:
        """The column of the primary key."""
        return self.colonnes[self.place_cle]

    @property
    def has_sequence(self) -> bool:
        """Whether the database itself gives the keys of this table, one after the other."""
        return isinstance(self.model._meta.pk, models.AutoField | models.BigAutoField | models.SmallAutoField)

    @property
    def links_to_itself(self) -> bool:
        """Whether rows of this table may link to rows of the same table."""
        return self.model in _linked(self.model)

    def columns(self) -> str:
        """The names of the columns as SQL takes them: quoted, and separated by commas."""
        return ", ".join(f'"{colonne.nom}"' for colonne in self.colonnes)

    def lots(self, source: sqlite3.Connection) -> Iterator[list[tuple[Any, ...]]]:
        """The rows of this table in the SQLite file, in the order of their keys, in batches of at most 10 000."""
        lus = source.execute(f'SELECT {self.columns()} FROM "{self.nom}" ORDER BY "{self.cle.nom}"')
        while lot := lus.fetchmany(PAR_LOT):
            yield lot

    def refus(self, ligne: tuple[Any, ...]) -> Iterator[RefusTransfert]:
        """The values of this row of SQLite that PostgreSQL would not take, each with the reason."""
        for colonne, valeur in zip(self.colonnes, ligne, strict=True):
            try:
                colonne.read(valeur)
            except Impossible as impossible:
                yield RefusTransfert(self.libelle, ligne[self.place_cle], colonne.nom, str(impossible))

    def read(self, ligne: tuple[Any, ...]) -> list[Any]:
        """The values of this row of SQLite as PostgreSQL takes them. Raises TransfertError, which names the first value
        that PostgreSQL would refuse.
        """
        try:
            return [colonne.read(valeur) for colonne, valeur in zip(self.colonnes, ligne, strict=True)]
        except Impossible:
            raise TransfertError(str(next(self.refus(ligne)))) from None


def tables() -> list[TableTransferee]:
    """The tables of all the models of the portal, each after those that its rows link to."""
    models_kept = [m for m in apps.get_models(include_auto_created=True) if m._meta.managed and not m._meta.proxy]
    links = {model: _linked(model) - {model} for model in sorted(models_kept, key=lambda model: model._meta.label)}
    return [TableTransferee.of(model) for model in TopologicalSorter(links).static_order()]


def _linked(model: type[models.Model]) -> set[type[models.Model]]:
    """The models whose rows must be there before those of this one, itself perhaps."""
    links = [field for field in model._meta.concrete_fields if isinstance(field, models.ForeignKey)]
    return {field.target_field.model._meta.concrete_model or field.target_field.model for field in links}


def refusals(source: Path) -> list[RefusTransfert]:
    """All that PostgreSQL would refuse of this SQLite file: values, keys, rules and links that the file itself breaks.
    Nothing is written anywhere. Raises TransfertError when the file cannot be read, or lacks columns of this version of
    the portal.
    """
    with _opened(source) as base:
        _check_schema(base)
        found = [
            refus for table in tables() for lot in table.lots(base) for ligne in lot for refus in table.refus(ligne)
        ]
        return [*found, *_broken_rules(base), *_broken_links(base), *_worn_sequences(base)]


def transfer(source: Path, *, progress: Progress = silent) -> Transfert:
    """Migrate the PostgreSQL database of the default connection, then put every row of the SQLite file `source` in the
    place of its rows. `progress` is called with the number of rows of each batch.

    The rows pass in one transaction: killed or refused, it leaves those that were there; the migrations stay, save
    within a transaction of the caller's. Returns how many rows each table got, and those of tables that no model knows,
    the empty ones left out. Raises TransfertError when it cannot be done.
    """
    if connection.vendor != "postgresql":
        raise TransfertError(NOT_THIS_WAY)
    _check_encoding()
    call_command("migrate", interactive=False, verbosity=0)
    with _opened(source) as base:
        _check_schema(base)
        _check_migrations(base)
        toutes = tables()
        with _said(), transaction.atomic(), connection.cursor() as cursor:
            noms = ", ".join(f'"{table.nom}"' for table in toutes)
            cursor.execute(f"TRUNCATE {noms} RESTART IDENTITY")  # undone with the rest, as `setval` alone is not
            lignes = {table.nom: _copy(table, base, cursor, progress) for table in toutes}
            for table in toutes:
                _advance_sequence(table, base, cursor)
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            _recount(lignes, cursor)
            cursor.execute("ANALYZE")  # PostgreSQL knows nothing yet of tables just filled
        ContentType.objects.clear_cache()  # their keys are those of the file
        return Transfert(lignes, _left_behind(base, {table.nom for table in toutes}))


@contextmanager
def _opened(source: Path) -> Iterator[sqlite3.Connection]:
    """The file, as one moment holds it, that nothing here can write to."""
    try:
        # Not « mode=ro »: integrity_check asks no CHECK of a file opened so (SQLite 3.46).
        with closing(sqlite3.connect(f"file:{quote(str(source))}?mode=rw", uri=True)) as base:
            base.execute("PRAGMA query_only = ON")
            base.text_factory = lambda octets: octets.decode("utf-8", "surrogateescape")
            base.execute("BEGIN")
            yield base
    except sqlite3.DatabaseError as error:
        raise TransfertError(f"Ce fichier SQLite ne se lit pas\u00a0: {error}.") from error


def _check_encoding() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_encoding")
        [encoding] = cursor.fetchone()
    if encoding != "UTF8":
        raise TransfertError(
            f"La base PostgreSQL est en {encoding}\u00a0: il la faut en UTF8 "
            "(createdb --encoding UTF8 --template template0)."
        )


def _columns_of(base: sqlite3.Connection) -> dict[str, set[str]]:
    noms = [nom for (nom,) in base.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    return {nom: {ligne[1] for ligne in base.execute(f'PRAGMA table_info("{nom}")')} for nom in noms}


def _check_schema(base: sqlite3.Connection) -> None:
    held = _columns_of(base)
    missing = [
        f"{table.nom}.{colonne.nom}"
        for table in tables()
        for colonne in table.colonnes
        if colonne.nom not in held.get(table.nom, ())
    ]
    if missing:
        raise TransfertError(
            f"Ce fichier n’est pas celui d’un portail à jour\u00a0: il y manque {', '.join(missing[:5])}."
        )


def _check_migrations(base: sqlite3.Connection) -> None:
    """Both databases have the migrations of the portal that runs here: a column means the same thing on both sides."""
    ours = {app.label for app in apps.get_app_configs()}
    recorded = {(app, nom) for app, nom in MigrationRecorder(connection).applied_migrations() if app in ours}
    held = {(app, nom) for app, nom in base.execute("SELECT app, name FROM django_migrations") if app in ours}
    if held != recorded:
        different = ", ".join(sorted(f"{app}.{nom}" for app, nom in held ^ recorded)[:5])
        raise TransfertError(f"Les deux bases n’en sont pas à la même version du portail\u00a0: {different}.")


def _broken_rules(base: sqlite3.Connection) -> Iterator[RefusTransfert]:
    """What SQLite itself finds: a rule, a NOT NULL or a unique value that a table does not hold, a damaged page."""
    for (message,) in base.execute("PRAGMA integrity_check"):
        if message != "ok":
            yield RefusTransfert("base", None, "contrôle de SQLite", message)


def _broken_links(base: sqlite3.Connection) -> Iterator[RefusTransfert]:
    par_nom = {table.nom: table for table in tables()}
    for nom, rowid, vers, rang in base.execute("PRAGMA foreign_key_check").fetchall():
        if nom not in par_nom:
            continue
        liens = {lien[0]: lien[3] for lien in base.execute(f'PRAGMA foreign_key_list("{nom}")')}
        table = par_nom[nom]
        cle = base.execute(f'SELECT "{table.cle.nom}" FROM "{nom}" WHERE rowid = ?', [rowid]).fetchone()
        yield RefusTransfert(
            table.libelle, cle and cle[0], liens[rang], f"la ligne de {vers} qu’elle désigne n’existe pas"
        )


def _sequences(base: sqlite3.Connection) -> dict[str, int]:
    """The highest key that each table has ever given, erased rows included."""
    return dict(base.execute("SELECT name, seq FROM sqlite_sequence"))


def _worn_sequences(base: sqlite3.Connection) -> Iterator[RefusTransfert]:
    sequences = _sequences(base)
    for table in tables():
        if table.has_sequence and table.nom in sequences:
            try:
                table.cle.read(sequences[table.nom])
            except Impossible as impossible:
                yield RefusTransfert(table.libelle, sequences[table.nom], "dernière clé donnée", str(impossible))


def _copy(table: TableTransferee, base: sqlite3.Connection, cursor: Any, progress: Progress) -> int:
    lignes = 0
    for lot in table.lots(base):
        with cursor.copy(f'COPY "{table.nom}" ({table.columns()}) FROM STDIN') as copy:
            for ligne in lot:
                copy.write_row(table.read(ligne))
        if not table.links_to_itself:
            _check_links(cursor)
        lignes += len(lot)
        progress(len(lot))
    _check_links(cursor)
    return lignes


def _check_links(cursor: Any) -> None:
    """Check the links of the rows just written: PostgreSQL keeps in memory each of those it has still to check."""
    cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def _advance_sequence(table: TableTransferee, base: sqlite3.Connection, cursor: Any) -> None:
    """A key that the file has given is never given again, whether its row is still there or not."""
    if not table.has_sequence:
        return
    cursor.execute(f'SELECT MAX("{table.cle.nom}") FROM "{table.nom}"')
    highest = max(cursor.fetchone()[0] or 0, _sequences(base).get(table.nom, 0))
    cursor.execute(
        "SELECT setval(pg_get_serial_sequence(%s, %s), %s, %s)",
        [f'"{table.nom}"', table.cle.nom, max(highest, 1), highest > 0],
    )


def _recount(lignes: dict[str, int], cursor: Any) -> None:
    for nom, attendues in lignes.items():
        cursor.execute(f'SELECT COUNT(*) FROM "{nom}"')
        [trouvees] = cursor.fetchone()
        if trouvees != attendues:
            raise TransfertError(f"{nom}\u00a0: {trouvees} lignes dans PostgreSQL, {attendues} dans le fichier.")


def _left_behind(base: sqlite3.Connection, known: set[str]) -> dict[str, int]:
    others = set(_columns_of(base)) - known - {"django_migrations", "sqlite_sequence"}
    counts = {nom: base.execute(f'SELECT COUNT(*) FROM "{nom}"').fetchone()[0] for nom in sorted(others)}
    return {nom: lignes for nom, lignes in counts.items() if lignes}


@contextmanager
def _said() -> Iterator[None]:
    """What PostgreSQL refuses all the same is a sentence: its transaction has changed nothing."""
    try:
        with connection.wrap_database_errors:
            yield
    except IntegrityError as error:
        regle = getattr(getattr(error.__cause__, "diag", None), "constraint_name", None) or "une règle de la base"
        raise TransfertError(f"PostgreSQL refuse une ligne\u00a0: {regle}. Rien n’est changé.") from error
    except DatabaseError as error:
        raise TransfertError(f"PostgreSQL refuse\u00a0: {str(error).splitlines()[0]}. Rien n’est changé.") from error
