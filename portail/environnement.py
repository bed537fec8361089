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

env = environ.Env()


def bad(name: str, reason: str) -> ImproperlyConfigured:
    return ImproperlyConfigured(f"{name} : {reason} Voir .env.example.")


def noting[**P, T](read: Callable[Concatenate[str, P], T], refused: list[str]) -> Callable[Concatenate[str, P], T]:
    """This reader, which writes into `refused` the sentence of a value that it cannot take, and then reads as if the
    value were not there: one wrong line hides no other. Whoever asks must not start once all is read.
    """

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
    """The setting that this sentence is about: « NAME : what is wrong »."""
    return sentence.partition(":")[0].strip()


def read_file(default: Path) -> Path:
    """Read ENV_FILE, or else `default`, which need not exist: without it, the portal is a trial. Returns which.

    A file that is there, or asked for, and cannot be read is another matter: the portal would take itself for a trial
    on the families' data.
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
    """The key that is given; a trial without one draws its own and keeps it in `folder`, so that sessions outlive a
    restart. Two processes that start at once share the first.
    """
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
    value = env.str(name, "1" if default else "0").strip().lower()
    if value not in YES | NO:
        raise bad(name, f"«\u00a0{value}\u00a0» n’est ni oui ni non.")
    return value in YES


def boolean_or(name: str, word: str) -> bool | str:
    """A yes or a no, or this word, which says more than yes; no by default."""
    value = env.str(name, "0").strip().lower()
    if value not in {word} | YES | NO:
        raise bad(name, f"«\u00a0{value}\u00a0» n’est ni oui, ni non, ni {word}.")
    return word if value == word else value in YES


CENTURY = 36_525  # in days


def days(name: str, default: int) -> int:
    """A duration in days, of a century at most: no date could be told beyond."""
    value = env.str(name, str(default)).strip()
    if not value.isdecimal() or not 1 <= int(value) <= CENTURY:
        raise bad(name, f"« {value} » n’est pas un nombre entier de jours, de 1 à {CENTURY}.")
    return int(value)


def centimes(name: str, default: int) -> int:
    """An amount that is written in euros, « 15 » or « 7,50 », in centimes."""
    value = env.str(name, "")
    if not value:
        return default
    if not (found := re.fullmatch(r"(\d{1,4})(?:[.,](\d{2}))?", value)):
        raise bad(name, f"« {value} » n’est pas une somme en euros : écrivez 15 ou 7,50.")
    return int(found[1]) * 100 + int(found[2] or 0)


def choice(name: str, allowed: list[str]) -> str:
    """One of these words; the first of them by default."""
    value: str = env.str(name, allowed[0]).strip()
    if value not in allowed:
        raise bad(name, f"«\u00a0{value}\u00a0» n’est pas un de\u00a0: {', '.join(allowed)}.")
    return value


def numcli(name: str) -> str:
    """The number that PayFiP gave to a régie; empty when it has none."""
    value: str = env.str(name, "").strip()
    if value and not re.fullmatch("[0-9]{6}", value):
        raise bad(name, f"«\u00a0{value}\u00a0» n’est pas un numéro de six chiffres.")
    return value


def contract(name: str, *, base: Path) -> str:
    """The contract (WSDL) of a web service: an address, or a file, which must be there; a relative one is of `base`."""
    value: str = env.str(name, "").strip()
    if not value or value.startswith(("http://", "https://")):
        return value
    if not (base / value).is_file():
        raise bad(name, f"le fichier {base / value} n’existe pas.")
    return str(base / value)


def minutes(name: str, default: int, *, until: int) -> int:
    value = env.str(name, str(default)).strip()
    if not value.isdecimal() or int(value) > until:
        raise bad(name, f"«\u00a0{value}\u00a0» n’est pas un nombre entier de minutes, de 0 à {until}.")
    return int(value)


def later(hour: time, *, name: str, within: int) -> time:
    """This hour of the day put off by some minutes, at most `within`, which the name alone decides."""
    drawn = int.from_bytes(sha256(name.encode()).digest()) % (within + 1)
    total = hour.hour * 60 + hour.minute + drawn
    return time(total // 60, total % 60)


def day(name: str, default: str) -> date:
    value = env.str(name, default).strip()
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise bad(name, f"« {value} » n’est pas une date comme 2026-11-25.") from None


def day_of_year(name: str, default: str) -> tuple[int, int] | None:
    """The month and the day of « 15/10 »; None for « non »."""
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
    return [word.strip() for word in env.list(name, default=default) if word.strip()]


def site(name: str, default: str) -> str:
    """Scheme, host and port, nothing after: the portal answers at the root of its host."""
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
    """The name of a portal among others, which names its folder too; empty when it is alone."""
    value: str = env.str(name, "").strip()
    if value and not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", value):
        raise bad(name, f"«\u00a0{value}\u00a0» n’est pas un nom fait de lettres minuscules, de chiffres et de tirets.")
    return value


def folder(name: str, *, base: Path) -> Path | None:
    """The folder that is given, whether or not it is there; a relative one is of the folder `base`."""
    value: str = env.str(name, "").strip()
    return base / value if value else None


def public_key(name: str) -> str:
    """The public key of age to which archives are encrypted; never its private one, which must not be here."""
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
    """What opens a page to a program: long, and without a sign that a header could not carry."""
    value: str = env.str(name, "").strip()
    if value and not re.fullmatch(r"[A-Za-z0-9._~+/=-]{24,200}", value):
        raise bad(name, "24 signes au moins, lettres sans accent et chiffres, tirés au hasard.")
    return value


UNIX = "unix"  # a peer without an address: the rights of its socket say who it may be


def networks(name: str) -> list[str]:
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
    """Whether this process is a command of `manage.py` that somebody or a timer types, not what serves the portal."""
    return Path(arguments[0]).name == "manage.py" and arguments[1:2] != ["db_worker"]


def is_diagnosis(arguments: Sequence[str]) -> bool:
    """Whether this process is `manage.py diagnostic`, which serves nobody and says all that is wrong."""
    return Path(arguments[0]).name == "manage.py" and arguments[1:2] == ["diagnostic"]


def mailer(name: str, default: str) -> dict[str, Any]:
    """The MAILERS entry of this address of a mail server, or of a folder."""
    try:
        return mailer_from_url(env.str(name, default))
    except ValueError as error:
        raise bad(name, str(error)) from None


def mailbox(name: str) -> Retours | None:
    """The mailbox of the mail that comes back; None when there is none."""
    try:
        return retours_from_url(env.str(name, ""))
    except ValueError as error:
        raise bad(name, str(error)) from None


def database(name: str, default: Path, *, base: Path) -> dict[str, Any]:
    """SQLite or PostgreSQL. A relative SQLite file is of the folder `base`, wherever a command is typed."""
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
