"""A process that backs up again and again, to be killed: `python -m tests.conservation.en_boucle DOSSIER VAR`.

Each line it reads starts another one, whose number it tells; once that is dead, it tells so.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import django
from django.conf import settings
from django.utils import timezone

django.setup()

from conservation.archives import write_archive  # noqa: E402 (the models want their settings)


def main(dossier: Path, var: Path) -> None:
    settings.VAR_DIR = var
    for _ in sys.stdin:
        number = os.fork()
        if number == 0:
            while True:
                write_archive(dossier, now=timezone.now())
        tell(number)
        tell(os.waitstatus_to_exitcode(os.waitpid(number, 0)[1]))


def tell(number: int) -> None:
    sys.stdout.write(f"{number}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
