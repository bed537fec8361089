"""What only PostgreSQL may suffer from: its version, its encoding, its collation, the rights of the role."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db import connection

from portail.pannes import impatient
from surveillance.diagnostic.constats import Point, attention, bon, mauvais
from surveillance.diagnostic.lieu import Lieu
from surveillance.diagnostic.sqlite import no_rule

OLDEST = 15
MOVE = (
    "Sauvegardez, refaites une base vide en UTF-8, et restaurez-y "
    "l’archive («\u00a0Restaurer\u00a0», docs/exploitation.md)."
)


def rows(sql: str) -> list[tuple[Any, ...]]:
    """The rows of this SELECT, which waits one second at most for a lock."""
    with impatient(), connection.cursor() as cursor:
        cursor.execute(sql)
        return list(cursor.fetchall())


def server_version() -> int:
    """The major version of the PostgreSQL server."""
    return int(rows("SHOW server_version_num")[0][0]) // 10000


def check_engine() -> Point:
    """The line of the diagnosis that says whether PostgreSQL is recent enough."""
    (said,) = rows("SHOW server_version")[0]
    if server_version() < OLDEST:
        phrase = f"PostgreSQL {said} est trop ancien, il en faut {OLDEST} ou plus."
        return mauvais("Moteur", phrase, "Mettez le serveur à jour (pg_upgradecluster).", "pg_lsclusters")
    return bon("Moteur", f"PostgreSQL {said.split()[0]}.")


def check_encoding(lieu: Lieu) -> Point:
    """The line of the diagnosis that says whether the database is in UTF-8: in another encoding names are refused or
    broken."""
    quoi = "Encodage"
    ((encoding, user),) = rows("SELECT current_setting('server_encoding'), current_user")
    name = connection.settings_dict["NAME"]
    if encoding == "UTF8":
        return bon(quoi, "UTF-8.")
    phrase = f"la base est en {encoding} et non en UTF8\u00a0: des noms y seraient refusés ou abîmés."
    commande = (
        f"{lieu.manage('sauvegarder')}\n"
        f'sudo -u postgres psql -c \'ALTER DATABASE "{name}" RENAME TO "{name}_ancienne"\'\n'
        f"sudo -u postgres createdb --owner {user} --encoding UTF8 --template template0 --locale C.UTF-8 {name}\n"
        f"{lieu.manage('restaurer ARCHIVE')}"
    )
    return mauvais(quoi, phrase, MOVE, commande)


def check_letters() -> Point:
    """The line of the diagnosis that says whether PostgreSQL takes « É » and « é » for one letter, as searches that ask
    the server need. The order of names does not depend on it: the portal writes its own."""
    quoi = "Majuscules"
    ((collate, ctype, same),) = rows(
        "SELECT datcollate, datctype, upper('é') = 'É' FROM pg_database WHERE datname = current_database()"
    )
    if not same:
        phrase = (
            f"avec le classement «\u00a0{ctype}\u00a0», PostgreSQL ne rapproche pas "
            "«\u00a0é\u00a0» de «\u00a0É\u00a0»\u00a0: des recherches ne trouvent rien."
        )
        remede = (
            "Le tri des noms n’en dépend pas. Pour la recherche, refaites la base avec --locale C.UTF-8 ou fr_FR.UTF-8."
        )
        return attention(quoi, phrase, remede)
    return bon(quoi, f"classement «\u00a0{collate}\u00a0», accents compris.")


def check_collation(lieu: Lieu) -> Point:
    """The line of the diagnosis that says whether indexes were written with the collation that the system has now:
    after an upgrade of the system, texts may be sorted otherwise."""
    quoi, name = "Version du classement", connection.settings_dict["NAME"]
    ((written, present),) = rows(
        "SELECT datcollversion, pg_database_collation_actual_version(oid) FROM pg_database "
        "WHERE datname = current_database()"
    )
    if written is not None and written != present:
        phrase = (
            f"les index ont été écrits avec la version {written} du système, qui trie à présent selon la {present}."
        )
        remede = "Refaites les index, la nuit, puis notez la nouvelle version."
        commande = (
            f"sudo -u postgres psql -d {name} -c 'REINDEX DATABASE \"{name}\"' "
            f"-c 'ALTER DATABASE \"{name}\" REFRESH COLLATION VERSION'"
        )
        return mauvais(quoi, phrase, remede, commande)
    return bon(quoi, f"{present}\u00a0: celle du système." if present else "sans objet pour ce classement.")


def check_rights(lieu: Lieu) -> Iterator[Point]:
    """The line of the diagnosis on the rights of the portal's role in the database: it must own the tables and be able
    to make others, for upgrades, and should not be a superuser."""
    quoi, name = "Droits dans la base", connection.settings_dict["NAME"]
    ((role, may_create, superuser),) = rows(
        "SELECT current_user, has_schema_privilege(current_user, current_schema(), 'CREATE'), "
        "(SELECT rolsuper FROM pg_roles WHERE rolname = current_user)"
    )
    ((strange,),) = rows(
        "SELECT min(tablename) FROM pg_tables WHERE schemaname = current_schema() "
        "AND NOT pg_has_role(current_user, tableowner, 'MEMBER')"
    )
    give = f'sudo -u postgres psql -d {name} -c \'ALTER DATABASE "{name}" OWNER TO "{role}"\''
    if not may_create:
        phrase = f"«\u00a0{role}\u00a0» ne peut pas y faire de table\u00a0: une mise à jour échouerait."
        yield mauvais(quoi, phrase, "Donnez-lui la base.", give)
    elif strange:
        phrase = f"la table {strange} n’est pas à «\u00a0{role}\u00a0»\u00a0: une mise à jour échouerait."
        commande = f"sudo -u postgres psql -d {name} -c 'REASSIGN OWNED BY ANCIEN TO \"{role}\"'"
        yield mauvais(quoi, phrase, "Donnez-lui toutes les tables (\\dt dit à qui elles sont).", commande)
    elif superuser:
        phrase = (
            f"«\u00a0{role}\u00a0» est superutilisateur de PostgreSQL\u00a0: une "
            "faille du portail y donnerait toutes les bases."
        )
        commande = f"sudo -u postgres psql -c 'ALTER ROLE \"{role}\" NOSUPERUSER'"
        yield attention(quoi, phrase, "Un compte ordinaire, propriétaire de sa base, suffit.", commande)
    else:
        yield bon(quoi, f"«\u00a0{role}\u00a0» y est chez lui.")


def check_rules(lieu: Lieu) -> Point:
    """The line of the diagnosis that says whether the database still has the rule that an identifiant is made of
    digits."""
    quoi = "Règles des tables"
    ((kept,),) = rows(
        "SELECT count(*) FROM pg_constraint WHERE conname = 'user_identifiant_digits' AND convalidated "
        "AND connamespace = current_schema()::regnamespace"
    )
    return bon(quoi, "un identifiant n’y est fait que de chiffres.") if kept else no_rule(quoi, lieu)
