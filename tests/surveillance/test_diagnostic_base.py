"""The diagnosis of the database: real files, a real server, real faults."""

from __future__ import annotations

import gc
import os
import sqlite3
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

from surveillance.diagnostic import base, examen, postgresql, sqlite
from surveillance.diagnostic.constats import bon
from surveillance.etat import lire
from tests.faults import FAULTS, another, reconnected, run
from tests.reading import plain
from tests.surveillance.constater import LIEU, lines, only, told

sqlite_only = pytest.mark.skipif(connection.vendor != "sqlite", reason="SQLite")
PORTAIL = "sudo -u " if os.geteuid() else ""


def test_database_that_answers_is_good(db):
    rows = examen.of_the_rows(LIEU, lire(timezone.now()))["Base de données"]
    checks = [partial(base.check_reached, LIEU), *examen.in_the_database(LIEU), *rows]
    found = [constat for check in checks for constat in lines(check())]

    # The role of the tests is a superuser, which a town's is not.
    assert [
        told(constat) for constat in found if constat.etat != "bon" and "superutilisateur" not in constat.phrase
    ] == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("fault", FAULTS)
def test_what_the_database_suffers_from_is_named(fault):  # REL-03
    with FAULTS[fault]():
        # A file that is open for reading alone has a name of the tests'.
        reached = bon("", ".") if fault == "read-only" else only(base.check_reached(LIEU))
        constat = only(base.check_written(lire(timezone.now()).database, LIEU)) if reached.etat == "bon" else reached

    assert constat.etat == "mauvais"
    assert constat.commande
    word = {
        "locked": "la tient",
        "unavailable (disk)": "cessé de répondre",
        "read-only": "ne s’écrit pas",
        "unavailable": "n’existe pas" if connection.vendor == "sqlite" else "aucun PostgreSQL n’écoute",
        "unavailable (cut)": "ne s’ouvre pas",
    }[fault]
    assert word in plain(constat.phrase)


def test_missing_migrations_ask_for_migrate(db):
    MigrationRecorder(connection).record_unapplied("accounts", "0001_initial")

    constat = only(base.check_migrations(LIEU))

    assert told(constat) == ("mauvais", "accounts 0001_initial n’est pas passée.")
    assert constat.commande.splitlines()[-1].endswith("manage.py migrate")


def test_empty_database_asks_for_migrate_and_groups(db):
    MigrationRecorder.Migration.objects.all().delete()

    constat = only(base.check_migrations(LIEU))

    assert told(constat) == ("mauvais", "la base est vide : aucune n’est passée.")
    assert [line.rpartition(" ")[2] for line in constat.commande.splitlines()] == ["migrate", "sync_groups"]


def test_database_of_a_later_version_is_told(db):
    MigrationRecorder(connection).record_applied("accounts", "9999_from_tomorrow")

    assert told(only(base.check_migrations(LIEU))) == (
        "attention",
        "la base en a que cette version ne connaît pas, dont accounts 9999_from_tomorrow : elle vient d’une version "
        "plus récente.",
    )


# --- What PostgreSQL says as it refuses -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "phrase", "commande"),
    [
        ('FATAL:  role "portail" does not exist', "ne connaît pas le compte « portail »", "createuser portail"),
        ("FATAL:  le rôle « portail » n'existe pas", "ne connaît pas le compte", "createuser portail"),
        ('FATAL:  database "ecole" does not exist', "la base « ecole » n’existe pas", "--encoding UTF8"),
        ("FATAL:  la base de données « ecole » n'existe pas", "la base « ecole » n’existe pas", "createdb"),
        ('FATAL:  password authentication failed for user "portail"', "refuse le mot de passe", "\\password portail"),
        ("FATAL:  authentification par mot de passe échouée", "refuse le mot de passe", "\\password portail"),
        ('FATAL:  Peer authentication failed for user "portail"', "ne laisse entrer par cette socket", "diagnostic"),
        ("FATAL:  no pg_hba.conf entry for host", "pg_hba.conf", "reload postgresql"),
        (
            "FATAL:  sorry, too many clients already; remaining connection slots",
            "plus de connexion",
            "pg_stat_activity",
        ),
        ("failed to resolve host 'pg.commune.fr'", "le nom « pg.commune.fr » du serveur n’existe pas", "getent hosts"),
        ("connection timeout expired", "ne répond pas à pg.commune.fr:5433", "pg_isready -h pg.commune.fr -p 5433"),
        ("FATAL:  the database system is starting up", "démarre", "status postgresql"),
        ("server does not support SSL, but SSL was required", "connexion chiffrée", ""),
        ("something else", "« something else »", "start postgresql"),
    ],
)
def test_refusals_of_postgresql_are_put_in_words(said, phrase, commande):
    told_to = {"NAME": "ecole", "USER": "portail", "HOST": "pg.commune.fr", "PORT": "5433", "OPTIONS": {}}

    constat = base.postgresql_refusal(said, told_to, LIEU)

    assert constat.etat == "mauvais"
    assert phrase in plain(constat.phrase)
    assert commande in constat.commande


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("wrong", "phrase"),
    [
        ({"PORT": "1"}, "aucun PostgreSQL n’écoute"),
        ({"USER": "personne"}, "refuse le mot de passe"),  # the server does not say which of the two is wrong
        ({"PASSWORD": "faux"}, "refuse le mot de passe"),
        ({"NAME": "absente"}, "la base « absente » n’existe pas"),
        ({"HOST": "nulle-part.invalid"}, "n’existe pas pour cette machine"),
        ({"HOST": "/nulle/part"}, "aucun PostgreSQL n’écoute à /nulle/part"),
    ],
)
def test_real_refusals_of_postgresql(wrong, phrase):
    with reconnected(**wrong):
        constat = only(base.check_reached(LIEU))

    assert phrase in plain(constat.phrase)


# --- PostgreSQL -------------------------------------------------------------------------------------------------------


@pytest.fixture
def other_database(transactional_db):
    """A database made as asked, beside that of the tests."""
    names = []

    def make(options: str) -> str:
        names.append(f"{connection.settings_dict['NAME']}_diagnostic_{len(names)}")  # each process has its own
        with another() as other:
            run(f"DROP DATABASE IF EXISTS {names[-1]}", other)
            run(f"CREATE DATABASE {names[-1]} TEMPLATE template0 {options}", other)
        return names[-1]

    yield make
    with another() as other:
        for name in names:
            run(f"DROP DATABASE {name} WITH (FORCE)", other)


@pytest.mark.postgresql
@pytest.mark.parametrize(("encoding", "locale"), [("SQL_ASCII", "C"), ("LATIN1", "C")])
def test_other_encoding_than_utf8_is_told(other_database, encoding, locale):
    name = other_database(f"ENCODING '{encoding}' LOCALE '{locale}'")
    with reconnected(NAME=name):
        constat = only(postgresql.check_encoding(LIEU))

    assert constat.etat == "mauvais"
    assert f"la base est en {encoding} et non en UTF8" in constat.phrase
    assert "--encoding UTF8 --template template0" in constat.commande


@pytest.mark.postgresql
def test_collation_that_knows_no_accent_is_told(other_database):
    name = other_database("ENCODING 'UTF8' LOCALE 'C'")
    with reconnected(NAME=name):
        assert only(postgresql.check_letters()).etat == "attention"
        assert only(postgresql.check_encoding(LIEU)).etat == "bon"


@pytest.mark.postgresql
def test_index_of_another_collation_version_is_told(other_database):
    name = other_database("ENCODING 'UTF8' LOCALE_PROVIDER icu ICU_LOCALE 'fr' LOCALE 'C.UTF-8'")
    with reconnected(NAME=name):
        assert only(postgresql.check_collation(LIEU)).etat == "bon"
        run(f"UPDATE pg_database SET datcollversion = '1.0' WHERE datname = '{name}'")
        constat = only(postgresql.check_collation(LIEU))

    assert constat.etat == "mauvais"
    assert "la version 1.0 du système" in constat.phrase
    assert "REFRESH COLLATION VERSION" in constat.commande


@pytest.mark.postgresql
def test_role_that_may_not_make_tables_is_told(other_database):
    name = other_database("")
    with reconnected(NAME=name):
        run("DROP ROLE IF EXISTS diagnostic_role")
        run("CREATE ROLE diagnostic_role LOGIN")
        try:
            run("SET ROLE diagnostic_role")
            constat = only(postgresql.check_rights(LIEU))
        finally:
            run("RESET ROLE")
            run("DROP ROLE diagnostic_role")

    assert told(constat) == (
        "mauvais",
        "« diagnostic_role » ne peut pas y faire de table : une mise à jour échouerait.",
    )
    assert f'ALTER DATABASE "{name}" OWNER TO "diagnostic_role"' in constat.commande


@pytest.mark.postgresql
def test_role_that_may_not_read_the_tables_is_told(db):
    run("CREATE ROLE diagnostic_lecteur")
    run("SET ROLE diagnostic_lecteur")
    constat = only(base.check_migrations(LIEU))
    run("RESET ROLE")

    assert told(constat) == (
        "mauvais",
        "le compte du portail ne peut pas lire les tables : elles sont à un autre compte de PostgreSQL.",
    )
    assert constat.commande.endswith("-c '\\dt'")


@pytest.mark.postgresql
def test_old_server_is_told(db, monkeypatch):
    assert only(postgresql.check_engine()).etat == "bon"
    monkeypatch.setattr(postgresql, "OLDEST", 99)
    assert only(postgresql.check_engine()).etat == "mauvais"


# --- SQLite ---------------------------------------------------------------------------------------------------------


@pytest.mark.ci
@pytest.mark.sqlite
@sqlite_only
@pytest.mark.django_db(transaction=True)
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # Django's, of a connection that failed
def test_file_that_is_no_database_is_told(tmp_path):
    path = tmp_path / "base.sqlite3"
    path.write_bytes(b"ceci n'est pas une base" * 100)
    with reconnected(NAME=str(path)):
        constat = only(base.check_reached(LIEU))
    gc.collect()  # that connection, here and not during a later test

    assert "est abîmé, ou n’est pas une base SQLite" in constat.phrase
    assert "restaurer ARCHIVE" in constat.commande


@sqlite_only
@pytest.mark.django_db(transaction=True)
def test_missing_file_stays_missing(tmp_path):
    with reconnected(NAME=str(tmp_path / "base.sqlite3")):
        constat = only(base.check_reached(LIEU))
    with reconnected(NAME=str(tmp_path / "absent" / "base.sqlite3")):
        unmounted = only(base.check_reached(LIEU))

    assert constat.commande.endswith("manage.py migrate")
    assert "n’est pas monté" in unmounted.phrase
    assert list(tmp_path.iterdir()) == []


@sqlite_only
@pytest.mark.django_db(transaction=True)
def test_damaged_page_and_orphan_row_are_told(tmp_path):
    path = tmp_path / "base.sqlite3"
    with closing(sqlite3.connect(path)) as made:
        made.execute("CREATE TABLE parent (id integer primary key)")
        made.execute("CREATE TABLE enfant (id integer primary key, parent integer REFERENCES parent)")
        made.execute("INSERT INTO enfant VALUES (1, 12)")
        made.executemany("INSERT INTO parent VALUES (?)", [(n,) for n in range(20, 5000)])
        made.commit()
    with reconnected(NAME=str(path)):
        orphan = only(sqlite.check_whole(LIEU))
    content = bytearray(path.read_bytes())
    content[4096 * 5 : 4096 * 6] = os.urandom(4096)
    Path(f"{path}-wal").unlink(missing_ok=True)
    path.write_bytes(content)
    with reconnected(NAME=str(path)):
        damaged = only(sqlite.check_whole(LIEU))

    assert "une ligne de enfant mène à une ligne absente de parent" in orphan.phrase
    assert told(damaged)[0] == "mauvais"
    assert "la base est abîmée : SQLite répond" in plain(damaged.phrase)


@sqlite_only
def test_network_disk_is_told(db, tmp_path, monkeypatch):
    mounts = tmp_path / "mounts"
    monkeypatch.setattr(sqlite, "MOUNTS", mounts)
    mounts.write_text(
        f"/dev/sda1 / ext4 rw 0 0\nserveur:/x {Path(connection.settings_dict['NAME']).parent} nfs4 rw 0 0\n"
    )
    assert "disque réseau (nfs4)" in only(sqlite.check_disk_is_local()).phrase
    mounts.write_text("/dev/sda1 / ext4 rw 0 0\n")
    assert only(sqlite.check_disk_is_local()).etat == "bon"


@sqlite_only
def test_rule_with_regexp_or_missing_is_told(db):
    assert only(sqlite.check_rules(LIEU)).etat == "bon"
    run("CREATE TABLE ancienne (nom text CHECK (nom REGEXP '^[0-9]+$'))")
    assert "la table ancienne en a une avec REGEXP" in only(sqlite.check_rules(LIEU)).phrase


def test_missing_rule_is_told(db):
    engine = sqlite if connection.vendor == "sqlite" else postgresql
    assert only(engine.check_rules(LIEU)).etat == "bon"
    run("ALTER TABLE accounts_user RENAME TO accounts_user_ancienne")
    if connection.vendor == "postgresql":
        run("ALTER TABLE accounts_user_ancienne DROP CONSTRAINT user_identifiant_digits")

    assert "user_identifiant_digits" in only(engine.check_rules(LIEU)).phrase


def test_places_never_tell_the_password(db):
    assert "PASSWORD" not in base.place()
    assert str(settings.DATABASES["default"].get("PASSWORD") or "\0") not in base.place()
