"""Archives that only the holder of a private key reads: the age format, to a public key of the settings.

The server holds the public key alone: whoever takes the server, or the folder of backups, opens none of them.
"""

from __future__ import annotations

from pathlib import Path

import pyrage
from django.conf import settings

from conservation.manifeste import ArchiveError

BEGINNING = b"age-encryption.org/"


def is_encrypted(path: Path) -> bool:
    """Whether this file begins as a file encrypted in the age format does."""
    with path.open("rb") as file:
        return file.read(len(BEGINNING)) == BEGINNING


def encrypt(plain: Path, encrypted: Path) -> None:
    """Encrypt the file `plain` into `encrypted`, in the age format: only the private key of SAUVEGARDES_CLE_PUBLIQUE
    opens it. Raises ArchiveError when that setting is no public key, or when the file cannot be written.
    """
    try:
        recipient = pyrage.x25519.Recipient.from_str(settings.SAUVEGARDES_CLE_PUBLIQUE)
    except pyrage.RecipientError:
        raise ArchiveError(
            f"SAUVEGARDES_CLE_PUBLIQUE\u00a0: «\u00a0{settings.SAUVEGARDES_CLE_PUBLIQUE}\u00a0» n’est pas une clé "
            "publique age\u00a0; elle commence par «\u00a0age1\u00a0». Voir .env.example."
        ) from None
    try:
        pyrage.encrypt_file(str(plain), str(encrypted), [recipient])
    except (pyrage.EncryptError, OSError) as error:
        raise ArchiveError(f"L’archive n’a pas pu être chiffrée dans {encrypted.parent} ({error}).") from None


def decrypt(encrypted: Path, plain: Path, *, cle: Path | None) -> None:
    """Decrypt the file `encrypted` into `plain`, with the private key that the file `cle` holds (as `age-keygen` writes
    it). Raises ArchiveError when there is no key or another one, when the file is damaged, or when it cannot be
    written.
    """
    if cle is None:
        raise ArchiveError(
            f"{encrypted.name} est chiffrée\u00a0: donnez le fichier de la clé privée (--cle FICHIER), celle qui est "
            "gardée hors du serveur."
        )
    try:
        pyrage.decrypt_file(str(encrypted), str(plain), read_identities(cle))
    except pyrage.DecryptError as error:
        if "matching" in str(error):
            raise ArchiveError(f"La clé de {cle} n’est pas celle de {encrypted.name}.") from None
        raise ArchiveError(f"{encrypted.name} est abîmée\u00a0: elle ne se déchiffre pas.") from None
    except OSError as error:
        if error.errno or "os error" in str(error):
            raise ArchiveError(f"{encrypted.name} n’a pas pu être déchiffrée dans {plain.parent} ({error}).") from None
        raise ArchiveError(f"{encrypted.name} est abîmée ou incomplète\u00a0: elle ne se déchiffre pas.") from None


def read_identities(cle: Path) -> list[pyrage.x25519.Identity]:
    """The age private keys that the file `cle` holds, one a line, comments left out. Raises ArchiveError when it cannot
    be read, or holds no such key.
    """
    none = ArchiveError(
        f"{cle} n’est pas une clé privée age\u00a0: une ligne commence par «\u00a0AGE-SECRET-KEY-1\u00a0»."
    )
    try:
        lines = [line.strip() for line in cle.read_text("utf-8").splitlines()]
        identities = [pyrage.x25519.Identity.from_str(line) for line in lines if line and not line.startswith("#")]
    except OSError as error:
        raise ArchiveError(f"La clé {cle} ne se lit pas ({error.strerror}).") from None
    except (UnicodeDecodeError, pyrage.IdentityError):
        raise none from None
    if not identities:
        raise none
    return identities
