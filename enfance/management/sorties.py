"""Files of personal data that commands write."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from django.core.management.base import CommandError


def create(chemin: Path, contenu: bytes | Iterable[bytes]) -> None:
    """Write this content to a new file that its owner alone may read, whole or not at all; a long content may come in
    pieces. Raises CommandError when the file exists already or cannot be written.
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
    """The CommandError, not raised, that says why this file cannot be written."""
    return CommandError(f"{chemin} ne peut pas être écrit ({error.strerror}).")
