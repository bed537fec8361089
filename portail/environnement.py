"""What `.env` and the environment say, each value read for the settings; a French sentence when it cannot be.

The variables of the process win over `.env`. A value that may hold a password is never repeated.
"""

from __future__ import annotations

import ipaddress
import os
import re
import secrets
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import date, time
from hashlib import sha256
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any, Concatenate
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

from portail.courriels import mailer_from_url
from portail.retours import Retours, retours_from_url
from portail.siret import read_siret

env = environ.Env()


def bad(name: str, reason: str) -> ImproperlyConfigured:
    """The exception, to be raised, that says in French why the setting of this name cannot be taken."""
    return ImproperlyConfigured(f"{name} : {reason} Voir .env.example.")


def noting[**P, T](read: Callable[Concatenate[str, P], T], refused: list[str]) -> Callable[Concatenate[str, P], T]:
    """Wrap a reader of settings: when a value cannot be taken, its French sentence is added to `refused`, and the
    setting is read as if it were not given, so that one wrong line hides no other. Whoever reads must not start the
    portal if `refused` holds anything at the end."""

    def read_or_note(name: str, /, *args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return read(name, *args, **kwargs)
        except ImproperlyConfigured as error:
            refused.append(str(error))
            said = os.environ.pop(name)
            try:
                return read(name, *args, **kwargs)
            finally:
                os.environ[name] = said  # Django reads the settings again when they are refused

    return read_or_note


def name_of(sentence: str) -> str:
    """The name of the setting that a sentence « NAME : what is wrong » is about."""
    return sentence.partition(":")[0].strip()


def read_file(default: Path) -> Path:
    """Load into the environment the file that ENV_FILE names, or else `default`, which need not exist: without it, the
    portal is a trial. Returns the path of the file. Raises ImproperlyConfigured when the file cannot be read.

    A file that is there, or that ENV_FILE names, must be readable: else the portal would take itself for a trial on the
    families' data.
    """
    path = Path(os.environ.get("ENV_FILE", default))
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        if "ENV_FILE" in os.environ:
            raise bad("ENV_FILE", f"le fichier « {path} » n’existe pas.") from None
        return path
    except OSError as error:
        raise bad("ENV_FILE", f"le fichier « {path} » ne peut pas être lu ({error.strerror}).") from None
    except UnicodeDecodeError:
        raise bad("ENV_FILE", f"le fichier « {path} » n’est pas enregistré en UTF-8.") from None
    for number, line in enumerate(text.splitlines(), start=1):
        if line and not re.match(r"#|(export )?[A-Za-z_0-9]+=", line):  # it would be left out
            raise bad(path.name, f"la ligne {number} n’est ni NOM=valeur, sans espace devant « = », ni « # … ».")
    env.read_env(path, encoding="utf-8-sig")
    return path


def secret_key(name: str, folder: Path, *, trial: bool) -> str:
    """The secret key of this setting; a trial without one draws a key and keeps it in `folder`, so that sessions
    outlive a restart. Of two processes that start at once, both use the key of the first. Empty in production without
    one. Raises ImproperlyConfigured when a trial cannot keep it."""
    key: str = env.str(name, "")
    if key or not trial:
        return key
    kept = folder / "cle-essai"
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        if not kept.exists():
            with NamedTemporaryFile("w", dir=folder, encoding="utf-8") as drawn:  # closed to others
                drawn.write(secrets.token_urlsafe(50))
                drawn.flush()
                with suppress(FileExistsError):
                    os.link(drawn.name, kept)
        return kept.read_text(encoding="utf-8")
    except OSError as error:
        raise bad(name, f"à donner, car {kept} ne peut pas être écrit ni lu ({error.strerror}).") from None


YES, NO = {"1", "true", "yes", "on", "oui"}, {"0", "false", "no", "off", "non", ""}


def boolean(name: str, default: bool = False) -> bool:
    """Whether this setting says yes (1, true, oui…), `default` when it is not given; an empty one says no. Raises
    ImproperlyConfigured for another word."""
    value = env.str(name, "1" if default else "0").strip().lower()
    if value not in YES | NO:
        raise bad(name, f"«\u00a0{value}\u00a0» n’est ni oui ni non.")
    return value in YES


def boolean_or(name: str, word: str) -> bool | str:
    """What this setting says: True, False, or the text `word`, which says more than yes; False when it is not given or
    empty. Raises ImproperlyConfigured for another word."""
    value = env.str(name, "0").strip().lower()
    if value not in {word} | YES | NO:
        raise bad(name, f"«\u00a0{value}\u00a0» n’est ni oui, ni non, ni {word}.")
    return word if value == word else value in YES


CENTURY = 36_525  # in days


def days(name: str, default: int) -> int:
    """The number of days of this setting, from 1 to a century: beyond, no date could be told. Raises
    ImproperlyConfigured otherwise."""
    value = env.str(name, str(default)).strip()
    if not value.isdecimal() or not 1 <= int(value) <= CENTURY:
        raise bad(name, f"« {value} » n’est pas un nombre entier de jours, de 1 à {CENTURY}.")
    return int(value)


def centimes(name: str, default: int) -> int:
    """The amount of this setting in centimes; it is written in euros, « 15 » or « 7,50 ». `default`, in centimes, when
    it is not given. Raises ImproperlyConfigured when it is no amount."""
    value = env.str(name, "")
    if not value:
        return default
    if not (found := re.fullmatch(r"(\d{1,4})(?:[.,](\d{2}))?", value)):
        raise bad(name, f"« {value} » n’est pas une somme en euros : écrivez 15 ou 7,50.")
    return int(found[1]) * 100 + int(found[2] or 0)


def choice(name: str, allowed: list[str]) -> str:
    """The word of this setting, one of `allowed`; the first of them when it is not given. Raises ImproperlyConfigured
    for another."""
    value: str = env.str(name, allowed[0]).strip()
    if value not in allowed:
        raise bad(name, f"«\u00a0{value}\u00a0» n’est pas un de\u00a0: {', '.join(allowed)}.")
    return value


def numcli(name: str) -> str:
    """The number of six digits that PayFiP gave to a régie, from this setting; empty when it is not given. Raises
    ImproperlyConfigured for anything else."""
    value: str = env.str(name, "").strip()
    if value and not re.fullmatch("[0-9]{6}", value):
        raise bad(name, f"«\u00a0{value}\u00a0» n’est pas un numéro de six chiffres.")
    return value


def siret(name: str) -> str:
    """The SIRET of this setting, fourteen digits; empty when it is not given. Raises ImproperlyConfigured for what is
    none."""
    value: str = env.str(name, "").strip()
    try:
        return read_siret(value) if value else ""
    except ValueError as error:
        raise bad(name, f"«\u00a0{value}\u00a0»\u00a0: {error}") from None


def sentence(name: str, most: int) -> str:
    """The text of this setting, on one line of `most` characters; empty when it is not given. Raises
    ImproperlyConfigured for a longer one, or for one that holds a sign which is not printed."""
    value: str = env.str(name, "").strip()
    if len(value) > most:
        raise bad(name, f"{len(value)} signes\u00a0: {most} au plus.")
    if not value.isprintable():
        raise bad(name, "un signe ne s’imprime pas\u00a0: écrivez une seule ligne.")
    return value


def contract(name: str, *, base: Path) -> str:
    """The contract (WSDL) of a web service, from this setting: an http address, or the path of a file, which must be
    there, relative to `base`; empty when it is not given. Raises ImproperlyConfigured when the file is missing."""
    value: str = env.str(name, "").strip()
    if not value or value.startswith(("http://", "https://")):
        return value
    if not (base / value).is_file():
        raise bad(name, f"le fichier {base / value} n’existe pas.")
    return str(base / value)


def minutes(name: str, default: int, *, until: int) -> int:
    """The number of minutes of this setting, from 0 to `until`. Raises ImproperlyConfigured otherwise."""
    value = env.str(name, str(default)).strip()
    if not value.isdecimal() or int(value) > until:
        raise bad(name, f"«\u00a0{value}\u00a0» n’est pas un nombre entier de minutes, de 0 à {until}.")
    return int(value)


def later(hour: time, *, name: str, within: int) -> time:
    """This hour of the day put off by some minutes, from 0 to `within`, which `name` alone decides: the portals of one
    machine do not all work at the same minute."""
    drawn = int.from_bytes(sha256(name.encode()).digest()) % (within + 1)
    total = hour.hour * 60 + hour.minute + drawn
    return time(total // 60, total % 60)


def day(name: str, default: str) -> date:
    """The day of this setting, written `2026-11-25`. Raises ImproperlyConfigured otherwise."""
    value = env.str(name, default).strip()
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise bad(name, f"« {value} » n’est pas une date comme 2026-11-25.") from None


def day_of_year(name: str, default: str) -> tuple[int, int] | None:
    """The (month, day) of this setting, written day first, « 15/10 »; None for « non » or an empty text. Raises
    ImproperlyConfigured otherwise."""
    value = env.str(name, default).strip().lower()
    if value in {"non", ""}:
        return None
    try:
        jour, mois = map(int, value.split("/"))
        date(2001, mois, jour)  # a day that each year has
    except ValueError:
        raise bad(
            name, f"«\u00a0{value}\u00a0» n’est ni un jour de chaque année, comme 15/10, ni «\u00a0non\u00a0»."
        ) from None
    return mois, jour


def words(name: str, default: list[str]) -> list[str]:
    """The words of this setting, which are separated by commas; empty ones are left out."""
    return [word.strip() for word in env.list(name, default=default) if word.strip()]


def site(name: str, default: str) -> str:
    """The address of the portal, from this setting: scheme, host and port, and nothing after, since the portal answers
    at the root of its host. Raises ImproperlyConfigured for anything else."""
    value: str = env.str(name, default).strip().rstrip("/")
    try:
        parts = urlsplit(value)
        whole = f"{parts.scheme}://{parts.netloc}" == value and parts.port != 0
    except ValueError:
        whole = False
    if not whole or parts.scheme not in {"http", "https"} or not parts.hostname:
        raise bad(name, f"« {value} » n’est pas une adresse comme https://portail.commune.fr, sans rien après.")
    return value


def instance(name: str) -> str:
    """The name of this portal among several that share a folder, from this setting, which names its own folder too;
    empty when it is alone. Raises ImproperlyConfigured unless it is made of small letters, digits and hyphens."""
    value: str = env.str(name, "").strip()
    if value and not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", value):
        raise bad(name, f"«\u00a0{value}\u00a0» n’est pas un nom fait de lettres minuscules, de chiffres et de tirets.")
    return value


def folder(name: str, *, base: Path) -> Path | None:
    """The folder that this setting names, whether or not it exists, relative to the folder `base`; None when it is not
    given."""
    value: str = env.str(name, "").strip()
    return base / value if value else None


def public_key(name: str) -> str:
    """The public key of age, from this setting, to which archives are encrypted; empty when it is not given. Raises
    ImproperlyConfigured for anything else, above all for a private key, which must not be on the server."""
    value: str = env.str(name, "").strip()
    if value.upper().startswith("AGE-SECRET-KEY"):
        raise bad(
            name,
            "c’est une clé privée. Elle se garde hors du serveur\u202f; donnez ici la publique, «\u00a0age1…\u00a0».",
        )
    if value and not re.fullmatch(r"age1[0-9a-z]{58}", value):
        raise bad(name, f"«\u00a0{value}\u00a0» n’est pas une clé publique age, comme «\u00a0age1…\u00a0».")
    return value


def token(name: str) -> str:
    """The token of this setting, which opens a page to a program; empty when it is not given. Raises
    ImproperlyConfigured unless it has 24 to 200 signs that a header can carry."""
    value: str = env.str(name, "").strip()
    if value and not re.fullmatch(r"[A-Za-z0-9._~+/=-]{24,200}", value):
        raise bad(name, "24 signes au moins, lettres sans accent et chiffres, tirés au hasard.")
    return value


UNIX = "unix"  # a peer without an address: the rights of its socket say who it may be


def networks(name: str) -> list[str]:
    """The IP addresses and networks of this setting, separated by commas, with « unix » for the peer of a Unix socket.
    Raises ImproperlyConfigured for anything else."""
    addresses = words(name, [])
    for address in addresses:
        if address == UNIX:
            continue
        try:
            ipaddress.ip_network(address, strict=False)
        except ValueError:
            raise bad(
                name,
                f"«\u00a0{address}\u00a0» n’est ni une adresse IP, ni un réseau comme 10.0.0.0/8, "
                "ni «\u00a0unix\u00a0».",
            ) from None
    return addresses


def is_typed(arguments: Sequence[str]) -> bool:
    """Whether a process with this command line runs a command of `manage.py` that somebody or a timer started, and not
    what serves the portal (web server, worker)."""
    return Path(arguments[0]).name == "manage.py" and arguments[1:2] != ["db_worker"]


def is_diagnosis(arguments: Sequence[str]) -> bool:
    """Whether a process with this command line is `manage.py diagnostic`, which serves nobody and says all that is
    wrong."""
    return Path(arguments[0]).name == "manage.py" and arguments[1:2] == ["diagnostic"]


def mailer(name: str, default: str) -> dict[str, Any]:
    """The entry of Django's MAILERS for this setting, the address of a mail server or of a folder. Raises
    ImproperlyConfigured when it is neither."""
    try:
        return mailer_from_url(env.str(name, default))
    except ValueError as error:
        raise bad(name, str(error)) from None


def mailbox(name: str) -> Retours | None:
    """The mailbox of returned mail that this setting names; None when it is not given. Raises ImproperlyConfigured when
    it is not understood."""
    try:
        return retours_from_url(env.str(name, ""))
    except ValueError as error:
        raise bad(name, str(error)) from None


def database(name: str, default: Path, *, base: Path) -> dict[str, Any]:
    """Django's configuration of the database, SQLite or PostgreSQL, from this setting; the SQLite file `default` when
    it is not given. A relative SQLite file is of the folder `base`, wherever a command is typed. Raises
    ImproperlyConfigured otherwise."""
    value = env.str(name, "")
    if not value:
        return {"ENGINE": "django.db.backends.sqlite3", "NAME": str(default)}
    found: dict[str, Any] = {}
    if re.match(r"(sqlite|postgres|postgresql)://", value):
        with suppress(ValueError):
            found = env.db_url_config(value)
    if not found or "@" in found["NAME"]:
        raise bad(
            name,
            "le portail attend sqlite:///var/portail.sqlite3 ou postgres://utilisateur:motdepasse@serveur:5432/base ; "
            "un caractère spécial du mot de passe s’écrit en pour cent (« @ » devient %40, « / » devient %2F).",
        )
    if found["ENGINE"] == "django.db.backends.sqlite3" and found["NAME"] != ":memory:":
        found["NAME"] = str(base / found["NAME"])
    return found
