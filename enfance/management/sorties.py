"""Files of personal data that commands write."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from django.core.management.base import CommandError


def create(chemin: Path, contenu: bytes | Iterable[bytes]) -> None:
    """Write a new file that its owner alone reads, whole or not at all; another one is never written over. A long one
    comes in pieces.
    """
    try:
        descripteur = os.open(chemin, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise CommandError(f"{chemin} existe déjà\u00a0: choisissez un autre nom.") from None
    except OSError as error:
        raise refused(chemin, error) from None
    try:
        with os.fdopen(descripteur, "wb") as fichier:
            fichier.writelines([contenu] if isinstance(contenu, bytes) else contenu)
    except OSError as error:
        chemin.unlink()
        raise refused(chemin, error) from None
    except BaseException:
        chemin.unlink()
        raise


def refused(chemin: Path, error: OSError) -> CommandError:
    return CommandError(f"{chemin} ne peut pas être écrit ({error.strerror}).")
