"""Could the portal be given back tomorrow? Its archives, the last one that was tried, and what makes them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pyrage
from django.conf import settings
from django.db import connection

from conservation import postgresql as tools
from conservation.dossier import archives_of, unread_of
from conservation.manifeste import ArchiveError
from portail.dates import date_heure
from surveillance.diagnostic.constats import Point, attention, bon, mauvais
from surveillance.diagnostic.lieu import Lieu
from surveillance.diagnostic.postgresql import server_version
from surveillance.etat import BACKUP_OLD_AFTER, Etat

FOLDER, LAST, CHECKED, KEY = "Dossier des sauvegardes", "Dernière sauvegarde", "Dernière vérification", "Chiffrement"
UNCHECKED = timedelta(days=15)  # one a week, and one that was missed
AHEAD = timedelta(minutes=10)


def check_folder(lieu: Lieu) -> Point:
    """The line of the diagnosis on the folder of backups: it is set, exists, is written by the portal's account and
    closed to others."""
    folder = settings.SAUVEGARDES
    if folder is None:
        make = f"sudo install -d -o {lieu.compte} -g {lieu.compte} -m 700 /srv/sauvegardes/portail"
        phrase = "SAUVEGARDES ne dit pas où elles vont\u00a0: rien ne protège les données."
        remede = lieu.to_set("SAUVEGARDES=/srv/sauvegardes/portail")
        judge = mauvais if settings.PRODUCTION else attention
        return judge(FOLDER, phrase, remede, f"{make}\n{lieu.reload}")
    make = f"sudo install -d -o {lieu.compte} -g {lieu.compte} -m 700 {folder}"
    if not folder.is_dir():
        return mauvais(
            FOLDER,
            f"{folder} n’existe pas, ou n’est pas monté.",
            "Montez-le, ou créez-le.",
            f"findmnt -T {folder}\n{make}",
        )
    if not os.access(folder, os.W_OK | os.X_OK):
        phrase = f"{folder} ne peut pas être écrit par le compte qui tape la commande."
        return mauvais(
            FOLDER,
            phrase,
            "Rendez-le au compte du portail.",
            f"sudo chown {lieu.compte}: {folder} && sudo chmod 700 {folder}",
        )
    if folder.stat().st_mode & 0o077:
        phrase = f"d’autres comptes de la machine peuvent entrer dans {folder}."
        return attention(FOLDER, phrase, "Fermez-le aux autres comptes.", f"sudo chmod 700 {folder}")
    return bon(FOLDER, f"{folder}, écrit par le portail seul.")


def check_last(lieu: Lieu, now: datetime) -> Iterator[Point]:
    """The lines of the diagnosis on the archives of the backups' folder, whoever made them: those that cannot be read,
    those of the future, and the age of the newest. No line when no such folder is set, or when it cannot be read."""
    if settings.SAUVEGARDES is None or not os.access(settings.SAUVEGARDES, os.R_OK | os.X_OK):
        return
    try:
        moments = sorted(archives_of(settings.SAUVEGARDES).values())
        unread = unread_of(settings.SAUVEGARDES)
    except ArchiveError as error:
        yield mauvais(LAST, str(error), "Rendez ce dossier au compte du portail.", lieu.manage("diagnostic"))
        return
    ahead = [moment for moment in moments if moment > now + AHEAD]
    past = [moment for moment in moments if moment <= now + AHEAD]
    for path, why in unread.items():
        yield mauvais(
            "Archive illisible",
            f"{path} ne se lit pas ({why})\u00a0: elle ne se restaurerait pas.",
            "Rendez-la au compte du portail\u202f; si le disque est en cause, changez-le.",
            f"sudo chown {lieu.compte}: {path} && sudo chmod 600 {path}\nsudo dmesg | tail",
        )
    save = lieu.manage("sauvegarder --garder")
    timer = lieu.unit.replace("portail", "portail-sauvegarde", 1)
    of_the_night = f"systemctl list-timers {timer}.timer\n{lieu.journal('-n 20', of='-sauvegarde')}"
    if ahead:
        phrase = f"une archive est datée du {date_heure(ahead[-1])}, dans le futur\u00a0: une horloge était fausse."
        yield attention(
            LAST,
            phrase,
            "Mettez la machine à l’heure\u202f; l’archive reste, et ne compte pas.",
            f"timedatectl\n{save}",
        )
    if not past:
        yield mauvais(
            LAST,
            "aucune dans ce dossier.",
            "Faites la première, puis la minuterie de la nuit.",
            f"{save}\n{of_the_night}",
        )
    elif now - past[-1] > BACKUP_OLD_AFTER:
        phrase = f"elle est du {date_heure(past[-1])}\u00a0: {age(now - past[-1])}."
        yield mauvais(
            LAST,
            phrase,
            "Faites-en une, et cherchez pourquoi celle de la nuit n’a pas marché.",
            f"{save}\n{of_the_night}",
        )
    else:
        yield bon(LAST, f"du {date_heure(past[-1])}.")


def age(past: timedelta) -> str:
    """How long ago this was, in words: « il y a 3 jours », « il y a 30 heures »."""
    return f"il y a {past.days} jours" if past.days > 1 else f"il y a {int(past.total_seconds() // 3600)} heures"


def check_checked(lieu: Lieu, etat: Etat) -> Iterator[Point]:
    """The line of the diagnosis that says how long ago an archive was last tried by `verifier_sauvegarde`: more than 15
    days, or never, is a warning. No line when no folder of backups is set."""
    if settings.SAUVEGARDES is None:
        return
    done, now = etat.last_check, etat.at
    encrypted = bool(settings.SAUVEGARDES_CLE_PUBLIQUE)
    commande = lieu.manage(f"verifier_sauvegarde {settings.SAUVEGARDES}")
    remede = "Vérifiez-en une, puis chaque semaine par une minuterie."
    if encrypted:
        remede = (
            "Vérifiez-en une là où est la clé privée, dans une copie du "
            "dépôt\u202f; ce portail-ci ne peut pas le savoir."
        )
        commande = "manage.py verifier_sauvegarde ARCHIVE --cle cle-sauvegardes.txt"
    if done is None:
        yield attention(CHECKED, "aucune archive n’a été vérifiée ici.", remede, commande)
    elif now - done > UNCHECKED:
        yield attention(CHECKED, f"du {date_heure(done)}\u00a0: {age(now - done)}.", remede, commande)
    else:
        yield bon(CHECKED, f"du {date_heure(done)}.")


def check_key(lieu: Lieu) -> Point:
    """The line of the diagnosis on the public key that encrypts archives: whether it is well formed; only who has the
    private key knows that it opens them. Without any key, the line is good."""
    key = settings.SAUVEGARDES_CLE_PUBLIQUE
    if not key:
        return bon(KEY, "aucun\u00a0: gardez le dossier et ses copies sur des machines à vous seuls.")
    try:
        pyrage.x25519.Recipient.from_str(key)
    except pyrage.RecipientError:
        phrase = (
            "SAUVEGARDES_CLE_PUBLIQUE est mal recopiée\u00a0: un signe y est faux, et aucune sauvegarde ne se fait."
        )
        return mauvais(
            KEY, phrase, lieu.to_set("celle qu’affiche «\u00a0age-keygen -y cle-sauvegardes.txt\u00a0»"), lieu.reload
        )
    return bon(KEY, "à une clé publique bien formée. La clé privée est-elle à deux endroits, hors d’ici\u202f?")


def check_tools() -> Iterator[Point]:
    """With PostgreSQL, one line of the diagnosis for each of `pg_dump` and `pg_restore`, which must be as recent as the
    server."""
    if connection.vendor != "postgresql":
        return
    server = server_version()
    for name in ("pg_dump", "pg_restore"):
        try:
            path = tools.tool(name, server)
        except ArchiveError as error:
            yield mauvais(name, str(error), "", f"sudo apt install postgresql-client-{server}")
        else:
            yield bon(name, f"{path}, de la version du serveur ({server}) ou plus récent.")


def check_env_kept(lieu: Lieu) -> Iterator[Point]:
    """The line of the diagnosis that asks whether `.env` is kept somewhere safe: it is in no archive, and a restore on
    another machine needs it. It is always good; no line without a folder of backups or an `.env`."""
    if settings.SAUVEGARDES is None or not lieu.env.is_file():
        return
    phrase = (
        f"{lieu.env} n’est dans aucune archive, et elles ne servent pas sans lui. La commune le garde-t-elle à part, "
        "à jour, dans son coffre (SECRET_KEY, l’adresse de la base, le compte du serveur de mail)\u202f?"
    )
    yield bon("Réglages à garder", phrase)


def check_erasures(lieu: Lieu) -> Iterator[Point]:
    """A line of the diagnosis when the list of what was erased, beside the archives, cannot be read and written by the
    portal: every restore needs it. No line while there is no list."""
    if settings.SAUVEGARDES is None or not os.access(settings.SAUVEGARDES, os.X_OK):
        return
    path: Path = settings.SAUVEGARDES / "effacements.jsonl"
    if path.exists() and not os.access(path, os.R_OK | os.W_OK):
        phrase = f"{path} ne s’écrit pas\u00a0: ce qui est effacé reviendrait avec une restauration."
        yield mauvais(
            "Liste des effacements", phrase, "Rendez-la au compte du portail.", f"sudo chown {lieu.compte}: {path}"
        )
