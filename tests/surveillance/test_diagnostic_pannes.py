"""An operator's faults, put one by one into a real portal: the real command names each, with its remedy.

Those of the network, of PostgreSQL and of the rights of files have their own servers and files, beside.
"""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import timezone

from conservation.noms import STAMP
from tests.portail.production import GOOD
from tests.reading import plain

pytestmark = [pytest.mark.une_fois, pytest.mark.ci]


@dataclass
class Portail:
    """A portal of a town in production, on SQLite, with an archive of today."""

    folder: Path

    @property
    def base(self) -> Path:
        return self.folder / "donnees" / "portail.sqlite3"

    @property
    def sauvegardes(self) -> Path:
        return self.folder / "sauvegardes"

    @property
    def env(self) -> Path:
        return self.folder / "reglages"

    def say(self, **changes: str) -> None:
        """Its file of settings, with these changes."""
        said = {name: value for name, value in GOOD.items() if name != "ENV_FILE"}
        said |= {"DATABASE_URL": f"sqlite:///{self.base}", "SAUVEGARDES": str(self.sauvegardes)} | changes
        self.env.write_text("".join(f"{name}={value}\n" for name, value in said.items()), "utf-8")
        self.env.chmod(0o600)

    def type(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "manage.py", *words],
            cwd=settings.BASE_DIR,
            env={"PATH": os.environ["PATH"], "ENV_FILE": str(self.env), "PYTHONUTF8": "1"},
            capture_output=True,
            text=True,
            check=False,
        )

    def sql(self, query: str) -> None:
        with closing(sqlite3.connect(self.base)) as session:
            session.execute(query)
            session.commit()

    def archives(self) -> list[Path]:
        return list(self.sauvegardes.glob("portail-*.tar"))


@pytest.fixture(scope="module")
def model(tmp_path_factory) -> Path:
    portail = Portail(tmp_path_factory.mktemp("modele"))
    for folder in (portail.base.parent, portail.sauvegardes):
        folder.mkdir(mode=0o700)
    portail.say()
    for words in (["migrate", "-v0"], ["sync_groups"], ["sauvegarder"]):
        done = portail.type(*words)
        assert done.returncode == 0, done.stderr
    return portail.folder


@pytest.fixture
def portail(model, tmp_path) -> Portail:
    portail = Portail(tmp_path / "portail")
    shutil.copytree(model, portail.folder)
    portail.say()
    return portail


def all_gone(portail: Portail) -> None:
    for path in portail.archives():
        path.unlink()


def grown_old(portail: Portail) -> None:
    [made] = portail.archives()
    made.rename(portail.sauvegardes / f"portail-{timezone.now() - timedelta(days=3):{STAMP}}.tar")


def ill_copied(portail: Portail) -> None:
    portail.say(SAUVEGARDES_CLE_PUBLIQUE=f"age1{'q' * 58}")


def open_to_all(portail: Portail) -> None:
    portail.folder.chmod(0o755)
    portail.env.chmod(0o644)


def of_tomorrow(portail: Portail) -> None:
    portail.sql("INSERT INTO accounts_passage (job, done_at) VALUES ('accounts.tasks.purge', '2096-01-01 00:00:00')")


PANNES: list[tuple[str, Callable[[Portail], object], str, str]] = [
    ("a word that is no setting", lambda p: p.say(ENVOIS_RETENU="1"), "Est-ce ENVOIS_RETENUS ?", "corrigez-le dans"),
    (
        "a password that SMTP cannot send",
        lambda p: p.say(EMAIL_URL="smtp+tls://garderie:pétanque@mail.commune.fr"),
        "EMAIL_URL : le compte ou le mot de passe a un accent",
        "Écrivez EMAIL_URL=…",
    ),
    (
        "a name that stands for any town",
        lambda p: p.say(COMMUNE_NOM="Notre-Commune"),
        "COMMUNE_NOM : « Notre-Commune » est resté de l’exemple",
        "Écrivez COMMUNE_NOM=…",
    ),
    ("a key that is not there", lambda p: p.say(SECRET_KEY=""), "SECRET_KEY : donnez une clé", "Tirez-en une"),
    ("a weak key of before", lambda p: p.say(SECRET_KEY_FALLBACKS="a"), "une des clés d’avant est trop courte", "=…"),
    (
        "an address of the database that is none",
        lambda p: p.say(DATABASE_URL="mysql://portail:a@serveur/base"),
        "elle n’est pas examinée tant que son adresse est refusée",
        "Corrigez DATABASE_URL",
    ),
    ("a database that is not there", lambda p: p.base.unlink(), "portail.sqlite3 n’existe pas", "faites-la"),
    (
        "a database that is damaged",
        lambda p: p.base.write_bytes(b"nothing that SQLite knows" * 400),
        "est abîmé, ou n’est pas une base SQLite",
        "Restaurez la dernière sauvegarde",
    ),
    (
        "a migration that waits",
        lambda p: p.sql("DELETE FROM django_migrations WHERE app = 'conservation'"),
        "ne sont pas passées, dont conservation",
        "Passez-les, après une sauvegarde",
    ),
    ("a worker that stopped", lambda p: None, "il n’a jamais tourné sur cette base", "Démarrez le portail"),
    ("a clock that was wrong", of_tomorrow, "la base garde un passage daté du", "mettez à l’heure"),
    ("settings that others read", open_to_all, "d’autres comptes de la machine peuvent lire", "pour son propriétaire"),
    (
        "a folder of backups that is not mounted",
        lambda p: shutil.rmtree(p.sauvegardes),
        "n’existe pas, ou n’est pas monté",
        "Montez-le",
    ),
    ("no archive any more", all_gone, "aucune dans ce dossier", "Faites la première"),
    ("an archive that is old", grown_old, "il y a 3 jours", "Faites-en une"),
    ("a public key that is ill copied", ill_copied, "SAUVEGARDES_CLE_PUBLIQUE est mal recopiée", "age-keygen -y"),
]


@pytest.mark.parametrize(
    ("inject", "says", "remede"), [panne[1:] for panne in PANNES], ids=[panne[0] for panne in PANNES]
)
def test_diagnosis_names_the_fault_and_its_remedy(portail, inject, says, remede):
    inject(portail)

    done = portail.type("diagnostic", "--json", "--sans-reseau")

    told = [constat for constat in json.loads(done.stdout)["constats"] if says in plain(constat["phrase"])]
    assert [constat["etat"] in {"attention", "mauvais"} for constat in told] == [True], done.stdout
    assert remede in plain(told[0]["remede"])
    assert told[0]["commande"]
    assert "pétanque" not in done.stdout


def test_portal_without_a_fault_has_none_of_these_lines(portail):
    done = portail.type("diagnostic", "--json", "--sans-reseau")

    said = " ".join(plain(constat["phrase"]) for constat in json.loads(done.stdout)["constats"])
    assert [panne[2] for panne in PANNES if panne[2] in said] == [
        "il n’a jamais tourné sur cette base"
    ]  # no worker runs here
