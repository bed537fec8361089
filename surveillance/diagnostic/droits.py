"""Who types the command, and who may read and write what is the portal's."""

from __future__ import annotations

import os
import pwd
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from django.conf import settings
from django.db import connection

from surveillance.diagnostic.constats import Point, attention, bon, mauvais
from surveillance.diagnostic.lieu import Lieu

LOOKED_AT = 5000  # files of var/: it holds a few hundred, and mails of a trial


def name_of(uid: int) -> str:
    """The name of the system account of this number, or « n° 1000 » when it has none."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"n° {uid}"


def check_account(lieu: Lieu, uid: int) -> Point:
    """The line of the diagnosis on the system account `uid` that runs the command: it must be the one that serves the
    portal, or rights are not seen as the portal has them."""
    quoi, again = "Compte", lieu.manage("diagnostic")
    if uid != lieu.uid:
        phrase = f"la commande est tapée par «\u00a0{name_of(uid)}\u00a0», et var/ est à «\u00a0{lieu.compte}\u00a0»"
        remede = "Tapez-la sous le compte du portail\u00a0: ce qu’un autre crée lui échappe ensuite."
        judge = attention if uid == 0 else mauvais
        return judge(quoi, f"{phrase}.", remede, again)
    if uid == 0 and settings.PRODUCTION:
        phrase = "le portail tourne en root\u00a0: une faille y donnerait toute la machine."
        remede = "Donnez-lui un compte à lui, et tout son dossier."
        commande = f"sudo adduser --system --group --home /srv/portail portail\nsudo chown -R portail: {lieu.dossier}"
        return attention(quoi, phrase, remede, commande)
    return bon(quoi, f"«\u00a0{lieu.compte}\u00a0», à qui est var/.")


def check_env(lieu: Lieu) -> Point:
    """The line of the diagnosis on the file of settings, which holds the secret key and passwords: nobody but its owner
    may read it, unless its folder is closed. A missing file is good in production, where the service may give the
    settings, and a warning in a trial."""
    quoi = "Fichier des réglages"
    if not lieu.env.is_file():
        if settings.PRODUCTION:
            return bon(quoi, "aucun\u00a0: tout vient des variables du service.")
        remede = "Un vrai portail part de l’exemple, dont chaque réglage est expliqué."
        commande = f"{lieu.as_account(f'cp {lieu.dossier}/.env.example {lieu.env}')}\nsudo chmod 600 {lieu.env}"
        return attention(quoi, f"{lieu.env} n’existe pas\u00a0: c’est un essai.", remede, commande)
    found = lieu.env.stat()
    if found.st_mode & 0o077 and lieu.env.parent.stat().st_mode & 0o077:
        who = "d’autres comptes de la machine peuvent"
        phrase = f"{who} lire {lieu.env}, où sont la clé secrète et les mots de passe."
        return mauvais(quoi, phrase, "Gardez-le pour son propriétaire.", f"sudo chmod 600 {lieu.env}")
    if found.st_uid not in {lieu.uid, 0}:
        phrase = f"{lieu.env} est à «\u00a0{name_of(found.st_uid)}\u00a0», et non à «\u00a0{lieu.compte}\u00a0»."
        return attention(quoi, phrase, "Donnez-le au compte du portail.", f"sudo chown {lieu.compte}: {lieu.env}")
    return bon(quoi, f"{lieu.env}, lu par son seul propriétaire.")


def check_var(lieu: Lieu) -> Iterator[Point]:
    """The line of the diagnosis on the folder `var/`: all that is in it must belong to the portal's account, and be
    closed to others. Only its first 5000 files are looked at."""
    quoi, var = "Dossier var/", settings.VAR_DIR
    chown = f"sudo chown -R {lieu.compte}: {var}"
    if not var.is_dir():
        phrase = f"{var} n’existe pas."
        yield mauvais(quoi, phrase, "Créez-le.", lieu.as_account(f"install -d -m 700 {var}"))
        return
    if not os.access(var, os.W_OK | os.X_OK):
        phrase = f"le compte qui tape la commande ne peut pas écrire dans {var}."
        yield mauvais(quoi, phrase, "Rendez-le au compte du portail.", chown)
        return
    strange = next((path for path in islice(var.rglob("*"), LOOKED_AT) if is_of_another(path, lieu.uid)), None)
    if strange:
        phrase = f"{strange} n’est pas à «\u00a0{lieu.compte}\u00a0», sans doute d’une commande tapée en root."
        yield mauvais(quoi, phrase, "Rendez tout au compte du portail.", chown)
    elif var.stat().st_mode & 0o077:
        phrase = f"d’autres comptes de la machine peuvent entrer dans {var}."
        yield attention(quoi, phrase, "Fermez-le aux autres comptes.", f"sudo chmod 700 {var}")
    else:
        yield bon(quoi, "tout y est au compte du portail, et à lui seul.")


def is_of_another(path: Path, uid: int) -> bool:
    """Whether this file belongs to another system account than `uid`; False when it cannot be read."""
    try:
        return path.lstat().st_uid != uid
    except OSError:  # gone meanwhile, or in a folder of another
        return False


def check_sqlite_file(lieu: Lieu) -> Iterator[Point]:
    """The line of the diagnosis on the SQLite file: the portal's account must be able to write it, the files beside it
    and its folder, and nobody else to read it. No line for PostgreSQL or a missing file."""
    if connection.vendor != "sqlite":
        return
    quoi, base = "Fichier de la base", Path(connection.settings_dict["NAME"])
    if not base.exists():
        return  # said of the database itself
    beside = [base, *(path for suffix in ("-wal", "-shm") if (path := Path(f"{base}{suffix}")).exists())]
    for path in [*beside, base.parent]:
        if not os.access(path, os.W_OK):
            on = f"{path} ne peut pas être écrit par «\u00a0{name_of(os.geteuid())}\u00a0»"
            commande = f"sudo chown {lieu.compte}: {path} && sudo chmod u+rw{'x' if path.is_dir() else ''} {path}"
            yield mauvais(quoi, f"{on}.", "Rendez-le au compte du portail, en écriture.", commande)
            return
    others = [path for path in beside if path.stat().st_mode & 0o077 and path.parent.stat().st_mode & 0o077]
    if others:
        phrase = f"d’autres comptes de la machine peuvent lire {others[0]}, où sont les familles."
        yield mauvais(quoi, phrase, "Fermez son dossier aux autres.", f"sudo chmod 700 {others[0].parent}")
    else:
        yield bon(quoi, f"{base} s’écrit, et son dossier est fermé aux autres comptes.")
