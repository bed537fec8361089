"""`manage.py diagnostic`: its lines, its JSON, its exit status; a check that breaks; settings that refuse to start."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from io import StringIO
from pathlib import Path
from threading import Event

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

from surveillance.diagnostic import adresse, courriel, examen, lieu, statiques
from surveillance.diagnostic.constats import attention, bon, how_many, mauvais
from surveillance.diagnostic.textes import as_json, as_text
from tests.faults import everything, reconnected
from tests.reading import plain
from tests.surveillance.constater import LIEU, lines


@pytest.fixture(autouse=True)
def nothing_far(monkeypatch):
    monkeypatch.setattr(courriel, "check_mail_server", lambda lieu: bon("Serveur de mail", "là."))
    monkeypatch.setattr(adresse, "check_public_address", lambda lieu: [bon("Adresse publique", "là.")])


def run(*words: str) -> tuple[int, str]:
    out = StringIO()
    try:
        call_command("diagnostic", *words, stdout=out)
    except SystemExit as end:
        return int(end.code or 0), out.getvalue()
    return 0, out.getvalue()


@pytest.mark.django_db(transaction=True)
def test_command_tells_each_chapter_changes_nothing_and_fails_for_what_is_wrong(monkeypatch):
    # The tests serve their static files where they are written: that chapter would have no line, and no title.
    monkeypatch.setattr(statiques, "check_collected", lambda lieu: bon("Fichiers statiques", "là."))
    before = everything()

    status, said = run()

    assert status == 1  # no worker, no agent
    assert [line for line in said.splitlines() if line in examen.ORDER] == examen.ORDER
    assert "✗ MAUVAIS    Service des tâches" in said
    assert "\n                   $ " in said
    after = everything()
    assert {row[0] for row in after.pop("accounts.Passage")} == {"ecriture"}
    assert before.pop("accounts.Passage") == []
    assert after == before


def test_command_answers_a_program(db):
    status, said = run("--json", "--sans-reseau")

    told = json.loads(said)
    assert status == 1
    assert told["site"] == settings.SITE_URL
    assert {"chapitre", "quoi", "etat", "phrase", "remede", "commande"} == set(told["constats"][0])
    assert "Adresse publique" not in {constat["chapitre"] for constat in told["constats"]}


def test_what_is_to_be_looked_at_alone_does_not_fail(db, monkeypatch):
    monkeypatch.setattr(examen, "do_one", lambda *args: [attention("Ici", "à regarder.", "Regardez.")])

    assert run()[0] == 0


@pytest.mark.django_db(transaction=True)
def test_every_line_of_a_database_that_is_away_says_so():
    away = {"NAME": "/nulle/part/base.sqlite3"} if connection.vendor == "sqlite" else {"PORT": "1"}
    with reconnected(**away):
        found = examen.examine(LIEU, now=timezone.now(), uid=LIEU.uid)

    assert [constat.etat for constat in found["Base de données"]] == ["mauvais", "attention"]
    for name in ("Comptes", "Tâches"):
        assert plain(found[name][0].phrase) == "pas examiné : la base ne répond pas."


def test_every_line_that_waits_for_a_migration_says_so(db):
    MigrationRecorder(connection).record_unapplied("enfance", "0001_initial")

    found = examen.examine(LIEU, now=timezone.now(), uid=LIEU.uid, network=False)

    for name in ("Comptes", "Tâches"):
        [point] = found[name]
        assert plain(point.phrase) == "pas examiné : des migrations attendent."
        assert "Base de données" in point.remede


def test_check_that_breaks_is_a_line_and_the_others_go_on():
    def broken():
        yield bon("Avant", "fait.")
        raise RuntimeError("quelque chose de secret")

    found = examen.do_all("Chapitre", [broken, lambda: bon("Après", "fait.")], float("inf"))

    assert [constat.etat for constat in lines(found)] == ["mauvais", "bon"]
    assert "(RuntimeError)" in found[0].phrase
    assert "secret" not in found[0].phrase


def test_check_that_does_not_end_is_cut(monkeypatch):
    monkeypatch.setattr(examen, "EACH", 0.2)

    found = examen.do_all("Chapitre", [Event().wait, lambda: bon("Après", "fait.")], float("inf"))

    assert [constat.etat for constat in lines(found)] == ["mauvais", "bon"]
    assert "n’a pas répondu" in found[0].phrase


def test_time_of_the_command_is_bounded():
    late = examen.do_all("Chapitre", [lambda: bon("Après", "fait.")], float("-inf"))
    far = examen.ControleLointain("Courriels", [Event().wait])

    assert plain(late[0].phrase).endswith("n’a pas été examiné : le temps de la commande est passé.")
    assert "pas de réponse dans le temps" in far.answer(0.0)[0].phrase


def test_lines_are_read_as_they_are_counted():
    chapitres = {"Un": [bon("Ceci", "va."), mauvais("Cela", "ne va pas.", "Réparez.", "l’une\nl’autre")]}

    assert plain(as_text("Titre", chapitres)) == (
        "Titre\n\nUn\n  ✓ bon        Ceci : va.\n"
        "  ✗ MAUVAIS    Cela : ne va pas.\n                 → Réparez.\n"
        "                   $ l’une\n                   $ l’autre\n\n"
        "2 points examinés : 1 bon, 0 à regarder, 1 mauvais."
    )
    assert json.loads(as_json("x", chapitres))["constats"][1]["commande"] == "l’une\nl’autre"
    assert how_many(chapitres["Un"]) == {"bon": 1, "attention": 0, "mauvais": 1}


def test_settings_are_read_again_by_systemd_or_by_a_signal(monkeypatch, tmp_path):
    monkeypatch.setattr(lieu, "SYSTEMD", tmp_path)
    assert LIEU.reload == "sudo systemctl reload portail"
    town = replace(LIEU, uid=65534, env=Path("/etc/portail/ville.env"), instance="ville")
    assert town.reload == "sudo systemctl reload portail@ville"
    assert town.manage("migrate").startswith("sudo -u nobody env ENV_FILE=/etc/portail/ville.env ")
    monkeypatch.setattr(lieu, "SYSTEMD", tmp_path / "absent")
    assert LIEU.reload == "sudo pkill -HUP -f install/prise.py"


# --- Settings that refuse to start: the real command ----------------------------------------------------------------


def refused(env: str, *words: str) -> tuple[int, str]:
    told = subprocess.run(
        [sys.executable, "manage.py", "diagnostic", *words],
        cwd=settings.BASE_DIR,
        env={"PATH": os.environ["PATH"], "ENV_FILE": env, "PYTHONUTF8": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.stderr == ""
    return told.returncode, told.stdout


@pytest.mark.ci
@pytest.mark.sqlite
def test_settings_that_refuse_to_start_are_lines_too(tmp_path):
    env = tmp_path / "env"
    env.write_text((settings.BASE_DIR / ".env.example").read_text("utf-8"), "utf-8")

    status, said = refused(str(env), "--sans-reseau")
    _, answer = refused(str(env), "--json", "--sans-reseau")

    assert status == 1
    wrong = [plain(line) for line in said.splitlines() if "✗" in line]
    assert any(line.startswith("  ✗ MAUVAIS    Réglages : SECRET_KEY : donnez une clé secrète") for line in wrong)
    assert any("COMMUNE_DPO : « dpo@commune.example » est une valeur d’exemple" in line for line in wrong)
    assert "secrets.token_urlsafe(50)" in said
    assert f" {env}\n" in said.partition("$ sudoedit ")[2]
    chapters = {constat["chapitre"] for constat in json.loads(answer)["constats"]}
    assert chapters >= {"Réglages", "Base de données", "Disque", "Horloge", "Sauvegardes"}  # nothing is hidden


@pytest.mark.ci
@pytest.mark.sqlite
def test_settings_that_cannot_be_read_are_told_together_and_hide_no_other_line(tmp_path):
    env = tmp_path / "env"
    names = ["DEBUG", "DATABASE_URL", "EMAIL_URL", "CONSERVATION_JOURNAL"]
    env.write_text("\n".join(f"{name}=n’importe quoi" for name in names), "utf-8")

    status, said = refused(str(env), "--sans-reseau")
    done = subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=settings.BASE_DIR,
        env={"PATH": os.environ["PATH"], "ENV_FILE": str(env), "PYTHONUTF8": "1"},
        capture_output=True,
        text=True,
        check=False,
    )

    told = [line.partition(":")[2].strip() for line in plain(said).splitlines() if "✗ MAUVAIS    Réglages" in line]
    assert [line.split(" ")[0] for line in told] == names
    assert "elle n’est pas examinée tant que son adresse est refusée" in said
    assert {"Disque", "Horloge", "Sauvegardes"} <= set(said.splitlines())
    assert (status, done.returncode) == (1, 1)
    assert [line.split("\u00a0")[0] for line in done.stderr.splitlines()] == names


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("DEBUG=peut-être", "DEBUG : « peut-être » n’est ni oui ni non."),
        ("SITE_URL = x", "la ligne 1 n’est ni NOM=valeur"),
    ],
)
def test_value_that_cannot_be_read_is_a_line(tmp_path, text, says):
    env = tmp_path / "env"
    env.write_text(text, "utf-8")

    status, said = refused(str(env))

    assert (status, says in plain(said)) == (1, True)


def test_file_of_settings_that_is_missing_is_a_line(tmp_path):
    said = refused(str(tmp_path / "absent"))[1]

    assert "n’existe pas" in said
    assert "ENV_FILE, donné devant la commande ou au service, est à corriger" in said
    assert "ENV_FILE=…" not in said
