"""What PostgreSQL would refuse of a SQLite file is listed before anything is written; any database may be asked."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from django.db import connection

from accounts.models import User
from conservation.restoring.checks import NOT_THIS_WAY
from conservation.restoring.transfert import TransfertError, refusals, transfer

pytestmark = pytest.mark.django_db
NUL = "un signe nul (NUL), que PostgreSQL n’écrit pas"
CASES = {
    "too long": (
        "UPDATE enfance_enfant SET nom = printf('%.*c', 101, 'é')",
        "enfance.Enfant, clé 41, nom\u00a0: 101 signes, 100 au plus",
    ),
    "NUL in a text": (
        "UPDATE enfance_enfant SET prenom = 'Lé' || char(0)",
        f"enfance.Enfant, clé 41, prenom\u00a0: {NUL}",
    ),
    "NUL in a JSON": (
        """UPDATE enfance_foyer SET onde = '{"rue": "\\u0000"}'""",
        f"enfance.Foyer, clé 41, onde\u00a0: {NUL}",
    ),
    "half a sign in a JSON": (
        """UPDATE enfance_foyer SET onde = '["\\ud83d"]'""",
        "enfance.Foyer, clé 41, onde\u00a0: des signes qui ne sont pas de l’Unicode",
    ),
    "no UTF-8": (
        "UPDATE enfance_foyer SET adresse = CAST(x'636166E9' AS TEXT)",
        "enfance.Foyer, clé 41, adresse\u00a0: des signes qui ne sont pas de l’Unicode",
    ),
    "too great": (
        "UPDATE enfance_creneau SET places = 40000",
        "enfance.Creneau, clé 41, places\u00a0: un nombre hors des bornes, de 0 à 32767",
    ),
    "no date": (
        "UPDATE enfance_enfant SET date_naissance = '2019-02-30'",
        "enfance.Enfant, clé 41, date_naissance\u00a0: pas une date",
    ),
    "no time": (
        "UPDATE accounts_user SET last_login = 'hier'",
        "accounts.User, clé 41, last_login\u00a0: pas une date avec son heure",
    ),
    "broken link": (
        "UPDATE enfance_scolarite SET classe_id = 7",
        "enfance.Scolarite, clé 41, classe_id\u00a0: la ligne de enfance_classe qu’elle désigne n’existe pas",
    ),
    "broken link of a row whose key is no number": (
        "UPDATE enfance_geste SET auteur_id = 7",
        "enfance.Geste, clé 80000000000000000000000000000001, auteur_id\u00a0: "
        "la ligne de accounts_user qu’elle désigne n’existe pas",
    ),
    "a rule of the table": (
        "UPDATE enfance_enfant SET ine = ''",
        "base, sans clé, contrôle de SQLite\u00a0: CHECK constraint failed in enfance_enfant",
    ),
    "no key left": (
        "UPDATE sqlite_sequence SET seq = 3000000000 WHERE name = 'django_content_type'",
        "contenttypes.ContentType, clé 3000000000, dernière clé donnée\u00a0: "
        "un nombre hors des bornes, de -2147483648 à 2147483647",
    ),
}


@pytest.fixture
def filled(full, tmp_path):
    """A file with a row in each table."""
    return Path(shutil.copy(full, tmp_path / "portail.sqlite3"))


def change(path, *statements):
    with closing(sqlite3.connect(path)) as file, file:
        file.execute("PRAGMA ignore_check_constraints = ON")
        for sql in statements:
            assert file.execute(sql).rowcount == 1


@pytest.mark.parametrize(("sql", "refusal"), CASES.values(), ids=CASES.keys())
def test_each_refusal_says_where_and_why(filled, sql, refusal):
    change(filled, sql)

    assert [str(found) for found in refusals(filled)] == [refusal]


def test_all_are_listed_at_once(filled):
    change(filled, *(sql for sql, _ in CASES.values() if "onde" not in sql and "ine =" not in sql))

    found = {str(refusal) for refusal in refusals(filled)}

    assert found == {refusal for sql, refusal in CASES.values() if "onde" not in sql and "ine =" not in sql}


def test_a_value_missing_is_listed(filled):
    with closing(sqlite3.connect(filled)) as file, file:
        file.execute("PRAGMA writable_schema = ON")
        file.execute(
            "UPDATE sqlite_master SET sql = replace(sql, '\"prenom\" varchar(100) NOT NULL', '\"prenom\" varchar(100)')"
        )
    change(filled, "UPDATE enfance_enfant SET prenom = NULL")

    assert [str(found) for found in refusals(filled)] == [
        "enfance.Enfant, clé 41, prenom\u00a0: vide, alors qu’il faut une valeur"
    ]


def test_the_file_is_not_written_to(filled):
    before = filled.read_bytes()

    assert refusals(filled) == []

    assert filled.read_bytes() == before
    assert [path.name for path in filled.parent.iterdir()] == [filled.name]


@pytest.mark.parametrize("content", [b"", b"pas une base", b"SQLite format 3\0" + bytes(5000)])
def test_what_is_no_database_of_a_portal_is_a_sentence(tmp_path, content):
    path = tmp_path / "autre.sqlite3"
    path.write_bytes(content)

    with pytest.raises(TransfertError, match="^Ce fichier"):
        refusals(path)


def test_a_cut_file_is_a_sentence(filled):
    filled.write_bytes(filled.read_bytes()[:150_000])

    try:
        found = " ".join(str(refusal) for refusal in refusals(filled))
    except TransfertError as refusal:
        found = str(refusal)

    assert "Ce fichier SQLite ne se lit pas" in found or "contrôle de SQLite" in found


def test_a_missing_file_is_a_sentence(tmp_path):
    with pytest.raises(TransfertError, match="Ce fichier SQLite ne se lit pas"):
        refusals(tmp_path / "absent.sqlite3")

    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(connection.vendor != "sqlite", reason="DATABASE_URL désigne une base PostgreSQL")
def test_sqlite_takes_nothing(filled):
    with pytest.raises(TransfertError) as refusal:
        transfer(filled)

    assert str(refusal.value) == NOT_THIS_WAY
    assert not User.objects.exists()
