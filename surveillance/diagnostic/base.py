"""Does the database answer, and if not, what to type? Nothing is made: a SQLite file that is missing stays so."""

from __future__ import annotations

import os
import re
import shlex
from pathlib import Path
from typing import Any

from django.db import DatabaseError, InterfaceError, ProgrammingError, connection
from django.db.migrations.recorder import MigrationRecorder

from portail.pannes import impatient
from surveillance.diagnostic.constats import Point, attention, bon, mauvais
from surveillance.diagnostic.lieu import Lieu
from surveillance.diagnostic.reglages import is_refused
from surveillance.etat import known_migrations

QUOI = "Base de données"
START = "sudo systemctl start postgresql\nsudo systemctl status postgresql --no-pager"

# What PostgreSQL and its library object, in English or in French: a pattern, a sentence, a remedy, a command. The names
# of the role and of the database are put in their places.
REFUSALS = [
    (
        r"could not translate host name|failed to resolve host|Name or service not known|Temporary failure in name",
        "le nom «\u00a0{host}\u00a0» du serveur n’existe pas pour cette machine.",
        "Corrigez DATABASE_URL, ou le DNS de cette machine.",
        "getent hosts {host}",
    ),
    (
        r"Connection refused|Connexion refusée|No such file or directory|Aucun fichier ou dossier",
        "aucun PostgreSQL n’écoute à {where}\u00a0: il est arrêté, ou écoute ailleurs.",
        "Démarrez-le\u202f; s’il tourne, comparez son adresse et son port (pg_lsclusters) à DATABASE_URL.",
        START,
    ),
    (
        r"starting up|démarrage|shutting down|en cours d.arrêt|recovery|restauration",
        "PostgreSQL démarre, ou s’arrête.",
        "Attendez une minute, et recommencez.",
        "sudo systemctl status postgresql --no-pager",
    ),
    (
        r"timeout expired|timed out|délai .*expiré|connection timeout",
        "PostgreSQL ne répond pas à {where}\u00a0: un pare-feu, ou une machine arrêtée.",
        "Vérifiez que cette machine peut joindre ce port.",
        "pg_isready -h {host} -p {port}",
    ),
    (
        r"role \"?.*does not exist|le rôle .*n.existe pas",
        "PostgreSQL ne connaît pas le compte «\u00a0{user}\u00a0».",
        "Créez-le.",
        "sudo -u postgres createuser {user}",
    ),
    (
        r"database \"?.*does not exist|base de données .*n.existe pas",
        "la base «\u00a0{name}\u00a0» n’existe pas sur ce serveur.",
        "Créez-la, vide, en UTF-8.",
        "sudo -u postgres createdb --owner {user} --encoding UTF8 --template template0 {name}",
    ),
    (
        r"Peer authentication failed|authentification peer",
        "PostgreSQL ne laisse entrer par cette socket que le compte «\u00a0{user}\u00a0» de la machine.",
        "Tapez la commande sous le compte du portail, ou donnez au compte PostgreSQL le même nom.",
        "{again}",
    ),
    (
        r"password authentication failed|authentification par mot de passe|no password supplied|aucun mot de passe",
        "PostgreSQL refuse le mot de passe du compte «\u00a0{user}\u00a0».",
        "Corrigez DATABASE_URL («\u00a0@\u00a0» s’y écrit %40, «\u00a0/\u00a0» "
        "%2F), ou donnez à ce compte un nouveau mot de passe.",
        "sudo -u postgres psql -c '\\password {user}'",
    ),
    (
        r"no pg_hba.conf entry|aucune entrée dans pg_hba",
        "PostgreSQL n’accepte pas cette machine, ce compte ou cette base (pg_hba.conf).",
        "Ajoutez-y une ligne «\u00a0host {name} {user} ADRESSE/32 scram-sha-256\u00a0», et rechargez-le.",
        "sudo systemctl reload postgresql",
    ),
    (
        r"too many connections|remaining connection slots|trop de connexions|trop de clients",
        "PostgreSQL n’a plus de connexion libre.",
        "Cherchez qui les tient\u202f; montez max_connections, ou mettez pgbouncer devant.",
        "sudo -u postgres psql -c 'SELECT usename, count(*) FROM pg_stat_activity GROUP BY 1'",
    ),
    (
        r"certificate|certificat|SSL",
        "la connexion chiffrée à PostgreSQL échoue.",
        "Vérifiez sslmode et sslrootcert dans DATABASE_URL.",
        "",
    ),
]


def check_reached(lieu: Lieu) -> Point:
    """The line of the diagnosis that says whether a connection to the database opens and answers. The checks that come
    later need it."""
    if is_refused("DATABASE_URL") or is_refused("DATABASE_URL_DIRECTE"):
        phrase = "elle n’est pas examinée tant que son adresse est refusée («\u00a0Réglages\u00a0»)."
        return mauvais(QUOI, phrase, "Corrigez DATABASE_URL, puis recommencez.", lieu.edit)
    if connection.vendor == "sqlite":
        refused = sqlite_refusal(lieu)
        if refused:
            return refused
    try:
        connection.ensure_connection()
        with impatient(), connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except (DatabaseError, InterfaceError) as error:
        return refusal(str(error).strip(), lieu)
    return bon(QUOI, f"{place()} répond.")


def place() -> str:
    """Where the database is, in words, without its password."""
    told = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"SQLite, {told['NAME']},"
    return f"PostgreSQL, «\u00a0{told['NAME']}\u00a0» à {where(told)},"


def where(told: dict[str, Any]) -> str:
    """The address of the PostgreSQL server, « host:port », from Django's settings of the connection."""
    host, port = host_port(told)
    return f"{host}:{port}"


def host_port(told: dict[str, Any]) -> tuple[str, str]:
    """The host and the port of the PostgreSQL server, from Django's settings of the connection, or else from the
    environment and the defaults of PostgreSQL."""
    options = told.get("OPTIONS", {})
    host = told.get("HOST") or options.get("host") or os.environ.get("PGHOST") or "/var/run/postgresql"
    return str(host), str(told.get("PORT") or options.get("port") or os.environ.get("PGPORT") or 5432)


def sqlite_refusal(lieu: Lieu) -> Point | None:
    """The line of the diagnosis that says why the SQLite file cannot be opened (missing folder or file, rights); None
    when nothing stands in the way."""
    base = Path(connection.settings_dict["NAME"])
    if not base.parent.is_dir():
        commande = lieu.as_account(f"install -d -m 700 {base.parent}")
        return mauvais(
            QUOI, f"le dossier {base.parent} n’existe pas, ou n’est pas monté.", "Montez-le, ou créez-le.", commande
        )
    if not base.exists():
        remede = "Si le portail n’a jamais servi, faites-la\u202f; sinon, DATABASE_URL ou ce dossier n’est pas le bon."
        return mauvais(QUOI, f"{base} n’existe pas.", remede, lieu.manage("migrate"))
    if not os.access(base, os.R_OK):
        remede = "Tapez la commande sous le compte du portail, ou rendez-lui ce fichier."
        commande = f"sudo chown {lieu.compte}: {base} && sudo chmod 600 {base}"
        return mauvais(QUOI, f"{base} ne peut pas être lu par le compte qui tape la commande.", remede, commande)
    return None


def refusal(said: str, lieu: Lieu) -> Point:
    """The line of the diagnosis that says why the connection to the database did not open, from the words `said` of the
    error."""
    if connection.vendor == "sqlite":
        return sqlite_error(said, lieu)
    return postgresql_refusal(said, connection.settings_dict, lieu)


def sqlite_error(said: str, lieu: Lieu) -> Point:
    """The line of the diagnosis that says why SQLite did not open its file, from the words `said` of the error."""
    base = connection.settings_dict["NAME"]
    if re.search("not a database|malformed|encrypted", said):
        remede = "Restaurez la dernière sauvegarde\u00a0: l’actuelle est mise de côté."
        commande = f"sudo systemctl stop {lieu.units}\n{lieu.manage('restaurer ARCHIVE')}"
        return mauvais(QUOI, f"{base} est abîmé, ou n’est pas une base SQLite.", remede, commande)
    remede = "Voyez les droits du fichier, de son dossier, et qui le tient."
    commande = f"ls -la {Path(base).parent}\nsudo fuser -v {base}"
    return mauvais(QUOI, f"{base} ne s’ouvre pas («\u00a0{said}\u00a0»).", remede, commande)


def postgresql_refusal(said: str, told: dict[str, Any], lieu: Lieu) -> Point:
    """The line of the diagnosis that says why PostgreSQL did not let the portal in, from the words `said` of the error;
    `told` is Django's settings of the connection."""
    host, port = host_port(told)
    user = told.get("USER") or os.environ.get("PGUSER") or lieu.compte
    words = {"host": host, "port": port, "user": user, "name": told["NAME"], "where": where(told)}
    quoted = {name: shlex.quote(word) for name, word in words.items()}
    for pattern, phrase, remede, commande in REFUSALS:
        if re.search(pattern, said, re.IGNORECASE):
            typed = commande.format(**quoted, again=lieu.manage("diagnostic"))
            return mauvais(QUOI, phrase.format(**words), remede.format(**words), typed)
    first = said.splitlines()[0] if said else "sans un mot"
    return mauvais(QUOI, f"elle ne s’ouvre pas à {where(told)} («\u00a0{first}\u00a0»).", "Voyez DATABASE_URL.", START)


WRITING = {
    "locked": (
        "une écriture qui ne se termine pas la tient\u00a0: import, sauvegarde ou commande.",
        "Attendez-en la fin, ou arrêtez-la.",
    ),
    "full": ("son disque est plein\u00a0: rien ne s’enregistre.", "Faites de la place."),
    "read-only": (
        "elle ne s’écrit pas\u00a0: droits du fichier ou du dossier, disque en lecture seule, ou serveur de secours.",
        "Rendez-la écrivable par le compte du portail.",
    ),
    "unavailable": ("elle a cessé de répondre au moment d’écrire.", "Voyez si elle tourne."),
}


def check_written(database: str, lieu: Lieu) -> Point:
    """The line of the diagnosis that says whether a row could just be written, from the word that the state of the
    portal has for the database (`Etat.database`)."""
    quoi = "Écriture dans la base"
    if database == "ok":
        return bon(quoi, "une ligne vient d’être écrite.")
    phrase, remede = WRITING.get(database, WRITING["unavailable"])
    return mauvais(quoi, phrase, remede, writing_command(database, lieu))


def writing_command(database: str, lieu: Lieu) -> str:
    """The command that shows why the database, in the state of this word (`Etat.database`), cannot be written."""
    if connection.vendor == "sqlite":
        base = Path(connection.settings_dict["NAME"])
        return {
            "locked": f"sudo fuser -v {base}",
            "full": f"df -h {base.parent}",
        }.get(database, f"ls -la {base.parent}\nsudo chown -R {lieu.compte}: {base.parent}")
    return {
        "locked": 'sudo -u postgres psql -c "SELECT pid, usename, xact_start, left(query, 60) FROM pg_stat_activity '
        "WHERE state <> 'idle' ORDER BY xact_start\"",
        "full": "sudo -u postgres psql -c 'SHOW data_directory'\ndf -h",
        "read-only": "sudo -u postgres psql -c 'SHOW default_transaction_read_only' -c 'SELECT pg_is_in_recovery()'",
    }.get(database, START)


def check_migrations(lieu: Lieu) -> Point:
    """The line of the diagnosis that says whether the database has all the migrations of this version. It warns of some
    that this version does not know: they come from a later one."""
    quoi = "Migrations"
    try:
        with impatient():
            applied = set(MigrationRecorder(connection).applied_migrations())
    except ProgrammingError:  # PostgreSQL: permission denied
        phrase = "le compte du portail ne peut pas lire les tables\u00a0: elles sont à un autre compte de PostgreSQL."
        told = connection.settings_dict
        commande = f"sudo -u postgres psql -d {told['NAME']} -c '\\dt'"
        return mauvais(quoi, phrase, "Connectez-le sous ce compte-là, ou donnez-lui la base et ses tables.", commande)
    missing = sorted(known_migrations() - applied)
    ours = {app for app, _ in known_migrations()}
    unknown = sorted((app, name) for app, name in applied - known_migrations() if app in ours)
    if not applied:
        remede = "Faites les tables, puis les groupes."
        commande = f"{lieu.manage('migrate')}\n{lieu.manage('sync_groups')}"
        return mauvais(quoi, "la base est vide\u00a0: aucune n’est passée.", remede, commande)
    if missing:
        app, name = missing[0]
        phrase = (
            f"{len(missing)} ne sont pas passées, dont {app} {name}."
            if missing[1:]
            else f"{app} {name} n’est pas passée."
        )
        return mauvais(
            quoi, phrase, "Passez-les, après une sauvegarde.", f"{lieu.manage('sauvegarder')}\n{lieu.manage('migrate')}"
        )
    if unknown:
        app, name = unknown[0]
        phrase = (
            f"la base en a que cette version ne connaît pas, dont {app} "
            f"{name}\u00a0: elle vient d’une version plus récente."
        )
        return attention(quoi, phrase, "Mettez le logiciel à jour.", lieu.as_account("install/mettre-a-jour"))
    return bon(quoi, "toutes celles de cette version sont passées.")
