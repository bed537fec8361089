"""What only SQLite may suffer from: a damaged file, a network disk, rules that other tools do not understand."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from django.db import connection

from portail.pannes import impatient
from surveillance.diagnostic.constats import Point, attention, bon, mauvais
from surveillance.diagnostic.lieu import Lieu

NETWORK = {"nfs", "nfs4", "cifs", "smb3", "smbfs", "fuse.sshfs", "glusterfs", "ceph", "afs", "9p"}
LARGEST = 300 * 2**20  # bytes: reading it whole takes a few seconds
MOUNTS = Path("/proc/mounts")


def check_engine() -> Iterator[Point]:
    """The line of the diagnosis on SQLite: its version, and whether its journal is WAL, without which readers wait for
    writers."""
    quoi = "Moteur"
    with impatient(), connection.cursor() as cursor:
        cursor.execute("PRAGMA journal_mode")
        (mode,) = cursor.fetchone()
    if mode != "wal":
        phrase = (
            f"SQLite {sqlite3.sqlite_version}, sans journal WAL («\u00a0{mode}\u00a0»)\u00a0: lire y attend d’écrire."
        )
        yield attention(
            quoi, phrase, "Ce disque ne le permet sans doute pas\u00a0: mettez la base sur un disque local."
        )
    else:
        yield bon(quoi, f"SQLite {sqlite3.sqlite_version}, journal WAL, textes en UTF-8.")


def check_disk_is_local() -> Point:
    """The line of the diagnosis that says whether the SQLite file is on a disk of this machine: on a network disk, two
    machines would damage it. A kind of disk that is not known counts as local."""
    quoi = "Disque de SQLite"
    folder = Path(connection.settings_dict["NAME"]).resolve().parent
    kind = kind_of(folder)
    if kind in NETWORK:
        phrase = f"{folder} est sur un disque réseau ({kind})\u00a0: deux machines y abîmeraient la base."
        return mauvais(quoi, phrase, "Mettez-la sur un disque de cette machine, ou passez à PostgreSQL.")
    return bon(quoi, "local.")


def kind_of(folder: Path) -> str:
    """The kind of file system of this folder, as the kernel names it (« ext4 », « nfs »); empty where it does not
    tell."""
    try:
        lines = MOUNTS.read_text("utf-8", "replace").splitlines()
    except OSError:
        return ""
    kinds = {line.split()[1]: line.split()[2] for line in lines}
    return next((kinds[str(parent)] for parent in (folder, *folder.parents) if str(parent) in kinds), "")


def check_whole(lieu: Lieu) -> Point:
    """The line of the diagnosis that says whether the whole SQLite file can be read and every row leads to rows that
    exist; a file of more than 300 MiB is left to the backups, which read all of it."""
    quoi = "Intégrité"
    base = Path(connection.settings_dict["NAME"])
    if os.path.getsize(base) > LARGEST:
        return bon(quoi, "fichier trop gros pour être lu ici\u202f; chaque sauvegarde le relit en entier.")
    remede = "Arrêtez le portail, et restaurez la dernière sauvegarde\u00a0: l’actuelle est mise de côté."
    commande = f"sudo systemctl stop {lieu.units}\n{lieu.manage('restaurer ARCHIVE')}"
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA quick_check(1)")
        (said,) = cursor.fetchone()
        if said != "ok":
            phrase = f"la base est abîmée\u00a0: SQLite répond «\u00a0{' '.join(said.split())}\u00a0»."
            return mauvais(quoi, phrase, remede, commande)
        cursor.execute("PRAGMA foreign_key_check")
        orphan = cursor.fetchone()
    if orphan:
        phrase = (
            f"une ligne de {orphan[0]} mène à une ligne absente de "
            f"{orphan[2]}\u00a0: la base a été changée hors du portail."
        )
        return mauvais(quoi, phrase, remede, commande)
    return bon(quoi, "le fichier se lit en entier.")


def check_rules(lieu: Lieu) -> Point:
    """The line of the diagnosis that says whether the database still has the rule that an identifiant is made of
    digits, and no rule asks for REGEXP, a function of Django's own: since 0.4 any tool of SQLite can check and reload
    them."""
    quoi = "Règles des tables"
    with impatient(), connection.cursor() as cursor:
        cursor.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND sql LIKE '%% REGEXP %%' ORDER BY name")
        regexp = [name for (name,) in cursor.fetchall()]
        cursor.execute(
            "SELECT count(*) FROM sqlite_master WHERE name = 'accounts_user' AND sql LIKE '%%user_identifiant_digits%%'"
        )
        (kept,) = cursor.fetchone()
    if regexp:
        phrase = f"la table {regexp[0]} en a une avec REGEXP, que l’outil sqlite3 ne sait pas relire."
        return mauvais(quoi, phrase, "Passez les migrations de cette version.", lieu.manage("migrate"))
    if not kept:
        return no_rule(quoi, lieu)
    return bon(quoi, "un identifiant n’y est fait que de chiffres, et tout outil de SQLite les comprend.")


def no_rule(quoi: str, lieu: Lieu) -> Point:
    """The line of the diagnosis that says that the rule of identifiants is missing: the database was copied by another
    tool."""
    phrase = (
        "la règle des identifiants (user_identifiant_digits) manque\u00a0: la base a été copiée par un autre outil."
    )
    remede = "Une restauration refait les tables et leurs règles\u00a0: sauvegardez, arrêtez le portail, restaurez."
    return mauvais(quoi, phrase, remede, f"{lieu.manage('sauvegarder')}\n{lieu.manage('restaurer ARCHIVE')}")
