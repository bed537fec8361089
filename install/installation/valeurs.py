"""Whether an answer can be true, and how it is written: each returns the value, or refuses it in a sentence."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from install.installation.reglages import PLACEHOLDER

Check = Callable[[str], str]

ADDRESS = re.compile(r"[^@\s<>\"(),;:]+@(?:[^\W_](?:[\w-]*[^\W_])?\.)+[^\W\d_]{2,}")
LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
HOST = re.compile(rf"(?:{LABEL}\.)+[a-z][a-z0-9-]*[a-z0-9]")


class Refusal(ValueError):
    """A sentence that says what is wrong with the answer."""


def line(value: str) -> str:
    """Check a line of text that must not be empty, and return it without spaces around; raises Refusal."""
    value = optional(value)
    if not value:
        raise Refusal("il faut une réponse.")
    return value


def optional(value: str) -> str:
    """Check a line of text that may be empty, and return it without spaces around. Raises Refusal for an invisible
    sign, a « $ » at its beginning, or a value left from the example.
    """
    value = value.strip()
    if any(not sign.isprintable() and sign not in "\u00a0\u202f" for sign in value):
        raise Refusal("un signe invisible s’y trouve : tapez-la à nouveau.")
    if value.startswith("$"):  # django-environ takes it for the name of another setting
        raise Refusal("une valeur ne peut pas commencer par « $ » dans .env.")
    if PLACEHOLDER.search(value):
        raise Refusal(f"« {value} » est une valeur d’exemple, donnez la vôtre.")
    return value


def maybe(check: Check) -> Check:
    """The check of an answer that may be left out: an empty value gives an empty text, any other goes to `check`."""
    return lambda value: check(value) if value.strip() else ""


def choice(*words: str) -> Check:
    """The check of an answer that must be one of these words, or its number from 1; it returns the word, or raises
    Refusal.
    """

    def check(value: str) -> str:
        given = value.strip().lower()
        numbered = {str(number): word for number, word in enumerate(words, 1)}
        if given not in words and given not in numbered:
            listed = ", ".join(f"{number} ({word})" for number, word in numbered.items())
            raise Refusal(f"« {value.strip()} » n’est pas un de : {listed}.")
        return numbered.get(given, given)

    return check


def named(*words: str) -> Check:
    """The check of an answer that must be one of these names, in any case, with or without its accents; it returns the
    name, or raises Refusal.
    """
    plain = {without_accents(word): word for word in words}

    def check(value: str) -> str:
        if without_accents(value.strip()) not in plain:
            raise Refusal(f"« {value.strip()} » n’est pas un de : {', '.join(words)}.")
        return plain[without_accents(value.strip())]

    return check


def without_accents(word: str) -> str:
    """This word in small letters, without the accents of French."""
    return word.lower().translate(str.maketrans("éèêàâîïôûùç", "eeeaaiiouuc"))


def host(value: str) -> str:
    """Check a name of the DNS, as portail.commune.fr, and return it without scheme, in small letters and in ASCII;
    raises Refusal.
    """
    value = line(value).lower().removeprefix("https://").removeprefix("http://").rstrip("/.")
    try:
        value = value.encode("idna").decode() if not value.isascii() else value
    except UnicodeError:
        value = ""
    if not HOST.fullmatch(value) or len(value) > 253:
        raise Refusal("il faut un nom complet, comme portail.commune.fr, sans « https:// » ni rien après.")
    return value


def server(value: str) -> str:
    """Check the name of a machine with perhaps a port, as « base.commune.fr:5433 » or « 10.0.0.5 », and return it;
    raises Refusal.
    """
    value = line(value)
    try:
        parts = urlsplit(f"//{value}")
        whole = bool(parts.hostname) and parts.netloc == value and not parts.username and parts.port != 0
    except ValueError:
        whole = False
    if not whole or not re.fullmatch(r"[\w.:\[\]-]+", value):
        raise Refusal("il faut un nom de machine, comme base.commune.fr, ou base.commune.fr:5433.")
    return value


def address(value: str) -> str:
    """Check an e-mail address alone, and return it; raises Refusal."""
    value = line(value)
    if not ADDRESS.fullmatch(value):
        raise Refusal(f"« {value} » n’est pas une adresse e-mail, comme garderie@commune.fr.")
    return value


def sender(value: str) -> str:
    """Check an e-mail address, alone or as « Garderie <garderie@commune.fr> », and return it; raises Refusal."""
    value = line(value)
    found = re.fullmatch(r"(?:[^<>]*<([^<>]+)>|([^<>\s]+))", value)
    if not found or not ADDRESS.fullmatch(found[1] or found[2]):
        raise Refusal(f"« {value} » n’est ni une adresse e-mail, ni « Garderie <garderie@commune.fr> ».")
    return value


def phone(value: str) -> str:
    """Check a phone number, of 3 to 15 digits with any other signs, and return it as it is; raises Refusal."""
    value = line(value)
    if not 3 <= sum(sign.isdigit() for sign in value) <= 15:
        raise Refusal(f"« {value} » n’est pas un numéro de téléphone.")
    return value


def digits(value: str) -> str:
    """Check an identifiant, of 12 digits at most, and return its digits without spaces; raises Refusal."""
    value = re.sub(r"[ \u00a0\u202f]", "", line(value))
    if not re.fullmatch(r"[0-9]{1,12}", value):
        raise Refusal("un identifiant ne contient que des chiffres, 12 au plus.")
    return value


def account(value: str) -> str:
    """Check the name of a system account, other than root, and return it; raises Refusal."""
    value = line(value)
    if not re.fullmatch(r"[a-z_][a-z0-9_-]{0,30}", value) or value == "root":
        raise Refusal("il faut un nom de compte système, en minuscules, comme « portail ».")
    return value


def months(value: str) -> str:
    """Check a number of months, from 1 to 36, and return it without a zero before; raises Refusal."""
    if not re.fullmatch(r"[0-9]{1,2}", line(value)) or not 1 <= int(value) <= 36:
        raise Refusal("il faut un nombre de mois, de 1 à 36.")
    return str(int(value))


def folder(value: str) -> str:
    """Check the absolute path of a folder, which need not exist and must be 2 folders deep at least, and return it;
    raises Refusal.
    """
    value = line(value)
    if not value.startswith("/") or ".." in Path(value).parts or not re.fullmatch(r"[^\s%$\"'\\;{}#]+", value):
        raise Refusal("il faut un dossier entier, qui commence par « / », sans espace ni signe spécial.")
    if len(Path(value).parts) < 3:
        raise Refusal(
            f"« {value} » est trop près de la racine : donnez un dossier pour cela seul, comme "
            "/srv/sauvegardes/portail."
        )
    return str(Path(value))


def pem(value: str) -> str:
    """Check the absolute path of a PEM file, a certificate or its key, which must be there, and return it; raises
    Refusal.
    """
    path = Path(line(value))
    if not path.is_absolute() or not re.fullmatch(r"[^\s%$\"'\\;{}#]+", value.strip()):
        raise Refusal("il faut le chemin entier d’un fichier, qui commence par « / », sans espace ni signe spécial.")
    try:
        text = path.read_bytes()
    except OSError as error:
        raise Refusal(f"{path} ne se lit pas ({error.strerror}).") from None
    if b"-----BEGIN " not in text:
        raise Refusal(f"{path} n’est pas au format PEM (« -----BEGIN … »).")
    return str(path)


def local_address(value: str) -> str:
    """Check where the portal listens, behind its web server (a private IPv4 address with its port, from 1024 on, or a
    socket of the file system under /run), and return it, 127.0.0.1 for localhost; raises Refusal.
    """
    value = line(value)
    if re.fullmatch(r"/run/[a-z0-9_-]+(/[a-z0-9_.-]+)?\.sock", value):
        return value
    value = re.sub("^localhost:", "127.0.0.1:", value)
    host, _, port = value.rpartition(":")
    if not is_own(host) or not re.fullmatch("[0-9]{4,5}", port) or not 1024 <= int(port) <= 65535:
        raise Refusal(
            "il faut 127.0.0.1:8000 ou une socket (/run/portail.sock), ou, quand le serveur web est ailleurs, "
            "celle de cette machine sur le réseau privé (10.0.0.11:8000)."
        )
    return value


def is_own(host: str) -> bool:
    """Whether this is one address, in IPv4, that the Internet does not reach: of this machine or of a private
    network.
    """
    try:
        address = ipaddress.IPv4Address(host)
    except ValueError:
        return False
    return address.is_private and not address.is_unspecified


def mail_url(value: str) -> str:
    """Check a value of EMAIL_URL, which must be encrypted, as « smtp+tls://compte:motdepasse@serveur:587 », and return
    it; raises Refusal.
    """
    value = line(value)
    parts = urlsplit(value)
    if parts.scheme not in {"smtp+tls", "smtps"} or not parts.hostname:
        raise Refusal("il faut smtp+tls://compte:motdepasse@serveur:587 ou smtps://compte:motdepasse@serveur:465.")
    return value


def database_url(value: str) -> str:
    """Check a value of DATABASE_URL, of SQLite or PostgreSQL, and return it; raises Refusal."""
    value = line(value)
    if not re.match(r"(sqlite|postgres|postgresql)://", value):
        raise Refusal("il faut sqlite:///var/portail.sqlite3 ou postgres://compte:motdepasse@serveur:5432/base.")
    return value
