"""The state in words: every line has its sign, its sentence, and a remedy where something is to be done."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from surveillance.etat import WRONG, Etat
from surveillance.tableau import Signe, courriels_arretes, dresser, duree
from tests.reading import plain

AT = datetime(2026, 12, 3, 13, 5, tzinfo=UTC)  # five past two in Paris
WELL = Etat(
    at=AT,
    version="0.5.0",
    database="ok",
    migrations="ok",
    worker="ok",
    worker_last_pass=AT - timedelta(seconds=20),
    mail="ok",
    mail_last_ok=AT - timedelta(minutes=1),
    mails_waiting=0,
    mails_failed=0,
    tasks="ok",
    disk="ok",
    disk_free=20_480,
    backup="ok",
    last_backup=datetime(2026, 12, 3, 2, 30, tzinfo=UTC),
    last_check=datetime(2026, 11, 30, 4, 0, tzinfo=UTC),
)


@pytest.fixture(autouse=True)
def folder(settings):
    settings.SAUVEGARDES = Path("/srv/sauvegardes/portail")
    settings.SAUVEGARDES_CLE_PUBLIQUE = ""


def ago(**how: float) -> datetime:
    return AT - timedelta(**how)


def told(etat: Etat) -> dict[str, tuple[Signe, str]]:
    return {temoin.nom: (temoin.signe, plain(temoin.phrase)) for temoin in dresser(etat).temoins}


def test_portal_that_is_well_says_so_line_by_line():
    assert dresser(WELL).resume == "Tout va bien"
    assert told(WELL) == {
        "La base de données": (Signe.BON, "Écrite à 14 h 05."),
        "Le service des tâches": (Signe.BON, "Passé à 14 h 04."),
        "Les e-mails": (Signe.BON, "Le serveur de mail a répondu à 14 h 04."),
        "La file des tâches": (Signe.BON, "Rien n’attend."),
        "Le disque": (Signe.BON, "20 Gio libres."),
        "Les sauvegardes": (
            Signe.BON,
            "La dernière est du jeudi 3 décembre à 3 h 30 ; une vérifiée le lundi 30 novembre à 5 h.",
        ),
    }


@pytest.mark.parametrize(
    ("what", "fields", "signe", "says"),
    [
        ("La base", {"database": "locked"}, Signe.MAUVAIS, "Une écriture ne se termine pas"),
        ("La base", {"database": "full"}, Signe.MAUVAIS, "Elle n’a plus de place"),
        ("La base", {"database": "read-only"}, Signe.MAUVAIS, "Elle se lit, et ne s’écrit plus."),
        ("La base", {"database": "unavailable", "worker": "unknown"}, Signe.MAUVAIS, "Elle ne répond pas."),
        ("La base", {"migrations": "missing"}, Signe.MAUVAIS, "Il lui manque des changements"),
        ("Le service", {"worker": "late", "worker_last_pass": ago(hours=2)}, Signe.MAUVAIS, "Rien depuis 12 h 05 :"),
        (
            "Le service",
            {"worker": "late", "worker_last_pass": ago(days=1)},
            Signe.MAUVAIS,
            "Rien depuis le mercredi 2 décembre à 14 h 05 : aucun e-mail ne part",
        ),
        ("Le service", {"worker": "late", "worker_last_pass": None}, Signe.MAUVAIS, "Jamais passé :"),
        (
            "Les e-mails",
            {"mail": "failing", "mail_failing_since": ago(hours=5), "mails_waiting": 12},
            Signe.MAUVAIS,
            "Rien ne part depuis 9 h 05. 12 e-mails attendent. Ils partiront d’eux-mêmes.",
        ),
        (
            "Les e-mails",
            {"mail": "failing", "mail_failing_since": ago(hours=5), "mails_waiting": 1},
            Signe.MAUVAIS,
            "9 h 05. 1 e-mail attend. Il partira de lui-même.",
        ),
        ("Les e-mails", {"mail_failing_since": ago(minutes=1)}, Signe.VOIR, "Le dernier essai a échoué, à 14 h 04"),
        ("Les e-mails", {"mail": "held", "mails_waiting": 1}, Signe.VOIR, "les laisse partir. 1 e-mail attend."),
        ("Les e-mails", {"mail": "unknown", "mail_last_ok": None}, Signe.INCONNU, "Personne n’est encore allé voir"),
        (
            "Les e-mails",
            {"mail": "unknown", "worker": "late", "mails_waiting": 3},
            Signe.INCONNU,
            "Aucun ne part tant que le service ne passe pas. 3 e-mails attendent.",
        ),
        ("Les e-mails", {"mails_failed": 2}, Signe.BON, "2 courriels non remis."),
        ("La file", {"oldest_task": 12}, Signe.BON, "attend depuis 12 secondes."),
        ("La file", {"oldest_task": 2700, "tasks": "late"}, Signe.MAUVAIS, "attend depuis 45 minutes."),
        ("Le disque", {"disk": "low", "disk_free": 420}, Signe.MAUVAIS, "420 Mio libres seulement ; il en faut 500."),
        ("Le disque", {"disk_free": 1500}, Signe.BON, "1 500 Mio libres."),
        ("Le disque", {"disk": "unknown", "disk_free": None}, Signe.MAUVAIS, "Son dossier ne se lit pas."),
        ("Les sauvegardes", {"backup": "none", "last_backup": None}, Signe.VOIR, "la première est pour cette nuit"),
        ("Les sauvegardes", {"backup": "old"}, Signe.MAUVAIS, "il y en a une par nuit"),
        ("Les sauvegardes", {"backup": "old", "last_backup": None}, Signe.MAUVAIS, "Aucune n’a été faite"),
        ("Les sauvegardes", {"backup": "missing"}, Signe.MAUVAIS, "le dossier n’en contient plus aucune"),
        ("Les sauvegardes", {"last_check": None}, Signe.VOIR, "aucune n’a été vérifiée ici."),
        ("Les sauvegardes", {"last_check": ago(days=9)}, Signe.VOIR, "aucune vérifiée depuis le mardi 24 novembre"),
    ],
)
def test_what_does_not_go_well_is_told_with_its_remedy(what, fields, signe, says):
    # REL-08
    tableau = dresser(replace(WELL, **fields))

    [temoin] = [temoin for temoin in tableau.temoins if temoin.nom.startswith(what)]
    assert temoin.signe is signe
    assert says in plain(temoin.phrase)
    assert bool(temoin.remede) or signe is not Signe.MAUVAIS


@pytest.mark.parametrize(("instance", "unit"), [("", "portail"), ("villeneuve", "portail@villeneuve")])
def test_commands_are_those_of_the_town_whose_portal_it_is(settings, instance, unit):
    settings.INSTANCE = instance
    tableau = dresser(replace(WELL, worker="late", mail="failing", mail_failing_since=AT, backup="old"))

    commands = {temoin.nom: temoin.commande for temoin in tableau.temoins}
    assert f"-u {unit} -n 50" in commands["Le service des tâches"]
    assert f"-u {unit.replace('portail', 'portail-sauvegarde')} -n 50" in commands["Les sauvegardes"]


def test_every_wrong_word_of_the_state_is_a_bad_line():
    for name, words in WRONG.items():
        for word in words:
            etat = replace(WELL, **{name: word}, oldest_task=2700, disk_free=None if word == "unknown" else 400)
            assert etat.wrong == [name]
            assert dresser(etat).mauvais >= 1


def test_portal_without_a_folder_of_backups_is_asked_for_one(settings):
    settings.SAUVEGARDES = None

    tableau = dresser(replace(WELL, backup="none"))

    assert (tableau.temoins[-1].signe, tableau.resume) == (Signe.VOIR, "1\u00a0chose à voir")
    assert "SAUVEGARDES dans .env" in tableau.temoins[-1].remede


def test_archives_whose_key_is_elsewhere_are_not_asked_to_be_checked_here(settings):
    settings.SAUVEGARDES_CLE_PUBLIQUE = "age1"

    assert told(replace(WELL, last_check=None))["Les sauvegardes"] == (
        Signe.BON,
        "La dernière est du jeudi 3 décembre à 3 h 30 ; elles se vérifient là où est la clé.",
    )


def test_database_that_does_not_answer_leaves_out_what_only_it_knows():
    etat = Etat(at=AT, version="0.5.0", disk="ok", disk_free=20_480)

    assert list(told(etat)) == ["La base de données", "Le disque"]
    assert dresser(etat).resume == "1\u00a0chose ne va pas"


@pytest.mark.parametrize(
    ("fields", "since"),
    [
        ({}, ""),
        ({"mail_failing_since": ago(minutes=1)}, ""),
        ({"mail": "failing", "mail_failing_since": ago(minutes=3)}, "14 h 02"),
        ({"mail": "failing", "mail_failing_since": ago(days=1)}, "le mercredi 2 décembre à 14 h 05"),
        ({"worker": "late", "mail": "unknown", "worker_last_pass": ago(minutes=4)}, ""),
        ({"worker": "late", "mail": "unknown", "worker_last_pass": ago(minutes=5)}, "14 h"),
        ({"worker": "late", "mail": "unknown", "worker_last_pass": None}, ""),
        ({"mail": "held", "mail_failing_since": ago(hours=1)}, ""),
    ],
)
def test_secretary_is_told_since_when_mails_no_longer_leave(fields, since):
    assert plain(courriels_arretes(replace(WELL, **fields))) == since


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 seconde"),
        (119, "119 secondes"),
        (120, "2 minutes"),
        (7199, "119 minutes"),
        (7200, "2 heures"),
        (172800, "2 jours"),
    ],
)
def test_duration_is_told_in_the_largest_unit_that_says_enough(seconds, words):
    assert duree(timedelta(seconds=seconds)) == words.replace(" ", "\u00a0")
